"""The office's list of projects followed: next milestone, delays, reports waiting, progress."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_, select

from aap.applications.models import Application
from aap.awards.models import Project
from aap.calls.models import Call, CallVersion
from aap.clock import paris
from aap.db import db
from aap.evaluation.arithmetic import TargetCase, count_targets, progress, value_to_date
from aap.evaluation.models import EvaluationPlan, Indicator, Milestone, PlanState, Report, ReportState
from aap.evaluation.queries.reading import list_latest
from aap.referentials.models import Aggregation, Direction


@dataclass(frozen=True, slots=True)
class FollowUpRow:
    """A project followed. ``progress`` is the mean way done to the targets, each counted 1 at most."""

    project_id: uuid.UUID
    reference: str
    title: str
    applicant: str
    department_code: str | None
    call_ref: str
    plan_state: PlanState | None
    next_label: str | None
    next_due: date | None
    late_count: int
    reports_to_validate: int
    targets_reached: int
    targets_total: int
    progress: Fraction | None


@dataclass(frozen=True, slots=True)
class FollowUpPage:
    """A page of the list, and how many projects the whole list has."""

    rows: tuple[FollowUpRow, ...]
    total: int
    page: int
    per_page: int


@dataclass(frozen=True, slots=True)
class FollowUpFilter:
    """What the list is narrowed to. ``text`` is looked for in the reference, the title and the applicant."""

    text: str = ""
    call_id: uuid.UUID | None = None
    state: PlanState | None = None
    only_late: bool = False
    only_to_validate: bool = False


@dataclass(slots=True)
class _Achievement:
    cases: list[TargetCase] = field(default_factory=list)
    shares: list[Fraction] = field(default_factory=list)


def list_follow_up(
    visible: ColumnElement[bool],
    now: datetime,
    wanted: FollowUpFilter | None = None,
    *,
    page: int = 1,
    per_page: int = 50,
) -> FollowUpPage:
    """Return a page of the projects that satisfy ``visible`` (a condition on ``Project``), the latest first.

    Five queries, whatever the number of projects.
    """
    query = _select_projects(paris(now).date(), wanted or FollowUpFilter()).where(visible)
    total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    found = db.session.execute(query.limit(per_page).offset((page - 1) * per_page)).all()
    ids = [row.project_id for row in found]
    labels = _next_labels(ids)
    achieved = _achievements(ids)
    rows = []
    for row in found:
        done = achieved.get(row.project_id, _Achievement())
        targets = count_targets(done.cases)
        rows.append(
            FollowUpRow(
                project_id=row.project_id,
                reference=row.reference,
                title=row.title,
                applicant=row.applicant_name,
                department_code=row.department_code,
                call_ref=row.ref,
                plan_state=row.state,
                next_label=labels.get(row.project_id),
                next_due=row.next_due,
                late_count=row.late_count,
                reports_to_validate=row.reports_to_validate,
                targets_reached=targets.reached,
                targets_total=targets.total,
                progress=sum(done.shares, Fraction(0)) / len(done.shares) if done.shares else None,
            )
        )
    return FollowUpPage(tuple(rows), total, page, per_page)


def _select_projects(today: date, wanted: FollowUpFilter) -> Select[Any]:
    milestones = (
        select(
            Milestone.project_id,
            func.min(Milestone.due_on).label("next_due"),
            func.sum(case((Milestone.due_on < today, 1), else_=0)).label("late_count"),
        )
        .where(Milestone.done_on.is_(None))
        .group_by(Milestone.project_id)
        .subquery()
    )
    reports = (
        select(Report.project_id, func.count().label("waiting"))
        .where(Report.state == ReportState.SUBMITTED)
        .group_by(Report.project_id)
        .subquery()
    )
    late = func.coalesce(milestones.c.late_count, 0).label("late_count")
    waiting = func.coalesce(reports.c.waiting, 0).label("reports_to_validate")
    query = (
        select(
            Project.id.label("project_id"),
            Project.reference,
            Project.title,
            Application.applicant_name,
            Application.department_code,
            Call.ref,
            EvaluationPlan.state,
            milestones.c.next_due,
            late,
            waiting,
        )
        .join(Application, Application.id == Project.application_id)
        .join(CallVersion, CallVersion.id == Project.call_version_id)
        .join(Call, Call.id == CallVersion.call_id)
        .outerjoin(EvaluationPlan, EvaluationPlan.project_id == Project.id)
        .outerjoin(milestones, milestones.c.project_id == Project.id)
        .outerjoin(reports, reports.c.project_id == Project.id)
        .where(*_wanted(wanted, late, waiting))
    )
    return query.order_by(late.desc(), milestones.c.next_due.is_(None), milestones.c.next_due, Project.reference)


def _wanted(wanted: FollowUpFilter, late: ColumnElement[int], waiting: ColumnElement[int]) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    text = wanted.text.strip()
    if text:
        columns = (Project.reference, Project.title, Application.applicant_name)
        conditions.append(or_(*(column.icontains(text, autoescape=True) for column in columns)))
    if wanted.call_id is not None:
        conditions.append(Call.id == wanted.call_id)
    if wanted.state is not None:
        conditions.append(EvaluationPlan.state == wanted.state)
    if wanted.only_late:
        conditions.append(late > 0)
    if wanted.only_to_validate:
        conditions.append(waiting > 0)
    return conditions


def _next_labels(project_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    query = (
        select(Milestone.project_id, Milestone.label)
        .where(Milestone.project_id.in_(project_ids), Milestone.done_on.is_(None))
        .order_by(Milestone.due_on.desc(), Milestone.key.desc())
    )
    return {row.project_id: row.label for row in db.session.execute(query)}


def _achievements(project_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, _Achievement]:
    """Read the targets and last values of these projects in two queries."""
    values: dict[uuid.UUID, list[Decimal]] = {}
    for measure in list_latest(project_ids):
        values.setdefault(measure.indicator_id, []).append(measure.value)
    query = select(
        Indicator.project_id,
        Indicator.id,
        Indicator.code,
        Indicator.baseline,
        Indicator.target,
        Indicator.direction,
        Indicator.aggregation,
    ).where(Indicator.project_id.in_(project_ids))
    found: dict[uuid.UUID, _Achievement] = {}
    for row in db.session.execute(query):
        direction, aggregation = Direction(row.direction), Aggregation(row.aggregation)
        to_date = value_to_date(values.get(row.id, []), aggregation)
        done = found.setdefault(row.project_id, _Achievement())
        done.cases.append(TargetCase(row.code, row.target, direction, to_date))
        share = progress(row.baseline, row.target, to_date, direction)
        if share is not None:
            done.shares.append(min(share, Fraction(1)))
    return found
