"""What is contracted and paid: the project, its revised budget, its contract, instalments and balance. In euros."""

from __future__ import annotations

import enum
import uuid
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from aap.applications.models import Application
from aap.calls.models import CallVersion, InstalmentTrigger
from aap.db import (
    Base,
    ExactDecimal,
    Identified,
    LongText,
    Money,
    Str40,
    Str80,
    Str200,
    Str400,
    Versioned,
    fk,
)


class ProjectState(enum.Enum):
    """The life of a funded project."""

    CONTRACTED = "contracted"
    RUNNING = "running"
    FINAL_VALIDATED = "final_validated"
    SETTLED = "settled"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"


class AmendmentKind(enum.Enum):
    """What an amendment changes."""

    AMOUNT = "amount"
    DURATION = "duration"


class Project(Identified, Versioned, Base):
    """A funded application under contract. ``budget_eur`` is the revised total cost, all funders together."""

    __tablename__ = "projects"
    __table_args__ = (
        UniqueConstraint("reference", name="uq_projects_reference"),
        UniqueConstraint("application_id", name="uq_projects_application_id"),
        CheckConstraint("subsidy_eur > 0 AND subsidy_eur <= budget_eur", name="subsidy_within_budget"),
        CheckConstraint("paid_total_eur >= 0 AND paid_total_eur <= subsidy_eur", name="paid_within_subsidy"),
        CheckConstraint("ends_on > starts_on", name="days_ordered"),
    )

    reference: Mapped[Str40]
    application_id: Mapped[uuid.UUID] = fk("applications.id", index=False)
    call_version_id: Mapped[uuid.UUID] = fk("call_versions.id")
    region_code: Mapped[str] = fk("regions.code")
    title: Mapped[Str400]
    state: Mapped[ProjectState] = mapped_column(default=ProjectState.CONTRACTED)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    budget_eur: Mapped[Money]
    subsidy_eur: Mapped[Money]
    paid_total_eur: Mapped[Money] = mapped_column(default=Decimal(0))
    created_at: Mapped[datetime]

    application: Mapped[Application] = relationship()
    call_version: Mapped[CallVersion] = relationship()
    budget_lines: Mapped[list[ProjectBudgetLine]] = relationship(order_by="ProjectBudgetLine.key")
    funders: Mapped[list[ProjectFunder]] = relationship(order_by="ProjectFunder.key")
    contract: Mapped[Contract | None] = relationship(back_populates="project")
    amendments: Mapped[list[Amendment]] = relationship(order_by="Amendment.number")
    instalments: Mapped[list[Instalment]] = relationship(back_populates="project", order_by="Instalment.rank")
    balance: Mapped[BalanceStatement | None] = relationship()


class ProjectCounter(Base):
    """Last number given to a project's reference in a year."""

    __tablename__ = "project_counters"

    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(Integer)


class ProjectBudgetLine(Identified, Base):
    """A line of the revised budget: what reports compare with. ``granted_share_eur`` is the agency's part."""

    __tablename__ = "project_budget_lines"
    __table_args__ = (
        UniqueConstraint("project_id", "key", name="uq_project_budget_lines_project_id_key"),
        CheckConstraint("planned_eur >= 0", name="planned_not_negative"),
        CheckConstraint("granted_share_eur >= 0 AND granted_share_eur <= planned_eur", name="share_within_line"),
        CheckConstraint("actual_eur IS NULL OR actual_eur >= 0", name="actual_not_negative"),
    )

    project_id: Mapped[uuid.UUID] = fk("projects.id", index=False)
    key: Mapped[Str40]
    category: Mapped[LongText]
    label: Mapped[LongText]
    planned_eur: Mapped[Money]
    granted_share_eur: Mapped[Money]
    actual_eur: Mapped[Money | None]


class ProjectFunder(Identified, Base):
    """A funder of the revised plan, agency and applicant included."""

    __tablename__ = "project_funders"
    __table_args__ = (
        UniqueConstraint("project_id", "key", name="uq_project_funders_project_id_key"),
        CheckConstraint("amount_eur >= 0", name="amount_not_negative"),
    )

    project_id: Mapped[uuid.UUID] = fk("projects.id", index=False)
    key: Mapped[Str40]
    name: Mapped[LongText]
    kind: Mapped[Str40]
    amount_eur: Mapped[Money]


