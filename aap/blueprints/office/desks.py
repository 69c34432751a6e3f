"""What waits for a person of the agency, composed of the reads of every stage."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for

from aap import french
from aap.accounts.models import RoleName, User
from aap.applications.models import Application, ApplicationState, Opinion
from aap.applications.queries import OfficeFilters, OfficeRow, Page, count_by_state, list_office_applications
from aap.awards.checks import FUNDED
from aap.awards.models import Project
from aap.awards.queries import list_decisions, list_payments_due
from aap.blueprints.office.calls import calls_of
from aap.calls.models import OpinionKind
from aap.calls.phases import CallCalendar, CallPhase
from aap.calls.queries import CallRow, calendar_of, get_call_by_id
from aap.db import db
from aap.jury.models import Assignment
from aap.jury.queries import list_members
from aap.policies import may, visible
from aap.policies.awards import visible_awards

_S = ApplicationState
MOST_PER_PAGE = 200
OPINION_ROLES = (RoleName.DD, RoleName.DCGDR, RoleName.GRADES, RoleName.DIRECTION_METIER)
INSTRUCTION = frozenset({CallPhase.OPEN, CallPhase.INSTRUCTION, CallPhase.SCORING})


def opinion_kinds_of(person: User, region_code: str) -> tuple[str, ...]:
    """Return the kinds of opinion this person gives in a region: roles and kinds bear the same names."""
    held = {row.role for row in person.regional_roles if row.region_code == region_code}
    return tuple(role.value for role in OPINION_ROLES if role in held)


def without_opinion(person: User, region_code: str) -> Any:
    """Return the condition on ``Application``: readable, and one of this person's opinions is missing."""
    missing: Any = None
    for key in opinion_kinds_of(person, region_code):
        given = db.select(Opinion.application_id).where(Opinion.kind.has(OpinionKind.key == key))
        condition = Application.id.not_in(given)
        missing = condition if missing is None else missing | condition
    return None if missing is None else visible(person, Application) & missing


@dataclass(frozen=True, slots=True)
class OpinionsDue:
    """The files of one call on which a person owes an opinion: the first fifty, and how many there are."""

    call: CallRow
    files: Page[OfficeRow]


def list_opinions_due(person: User, now: datetime) -> tuple[OpinionsDue, ...]:
    """Return the opinions a person owes, by call; two queries per call in instruction, whatever the files."""
    found = []
    for call in calls_of(person, now):
        condition = without_opinion(person, call.region_code)
        if condition is None or call.phase not in INSTRUCTION:
            continue
        wanted = OfficeFilters(states=(ApplicationState.ADMISSIBLE,))
        files = list_office_applications(call.id, condition, wanted)
        if files.total:
            found.append(OpinionsDue(call, files))
    return tuple(found)


def assigned_pairs(person: User, application_ids: Collection[uuid.UUID]) -> frozenset[tuple[uuid.UUID, uuid.UUID]]:
    """Return who is asked to mark which of these files, as (member, file), in one query."""
    query = db.select(Assignment.jury_member_id, Assignment.application_id).where(
        visible(person, Assignment), Assignment.application_id.in_(application_ids)
    )
    return frozenset((member_id, application_id) for member_id, application_id in db.session.execute(query))


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


ENDED = frozenset({CallPhase.DRAFT, CallPhase.COMING, CallPhase.ARCHIVED, CallPhase.CANCELLED})


def list_desks(person: User, now: datetime) -> tuple[Desk, ...]:
    """Return the calls under way of the person's regions with what waits on each; a few queries per call."""
    desks = []
    for row in calls_of(person, now):
        if row.phase in ENDED:
            continue
        counts = count_by_state(row.id, visible(person, Application))
        href = url_for("office_calls.show", call_id=row.id)
        desks.append(Desk(row, href, sum(counts.values()), tuple(_tasks(person, row, counts, now))))
    return tuple(sorted(desks, key=lambda desk: not desk.tasks))


