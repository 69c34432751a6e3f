"""The call, its versions, and who works on it."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint, and_
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from aap.calls.models.calendar import CalendarStep
from aap.calls.models.funding import CategoryRule, FundingCap, InstalmentTerm, RateByZone, Strand
from aap.calls.models.reporting import MandatoryIndicator, ReportingObligation
from aap.calls.models.selection import Criterion, DecisionKind, JuryCollege, OpinionKind
from aap.db import Base, Document, Identified, LongText, Money, Str20, Str40, Str80, Str200, Str400, Versioned, fk


class CallKind(enum.Enum):
    """What the agency asks for: projects, expressions of interest, applications, a prize, a hackathon."""

    PROJECTS = "aap"
    INTEREST = "ami"
    APPLICATIONS = "aac"
    PRIZE = "prix"
    HACKATHON = "hackathon"


class CallRole(enum.Enum):
    """What a member of staff does on one call."""

    OFFICER = "officer"
    INSTRUCTOR = "instructor"
    FINANCE = "finance"
    DECISION_MAKER = "decision_maker"
    READER = "reader"


class Call(Identified, Versioned, Base):
    """A call of one agency. Its phase is derived from the clock and the calendar, never stored."""

    __tablename__ = "calls"
    __table_args__ = (
        UniqueConstraint("ref", name="uq_calls_ref"),
        CheckConstraint("length(ref) >= 3", name="ref_filled"),
        CheckConstraint("cancelled_at IS NULL OR cancel_reason IS NOT NULL", name="cancelled_with_reason"),
    )

    ref: Mapped[Str40]
    region_code: Mapped[str] = fk("regions.code")
    kind: Mapped[CallKind]
    title: Mapped[Str400]
    short_title: Mapped[Str200]
    summary: Mapped[LongText]
    issuer: Mapped[Str400]
    contact_mailbox: Mapped[Str200]
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None]

    versions: Mapped[list[CallVersion]] = relationship(back_populates="call", order_by="CallVersion.number")
    steps: Mapped[list[CalendarStep]] = relationship(order_by="CalendarStep.position")
    roadmap_links: Mapped[list[RoadmapLink]] = relationship(order_by="RoadmapLink.position")
    team: Mapped[list[CallTeamMember]] = relationship(back_populates="call")


class CallVersion(Identified, Base):
    """One version of what a call asks: rows for what is counted or paid, one document for what is shown and validated.

    Frozen when the call is published. ``document`` holds the remainder of ``call/1`` (see ``aap.calls.document``);
    ``fingerprint`` is the SHA-256 of the whole version, rows included, without calendar and contact.
    ``accessibility_id`` is the APL vintage in force when the call was published: later ones change nothing for it.
    ``grid_number`` is the grid in force: 1 as published, more after revisions (``GridRevision``), which alone give a
    frozen version another document and another fingerprint.
    """

    __tablename__ = "call_versions"
    __table_args__ = (
        UniqueConstraint("call_id", "number", name="uq_call_versions_call_id_number"),
        CheckConstraint("number >= 1", name="number_positive"),
        CheckConstraint("length(fingerprint) = 64", name="fingerprint_is_sha256"),
        CheckConstraint("envelope_eur > 0", name="envelope_positive"),
        CheckConstraint("duration_min_months >= 1", name="duration_positive"),
        CheckConstraint("duration_max_months >= duration_min_months", name="duration_ordered"),
    )

    call_id: Mapped[uuid.UUID] = fk("calls.id")
    number: Mapped[int]
    document: Mapped[Document]
    fingerprint: Mapped[Str80]
    envelope_eur: Mapped[Money]
    duration_min_months: Mapped[int]
    duration_max_months: Mapped[int]
    frozen_at: Mapped[datetime | None]
    grid_number: Mapped[int] = mapped_column(default=1, server_default="1")
    accessibility_id: Mapped[uuid.UUID | None] = fk("accessibilities.id")
    created_at: Mapped[datetime]
    created_by_id: Mapped[uuid.UUID | None] = fk("users.id")

    call: Mapped[Call] = relationship(back_populates="versions")
    strands: Mapped[list[Strand]] = relationship(order_by="Strand.position")
    criteria: Mapped[list[Criterion]] = relationship(  # those of the grid in force
        primaryjoin=lambda: and_(
            CallVersion.id == foreign(Criterion.version_id), CallVersion.grid_number == Criterion.grid_number
        ),
        order_by="Criterion.position",
    )
    instalments: Mapped[list[InstalmentTerm]] = relationship(order_by="InstalmentTerm.rank")
    obligations: Mapped[list[ReportingObligation]] = relationship(order_by="ReportingObligation.position")
    indicators: Mapped[list[MandatoryIndicator]] = relationship(order_by="MandatoryIndicator.position")
    opinion_kinds: Mapped[list[OpinionKind]] = relationship(order_by="OpinionKind.position")
    colleges: Mapped[list[JuryCollege]] = relationship(order_by="JuryCollege.position")
    decision_kinds: Mapped[list[DecisionKind]] = relationship(order_by="DecisionKind.position")
    rates: Mapped[list[RateByZone]] = relationship(order_by="RateByZone.position")
    caps: Mapped[list[FundingCap]] = relationship(order_by="FundingCap.position")
    category_rules: Mapped[list[CategoryRule]] = relationship(order_by="CategoryRule.position")


class RoadmapLink(Identified, Base):
    """A call serves one action of the regional roadmap: what the steering committees count."""

    __tablename__ = "roadmap_links"
    __table_args__ = (
        UniqueConstraint("call_id", "action", name="uq_roadmap_links_call_id_action"),
        CheckConstraint("axis >= 1", name="axis_positive"),
    )

    call_id: Mapped[uuid.UUID] = fk("calls.id")
    position: Mapped[int]
    axis: Mapped[int]
    sheet: Mapped[Str20]
    action: Mapped[Str20]


class CallTeamMember(Identified, Base):
    """A member of staff works on a call, in one role; several roles are several rows."""

    __tablename__ = "call_team_members"
    __table_args__ = (UniqueConstraint("call_id", "user_id", "role", name="uq_call_team_members_call_id_user_id_role"),)

    call_id: Mapped[uuid.UUID] = fk("calls.id")
    user_id: Mapped[uuid.UUID] = fk("users.id")
    role: Mapped[CallRole]
    added_at: Mapped[datetime]

    call: Mapped[Call] = relationship(back_populates="team")


class ContactAmendment(Identified, Base):
    """The contact mailbox of a published call changed: what it was, what it is, why, when and by whom. Append-only."""

    __tablename__ = "contact_amendments"
    __table_args__ = (CheckConstraint("length(reason) >= 1", name="reason_filled"),)

    call_id: Mapped[uuid.UUID] = fk("calls.id")
    old_mailbox: Mapped[Str200]
    new_mailbox: Mapped[Str200]
    reason: Mapped[LongText]
    made_at: Mapped[datetime]
    made_by_id: Mapped[uuid.UUID | None] = fk("users.id")
