"""The calendar of a call as an iCalendar file (RFC 5545), for the agendas of those who apply."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from icalendar import Calendar, Event, Timezone

from aap.calls.models import CalendarStep, Call
from aap.clock import PARIS, paris

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "aap.calls")


def calendar_ics(call: Call, now: datetime) -> bytes:
    """Write every step of the calendar, in Paris time.

    A step keeps its UID when its date moves, and its sequence number grows: an agenda that subscribed moves the event.
    ``now`` stamps the file.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//aap//calendrier//FR")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"{call.short_title} – calendrier")
    calendar.add("x-wr-timezone", "Europe/Paris")
    days = [paris(step.at).date() if step.at else step.from_date or now.date() for step in call.steps]
    margin = timedelta(days=366)
    calendar.add_component(Timezone.from_tzinfo(PARIS, first_date=min(days) - margin, last_date=max(days) + margin))
    for step in call.steps:
        calendar.add_component(_event(call, step, now))
    return bytes(calendar.to_ical())


def _event(call: Call, step: CalendarStep, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"{uuid.uuid5(_NAMESPACE, f'{call.ref}/{step.key}')}@aap")
    event.add("dtstamp", now)
    event.add("sequence", len(step.amendments))
    event.add("summary", f"{step.label} – {call.short_title}")
    event.add("description", f"{call.ref} : {call.title}")
    event.add("transp", "TRANSPARENT")
    if step.at is not None:
        event.add("dtstart", paris(step.at))
    elif step.from_date is not None and step.to_date is not None:
        event.add("dtstart", step.from_date)
        event.add("dtend", step.to_date + timedelta(days=1))  # the end of a whole-day event is excluded
    if call.cancelled_at is not None:
        event.add("status", "CANCELLED")
    return event
