"""The minutes of a jury's session: who was there, and file by file what was agreed. Signed by hand under the text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aap import french
from aap.documents.story import Column, Line, Story
from aap.documents.tagging import Meta
from aap.documents.typeface import Typeface


@dataclass(frozen=True, slots=True)
class Seat:
    """A member: code, name, college, and when the person came and left (``None``: absent, or stayed to the end)."""

    code: str
    name: str
    college: str
    voting: bool
    chair: bool
    arrived_at: datetime | None
    left_at: datetime | None


@dataclass(frozen=True, slots=True)
class FileMinutes:
    """What was agreed on one file. Amounts in euros; ``mean`` and ``consensus`` as they are shown."""

    reference: str
    title: str
    applicant: str
    requested_eur: french.Number
    rank: int | None
    mean: str
    away: tuple[str, ...]
    heard_at: datetime | None
    opinion: str
    consensus: str
    amount_eur: french.Number | None
    waiting_rank: int | None
    motive: str
    reservations: str
    votes: str
    quorum: str
    proposed: str = ""  # by the scenario that the session starts from
    departure: str = ""  # why the jury departs from it; empty when it does not


@dataclass(frozen=True, slots=True)
class RankingNamed:
    """A frozen ranking that the session used: its number in the call, its name, its hour and its seal."""

    number: int
    name: str
    frozen_at: datetime
    sha256: str


@dataclass(frozen=True, slots=True)
class Minutes:
    """The minutes, whole. ``seal`` is the SHA-256 of the signed text, empty as long as they are a draft."""

    agency: str
    service_name: str
    call_ref: str
    call_title: str
    held_at: datetime
    place: str
    opened_at: datetime | None
    closed_at: datetime | None
    opening_text: str
    closing_text: str
    present: tuple[Seat, ...]
    absent: tuple[Seat, ...]
    files: tuple[FileMinutes, ...]
    signed_at: datetime | None
    seal: str
    rankings: tuple[RankingNamed, ...] = ()
    start: str = ""  # name of the scenario that the session starts from


def render_minutes(minutes: Minutes, typeface: Typeface | None = None) -> bytes:
    """Return the minutes as a tagged PDF."""
    story = Story(typeface)
    story.letterhead(minutes.agency, minutes.service_name)
    story.title("Procès-verbal de la séance du jury", minutes.call_title)
    facts = [("Appel", minutes.call_ref), ("Séance", french.moment(minutes.held_at))]
    facts += [("Lieu", minutes.place)] if minutes.place else []
    facts += [("Dossiers", str(len(minutes.files)))]
    story.facts(facts)
    if minutes.opening_text:
        story.section("Ouverture")
        story.text(minutes.opening_text)
    _tell_members(story, minutes)
    if minutes.rankings:
        story.section("Classement")
        for line in ranking_sentences(minutes.rankings):
            story.text(line)
    story.section("Avis du jury")
    if minutes.start:
        story.text(start_sentence(minutes))
    for file in minutes.files:
        _tell_file(story, file)
    if minutes.closing_text:
        story.section("Clôture")
        story.text(minutes.closing_text)
    story.section("Signatures")
    story.together(lambda: _tell_signatures(story, minutes))
    made_at = minutes.signed_at or minutes.closed_at or minutes.held_at
    return story.render(
        Meta(
            title=f"Procès-verbal du jury – {minutes.call_ref}",
            author=minutes.agency,
            subject=minutes.call_title,
            reference=f"Jury {minutes.call_ref}",
            made_at=made_at,
        )
    )


def ranking_sentences(rankings: Sequence[RankingNamed]) -> tuple[str, ...]:
    """Say which frozen rankings a session used, in order, and whether the ranking changed in between."""
    told = [
        f"Classement figé n° {row.number}, « {row.name} », le {french.moment(row.frozen_at)}. "
        f"Empreinte SHA-256 : {row.sha256}."
        for row in rankings
    ]
    if len(rankings) > 1:
        same = len({row.sha256 for row in rankings}) == 1
        told.append(
            "Le classement n’a pas changé entre les deux." if same else "Le classement a changé entre les deux."
        )
    return tuple(told)


def start_sentence(minutes: Minutes) -> str:
    """Say which scenario the session started from, and the files on which the jury departed from it."""
    departed = [file.reference for file in minutes.files if file.departure]
    if not departed:
        return f"La séance part du scénario « {minutes.start} ». Le jury ne s'en écarte pas."
    files = f"{french.plural(len(departed), 'dossier')} : {french.listing(departed)}"
    return f"La séance part du scénario « {minutes.start} ». Le jury s'en écarte sur {files}."


def _tell_members(story: Story, minutes: Minutes) -> None:
    story.section("Membres")
    if minutes.opened_at and minutes.closed_at:
        story.text(f"Séance ouverte à {french.hour(minutes.opened_at)}, levée à {french.hour(minutes.closed_at)}.")
    columns = (
        Column("Membre", 40, heading=True),
        Column("Collège", 36),
        Column("Présence", 24),
    )
    lines = [Line((_name(row), _college(row), _stay(row))) for row in (*minutes.present, *minutes.absent)]
    story.table(columns, lines)


def _name(row: Seat) -> str:
    return f"{row.code} – {row.name}{', préside' if row.chair else ''}"


def _college(row: Seat) -> str:
    return row.college if row.voting or "consultative" in row.college else f"{row.college} (voix consultative)"


def _stay(row: Seat) -> str:
    if row.arrived_at is None:
        return "Absent"
    until = f" à {french.hour(row.left_at)}" if row.left_at else ""
    return f"De {french.hour(row.arrived_at)}{until}"


def _tell_file(story: Story, file: FileMinutes) -> None:
    story.subsection(f"{file.reference} – {file.title}")
    rank = "Non classé" if file.rank is None else f"Rang {file.rank}"
    pairs = [
        ("Porteur", file.applicant),
        ("Classement", f"{rank}, moyenne {file.mean}" if file.mean else rank),
        ("Demandé", french.euros(file.requested_eur)),
        ("Avis", file.opinion),
    ]
    if file.amount_eur is not None:
        pairs.append(("Montant proposé", french.euros(file.amount_eur)))
    if file.waiting_rank is not None:
        pairs.append(("Rang sur la liste complémentaire", str(file.waiting_rank)))
    if file.consensus:
        pairs.append(("Note de consensus", file.consensus))
    if file.motive:
        pairs.append(("Motif", file.motive))
    if file.proposed:
        pairs.append(("Proposé par le scénario", file.proposed))
    if file.departure:
        pairs.append(("Pourquoi le jury s'en écarte", file.departure))
    if file.reservations:
        pairs.append(("Réserves", file.reservations))
    if file.heard_at is not None:
        pairs.append(("Audition", french.moment(file.heard_at)))
    if file.votes:
        pairs.append(("Voix", file.votes))
    pairs.append(("Quorum", file.quorum))
    pairs.append(("Déports", ", ".join(file.away) + ", sortis de la séance" if file.away else "Aucun"))
    story.details(pairs)


def _tell_signatures(story: Story, minutes: Minutes) -> None:
    story.beside(
        ("La présidence du jury", "Date et signature :", "", "", ""),
        ("Le secrétariat de séance", "Date et signature :", "", "", ""),
    )
    if minutes.signed_at is not None:
        story.text(f"Texte arrêté le {french.moment(minutes.signed_at)}. Empreinte SHA-256 : {minutes.seal}", "small")
