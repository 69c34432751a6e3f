"""The commitment letter of a partner, signed on line: its text as it was signed, then who signed it and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aap.documents.receipt import to_the_second
from aap.documents.story import Story
from aap.documents.tagging import Meta
from aap.documents.typeface import Typeface


@dataclass(frozen=True, slots=True)
class Commitment:
    """A signed letter. ``letter`` is its canonical text, ``sha256`` the hash of it; ``signed_at`` is aware."""

    letter: str
    sha256: str
    name: str
    function: str
    email: str
    agency: str
    reference: str
    signed_at: datetime


def render_commitment(commitment: Commitment, typeface: Typeface | None = None) -> bytes:
    """Return the signed letter as a tagged PDF."""
    story = Story(typeface)
    title, _, body = commitment.letter.partition("\n")
    story.title(title.capitalize())
    for paragraph in body.strip().split("\n\n"):
        for line in paragraph.split("\n"):
            story.text(line)
    story.section("Signature")
    story.details(
        (
            ("Nom", commitment.name),
            ("Fonction", commitment.function),
            ("Adresse du lien", commitment.email),
            ("Signée le", f"{to_the_second(commitment.signed_at)} (heure de Paris)"),
        )
    )
    story.text("Empreinte SHA-256 du texte signé", "small")
    story.text(commitment.sha256, "mono")
    story.text(
        "Signature électronique simple : le lien, personnel et à usage unique, a été envoyé à l'adresse ci-dessus.",
        "small",
    )
    meta = Meta(
        title="Lettre d'engagement signée",
        author=commitment.agency,
        subject=commitment.name,
        reference=commitment.reference,
        made_at=commitment.signed_at,
    )
    return story.render(meta)
