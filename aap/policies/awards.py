"""Who advises, decides, notifies, contracts and pays; who reads decisions, projects and instalments.

An applicant reads the decision once it is notified. Whoever is recused from a file reads nothing of its award.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, or_, select

from aap.accounts.models import RoleName, User
from aap.applications.models import Application, ApplicationState
from aap.awards.models import Decision, Instalment, JuryOpinion, Notification, Project, Reservation
from aap.awards.people import DIRECTOR, FINANCE, OFFICER, relations_to_application
from aap.calls.models import Call, CallTeamMember, CallVersion
from aap.db import db
from aap.jury import blindness
from aap.jury.queries import find_member
from aap.policies.applications import AGENCY_READERS, reads_as_agency, works_on_a_call
from aap.policies.jury import is_recused, runs_call, sees_as_juror
from aap.policies.terms import Verb, Verbs, Visibilities, anyone, holds, regions_of, signed_in

PROJECT_READERS = (*AGENCY_READERS, RoleName.EDITOR)
_S = ApplicationState
_TOLD = (_S.NOTIFIED, _S.CONTRACTED, _S.WITHDRAWN)


def _application_of(thing: Any) -> Application:
    """Return the application that an award's row is about."""
    match thing:
        case Application():
            return thing
        case Reservation():
            return thing.decision.application
        case Instalment():
            return thing.project.application
        case _:
            application: Application = thing.application
            return application


def _as(*relations: str, states: tuple[ApplicationState, ...] = ()) -> Verb:
    """Allow these relations to the application, in these states (any when none is given), unless recused."""

    def rule(actor: User | None, thing: Any) -> bool:
        if actor is None:
            return False
        application = _application_of(thing)
        if states and application.state not in states:
            return False
        return bool(relations_to_application(application, actor) & frozenset(relations)) and not is_recused(
            actor, application
        )

    return rule


def _record_opinion(actor: User | None, thing: Application) -> bool:
    """Let the officer, or the chair of the jury, record the advice on a scored file."""
    if actor is None or thing.state is not _S.SCORED:
        return False
    seat = find_member(thing.call_version.call_id, actor.id)
    chairs = seat is not None and seat.chair and sees_as_juror(actor, thing)
    return chairs or _as(OFFICER)(actor, thing)


def _is_told(application: Application) -> bool:
    return bool(
        db.session.scalar(
            select(
                exists(
                    select(Notification.id)
                    .join(Decision, Decision.id == Notification.decision_id)
                    .where(Decision.application_id == application.id)
                )
            )
        )
    )


def _read_award(actor: User | None, thing: Any) -> bool:
    """Open the award to the agency, and to the lead once notified."""
    if actor is None:
        return False
    application = _application_of(thing)
    if application.lead_id == actor.id:
        return application.state in _TOLD and _is_told(application)
    return reads_as_agency(actor, application) and not is_recused(actor, application)


def _told() -> ColumnElement[bool]:
    """Return the condition on ``Application``: its decision was notified."""
    return and_(
        Application.state.in_(_TOLD),
        exists(
            select(Notification.id)
            .join(Decision, Decision.id == Notification.decision_id)
            .where(Decision.application_id == Application.id)
            .correlate(Application)
        ),
    )


def visible_awards(actor: User | None) -> ColumnElement[bool]:
    """Return the condition on ``Application``: the person reads its award."""
    if actor is None:
        return false()
    agency = and_(
        Application.submitted_at.is_not(None),
        or_(
            Application.region_code.in_(regions_of(actor, *AGENCY_READERS)),
            Application.call_version_id.in_(_versions_of_team(actor)),
        ),
        Application.lead_id != actor.id,
        ~blindness.recused(actor.id),
    )
    return or_(and_(Application.lead_id == actor.id, _told()), agency)


def _versions_of_team(actor: User) -> Any:
    return (
        select(CallVersion.id)
        .join(CallTeamMember, CallTeamMember.call_id == CallVersion.call_id)
        .where(CallTeamMember.user_id == actor.id)
    )


def _visible_decisions(actor: User | None) -> ColumnElement[bool]:
    return Decision.application_id.in_(select(Application.id).where(visible_awards(actor)))


