"""The one clock. Injected everywhere, so that tests and the demonstration choose the hour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


class Clock(Protocol):
    """Anything that tells the time."""

    def now(self) -> datetime:
        """Return the current instant, aware, in UTC."""
        ...


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The server's clock."""

    def now(self) -> datetime:
        """Return the server's instant in UTC."""
        return datetime.now(UTC)


@dataclass(slots=True)
class FixedClock:
    """A clock that a test or the demonstration sets by hand."""

    at: datetime

    def __post_init__(self) -> None:
        """Refuse a naive instant: it has no meaning here."""
        self.set(self.at)

    def now(self) -> datetime:
        """Return the instant it was set to."""
        return self.at

    def set(self, at: datetime) -> None:
        """Move to another instant (aware)."""
        if at.tzinfo is None:
            message = "a clock needs an aware datetime"
            raise ValueError(message)
        self.at = at.astimezone(UTC)


def paris(at: datetime) -> datetime:
    """Return an aware instant in Paris time, for screens and documents."""
    return at.astimezone(PARIS)


def from_paris(naive: datetime) -> datetime:
    """Read a wall-clock time of Paris (naive) as an instant in UTC.

    In the repeated hour at the end of October the earlier instant is taken (fold=0), so that a
    deadline never moves later than a person reading the wall clock would first see it.
    """
    return naive.replace(tzinfo=PARIS).astimezone(UTC)
