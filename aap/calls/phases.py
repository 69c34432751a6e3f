"""Where a call stands, derived from its calendar and the clock: never stored, never late.

A closing is strict: the hour written is the last instant admitted, and the next microsecond is too late.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from aap.clock import from_paris


class CallPhase(enum.StrEnum):
    """The phases of a call, in order."""

    DRAFT = "draft"
    COMING = "coming"
    OPEN = "open"
    INSTRUCTION = "instruction"
    SCORING = "scoring"
    DELIBERATION = "deliberation"
    DECIDED = "decided"
    RESULTS = "results"
    ARCHIVED = "archived"
    CANCELLED = "cancelled"


LABELS: Mapping[CallPhase, str] = {
    CallPhase.DRAFT: "Brouillon",
    CallPhase.COMING: "À venir",
    CallPhase.OPEN: "Ouvert",
    CallPhase.INSTRUCTION: "Clos, en instruction",
    CallPhase.SCORING: "Clos, en notation",
    CallPhase.DELIBERATION: "Clos, en délibération",
    CallPhase.DECIDED: "Décidé",
    CallPhase.RESULTS: "Résultats publiés",
    CallPhase.ARCHIVED: "Archivé",
    CallPhase.CANCELLED: "Annulé",
}

# What the public reads: who marks what, and when, is nobody's business outside.
PUBLIC_LABELS: Mapping[CallPhase, str] = {
    **LABELS,
    CallPhase.INSTRUCTION: "Clos, dossiers à l'étude",
    CallPhase.SCORING: "Clos, dossiers à l'étude",
    CallPhase.DELIBERATION: "Clos, dossiers à l'étude",
    CallPhase.DECIDED: "Clos, dossiers à l'étude",
}

TONES: Mapping[CallPhase, str] = {
    **dict.fromkeys(CallPhase, "neutral"),
    CallPhase.COMING: "info",
    CallPhase.OPEN: "success",
    CallPhase.DECIDED: "info",
    CallPhase.CANCELLED: "error",
}

# The steps a phase is derived from: a list of calls reads these and no others.
PHASE_STEPS = (
    "publication",
    "opening",
    "submission_deadline",
    "scoring_start",
    "scoring_end",
    "decision",
    "notification",
    "archive",
)


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step of a calendar: ``at`` (UTC), or whole days of Paris from ``from_date`` to ``to_date``, both included."""

    key: str
    label: str
    at: datetime | None
    from_date: date | None = None
    to_date: date | None = None
    strict: bool = False
    amended: bool = False

    @property
    def start(self) -> datetime:
        """The first instant of the step, in UTC."""
        if self.at is not None:
            return self.at
        return from_paris(datetime.combine(self.from_date or date.max, time.min))

    @property
    def end(self) -> datetime:
        """The last instant of the step, in UTC: for whole days, the midnight that follows."""
        if self.at is not None:
            return self.at
        return from_paris(datetime.combine((self.to_date or date.max) + timedelta(days=1), time.min))


@dataclass(frozen=True, slots=True)
class CallCalendar:
    """The dates that decide the phase of a call: its steps by key, and what the agency did."""

    steps: Mapping[str, StepRow]
    published_at: datetime | None = None
    cancelled_at: datetime | None = None

    def instant(self, key: str) -> datetime | None:
        """Return when a step starts, in UTC, or ``None`` when the call has no such step."""
        step = self.steps.get(key)
        return None if step is None else step.start

    @property
    def opens_at(self) -> datetime | None:
        """When applications may be submitted from: the opening, or the publication."""
        return self.instant("opening") or self.instant("publication")

    @property
    def closes_at(self) -> datetime | None:
        """The last instant at which an application may be submitted."""
        return self.instant("submission_deadline")


def phase(calendar: CallCalendar, now: datetime) -> CallPhase:
    """Tell where a call stands at ``now``. A step that the calendar does not have never begins."""
    if calendar.cancelled_at is not None and calendar.cancelled_at <= now:
        return CallPhase.CANCELLED
    if calendar.published_at is None or calendar.published_at > now:
        return CallPhase.DRAFT
    if calendar.opens_at is None or now < calendar.opens_at:
        return CallPhase.COMING
    if calendar.closes_at is None or now <= calendar.closes_at:
        return CallPhase.OPEN
    return _closed(calendar, now)


def _closed(calendar: CallCalendar, now: datetime) -> CallPhase:
    reached: CallPhase = CallPhase.INSTRUCTION
    if _begun(calendar, "scoring_start", now):
        reached = CallPhase.SCORING
    if _passed(calendar, "scoring_end", now):
        reached = CallPhase.DELIBERATION
    if _begun(calendar, "decision", now):
        reached = CallPhase.DECIDED
    if _begun(calendar, "notification", now):
        reached = CallPhase.RESULTS
    if _begun(calendar, "archive", now):
        reached = CallPhase.ARCHIVED
    return reached


def _begun(calendar: CallCalendar, key: str, now: datetime) -> bool:
    instant = calendar.instant(key)
    return instant is not None and instant <= now


def _passed(calendar: CallCalendar, key: str, now: datetime) -> bool:
    instant = calendar.instant(key)
    return instant is not None and instant < now
