"""Playing a scene at its hour: the clock is set, the services are called, the promises of the hour are kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time

from aap import outbox
from aap.clock import Clock, FixedClock, from_paris
from aap.db import unit_of_work
from aap.extensions import services


@contextmanager
def playing(at: datetime) -> Iterator[FixedClock]:
    """Give the application a clock set by hand and keep its bell quiet, then put both back."""
    running, ring = services(), outbox.bell.ring
    known: Clock = running.clock
    clock = FixedClock(at)
    running.clock, outbox.bell.ring = clock, _silence
    try:
        yield clock
    finally:
        running.clock, outbox.bell.ring = known, ring


def _silence() -> None:
    """Ring nobody: what is promised is delivered by the play itself, or by the first sweep of the worker."""


@contextmanager
def at(clock: FixedClock, moment: datetime) -> Iterator[datetime]:
    """Set the clock and play one scene in one transaction; gives the hour."""
    clock.set(moment)
    with unit_of_work():
        yield clock.now()


def hour(text: str) -> datetime:
    """Read an hour of Paris as the files write it: ``2023-11-03T16:42:00``."""
    return from_paris(datetime.fromisoformat(text))


def on(day: date | str, at_time: str = "10:00") -> datetime:
    """Return an hour of Paris on a day that the files give without its hour."""
    known = date.fromisoformat(day) if isinstance(day, str) else day
    return from_paris(datetime.combine(known, time.fromisoformat(at_time)))
