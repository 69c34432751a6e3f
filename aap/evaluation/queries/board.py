"""The board of one project: everything its evaluation shows on one page."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select

from aap.awards.models import Project
from aap.clock import paris
from aap.db import db
from aap.evaluation.arithmetic import Coverage, Targets, cover_matrix
from aap.evaluation.models import (
    EvaluationPlanVersion,
    FollowUpDecision,
    NoteKind,
    PlanState,
    QualitativeNote,
    Recommendation,
    RecommendationValue,
    ReportKind,
    ReportState,
    Verdict,
    VerdictValue,
)
from aap.evaluation.queries.reading import (
    PeriodRow,
    find_plan,
    list_expenses,
    list_milestones,
    list_periods,
    list_reports,
)
from aap.evaluation.queries.series import Series, count_reached, list_series


@dataclass(frozen=True, slots=True)
class MilestoneRow:
    """A milestone; ``late`` is derived: due and not reached, or reached after its day."""

    id: uuid.UUID
    lock_version: int
    key: str
    label: str
    due_on: date
    done_on: date | None
    evidence: str | None
    comment: str | None
    report_key: str | None
    unlocks_rank: int | None
    late: bool
    overdue: bool
    days_late: int


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A report; ``overdue`` tells that its day has passed and the agency has not received it."""

    id: uuid.UUID
    lock_version: int
    key: str
    kind: ReportKind
    label: str
    period_key: str | None
    due_on: date
    unlocks_rank: int | None
    state: ReportState
    submitted_at: datetime | None
    validated_at: datetime | None
    remark: str | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A validated version of the plan."""

    number: int
    reason: str | None
    validated_at: datetime


@dataclass(frozen=True, slots=True)
class NoteRow:
    """A qualitative note."""

    id: uuid.UUID
    kind: NoteKind
    month: int | None
    text: str


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """The verdict on one question."""

    question: str
    verdict: VerdictValue
    text: str


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """What a body decided on the project's future."""

    body: str
    decided_on: date
    outcome: RecommendationValue
    text: str


@dataclass(frozen=True, slots=True)
class LineRow:
    """A budget line, planned and real, in euros."""

    key: str
    category: str
    label: str
    planned_eur: Decimal
    actual_eur: Decimal | None


@dataclass(frozen=True, slots=True)
class Conclusion:
    """Verdicts in the order of the questions, recommendation, last decision."""

    verdicts: tuple[VerdictRow, ...]
    recommendation: RecommendationValue | None
    recommendation_text: str | None
    decision: DecisionRow | None


@dataclass(frozen=True, slots=True)
class Board:
    """The evaluation of a project. ``plan_state`` is ``None`` before a plan exists; expenses are cumulated euros."""

    plan_state: PlanState | None
    plan_version: int
    plan_changed: bool
    versions: tuple[VersionRow, ...]
    periods: tuple[PeriodRow, ...]
    milestones: tuple[MilestoneRow, ...]
    reports: tuple[ReportRow, ...]
    series: tuple[Series, ...]
    targets: Targets
    coverage: Coverage
    expenses: dict[str, Decimal]
    lines: tuple[LineRow, ...]
    notes: tuple[NoteRow, ...]
    conclusion: Conclusion

    @property
    def late_count(self) -> int:
        """Return how many milestones are due and not reached."""
        return sum(milestone.overdue for milestone in self.milestones)

    @property
    def next_milestone(self) -> MilestoneRow | None:
        """Return the first milestone not reached."""
        return next((milestone for milestone in self.milestones if milestone.done_on is None), None)

    @property
    def spent_eur(self) -> Decimal | None:
        """Return the last cumulated expense stated."""
        return next(reversed(self.expenses.values()), None)


