"""The application itself: its state, and the answers that are counted, joined or ranked."""

from __future__ import annotations

import enum
import uuid
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from aap.accounts.models import Organisation, User
from aap.applications.models.budget import BudgetLine, Funder
from aap.applications.models.deposit import CompletionRequest, Piece, Submission
from aap.applications.models.people import Participant
from aap.applications.models.project import ApplicationSolution, Partner, PlannedMilestone, ProposedIndicator, Site
from aap.calls.models import CallVersion, Strand
from aap.db import Base, Identified, LongText, Money, Str20, Str80, Str400, Versioned, fk
from aap.forms.models import AnswerSheet


class ApplicationState(enum.Enum):
    """The life of an application, from the first line typed to the contract."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    COMPLETION_REQUESTED = "completion_requested"
    ADMISSIBLE = "admissible"
    INADMISSIBLE = "inadmissible"
    INSTRUCTED = "instructed"
    SCORED = "scored"
    DECIDED = "decided"
    NOTIFIED = "notified"
    CONTRACTED = "contracted"
    WITHDRAWN = "withdrawn"


class Application(Identified, Versioned, Base):
    """A file answering one version of a call.

    The answers hold what people typed, with its history. What is counted, joined, ranked or paid is projected from them
    by the service at each save, in the same transaction: the columns from ``title`` to ``total_income`` and the rows
    (sites, partners, budget…), so that lists never open the answers. ``submitted_at`` is the hour of the first deposit
    and never moves.
    """

    __tablename__ = "applications"
    __table_args__ = (
        UniqueConstraint("reference", name="uq_applications_reference"),
        CheckConstraint(
            "state IN ('draft', 'withdrawn') OR (reference IS NOT NULL AND submitted_at IS NOT NULL)",
            name="deposited_has_reference_and_hour",
        ),
        CheckConstraint("(reference IS NULL) = (submitted_at IS NULL)", name="reference_comes_with_the_hour"),
        CheckConstraint("requested_eur >= 0 AND total_expenses >= 0 AND total_income >= 0", name="totals_not_negative"),
        CheckConstraint(
            "state IN ('draft', 'withdrawn', 'completion_requested') OR requested_eur <= total_expenses",
            name="requested_within_expenses",
        ),
        Index("ix_applications_version_state", "call_version_id", "state"),
    )

    call_version_id: Mapped[uuid.UUID] = fk("call_versions.id")
    strand_id: Mapped[uuid.UUID | None] = fk("strands.id")
    region_code: Mapped[str] = fk("regions.code")
    organisation_id: Mapped[uuid.UUID | None] = fk("organisations.id")
    sheet_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("answer_sheets.id", ondelete="RESTRICT"), unique=True)
    lead_id: Mapped[uuid.UUID] = fk("users.id")
    state: Mapped[ApplicationState] = mapped_column(default=ApplicationState.DRAFT)
    reference: Mapped[Str80 | None]

    title: Mapped[Str400] = mapped_column(default="")
    acronym: Mapped[Str80] = mapped_column(default="")
    abstract: Mapped[LongText] = mapped_column(default="")
    applicant_name: Mapped[Str400] = mapped_column(default="")
    applicant_type: Mapped[Str80 | None]
    siret: Mapped[Str20 | None]
    finess: Mapped[Str20 | None]
    has_cpom: Mapped[bool | None]
    department_code: Mapped[str | None] = fk("departments.code")
    duration_months: Mapped[int | None]
    starts_on: Mapped[date | None]
    population: Mapped[int | None]
    requested_eur: Mapped[Money] = mapped_column(default=Decimal(0))
    total_expenses: Mapped[Money] = mapped_column(default=Decimal(0))
    total_income: Mapped[Money] = mapped_column(default=Decimal(0))

    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None] = mapped_column(index=True)

    call_version: Mapped[CallVersion] = relationship()
    strand: Mapped[Strand | None] = relationship()
    organisation: Mapped[Organisation | None] = relationship()
    lead: Mapped[User] = relationship()
    sheet: Mapped[AnswerSheet] = relationship()
    sites: Mapped[list[Site]] = relationship(order_by="Site.position", cascade="all, delete-orphan")
    partners: Mapped[list[Partner]] = relationship(order_by="Partner.position", cascade="all, delete-orphan")
    solutions: Mapped[list[ApplicationSolution]] = relationship(
        order_by="ApplicationSolution.position", cascade="all, delete-orphan"
    )
    milestones: Mapped[list[PlannedMilestone]] = relationship(
        order_by="PlannedMilestone.position", cascade="all, delete-orphan"
    )
    indicators: Mapped[list[ProposedIndicator]] = relationship(
        order_by="ProposedIndicator.position", cascade="all, delete-orphan"
    )
    budget_lines: Mapped[list[BudgetLine]] = relationship(order_by="BudgetLine.position", cascade="all, delete-orphan")
    funders: Mapped[list[Funder]] = relationship(order_by="Funder.position", cascade="all, delete-orphan")
    publics: Mapped[list[ApplicationPublic]] = relationship(
        order_by="ApplicationPublic.position", cascade="all, delete-orphan"
    )
    acts: Mapped[list[ApplicationAct]] = relationship(order_by="ApplicationAct.position", cascade="all, delete-orphan")
    participants: Mapped[list[Participant]] = relationship(
        back_populates="application", order_by="Participant.added_at, Participant.id"
    )
    pieces: Mapped[list[Piece]] = relationship(back_populates="application", order_by="Piece.added_at, Piece.id")
    submissions: Mapped[list[Submission]] = relationship(back_populates="application", order_by="Submission.number")
    completion_requests: Mapped[list[CompletionRequest]] = relationship(order_by="CompletionRequest.round")

    @property
    def label(self) -> str:
        """Return what a person calls the file: its title, or a word saying that it has none yet."""
        return self.title or "Dossier sans intitulé"


class ApplicationPublic(Identified, Base):
    """A public that the application serves, by its code."""

    __tablename__ = "application_publics"
    __table_args__ = (UniqueConstraint("application_id", "code"),)

    application_id: Mapped[uuid.UUID] = fk("applications.id", index=False)
    code: Mapped[Str80] = mapped_column(index=True)
    position: Mapped[int] = mapped_column(Integer)


class ApplicationAct(Identified, Base):
    """A kind of remote-care act that the application plans, by its code."""

    __tablename__ = "application_acts"
    __table_args__ = (UniqueConstraint("application_id", "code"),)

    application_id: Mapped[uuid.UUID] = fk("applications.id", index=False)
    code: Mapped[Str80] = mapped_column(index=True)
    position: Mapped[int] = mapped_column(Integer)
