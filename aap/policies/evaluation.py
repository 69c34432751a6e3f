"""Who follows, reports on and concludes a funded project."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select

from aap.accounts.models import RoleName, User
from aap.applications.models import Application
from aap.awards.models import Project
from aap.calls.models import CallTeamMember, CallVersion
from aap.evaluation.models import EvaluationPlan, Indicator, Milestone, Report
from aap.evaluation.people import LEAD, OFFICER, WATCHING_ROLES, relations_to_project
from aap.evaluation.states import VALIDATOR, relations_to_report
from aap.jury import blindness
from aap.policies.terms import Verb, Verbs, Visibilities, Visibility, holds, regions_of

_REGION_WIDE = (RoleName.ADMINISTRATOR, RoleName.DIRECTOR, *WATCHING_ROLES)


def _project_of(thing: Any) -> Project:
    return thing if isinstance(thing, Project) else thing.project


def _related(*relations: str) -> Verb:
    def rule(actor: User | None, thing: Any) -> bool:
        return bool(relations_to_project(_project_of(thing), actor) & frozenset(relations))

    return rule


def _read(actor: User | None, thing: Any) -> bool:
    return bool(relations_to_project(_project_of(thing), actor))


def _validate_report(actor: User | None, thing: Report) -> bool:
    return actor is not None and VALIDATOR in relations_to_report(thing, actor)


def visible_projects(actor: User | None) -> ColumnElement[bool]:
    """Return the condition on ``Project`` that selects those whose evaluation this person reads."""
    if actor is None:
        return false()
    of_call = (
        select(CallVersion.id)
        .join(CallTeamMember, CallTeamMember.call_id == CallVersion.call_id)
        .where(CallTeamMember.user_id == actor.id)
    )
    of_application = select(Application.id).where(or_(Application.lead_id == actor.id, _of_department(actor)))
    open_to_them = or_(Application.lead_id == actor.id, ~blindness.recused(actor.id))
    return and_(
        or_(
            Project.region_code.in_(regions_of(actor, *_REGION_WIDE)),
            Project.call_version_id.in_(of_call),
            Project.application_id.in_(of_application),
        ),
        Project.application_id.in_(select(Application.id).where(open_to_them)),
    )


def _of_department(actor: User) -> ColumnElement[bool]:
    clauses: list[ColumnElement[bool]] = []
    for region in sorted(regions_of(actor, RoleName.DD)):
        departments = actor.departments_as(region, RoleName.DD)
        if None in departments:
            clauses.append(Application.region_code == region)
        else:
            clauses.append(and_(Application.region_code == region, Application.department_code.in_(departments)))
    return or_(*clauses) if clauses else false()


def _through_project(column: Any) -> Visibility:
    def rule(actor: User | None) -> ColumnElement[bool]:
        condition: ColumnElement[bool] = column.in_(select(Project.id).where(visible_projects(actor)))
        return condition

    return rule


def _follow(actor: User | None, _thing: Any) -> bool:
    return holds(actor, *_REGION_WIDE, RoleName.OFFICER, RoleName.DD)


VERBS: Verbs = {
    "evaluation.follow": _follow,
    "evaluation.read": _read,
    "evaluation.edit_plan": _related(LEAD, OFFICER),
    "evaluation.validate_plan": _related(OFFICER),
    "evaluation.mark_milestone": _related(LEAD, OFFICER),
    "evaluation.measure": _related(LEAD),
    "evaluation.correct": _related(LEAD, OFFICER),
    "evaluation.validate_measure": _related(OFFICER),
    "evaluation.note": _related(LEAD, OFFICER),
    "evaluation.conclude": _related(OFFICER),
    "evaluation.decide": _related(OFFICER, "director"),
    "report.read": _read,
    "report.edit": _related(LEAD),
    "report.submit": _related(LEAD),
    "report.return": _validate_report,
    "report.validate": _validate_report,
}
VISIBLE: Visibilities = {
    EvaluationPlan: _through_project(EvaluationPlan.project_id),
    Report: _through_project(Report.project_id),
    Milestone: _through_project(Milestone.project_id),
    Indicator: _through_project(Indicator.project_id),
}
