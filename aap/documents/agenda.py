"""Dates as an iCalendar file (RFC 5545), in Paris time, for the agendas of those they concern."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from icalendar import Alarm, Calendar, Event, Timezone

from aap.clock import PARIS, paris

_WARNED_BEFORE = timedelta(days=1)
_YEAR = timedelta(days=366)  # around the dates, so that the changes of hour which frame them are described


@dataclass(frozen=True, slots=True)
class AgendaEntry:
    """One date of an agenda.

    ``family`` and ``key`` name it for ever: an agenda that subscribed moves the event when its date moves, and
    ``sequence`` grows at each change. ``when`` is an hour (aware) or a day; ``until`` the hour it ends at or, after a
    day, the last day included. ``warned`` rings the day before.
    """

    family: str
    key: str
    title: str
    when: datetime | date
    until: datetime | date | None = None
    description: str = ""
    place: str = ""
    url: str = ""
    sequence: int = 0
    cancelled: bool = False
    busy: bool = False
    warned: bool = False


def render_agenda(name: str, entries: Iterable[AgendaEntry], now: datetime) -> bytes:
    """Return the entries as a calendar named ``name``; ``now`` stamps them."""
    entries = tuple(entries)
    calendar = Calendar()
    calendar.add("prodid", "-//aap//agenda//FR")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", "Europe/Paris")
    days = [_day(entry.when) for entry in entries] or [paris(now).date()]
    calendar.add_component(Timezone.from_tzinfo(PARIS, first_date=min(days) - _YEAR, last_date=max(days) + _YEAR))
    for entry in entries:
        calendar.add_component(_event(entry, now))
    return bytes(calendar.to_ical())


def _day(when: datetime | date) -> date:
    return paris(when).date() if isinstance(when, datetime) else when


def _event(entry: AgendaEntry, now: datetime) -> Event:
    event = Event()
    family = uuid.uuid5(uuid.NAMESPACE_DNS, f"aap.{entry.family}")
    event.add("uid", f"{uuid.uuid5(family, entry.key)}@aap")
    event.add("dtstamp", now)
    event.add("sequence", entry.sequence)
    event.add("summary", entry.title)
    for name, text in (("description", entry.description), ("location", entry.place), ("url", entry.url)):
        if text:
            event.add(name, text)
    event.add("transp", "OPAQUE" if entry.busy else "TRANSPARENT")
    if isinstance(entry.when, datetime):
        event.add("dtstart", paris(entry.when))
        if isinstance(entry.until, datetime):
            event.add("dtend", paris(entry.until))
    else:
        event.add("dtstart", entry.when)
        event.add("dtend", _day(entry.until or entry.when) + timedelta(days=1))  # the end of whole days is excluded
    if entry.cancelled:
        event.add("status", "CANCELLED")
    if entry.warned:
        event.add_component(_alarm(entry.title))
    return event


def _alarm(title: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", -_WARNED_BEFORE)
    return alarm
