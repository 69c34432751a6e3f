"""The receipt of a deposit: proof of what was received, when, and under which fingerprint.

What it must say comes from the code of relations between the public and the administration (art. L112-3 and
R112-5): date of receipt, service in charge with its address, delays. The wording of delays is passed in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aap import french
from aap.clock import paris
from aap.documents.story import Column, Line, Story
from aap.documents.tagging import Meta
from aap.documents.typeface import Typeface


@dataclass(frozen=True, slots=True)
class Piece:
    """A file received: what it is, its name, its size in octets, its SHA-256 in hexadecimal."""

    label: str
    filename: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt says. ``submitted_at`` is aware; amounts in euros; ``strand`` may be empty."""

    agency: str
    service_name: str
    service_address: str
    service_mailbox: str
    call_ref: str
    call_title: str
    reference: str
    title: str
    applicant_name: str
    strand: str
    requested_eur: french.Number | None
    submitted_at: datetime
    seal_sha256: str
    pieces: tuple[Piece, ...]
    legal_notice: tuple[str, ...]
    service_telephone: str = ""


def to_the_second(at: datetime) -> str:
    """Write an instant with its seconds, even zero: "lundi 6 novembre 2023 à 11 h 59 min 00 s"."""
    local = paris(at)
    hard = french.HARD
    return f"{french.weekday(at)} à {local.hour}{hard}h{hard}{local:%M}{hard}min{hard}{local:%S}{hard}s"


def render_receipt(receipt: Receipt, typeface: Typeface | None = None) -> bytes:
    """Return the receipt as a tagged PDF."""
    story = Story(typeface)
    story.letterhead(receipt.agency, receipt.service_name)
    story.title("Accusé de réception du dossier", receipt.title)
    when = to_the_second(receipt.submitted_at)
    story.text(f"Votre dossier a été déposé le {when} (heure de Paris).", "lead")
    story.facts(
        (
            ("Référence du dossier", receipt.reference),
            ("Montant demandé", french.euros(receipt.requested_eur)),
            ("Pièces reçues", french.plural(len(receipt.pieces), "pièce")),
        )
    )
    story.details(
        (
            ("Porteur", receipt.applicant_name),
            ("Appel à projets", f"{receipt.call_title} ({receipt.call_ref})"),
            ("Volet", receipt.strand),
            ("Service chargé du dossier", receipt.service_name),
            ("Adresse", receipt.service_address),
            ("Boîte électronique", receipt.service_mailbox),
            *((("Téléphone", receipt.service_telephone),) if receipt.service_telephone else ()),
        )
    )
    _tell_pieces(story, receipt.pieces)
    story.section("Empreinte du dépôt")
    story.text(
        "Cette empreinte (SHA-256) est calculée sur l'ensemble du dossier tel qu'il a été déposé. Elle permet de "
        "vérifier que ni les réponses ni les pièces n'ont changé depuis."
    )
    story.text(receipt.seal_sha256, "mono")
    if receipt.legal_notice:
        story.section("Délais et suite donnée")
        story.note(receipt.legal_notice)
    meta = Meta(
        title=f"Accusé de réception – {receipt.reference}",
        author=receipt.agency,
        subject=receipt.title,
        reference=f"Dossier {receipt.reference}",
        made_at=receipt.submitted_at,
    )
    return story.render(meta)


def _tell_pieces(story: Story, pieces: tuple[Piece, ...]) -> None:
    """List the files with their fingerprints."""
    story.section("Pièces reçues")
    if not pieces:
        story.text("Aucune pièce n'est jointe à ce dossier.")
        return
    columns = (
        Column("Pièce", 32, heading=True),
        Column("Fichier et empreinte SHA-256", 57),
        Column("Taille", 11, align="right"),
    )
    lines = [
        Line((piece.label, piece.filename, french.size(piece.size)), small=((1, piece.sha256),)) for piece in pieces
    ]
    story.table(columns, lines)