class Contract(Identified, Base):
    """The signed contract. Sums lapse on ``lapses_on`` (CSP L1435-10)."""

    __tablename__ = "contracts"
    __table_args__ = (
        UniqueConstraint("project_id", name="uq_contracts_project_id"),
        UniqueConstraint("number", name="uq_contracts_number"),
        CheckConstraint("length(number) >= 1", name="number_filled"),
        CheckConstraint("subsidy_eur > 0", name="subsidy_positive"),
    )

    project_id: Mapped[uuid.UUID] = fk("projects.id", index=False)
    form: Mapped[Str40]
    number: Mapped[Str80]
    signed_at: Mapped[datetime]
    subsidy_eur: Mapped[Money]
    lapses_on: Mapped[date]
    annex_file_id: Mapped[uuid.UUID | None] = fk("stored_files.id", index=False)

    project: Mapped[Project] = relationship(back_populates="contract")


class Amendment(Identified, Base):
    """A signed change of the contract's amount or duration: what it was, what it is, why. Append-only."""

    __tablename__ = "amendments"
    __table_args__ = (
        UniqueConstraint("project_id", "number", name="uq_amendments_project_id_number"),
        CheckConstraint("length(reason) >= 1", name="reason_filled"),
        CheckConstraint(
            "(kind = 'amount' AND old_subsidy_eur IS NOT NULL AND new_subsidy_eur IS NOT NULL AND new_subsidy_eur > 0 "
            "AND new_ends_on IS NULL) OR "
            "(kind = 'duration' AND old_ends_on IS NOT NULL AND new_ends_on IS NOT NULL AND new_subsidy_eur IS NULL)",
            name="change_of_its_kind",
        ),
    )

    project_id: Mapped[uuid.UUID] = fk("projects.id", index=False)
    number: Mapped[int] = mapped_column(Integer)
    kind: Mapped[AmendmentKind]
    old_subsidy_eur: Mapped[Money | None]
    new_subsidy_eur: Mapped[Money | None]
    old_ends_on: Mapped[date | None]
    new_ends_on: Mapped[date | None]
    reason: Mapped[LongText]
    signed_at: Mapped[datetime]
    by_id: Mapped[uuid.UUID] = fk("users.id", index=False)


class Instalment(Identified, Versioned, Base):
    """A part of the subsidy. ``due_eur`` replaces ``planned_eur`` when the balance recomputes it."""

    __tablename__ = "instalments"
    __table_args__ = (
        UniqueConstraint("project_id", "rank", name="uq_instalments_project_id_rank"),
        CheckConstraint("rank >= 1", name="rank_positive"),
        CheckConstraint("planned_eur >= 0", name="planned_not_negative"),
        CheckConstraint("due_eur IS NULL OR due_eur >= 0", name="due_not_negative"),
        CheckConstraint("(paid_at IS NULL) = (paid_eur IS NULL)", name="paid_with_its_date"),
        CheckConstraint("paid_eur IS NULL OR unlocked_at IS NOT NULL", name="paid_once_unlocked"),
        CheckConstraint(
            "paid_eur IS NULL OR (paid_eur >= 0 AND paid_eur <= COALESCE(due_eur, planned_eur))",
            name="paid_within_plan",
        ),
    )

    project_id: Mapped[uuid.UUID] = fk("projects.id", index=False)
    rank: Mapped[int] = mapped_column(Integer)
    share: Mapped[ExactDecimal]
    planned_eur: Mapped[Money]
    trigger: Mapped[InstalmentTrigger]
    due_on: Mapped[date | None]  # of a dated instalment
    label: Mapped[Str200]
    unlocked_at: Mapped[datetime | None]
    due_eur: Mapped[Money | None]
    paid_eur: Mapped[Money | None]
    paid_at: Mapped[datetime | None]
    note: Mapped[LongText] = mapped_column(default="")

    project: Mapped[Project] = relationship(back_populates="instalments")


class BalanceStatement(Identified, Base):
    """The balance of a project, computed once from its real expense; a negative one is to be paid back. Append-only."""

    __tablename__ = "balance_statements"
    __table_args__ = (
        UniqueConstraint("project_id", name="uq_balance_statements_project_id"),
        CheckConstraint("spent_eur >= 0", name="spent_not_negative"),
        CheckConstraint("subsidy_due_eur >= 0", name="due_not_negative"),
        CheckConstraint("balance_eur = subsidy_due_eur - paid_eur", name="balance_is_due_less_paid"),
    )

    project_id: Mapped[uuid.UUID] = fk("projects.id", index=False)
    spent_eur: Mapped[Money]
    subsidy_due_eur: Mapped[Money]
    paid_eur: Mapped[Money]
    balance_eur: Mapped[Money]
    at: Mapped[datetime]
    by_id: Mapped[uuid.UUID] = fk("users.id", index=False)
