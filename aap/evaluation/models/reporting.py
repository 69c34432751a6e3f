"""What a project reports: measures, reports, expenses, notes."""

from __future__ import annotations

import enum
import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from aap.awards.models import Project
from aap.db import Base, ExactDecimal, Identified, LongText, Money, Str20, Str40, Str200, Versioned, fk
from aap.evaluation.models.plan import Indicator


class MeasureState(enum.Enum):
    """Whether the agency has validated the value."""

    SUBMITTED = "submitted"
    VALIDATED = "validated"


class ReportState(enum.Enum):
    """The life of a report."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    VALIDATED = "validated"


class ReportKind(enum.Enum):
    """What a report is for. A capitalisation report is the sheet, validated by the lead."""

    FOLLOW_UP = "follow_up"
    INTERIM = "interim"
    FINAL = "final"
    CAPITALISATION = "capitalisation"


class NoteKind(enum.Enum):
    """What a qualitative note tells."""

    LEVER = "lever"
    BARRIER = "barrier"
    UNEXPECTED = "unexpected"
    ADAPTATION = "adaptation"
    LIMIT = "limit"


class Measure(Identified, Base):
    """One value of one indicator for one period. Append-only: a correction is a later ``revision`` with its reason.

    ``n`` is the number of answers behind a survey's value.
    """

    __tablename__ = "measures"
    __table_args__ = (
        UniqueConstraint("indicator_id", "period_key", "revision", name="uq_measures_indicator_id_period_key_revision"),
        CheckConstraint("revision >= 1", name="revision_positive"),
        CheckConstraint("n IS NULL OR n >= 0", name="n_not_negative"),
        CheckConstraint(
            "(state = 'validated') = (validated_at IS NOT NULL) AND (validated_at IS NULL) = (validated_by_id IS NULL)",
            name="validated_by_someone",
        ),
    )

    indicator_id: Mapped[uuid.UUID] = fk("indicators.id", index=False)
    period_key: Mapped[Str20]
    revision: Mapped[int] = mapped_column(default=1)
    value: Mapped[ExactDecimal]
    n: Mapped[int | None]
    comment: Mapped[LongText | None]
    reason: Mapped[LongText | None]
    state: Mapped[MeasureState] = mapped_column(default=MeasureState.SUBMITTED)
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[uuid.UUID] = fk("users.id", index=False)
    validated_at: Mapped[datetime | None]
    validated_by_id: Mapped[uuid.UUID | None] = fk("users.id", index=False)

    indicator: Mapped[Indicator] = relationship()


class Report(Identified, Versioned, Base):
    """A report due to the agency. Its dates are those of the last submission; the history keeps them all."""

    __tablename__ = "reports"
    __table_args__ = (
        UniqueConstraint("project_id", "key", name="uq_reports_project_id_key"),
        ForeignKeyConstraint(
            ["project_id", "period_key"],
            ["evaluation_periods.project_id", "evaluation_periods.key"],
            name="fk_reports_period",
        ),
        CheckConstraint("state = 'draft' OR submitted_at IS NOT NULL", name="submitted_at_a_time"),
        CheckConstraint(
            "(state = 'validated') = (validated_at IS NOT NULL) AND (validated_at IS NULL) = (validated_by_id IS NULL)",
            name="validated_by_someone",
        ),
        CheckConstraint("state <> 'returned' OR length(remark) >= 1", name="returned_with_a_remark"),
    )

    project_id: Mapped[uuid.UUID] = fk("projects.id", index=False)
    key: Mapped[Str40]
    kind: Mapped[ReportKind]
    label: Mapped[Str200]
    period_key: Mapped[Str20 | None]
    due_on: Mapped[date] = mapped_column(index=True)
    unlocks_rank: Mapped[int | None]
    state: Mapped[ReportState] = mapped_column(default=ReportState.DRAFT)
    sheet_id: Mapped[uuid.UUID | None] = fk("answer_sheets.id", index=False)
    highlights: Mapped[LongText] = mapped_column(default="")
    difficulties: Mapped[LongText] = mapped_column(default="")
    next_steps: Mapped[LongText] = mapped_column(default="")
    submitted_at: Mapped[datetime | None]
    submitted_by_id: Mapped[uuid.UUID | None] = fk("users.id", index=False)
    validated_at: Mapped[datetime | None]
    validated_by_id: Mapped[uuid.UUID | None] = fk("users.id", index=False)
    remark: Mapped[LongText | None]

    project: Mapped[Project] = relationship()


class ExpenseStatement(Identified, Versioned, Base):
    """What the project has spent since its start, at the end of a period, in euros."""

    __tablename__ = "expense_statements"
    __table_args__ = (
        UniqueConstraint("project_id", "period_key", name="uq_expense_statements_project_id_period_key"),
        ForeignKeyConstraint(
            ["project_id", "period_key"],
            ["evaluation_periods.project_id", "evaluation_periods.key"],
            name="fk_expense_statements_period",
        ),
        CheckConstraint("spent_eur >= 0", name="spent_not_negative"),
    )

    project_id: Mapped[uuid.UUID] = fk("projects.id", index=False)
    period_key: Mapped[Str20]
    spent_eur: Mapped[Money]
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[uuid.UUID] = fk("users.id", index=False)


class QualitativeNote(Identified, Base):
    """A lever, a barrier, something unexpected, an adaptation or a limit, told in a sentence."""

    __tablename__ = "qualitative_notes"
    __table_args__ = (
        CheckConstraint("length(text) >= 1", name="text_filled"),
        CheckConstraint("month IS NULL OR month >= 0", name="month_not_negative"),
    )

    project_id: Mapped[uuid.UUID] = fk("projects.id")
    kind: Mapped[NoteKind]
    month: Mapped[int | None]
    text: Mapped[LongText]
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[uuid.UUID] = fk("users.id", index=False)
