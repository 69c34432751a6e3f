"""Deadlines as an iCalendar file (RFC 5545), for the agenda of the person they bind."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from icalendar import Alarm, Calendar, Event

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "aap.deadlines")
_WARNED_BEFORE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AgendaEntry:
    """A deadline: what it is by a stable ``key``, its words, its hour (aware) or its day, and where to act."""

    key: str
    title: str
    when: datetime | date
    url: str


def render_agenda(name: str, entries: Sequence[AgendaEntry], now: datetime) -> bytes:
    """Return the deadlines as a calendar. An entry keeps its UID when its date moves; an alarm rings the day before."""
    calendar = Calendar()
    calendar.add("prodid", "-//aap//echeances//FR")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", "Europe/Paris")
    for entry in entries:
        calendar.add_component(_event(entry, now))
    return bytes(calendar.to_ical())


def _event(entry: AgendaEntry, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"{uuid.uuid5(_NAMESPACE, entry.key)}@aap")
    event.add("dtstamp", now)
    event.add("summary", entry.title)
    event.add("url", entry.url)
    event.add("transp", "TRANSPARENT")
    event.add("dtstart", entry.when)
    if not isinstance(entry.when, datetime):
        event.add("dtend", entry.when + timedelta(days=1))  # the end of a whole-day event is excluded
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", entry.title)
    alarm.add("trigger", -_WARNED_BEFORE)
    event.add_component(alarm)
    return event
