"""The calendar of a call, for the agendas of those who apply."""

from __future__ import annotations

from datetime import datetime

from aap.calls.models import CalendarStep, Call
from aap.documents.agenda import AgendaEntry, render_agenda


def calendar_ics(call: Call, now: datetime) -> bytes:
    """Write every step of the calendar; a step whose date moved counts its amendments. ``now`` stamps the file."""
    entries = [_entry(call, step, now) for step in call.steps]
    return render_agenda(f"{call.short_title} – calendrier", entries, now)


def _entry(call: Call, step: CalendarStep, now: datetime) -> AgendaEntry:
    return AgendaEntry(
        family="calls",
        key=f"{call.ref}/{step.key}",
        title=f"{step.label} – {call.short_title}",
        when=step.at or step.from_date or now.date(),
        until=None if step.at else step.to_date,
        description=f"{call.ref} : {call.title}",
        sequence=len(step.amendments),
        cancelled=call.cancelled_at is not None,
    )