def _read_opinion(actor: User | None, thing: JuryOpinion) -> bool:
    """Keep the jury's advice inside the agency: the applicant reads the decision."""
    return actor is not None and thing.application.lead_id != actor.id and _read_award(actor, thing)


def _visible_opinions(actor: User | None) -> ColumnElement[bool]:
    if actor is None:
        return false()
    kept = and_(visible_awards(actor), Application.lead_id != actor.id)
    return JuryOpinion.application_id.in_(select(Application.id).where(kept))


def _read_project(actor: User | None, thing: Any) -> bool:
    if actor is None:
        return False
    application = _application_of(thing)
    if application.lead_id == actor.id:
        return True
    region = application.region_code
    team = application.call_version.call.team
    reads = (
        region in regions_of(actor, *PROJECT_READERS)
        or any(member.user_id == actor.id for member in team)
        or bool({None, application.department_code} & actor.departments_as(region, RoleName.DD))
    )
    return reads and not is_recused(actor, application)


def visible_projects(actor: User | None) -> ColumnElement[bool]:
    """Return the condition on ``Project`` that selects those this person reads."""
    if actor is None:
        return false()
    reads = or_(
        Application.region_code.in_(regions_of(actor, *PROJECT_READERS)),
        Application.call_version_id.in_(_versions_of_team(actor)),
        *_of_departments(actor),
    )
    readable = or_(Application.lead_id == actor.id, and_(reads, ~blindness.recused(actor.id)))
    return Project.application_id.in_(select(Application.id).where(readable))


def _of_departments(actor: User) -> list[ColumnElement[bool]]:
    clauses: list[ColumnElement[bool]] = []
    for region in sorted(regions_of(actor, RoleName.DD)):
        departments = actor.departments_as(region, RoleName.DD)
        of_region = Application.region_code == region
        codes = sorted(code for code in departments if code)
        clauses.append(of_region if None in departments else and_(of_region, Application.department_code.in_(codes)))
    return clauses


def _visible_instalments(actor: User | None) -> ColumnElement[bool]:
    return Instalment.project_id.in_(select(Project.id).where(visible_projects(actor)))


def _list_decisions(actor: User | None, thing: Call) -> bool:
    """Open the page of a call's decisions to those who read its files for the agency."""
    if actor is None:
        return False
    if runs_call(actor, thing) or thing.region_code in regions_of(actor, *AGENCY_READERS):
        return True
    return any(member.user_id == actor.id for member in thing.team)


def _list_office(actor: User | None, _thing: Any) -> bool:
    return actor is not None and (holds(actor, *PROJECT_READERS, RoleName.DD) or works_on_a_call(actor))


VERBS: Verbs = {
    "decisions.list": _list_decisions,
    "award.read": _read_award,
    "award.read_results": anyone,
    "application.record_opinion": _record_opinion,
    "application.decide": _as(DIRECTOR, states=(_S.SCORED,)),
    "application.notify": _as(OFFICER, DIRECTOR, states=(_S.DECIDED,)),
    "application.contract": _as(OFFICER, FINANCE, states=(_S.NOTIFIED,)),
    "opinion_of_jury.read": _read_opinion,
    "decision.read": _read_award,
    "reservation.lift": _as(OFFICER, states=(_S.NOTIFIED,)),
    "project.list_office": _list_office,
    "project.list_mine": signed_in,
    "project.read": _read_project,
    "project.run": _as(OFFICER, DIRECTOR),
    "project.terminate": _as(DIRECTOR),
    "project.amend": _as(OFFICER, FINANCE),
    "project.balance": _as(OFFICER, FINANCE),
    "project.settle": _as(OFFICER, FINANCE),
    "instalment.read": _read_project,
    "instalment.pay": _as(FINANCE),
    "payment.list": lambda actor, _thing: holds(actor, RoleName.FINANCE, RoleName.ADMINISTRATOR, RoleName.OFFICER),
}
VISIBLE: Visibilities = {
    Decision: _visible_decisions,
    JuryOpinion: _visible_opinions,
    Project: visible_projects,
    Instalment: _visible_instalments,
}
