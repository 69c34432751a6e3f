"""What waits for a person of the agency, composed of the reads of every stage, each made once for all calls."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from aap import french
from aap.accounts.models import RoleName, User
from aap.applications.models import Application, ApplicationState
from aap.applications.queries import (
    OfficeRow,
    Page,
    count_by_call,
    count_lacking_opinions,
    count_waiting_threads,
    list_lacking_by_call,
)
from aap.awards.models import Project
from aap.awards.queries import AwaitingContract, count_awaiting_contract, list_payments_due
from aap.blueprints.office.calls import calls_of
from aap.calls.models import Call
from aap.calls.phases import CallCalendar, CallPhase
from aap.calls.queries import CallRow, calendar_of, count_waiting_questions, get_calls
from aap.jury.queries import JuryLoad, count_jury_loads
from aap.policies import may, visible
from aap.policies.awards import visible_awards
from aap.policies.jury import threads

_S = ApplicationState
OPINION_ROLES = (RoleName.DD, RoleName.DCGDR, RoleName.GRADES, RoleName.DIRECTION_METIER)
INSTRUCTION = frozenset({CallPhase.OPEN, CallPhase.INSTRUCTION, CallPhase.SCORING})


def opinion_kinds_of(person: User, region_code: str) -> tuple[str, ...]:
    """Return the kinds of opinion this person gives in a region: roles and kinds bear the same names."""
    held = {row.role for row in person.regional_roles if row.region_code == region_code}
    return tuple(role.value for role in OPINION_ROLES if role in held)


@dataclass(frozen=True, slots=True)
class OpinionsDue:
    """The files of one call on which a person owes an opinion: the first fifty, and how many there are."""

    call: CallRow
    files: Page[OfficeRow]


def _opinions_asked(person: User, calls: list[CallRow]) -> dict[uuid.UUID, tuple[str, ...]]:
    """Return the kinds of opinion that the calls in instruction ask of this person."""
    asked = {row.id: opinion_kinds_of(person, row.region_code) for row in calls if row.phase in INSTRUCTION}
    return {call_id: kinds for call_id, kinds in asked.items() if kinds}


def list_opinions_due(person: User, now: datetime) -> tuple[OpinionsDue, ...]:
    """Return the opinions a person owes, by call; two queries, whatever the calls and the files."""
    calls, seen = calls_of(person, now), visible(person, Application)
    owed = list_lacking_by_call(_opinions_asked(person, calls), seen=seen)
    return tuple(OpinionsDue(row, owed[row.id]) for row in calls if row.id in owed and owed[row.id].total)


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits, as the component of tasks shows it."""

    title: str
    href: str
    hint: str
    status: str
    tone: str


@dataclass(frozen=True, slots=True)
class Desk:
    """A call with what waits on it for this person."""

    call: CallRow
    href: str
    files: int
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class Readings:
    """What the desks of a person are made of, by call."""

    calls: Mapping[uuid.UUID, Call]
    files: Mapping[uuid.UUID, Mapping[ApplicationState, int]]
    questions: Mapping[uuid.UUID, int]
    juries: Mapping[uuid.UUID, JuryLoad]
    awards: Mapping[uuid.UUID, AwaitingContract]


ENDED = frozenset({CallPhase.DRAFT, CallPhase.COMING, CallPhase.ARCHIVED, CallPhase.CANCELLED})


def list_desks(person: User, now: datetime) -> tuple[Desk, ...]:
    """Return the calls under way of the person's regions with what waits on each; as many queries for any calls."""
    rows = [row for row in calls_of(person, now) if row.phase not in ENDED]
    readings = _read([row.id for row in rows], person)
    desks = []
    for row in rows:
        href = url_for("office_calls.show", call_id=row.id)
        files = sum(readings.files[row.id].values())
        desks.append(Desk(row, href, files, tuple(_tasks(person, row, readings, now))))
    return tuple(sorted(desks, key=lambda desk: not desk.tasks))


def _read(call_ids: list[uuid.UUID], person: User) -> Readings:
    return Readings(
        calls=get_calls(call_ids),
        files=count_by_call(call_ids, visible(person, Application)),
        questions=count_waiting_questions(call_ids),
        juries=count_jury_loads(call_ids, seen=visible(person, Application)),
        awards=count_awaiting_contract(call_ids, seen=visible_awards(person)),
    )


def _tasks(person: User, row: CallRow, readings: Readings, now: datetime) -> Iterator[Task]:
    call, counts = readings.calls[row.id], readings.files[row.id]
    calendar = calendar_of(call)
    if may(person, "call.manage", call) and readings.questions[row.id]:
        status = french.plural(readings.questions[row.id], "question")
        href = url_for("office_questions.index", call_id=row.id)
        yield Task("Répondre aux questions sur l'appel", href, _until(calendar, "faq_final"), status, "info")
    if may(person, "jury.manage", call):
        yield from _officer_tasks(row, counts, calendar, now)
        if counts.get(_S.INSTRUCTED):
            yield from _jury_tasks(row, readings.juries[row.id], calendar, now)
    if may(person, "decisions.list", call):
        parts = _parts(person, call)
        if parts & {RoleName.OFFICER, RoleName.DIRECTOR}:
            yield from _award_tasks(row, counts, calendar, now)
        if counts.get(_S.NOTIFIED):
            yield from _contract_tasks(row, readings.awards[row.id], calendar, now, parts)


