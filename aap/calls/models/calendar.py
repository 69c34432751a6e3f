"""The calendar of a call and its dated amendments."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, relationship

from aap.db import Base, Identified, LongText, Str40, Str200, fk

_INSTANT_OR_DAYS = (
    "(at IS NOT NULL AND from_date IS NULL AND to_date IS NULL) OR "
    "(at IS NULL AND from_date IS NOT NULL AND to_date IS NOT NULL)"
)


class CalendarStep(Identified, Base):
    """A step of the calendar: an instant, or whole days from a date to a date (both included, Paris time)."""

    __tablename__ = "calendar_steps"
    __table_args__ = (
        UniqueConstraint("call_id", "key", name="uq_calendar_steps_call_id_key"),
        CheckConstraint(_INSTANT_OR_DAYS, name="instant_or_days"),
        CheckConstraint("to_date >= from_date", name="days_ordered"),
    )

    call_id: Mapped[uuid.UUID] = fk("calls.id")
    key: Mapped[Str40]
    label: Mapped[Str200]
    at: Mapped[datetime | None]
    from_date: Mapped[date | None]
    to_date: Mapped[date | None]
    strict: Mapped[bool]
    position: Mapped[int]

    amendments: Mapped[list[CalendarAmendment]] = relationship(
        back_populates="step", order_by="CalendarAmendment.made_at"
    )


class CalendarAmendment(Identified, Base):
    """A published step moved: what it was, what it is, why, when and by whom. Append-only."""

    __tablename__ = "calendar_amendments"
    __table_args__ = (CheckConstraint("length(reason) >= 1", name="reason_filled"),)

    step_id: Mapped[uuid.UUID] = fk("calendar_steps.id")
    old_at: Mapped[datetime | None]
    old_from_date: Mapped[date | None]
    old_to_date: Mapped[date | None]
    new_at: Mapped[datetime | None]
    new_from_date: Mapped[date | None]
    new_to_date: Mapped[date | None]
    reason: Mapped[LongText]
    made_at: Mapped[datetime]
    made_by_id: Mapped[uuid.UUID | None] = fk("users.id")

    step: Mapped[CalendarStep] = relationship(back_populates="amendments")