def get_board(project: Project, now: datetime, *, only_validated: bool = False) -> Board:
    """Return the evaluation of a project at this hour. With ``only_validated``, values the agency validated only."""
    today = paris(now).date()
    plan = find_plan(project.id)
    series = list_series(project, only_validated=only_validated)
    return Board(
        plan_state=plan.state if plan else None,
        plan_version=plan.version if plan else 0,
        plan_changed=plan.changed if plan else False,
        versions=list_versions(plan.id) if plan else (),
        periods=list_periods(project.id),
        milestones=list_milestone_rows(project.id, today),
        reports=list_report_rows(project.id, today),
        series=series,
        targets=count_reached(series),
        coverage=cover_matrix((each.code, each.has_macro, each.has_viewpoint) for each in series),
        expenses=list_expenses(project.id),
        lines=tuple(
            LineRow(line.key, line.category, line.label, line.planned_eur, line.actual_eur)
            for line in project.budget_lines
        ),
        notes=list_notes(project.id),
        conclusion=get_conclusion(project.id),
    )


def list_versions(plan_id: uuid.UUID) -> tuple[VersionRow, ...]:
    """Return the validated versions of a plan, first to last."""
    query = (
        select(EvaluationPlanVersion.number, EvaluationPlanVersion.reason, EvaluationPlanVersion.validated_at)
        .where(EvaluationPlanVersion.plan_id == plan_id)
        .order_by(EvaluationPlanVersion.number)
    )
    return tuple(VersionRow(*row) for row in db.session.execute(query))


def list_milestone_rows(project_id: uuid.UUID, today: date) -> tuple[MilestoneRow, ...]:
    """Return the milestones of a project by due date, with their lateness on a day (Paris)."""
    return tuple(
        MilestoneRow(
            id=row.id,
            lock_version=row.lock_version,
            key=row.key,
            label=row.label,
            due_on=row.due_on,
            done_on=row.done_on,
            evidence=row.evidence,
            comment=row.comment,
            report_key=row.report_key,
            unlocks_rank=row.unlocks_rank,
            late=(row.done_on or today) > row.due_on,
            overdue=row.done_on is None and today > row.due_on,
            days_late=max(((row.done_on or today) - row.due_on).days, 0),
        )
        for row in list_milestones(project_id)
    )


def list_report_rows(project_id: uuid.UUID, today: date) -> tuple[ReportRow, ...]:
    """Return the reports of a project by due date."""
    return tuple(
        ReportRow(
            id=row.id,
            lock_version=row.lock_version,
            key=row.key,
            kind=row.kind,
            label=row.label,
            period_key=row.period_key,
            due_on=row.due_on,
            unlocks_rank=row.unlocks_rank,
            state=row.state,
            submitted_at=row.submitted_at,
            validated_at=row.validated_at,
            remark=row.remark,
            overdue=row.state in {ReportState.DRAFT, ReportState.RETURNED} and today > row.due_on,
        )
        for row in list_reports(project_id)
    )


def list_notes(project_id: uuid.UUID) -> tuple[NoteRow, ...]:
    """Return the qualitative notes of a project, by kind, month and hour."""
    query = (
        select(QualitativeNote.id, QualitativeNote.kind, QualitativeNote.month, QualitativeNote.text)
        .where(QualitativeNote.project_id == project_id)
        .order_by(QualitativeNote.kind, QualitativeNote.month, QualitativeNote.recorded_at, QualitativeNote.id)
    )
    return tuple(NoteRow(*row) for row in db.session.execute(query))


def get_conclusion(project_id: uuid.UUID) -> Conclusion:
    """Return what the agency concluded of a project so far."""
    verdicts = (
        select(Verdict.question, Verdict.verdict, Verdict.text)
        .where(Verdict.project_id == project_id)
        .order_by(Verdict.question)
    )
    advice = db.session.execute(
        select(Recommendation.value, Recommendation.text).where(Recommendation.project_id == project_id)
    ).first()
    decision = db.session.execute(
        select(FollowUpDecision.body, FollowUpDecision.decided_on, FollowUpDecision.outcome, FollowUpDecision.text)
        .where(FollowUpDecision.project_id == project_id)
        .order_by(FollowUpDecision.recorded_at.desc())
    ).first()
    return Conclusion(
        verdicts=tuple(VerdictRow(*row) for row in db.session.execute(verdicts)),
        recommendation=advice.value if advice else None,
        recommendation_text=advice.text if advice else None,
        decision=DecisionRow(*decision) if decision else None,
    )
