"""The letter that tells an applicant the decision, with the applicant's own marks and nobody else's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from aap import french
from aap.documents.story import Column, Line, Story, start_of
from aap.documents.tagging import Meta
from aap.documents.typeface import Typeface


class Outcome(StrEnum):
    """The decisions a letter can tell; same identifiers as in a call's document."""

    FAVORABLE = "favorable"
    FAVORABLE_WITH_RESERVATIONS = "favorable_sous_reserve"
    WAITING_LIST = "liste_complementaire"
    UNFAVORABLE = "defavorable"
    CLOSED = "sans_suite"


@dataclass(frozen=True, slots=True)
class Reservation:
    """A condition to lift before the contract, and the last day to lift it."""

    text: str
    deadline: date | None


@dataclass(frozen=True, slots=True)
class CriterionMark:
    """One criterion: its weight in points, the exact mean of the jury's marks, the highest mark possible."""

    label: str
    weight: french.Number
    mean: french.Number | None
    maximum: french.Number


@dataclass(frozen=True, slots=True)
class Letter:
    """What a notification letter says. Amounts in euros, marks exact.

    ``body`` replaces the usual wording of the outcome when the agency wrote its own. ``signatory_function`` is a
    function, never a name. ``rank`` is given for a waiting list only.
    """

    agency: str
    service_name: str
    service_mailbox: str
    reference: str
    call_ref: str
    call_title: str
    project_title: str
    applicant_name: str
    recipient_function: str
    dated: date
    outcome: Outcome
    outcome_label: str
    decided_on: date
    requested_eur: french.Number | None
    granted_eur: french.Number | None
    motive: str
    reservations: tuple[Reservation, ...]
    marks: tuple[CriterionMark, ...]
    total: french.Number | None
    total_maximum: french.Number
    appeal_routes: tuple[str, ...]
    signatory_function: str
    body: tuple[str, ...] = ()
    rank: int | None = None


def wording(letter: Letter) -> str:
    """Return the usual paragraph of an outcome."""
    decided = f"Par décision du {french.day(letter.decided_on)}"
    granted = f"vous accorde une subvention de {french.euros(letter.granted_eur)}"
    rank = "" if letter.rank is None else f", au rang {letter.rank}"
    usual = {
        Outcome.FAVORABLE: f"{decided}, la direction générale de l'agence a retenu votre projet et {granted}. Une "
        "convention vous sera proposée.",
        Outcome.FAVORABLE_WITH_RESERVATIONS: f"{decided}, la direction générale de l'agence a retenu votre projet, "
        f"sous réserve, et {granted}. La convention pourra être signée lorsque les réserves ci-dessous seront levées.",
        Outcome.WAITING_LIST: f"{decided}, votre projet est inscrit sur la liste complémentaire{rank}. Il pourra être "
        "financé si des crédits se libèrent ; vous en seriez alors informé par écrit.",
        Outcome.UNFAVORABLE: f"{decided}, la direction générale de l'agence n'a pas retenu votre projet, pour le motif "
        "exposé ci-dessous.",
        Outcome.CLOSED: f"{decided}, votre dossier est classé sans suite, pour le motif exposé ci-dessous.",
    }
    return usual[letter.outcome]


def render_letter(letter: Letter, typeface: Typeface | None = None) -> bytes:
    """Return the letter as a tagged PDF."""
    story = Story(typeface)
    story.letterhead(letter.agency, letter.service_name, letter.service_mailbox)
    story.space(14)
    story.beside(
        (f"Dossier {letter.reference}", f"Appel {letter.call_ref}", f"Le {french.day(letter.dated)}"),
        (letter.applicant_name, letter.recipient_function),
        shares=(1, 1.15),
    )
    story.title("Notification de la décision", letter.project_title)
    _tell_facts(story, letter)
    for paragraph in letter.body or (wording(letter),):
        story.text(paragraph)
    if letter.motive:
        story.section("Motif de la décision")
        story.text(letter.motive)
    _tell_reservations(story, letter.reservations)
    _tell_marks(story, letter)
    if letter.appeal_routes:
        story.section("Voies et délais de recours")
        story.note(letter.appeal_routes)
    story.space(6)
    story.together(lambda: _tell_signature(story, letter.signatory_function))
    return story.render(
        Meta(
            title=f"Notification de la décision – {letter.reference}",
            author=letter.agency,
            subject=f"{letter.call_title} – {letter.project_title}",
            reference=f"Dossier {letter.reference}",
            made_at=start_of(letter.dated),
        )
    )


def _tell_facts(story: Story, letter: Letter) -> None:
    """Show the decision and the amounts; no amount granted when there is none."""
    facts = [("Décision", letter.outcome_label)]
    if letter.granted_eur is not None:
        facts.append(("Montant accordé", french.euros(letter.granted_eur)))
    facts.append(("Montant demandé", french.euros(letter.requested_eur)))
    story.facts(facts)


def _tell_reservations(story: Story, reservations: tuple[Reservation, ...]) -> None:
    if not reservations:
        return
    story.section("Réserves à lever")
    lines = [
        Line((str(number), reservation.text, french.day(reservation.deadline)))
        for number, reservation in enumerate(reservations, start=1)
    ]
    story.table((Column("N°", 6, heading=True), Column("Réserve", 70), Column("À lever avant le", 24)), lines)


def _tell_marks(story: Story, letter: Letter) -> None:
    """Show the applicant's own marks: means of the jury, never a juror's mark."""
    if not letter.marks:
        return
    story.section("Notes obtenues par votre projet")
    story.text(
        "Chaque note est la moyenne des notes des évaluateurs ; le total est pondéré par le poids des critères.",
        "small",
    )
    columns = (
        Column("Critère", 60, heading=True),
        Column("Poids", 12, align="right"),
        Column("Note moyenne", 15, align="right"),
        Column("Maximum", 13, align="right"),
    )
    lines = [
        Line((mark.label, french.number(mark.weight), french.mark(mark.mean), french.number(mark.maximum)))
        for mark in letter.marks
    ]
    weights = french.number(sum((mark.weight for mark in letter.marks), start=0))
    total = Line(
        ("Total pondéré", weights, french.mark(letter.total), french.number(letter.total_maximum)), kind="total"
    )
    story.table(columns, [*lines, total])


def _tell_signature(story: Story, function: str) -> None:
    """Leave a place to sign, by function."""
    story.beside((), (function, "Signature :"))
    story.space(50)
