"""The session of the jury: who was there, file by file what was agreed, and the minutes that tell it.

A consensus mark is a record of its own, with its reason: the individual marks stay as they were given.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from aap.applications.models import Application
from aap.calls.models import DecisionKind
from aap.db import Base, Document, ExactDecimal, Identified, LongText, Money, Str200, Versioned, fk
from aap.jury.models.members import JuryMember


class JurySession(Identified, Versioned, Base):
    """The session of a call's jury. Opened, then closed; its minutes are written, then signed: nothing moves after."""

    __tablename__ = "jury_sessions"
    __table_args__ = (
        UniqueConstraint("call_id", name="uq_jury_sessions_call_id"),
        CheckConstraint("closed_at IS NULL OR closed_at >= opened_at", name="closed_after_opened"),
        CheckConstraint("(signed_at IS NULL) = (signed_by_id IS NULL)", name="signed_by_somebody"),
        CheckConstraint("signed_at IS NULL OR closed_at IS NOT NULL", name="signed_once_closed"),
        CheckConstraint("(signed_at IS NULL) = (seal IS NULL)", name="signed_and_sealed"),
    )

    call_id: Mapped[uuid.UUID] = fk("calls.id", index=False)
    held_at: Mapped[datetime]
    place: Mapped[Str200] = mapped_column(default="")
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    opening_text: Mapped[LongText] = mapped_column(default="")  # before the files: excused members, reminder of rules
    closing_text: Mapped[LongText] = mapped_column(default="")  # after them: remarks, other business
    signed_at: Mapped[datetime | None]
    signed_by_id: Mapped[uuid.UUID | None] = fk("users.id", index=False)
    minutes: Mapped[Document | None]  # what was signed, whole
    seal: Mapped[Str200 | None]  # SHA-256 of it
    minutes_file_id: Mapped[uuid.UUID | None] = fk("stored_files.id", index=False)

    items: Mapped[list[SessionItem]] = relationship(back_populates="session", order_by="SessionItem.position")
    presences: Mapped[list[SessionPresence]] = relationship(back_populates="session")


class SessionPresence(Identified, Base):
    """A member at the session, from ``arrived_at`` to ``left_at`` (to the end without it)."""

    __tablename__ = "session_presences"
    __table_args__ = (
        UniqueConstraint("session_id", "jury_member_id", name="uq_session_presences_session_id_jury_member_id"),
        CheckConstraint("left_at IS NULL OR left_at >= arrived_at", name="left_after_arrived"),
    )

    session_id: Mapped[uuid.UUID] = fk("jury_sessions.id", index=False)
    jury_member_id: Mapped[uuid.UUID] = fk("jury_members.id")
    arrived_at: Mapped[datetime]
    left_at: Mapped[datetime | None]

    session: Mapped[JurySession] = relationship(back_populates="presences")
    member: Mapped[JuryMember] = relationship()


class SessionItem(Identified, Versioned, Base):
    """A file on the agenda, and what was agreed. ``present`` of ``seated`` voting members when it was recorded."""

    __tablename__ = "session_items"
    __table_args__ = (
        UniqueConstraint("session_id", "application_id", name="uq_session_items_session_id_application_id"),
        CheckConstraint("position >= 1", name="position_from_one"),
        CheckConstraint("(hearing_at IS NULL) = (hearing_minutes IS NULL)", name="hearing_with_its_length"),
        CheckConstraint("hearing_minutes > 0", name="hearing_lasts"),
        CheckConstraint("(recorded_at IS NULL) = (decision_kind_id IS NULL)", name="recorded_with_its_opinion"),
        CheckConstraint("(recorded_at IS NULL) = (present IS NULL)", name="recorded_with_its_quorum"),
        CheckConstraint("votes_for >= 0 AND votes_against >= 0 AND abstentions >= 0", name="votes_positive"),
        CheckConstraint("consensus_mark IS NULL OR recorded_at IS NOT NULL", name="consensus_is_recorded"),
    )

    session_id: Mapped[uuid.UUID] = fk("jury_sessions.id", index=False)
    application_id: Mapped[uuid.UUID] = fk("applications.id")
    position: Mapped[int]
    hearing_at: Mapped[datetime | None]
    hearing_minutes: Mapped[int | None]
    decision_kind_id: Mapped[uuid.UUID | None] = fk("decision_kinds.id", index=False)
    consensus_mark: Mapped[ExactDecimal | None]
    amount_eur: Mapped[Money | None]
    rank: Mapped[int | None]
    motive: Mapped[LongText] = mapped_column(default="")
    reservations: Mapped[LongText] = mapped_column(default="")
    departure: Mapped[LongText | None]  # why the jury departs from the scenario that the session starts from
    votes_for: Mapped[int | None]
    votes_against: Mapped[int | None]
    abstentions: Mapped[int | None]
    present: Mapped[int | None]
    seated: Mapped[int | None]
    recorded_at: Mapped[datetime | None]
    recorded_by_id: Mapped[uuid.UUID | None] = fk("users.id", index=False)

    session: Mapped[JurySession] = relationship(back_populates="items")
    application: Mapped[Application] = relationship()
    kind: Mapped[DecisionKind | None] = relationship()
