"""When questions about a call are received: until the step of its calendar, or four days before the closing."""

from __future__ import annotations

from datetime import datetime, timedelta

from aap import french
from aap.calls.models import Call
from aap.calls.phases import CallCalendar
from aap.errors import ConflictError

QUESTIONS_STEP = "questions_deadline"
DEFAULT_DAYS = 4  # before the closing, when the call says nothing: what calls of agencies and departments use


def questions_until(calendar: CallCalendar) -> datetime | None:
    """Return the last instant at which a question is received; ``None`` when the call has no closing either."""
    written = calendar.instant(QUESTIONS_STEP)
    if written is not None or calendar.closes_at is None:
        return written
    return calendar.closes_at - timedelta(days=DEFAULT_DAYS)


def check_questions_open(call: Call, calendar: CallCalendar, now: datetime) -> None:
    """Refuse a question on a call that is not published, is cancelled, or whose delay has passed.

    Raises:
        ConflictError: with the hour.

    """
    if call.published_at is None or call.published_at > now:
        raise ConflictError("Cet appel n'est pas encore publié.", code="appel-non-publie")
    if call.cancelled_at is not None:
        raise ConflictError("Cet appel est annulé.", code="appel-annule")
    until = questions_until(calendar)
    if until is not None and now > until:
        message = f"Les questions sur cet appel sont closes depuis le {french.moment(until)}."
        raise ConflictError(message, code="questions-closes")