def _tasks(person: User, row: CallRow, counts: Mapping[ApplicationState, int], now: datetime) -> Iterator[Task]:
    call = get_call_by_id(row.id)
    calendar = calendar_of(call)
    if may(person, "jury.manage", call):
        yield from _officer_tasks(row, counts, calendar, now)
        yield from _jury_tasks(row, counts, calendar, now)
    if may(person, "decisions.list", call):
        yield from _award_tasks(person, row, counts, calendar, now)


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


def _jury_tasks(
    row: CallRow, counts: Mapping[ApplicationState, int], calendar: CallCalendar, now: datetime
) -> Iterator[Task]:
    if not counts.get(_S.INSTRUCTED):
        return
    members = [member for member in list_members(row.id) if member.left_at is None]
    undeclared = sum(1 for member in members if member.signed_at is None)
    if not members or undeclared:
        status = (
            french.plural(undeclared, "déclaration attendue", "déclarations attendues") if members else "À composer"
        )
        yield Task("Composer le jury", url_for("office_jury.show", call_id=row.id), "", status, "warning")
    assigned, submitted = sum(one.assigned for one in members), sum(one.submitted for one in members)
    if assigned:
        href = url_for("office_jury.progress", call_id=row.id)
        done = f"{submitted} grilles sur {assigned}"
        ended = calendar.instant("scoring_end")
        tone = "error" if ended is not None and ended < now else "success" if submitted == assigned else "info"
        yield Task("Suivre la notation", href, _until(calendar, "scoring_end"), done, tone)
    elif members:
        href = url_for("office_assignments.edit", call_id=row.id)
        yield Task("Répartir les dossiers entre les membres", href, "", "À faire", "warning")


def _award_tasks(
    person: User, row: CallRow, counts: Mapping[ApplicationState, int], calendar: CallCalendar, now: datetime
) -> Iterator[Task]:
    decisions = url_for("office_decisions.index", call_id=row.id)
    if counts.get(_S.SCORED):
        status, tone = _due(counts[_S.SCORED], "dossier", calendar, "decision", now)
        yield Task("Avis du jury et décisions", decisions, _until(calendar, "decision"), status, tone)
    if counts.get(_S.DECIDED):
        status, tone = _due(counts[_S.DECIDED], "décision", calendar, "notification", now)
        yield Task("Notifier les décisions", decisions, _until(calendar, "notification"), status, tone)
    if counts.get(_S.NOTIFIED):
        yield from _reservation_tasks(person, row, calendar, now, decisions)


def _reservation_tasks(person: User, row: CallRow, calendar: CallCalendar, now: datetime, href: str) -> Iterator[Task]:
    files, _ = list_decisions(row.id, seen=visible_awards(person), per_page=MOST_PER_PAGE)
    notified = [one for one in files if one.state is _S.NOTIFIED and one.effect in FUNDED]
    standing = sum(one.reservations_open for one in notified)
    if standing:
        status, tone = _due(standing, "réserve", calendar, "reservations_deadline", now)
        yield Task("Lever les réserves", href, _until(calendar, "reservations_deadline"), status, tone)
    ready = sum(1 for one in notified if not one.reservations_open)
    if ready:
        status, tone = _due(ready, "convention", calendar, "contracting", now)
        yield Task("Signer les conventions", href, _until(calendar, "contracting"), status, tone)


def list_duties(person: User, now: datetime) -> tuple[Task, ...]:
    """Return what waits across calls: opinions owed, payments due."""
    duties = []
    if any(held.role in OPINION_ROLES for held in person.regional_roles):
        owed = sum(due.files.total for due in list_opinions_due(person, now))
        status, tone = (french.plural(owed, "avis", "avis"), "info") if owed else ("Rien à rendre", "success")
        duties.append(Task("Mes avis à rendre", url_for("office_opinions.index"), "", status, tone))
    if may(person, "payment.list"):
        _, total = list_payments_due(now, seen=visible(person, Project), per_page=1)
        _, late = list_payments_due(now, seen=visible(person, Project), late_only=True, per_page=1)
        status, tone = (french.plural(total, "versement"), "info") if total else ("Rien à payer", "success")
        if late:
            status, tone = f"{status}, dont {late} en retard", "error"
        duties.append(Task("Versements à payer", url_for("office_contracts.payments"), "", status, tone))
    return tuple(duties)
