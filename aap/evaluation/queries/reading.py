"""What services and pages load: one thing by its key, or the current measures of a project."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Select, and_, func, or_, select

from aap.awards.models import Project
from aap.db import db
from aap.errors import NotFoundError
from aap.evaluation.models import (
    EvaluationPeriod,
    EvaluationPlan,
    ExpenseStatement,
    Indicator,
    Measure,
    MeasureState,
    Milestone,
    QualitativeNote,
    Report,
    ReportKind,
)
from aap.referentials.models import Aggregation


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """A moment of measure and its last day."""

    key: str
    month: int
    ends_on: date


@dataclass(frozen=True, slots=True)
class CurrentMeasure:
    """The last revision of an indicator's value for a period."""

    id: uuid.UUID
    indicator_id: uuid.UUID
    period_key: str
    month: int
    revision: int
    value: Decimal
    n: int | None
    state: MeasureState
    comment: str | None


def get_plan(project_id: uuid.UUID) -> EvaluationPlan:
    """Return the evaluation of a project.

    Raises:
        NotFoundError: the project has none yet.

    """
    plan = db.session.scalar(select(EvaluationPlan).where(EvaluationPlan.project_id == project_id))
    if plan is None:
        raise NotFoundError("Ce projet n'a pas encore de plan d'évaluation.")
    return plan


def find_plan(project_id: uuid.UUID) -> EvaluationPlan | None:
    """Return the evaluation of a project, or ``None``."""
    return db.session.scalar(select(EvaluationPlan).where(EvaluationPlan.project_id == project_id))


def get_project(project_id: uuid.UUID) -> Project:
    """Return a project.

    Raises:
        NotFoundError: no such project.

    """
    project = db.session.get(Project, project_id)
    if project is None:
        raise NotFoundError("Ce projet n'existe pas.")
    return project


def get_report(report_id: uuid.UUID) -> Report:
    """Return a report.

    Raises:
        NotFoundError: no such report.

    """
    report = db.session.get(Report, report_id)
    if report is None:
        raise NotFoundError("Ce rapport n'existe pas.")
    return report


def find_report(project_id: uuid.UUID, kind: ReportKind) -> Report | None:
    """Return the first report of this kind of a project, or ``None``."""
    query = select(Report).where(Report.project_id == project_id, Report.kind == kind).order_by(Report.due_on)
    return db.session.scalars(query).first()


def get_milestone(milestone_id: uuid.UUID) -> Milestone:
    """Return a milestone.

    Raises:
        NotFoundError: no such milestone.

    """
    milestone = db.session.get(Milestone, milestone_id)
    if milestone is None:
        raise NotFoundError("Ce jalon n'existe pas.")
    return milestone


def get_indicator(indicator_id: uuid.UUID) -> Indicator:
    """Return an indicator of a project.

    Raises:
        NotFoundError: no such indicator.

    """
    indicator = db.session.get(Indicator, indicator_id)
    if indicator is None:
        raise NotFoundError("Cet indicateur n'existe pas.")
    return indicator


def get_note(note_id: uuid.UUID) -> QualitativeNote:
    """Return a qualitative note.

    Raises:
        NotFoundError: no such note.

    """
    note = db.session.get(QualitativeNote, note_id)
    if note is None:
        raise NotFoundError("Cette note n'existe pas.")
    return note


def get_period(project_id: uuid.UUID, key: str) -> EvaluationPeriod:
    """Return a period of a project.

    Raises:
        NotFoundError: the project has no such period.

    """
    period = db.session.scalar(
        select(EvaluationPeriod).where(EvaluationPeriod.project_id == project_id, EvaluationPeriod.key == key)
    )
    if period is None:
        raise NotFoundError(f"La période « {key} » n'existe pas dans ce projet.")
    return period


def list_periods(project_id: uuid.UUID) -> tuple[PeriodRow, ...]:
    """Return the periods of a project, in order."""
    query = (
        select(EvaluationPeriod.key, EvaluationPeriod.month, EvaluationPeriod.ends_on)
        .where(EvaluationPeriod.project_id == project_id)
        .order_by(EvaluationPeriod.month)
    )
    return tuple(PeriodRow(*row) for row in db.session.execute(query))


def list_indicators(project_id: uuid.UUID) -> list[Indicator]:
    """Return the indicators of a project, in their order."""
    query = select(Indicator).where(Indicator.project_id == project_id).order_by(Indicator.position, Indicator.code)
    return list(db.session.scalars(query))


def list_milestones(project_id: uuid.UUID) -> list[Milestone]:
    """Return the milestones of a project, by due date."""
    query = select(Milestone).where(Milestone.project_id == project_id).order_by(Milestone.due_on, Milestone.key)
    return list(db.session.scalars(query))