def _parts(person: User, call: Call) -> set[RoleName]:
    """Return the parts a person takes in the awards of a call; who only reads them takes none."""
    held = {row.role for row in person.regional_roles if row.region_code == call.region_code}
    parts = held & {RoleName.DIRECTOR, RoleName.FINANCE}
    return parts | {RoleName.OFFICER} if may(person, "jury.manage", call) else parts


def _files(row: CallRow, state: ApplicationState) -> str:
    return url_for("office_applications.index", call_id=row.id, etat=state.value)


def _due(count: int, noun: str, calendar: CallCalendar, key: str, now: datetime) -> tuple[str, str]:
    """Word a count with the tone that its step of the calendar gives: late once the step is passed."""
    at = calendar.instant(key)
    late = at is not None and at < now
    return f"{french.plural(count, noun)}{', en retard' if late else ''}", "error" if late else "info"


def _until(calendar: CallCalendar, key: str) -> str:
    at = calendar.instant(key)
    return "" if at is None else f"Avant le {french.moment(at)}"


def _officer_tasks(
    row: CallRow, counts: Mapping[ApplicationState, int], calendar: CallCalendar, now: datetime
) -> Iterator[Task]:
    steps = (
        (_S.SUBMITTED, "Contrôler la recevabilité", "dossier", "admissibility_end"),
        (_S.COMPLETION_REQUESTED, "Compléments demandés aux porteurs", "dossier", "completion_deadline"),
        (_S.ADMISSIBLE, "Recueillir les avis et clore l'instruction", "dossier", "instruction_end"),
    )
    for state, title, noun, step in steps:
        if counts.get(state):
            status, tone = _due(counts[state], noun, calendar, step, now)
            yield Task(title, _files(row, state), _until(calendar, step), status, tone)


def _jury_tasks(row: CallRow, jury: JuryLoad, calendar: CallCalendar, now: datetime) -> Iterator[Task]:
    if not jury.members or jury.undeclared:
        expected = french.plural(jury.undeclared, "déclaration attendue", "déclarations attendues")
        status = expected if jury.members else "À composer"
        yield Task("Composer le jury", url_for("office_jury.show", call_id=row.id), "", status, "warning")
    if jury.assigned:
        href = url_for("office_jury.progress", call_id=row.id)
        done = f"{jury.submitted} grilles sur {jury.assigned}"
        ended = calendar.instant("scoring_end")
        late, complete = ended is not None and ended < now, jury.submitted == jury.assigned
        tone = "error" if late else "success" if complete else "info"
        yield Task("Suivre la notation", href, _until(calendar, "scoring_end"), done, tone)
    elif jury.members:
        href = url_for("office_assignments.edit", call_id=row.id)
        yield Task("Répartir les dossiers entre les membres", href, "", "À faire", "warning")


def _award_tasks(
    row: CallRow, counts: Mapping[ApplicationState, int], calendar: CallCalendar, now: datetime
) -> Iterator[Task]:
    decisions = url_for("office_decisions.index", call_id=row.id)
    if counts.get(_S.SCORED):
        status, tone = _due(counts[_S.SCORED], "dossier", calendar, "decision", now)
        yield Task("Avis du jury et décisions", decisions, _until(calendar, "decision"), status, tone)
    if counts.get(_S.DECIDED):
        status, tone = _due(counts[_S.DECIDED], "décision", calendar, "notification", now)
        yield Task("Notifier les décisions", decisions, _until(calendar, "notification"), status, tone)


def _contract_tasks(
    row: CallRow, awaiting: AwaitingContract, calendar: CallCalendar, now: datetime, parts: set[RoleName]
) -> Iterator[Task]:
    href = url_for("office_decisions.index", call_id=row.id)
    if awaiting.reservations_open and RoleName.OFFICER in parts:
        status, tone = _due(awaiting.reservations_open, "réserve", calendar, "reservations_deadline", now)
        yield Task("Lever les réserves", href, _until(calendar, "reservations_deadline"), status, tone)
    if awaiting.ready and parts & {RoleName.OFFICER, RoleName.FINANCE}:
        status, tone = _due(awaiting.ready, "convention", calendar, "contracting", now)
        yield Task("Signer les conventions", href, _until(calendar, "contracting"), status, tone)


def list_duties(person: User, now: datetime) -> tuple[Task, ...]:
    """Return what waits across calls: opinions owed, payments due."""
    duties = []
    if any(held.role in OPINION_ROLES for held in person.regional_roles):
        asked = _opinions_asked(person, calls_of(person, now))
        owed = sum(count_lacking_opinions(asked, seen=visible(person, Application)).values())
        status, tone = (french.plural(owed, "avis", "avis"), "info") if owed else ("Rien à rendre", "success")
        duties.append(Task("Mes avis à rendre", url_for("office_opinions.index"), "", status, tone))
    if may(person, "payment.list"):
        _, total = list_payments_due(now, seen=visible(person, Project), per_page=1)
        _, late = list_payments_due(now, seen=visible(person, Project), late_only=True, per_page=1)
        status, tone = (french.plural(total, "versement"), "info") if total else ("Rien à payer", "success")
        if late:
            status, tone = f"{status}, dont {late} en retard", "error"
        duties.append(Task("Versements à payer", url_for("office_contracts.payments"), "", status, tone))
    if may(person, "thread.list"):
        waiting = count_waiting_threads(threads(person))
        status, tone = (french.plural(waiting, "dossier"), "info") if waiting else ("Tout a sa réponse", "success")
        duties.append(Task("Messages sans réponse", url_for("office_messages.index"), "", status, tone))
    return tuple(duties)
