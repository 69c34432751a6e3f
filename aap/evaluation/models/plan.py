"""What a funded project promised to show: its plan, periods, milestones and indicators."""

from __future__ import annotations

import enum
import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from aap.awards.models import Project
from aap.db import (
    Base,
    Document,
    ExactDecimal,
    Identified,
    LongText,
    Str20,
    Str40,
    Str80,
    Str200,
    Str400,
    Versioned,
    fk,
)
from aap.referentials.models import Aggregation, Direction


class PlanState(enum.Enum):
    """Where the evaluation of a project stands."""

    PLAN_DRAFT = "plan_draft"
    PLAN_VALIDATED = "plan_validated"
    IN_PROGRESS = "in_progress"
    INTERIM_VALIDATED = "interim_validated"
    FINAL_SUBMITTED = "final_submitted"
    FINAL_VALIDATED = "final_validated"
    DECIDED = "decided"


class EvaluatorKind(enum.Enum):
    """Whether who evaluates belongs to the project."""

    INTERNAL = "internal"
    EXTERNAL = "external"


class EvaluationPlan(Identified, Versioned, Base):
    """The evaluation of one project. ``version`` is 0 until the agency validates the plan a first time.

    ``changed`` tells that the plan was touched since the version it carries.
    """

    __tablename__ = "evaluation_plans"
    __table_args__ = (
        UniqueConstraint("project_id", name="uq_evaluation_plans_project_id"),
        CheckConstraint("version >= 0", name="version_not_negative"),
        CheckConstraint("(state = 'plan_draft') = (version = 0)", name="validated_has_a_version"),
    )

    project_id: Mapped[uuid.UUID] = fk("projects.id", index=False)
    state: Mapped[PlanState] = mapped_column(default=PlanState.PLAN_DRAFT)
    version: Mapped[int] = mapped_column(default=0)
    changed: Mapped[bool] = mapped_column(default=False)
    method: Mapped[LongText] = mapped_column(default="")
    data_protection: Mapped[LongText] = mapped_column(default="")
    created_at: Mapped[datetime]

    project: Mapped[Project] = relationship()
    versions: Mapped[list[EvaluationPlanVersion]] = relationship(
        back_populates="plan", order_by="EvaluationPlanVersion.number"
    )
    evaluators: Mapped[list[Evaluator]] = relationship(order_by="Evaluator.position")


class EvaluationPlanVersion(Identified, Base):
    """A validated version of the plan, with its indicators and milestones as they were. Append-only."""

    __tablename__ = "evaluation_plan_versions"
    __table_args__ = (
        UniqueConstraint("plan_id", "number", name="uq_evaluation_plan_versions_plan_id_number"),
        CheckConstraint("number >= 1", name="number_positive"),
        CheckConstraint("number = 1 OR length(reason) >= 1", name="later_versions_have_a_reason"),
    )

    plan_id: Mapped[uuid.UUID] = fk("evaluation_plans.id", index=False)
    number: Mapped[int]
    reason: Mapped[LongText | None]
    snapshot: Mapped[Document]
    validated_at: Mapped[datetime]
    validated_by_id: Mapped[uuid.UUID] = fk("users.id", index=False)

    plan: Mapped[EvaluationPlan] = relationship(back_populates="versions")


class Evaluator(Identified, Base):
    """Who evaluates, by function: never a person's name."""

    __tablename__ = "evaluators"
    __table_args__ = (UniqueConstraint("plan_id", "position", name="uq_evaluators_plan_id_position"),)

    plan_id: Mapped[uuid.UUID] = fk("evaluation_plans.id", index=False)
    position: Mapped[int]
    kind: Mapped[EvaluatorKind]
    label: Mapped[Str200]


class EvaluationPeriod(Identified, Base):
    """A moment of measure: M6 ends six months after the start (day included)."""

    __tablename__ = "evaluation_periods"
    __table_args__ = (
        UniqueConstraint("project_id", "key", name="uq_evaluation_periods_project_id_key"),
        UniqueConstraint("project_id", "month", name="uq_evaluation_periods_project_id_month"),
        CheckConstraint("month >= 0", name="month_not_negative"),
    )

    project_id: Mapped[uuid.UUID] = fk("projects.id", index=False)
    key: Mapped[Str20]
    month: Mapped[int]
    ends_on: Mapped[date]


class Milestone(Identified, Versioned, Base):
    """A dated step of the project. Late is derived from the clock, never stored.

    ``report_key`` names the report whose submission reaches the milestone, ``unlocks_rank`` the instalment that
    its validation unlocks.
    """

    __tablename__ = "milestones"
    __table_args__ = (
        UniqueConstraint("project_id", "key", name="uq_milestones_project_id_key"),
        CheckConstraint("done_on IS NULL OR length(evidence) >= 1", name="done_on_evidence"),
    )

    project_id: Mapped[uuid.UUID] = fk("projects.id", index=False)
    key: Mapped[Str20]
    label: Mapped[LongText]
    due_on: Mapped[date] = mapped_column(index=True)
    done_on: Mapped[date | None]
    evidence: Mapped[LongText | None]
    comment: Mapped[LongText | None]
    report_key: Mapped[Str40 | None]
    unlocks_rank: Mapped[int | None]

    project: Mapped[Project] = relationship()


class Indicator(Identified, Versioned, Base):
    """An indicator of the project. The starting value may be missing and the target may be 0.

    ``computed`` values are calculated from other measures and expenses; ``formula`` says how, in words.
    """

    __tablename__ = "indicators"
    __table_args__ = (
        UniqueConstraint("project_id", "code", name="uq_indicators_project_id_code"),
        CheckConstraint("NOT computed OR formula IS NOT NULL", name="computed_has_formula"),
        CheckConstraint("has_macro IS NULL OR has_viewpoint IS NOT NULL", name="has_cell_complete"),
    )

    project_id: Mapped[uuid.UUID] = fk("projects.id", index=False)
    code: Mapped[Str40]
    position: Mapped[int]
    label: Mapped[LongText]
    dimension: Mapped[Str40]
    art51: Mapped[Str20 | None]
    has_macro: Mapped[Str40 | None]
    has_viewpoint: Mapped[Str40 | None]
    unit: Mapped[LongText]
    aggregation: Mapped[Aggregation]
    direction: Mapped[Direction]
    source: Mapped[LongText]
    frequency: Mapped[LongText]
    formula: Mapped[Str400 | None]
    mandatory: Mapped[bool] = mapped_column(default=False)
    computed: Mapped[bool] = mapped_column(default=False)
    baseline: Mapped[ExactDecimal | None]
    baseline_period: Mapped[Str80] = mapped_column(default="")
    target: Mapped[ExactDecimal | None]
    target_on: Mapped[date | None]

    project: Mapped[Project] = relationship()