def list_reports(project_id: uuid.UUID) -> list[Report]:
    """Return the reports of a project, by due date."""
    query = select(Report).where(Report.project_id == project_id).order_by(Report.due_on, Report.key)
    return list(db.session.scalars(query))


def find_current(indicator_id: uuid.UUID, period_key: str) -> Measure | None:
    """Return the last revision of an indicator's value for a period, or ``None``."""
    query = (
        select(Measure)
        .where(Measure.indicator_id == indicator_id, Measure.period_key == period_key)
        .order_by(Measure.revision.desc())
    )
    return db.session.scalars(query).first()


def list_revisions(indicator_id: uuid.UUID) -> list[Measure]:
    """Return every value ever recorded for an indicator, by period and revision."""
    query = select(Measure).where(Measure.indicator_id == indicator_id).order_by(Measure.recorded_at, Measure.revision)
    return list(db.session.scalars(query))


def current_measures(
    project_ids: Iterable[uuid.UUID], *, only_validated: bool = False
) -> Select[tuple[uuid.UUID, uuid.UUID]]:
    """Return the selection ``(measure id, project id)`` of the last revision of every value of these projects.

    With ``only_validated`` a correction that the agency has not validated does not yet replace the value.
    """
    newest = (
        func.row_number()
        .over(partition_by=(Measure.indicator_id, Measure.period_key), order_by=Measure.revision.desc())
        .label("newest")
    )
    ranked = (
        select(Measure.id, Indicator.project_id, newest)
        .join(Indicator, Indicator.id == Measure.indicator_id)
        .where(Indicator.project_id.in_(list(project_ids)))
    )
    if only_validated:
        ranked = ranked.where(Measure.state == MeasureState.VALIDATED)
    inner = ranked.subquery()
    return select(inner.c.id, inner.c.project_id).where(inner.c.newest == 1)


def list_current(project_ids: Iterable[uuid.UUID], *, only_validated: bool = False) -> tuple[CurrentMeasure, ...]:
    """Return the current values of projects, by indicator and period, in one query."""
    current = current_measures(project_ids, only_validated=only_validated).subquery()
    query = (
        select(
            Measure.id,
            Measure.indicator_id,
            Measure.period_key,
            EvaluationPeriod.month,
            Measure.revision,
            Measure.value,
            Measure.n,
            Measure.state,
            Measure.comment,
        )
        .join(current, current.c.id == Measure.id)
        .join(
            EvaluationPeriod,
            and_(EvaluationPeriod.project_id == current.c.project_id, EvaluationPeriod.key == Measure.period_key),
        )
        .order_by(Measure.indicator_id, EvaluationPeriod.month)
    )
    return tuple(CurrentMeasure(*row) for row in db.session.execute(query))


def list_latest(project_ids: Iterable[uuid.UUID]) -> tuple[CurrentMeasure, ...]:
    """Return, of each indicator of these projects, the last period's value (every period's when they add up)."""
    current = current_measures(project_ids).subquery()
    last = (
        func.row_number().over(partition_by=Measure.indicator_id, order_by=EvaluationPeriod.month.desc()).label("last")
    )
    rows = (
        select(
            Measure.id,
            Measure.indicator_id,
            Measure.period_key,
            EvaluationPeriod.month,
            Measure.revision,
            Measure.value,
            Measure.n,
            Measure.state,
            Measure.comment,
            Indicator.aggregation,
            last,
        )
        .join(current, current.c.id == Measure.id)
        .join(Indicator, Indicator.id == Measure.indicator_id)
        .join(
            EvaluationPeriod,
            and_(EvaluationPeriod.project_id == current.c.project_id, EvaluationPeriod.key == Measure.period_key),
        )
        .subquery()
    )
    kept = or_(rows.c.last == 1, rows.c.aggregation == Aggregation.PERIOD)
    columns = [column for column in rows.c if column.name not in {"aggregation", "last"}]
    query = select(*columns).where(kept).order_by(rows.c.indicator_id, rows.c.month)
    return tuple(CurrentMeasure(*row) for row in db.session.execute(query))


def list_expenses(project_id: uuid.UUID) -> dict[str, Decimal]:
    """Return the cumulated expense of each period that has one, in euros, in the order of the periods."""
    query = (
        select(ExpenseStatement.period_key, ExpenseStatement.spent_eur)
        .join(
            EvaluationPeriod,
            and_(
                EvaluationPeriod.project_id == ExpenseStatement.project_id,
                EvaluationPeriod.key == ExpenseStatement.period_key,
            ),
        )
        .where(ExpenseStatement.project_id == project_id)
        .order_by(EvaluationPeriod.month)
    )
    return {row.period_key: row.spent_eur for row in db.session.execute(query)}
