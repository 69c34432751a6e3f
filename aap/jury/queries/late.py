"""Time given to jurors beyond the calendar: extensions of scoring, and reviews still asked after its closure."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from aap.accounts.models import User
from aap.applications.models import Application
from aap.calls.models import CalendarAmendment, CalendarStep, CallVersion
from aap.db import db
from aap.jury.blindness import READABLE, is_owed
from aap.jury.checks import SCORING_END
from aap.jury.models import Assignment, JuryMember


@dataclass(frozen=True, slots=True)
class LateReview:
    """A review that is still expected: of which file, from whom (a code), and until when it may come."""

    application_id: uuid.UUID
    reference: str
    code: str
    open_until: datetime


def list_late_reviews(call_id: uuid.UUID, now: datetime, *, seen: ColumnElement[bool]) -> tuple[LateReview, ...]:
    """Return the additional reviews that may still come, by reference; one query.

    ``seen`` is a condition on ``Application``. Whoever left the jury or stood back from the file owes nothing.
    """
    query = (
        select(Application.id, func.coalesce(Application.reference, ""), JuryMember.code, Assignment.open_until)
        .join(Assignment, Assignment.application_id == Application.id)
        .join(JuryMember, JuryMember.id == Assignment.jury_member_id)
        .join(CallVersion, CallVersion.id == Application.call_version_id)
        .where(
            CallVersion.call_id == call_id,
            Application.state.in_(READABLE),
            Assignment.open_until > now,
            is_owed(),
            seen,
        )
        .order_by(Application.reference, JuryMember.code)
    )
    return tuple(
        LateReview(application_id, reference, code, until)
        for application_id, reference, code, until in db.session.execute(query)
        if until is not None
    )


@dataclass(frozen=True, slots=True)
class Extension:
    """The closing hour of scoring was moved: from when to when, by whom and why."""

    was: datetime | None
    until: datetime | None
    reason: str
    by: str
    made_at: datetime


def list_extensions(call_id: uuid.UUID) -> tuple[Extension, ...]:
    """Return the extensions of the scoring of a call, in order; one query."""
    query = (
        select(CalendarAmendment, User)
        .join(CalendarStep, CalendarStep.id == CalendarAmendment.step_id)
        .outerjoin(User, User.id == CalendarAmendment.made_by_id)
        .where(CalendarStep.call_id == call_id, CalendarStep.key == SCORING_END)
        .order_by(CalendarAmendment.made_at)
    )
    return tuple(
        Extension(row.old_at, row.new_at, row.reason, "le service" if user is None else user.display_name, row.made_at)
        for row, user in db.session.execute(query)
    )
