"""The session and a hearing as iCalendar files (RFC 5545), in Paris time."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from icalendar import Calendar, Event, Timezone

from aap.calls.models import Call
from aap.clock import PARIS, paris
from aap.jury.models import JurySession, SessionItem

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "aap.jury")


def session_ics(session: JurySession, call: Call, now: datetime) -> bytes:
    """Write the session: two hours, because nobody knows how long it lasts."""
    hours = timedelta(hours=2)
    return _one(session.id, f"Séance du jury – {call.short_title}", session.held_at, hours, session.place, now)


def hearing_ics(item: SessionItem, now: datetime) -> bytes:
    """Write the hearing of a file, which is arranged."""
    at, minutes = item.hearing_at, item.hearing_minutes
    if at is None or minutes is None:
        message = "no hearing is arranged"
        raise ValueError(message)
    title = f"Audition – {item.application.reference}"
    return _one(item.id, title, at, timedelta(minutes=minutes), item.session.place, now)


def _one(identifier: uuid.UUID, title: str, at: datetime, lasts: timedelta, place: str, now: datetime) -> bytes:
    calendar, event, margin = Calendar(), Event(), timedelta(days=366)
    calendar.add("prodid", "-//aap//jury//FR")
    calendar.add("version", "2.0")
    day = paris(at).date()
    calendar.add_component(Timezone.from_tzinfo(PARIS, first_date=day - margin, last_date=day + margin))
    event.add("uid", f"{uuid.uuid5(_NAMESPACE, str(identifier))}@aap")
    event.add("dtstamp", now)
    event.add("summary", title)
    event.add("dtstart", paris(at))
    event.add("duration", lasts)
    if place:
        event.add("location", place)
    calendar.add_component(event)
    return bytes(calendar.to_ical())
