"""The session and a hearing, for the agendas of those who come."""

from __future__ import annotations

from datetime import datetime, timedelta

from aap.calls.models import Call
from aap.documents.agenda import AgendaEntry, render_agenda
from aap.jury.models import JurySession, SessionItem

_SESSION_LASTS = timedelta(hours=2)  # nobody knows how long it lasts


def session_ics(session: JurySession, call: Call, now: datetime) -> bytes:
    """Write the session."""
    title = f"Séance du jury – {call.short_title}"
    until = session.held_at + _SESSION_LASTS
    entry = AgendaEntry("jury", str(session.id), title, session.held_at, until, place=session.place, busy=True)
    return render_agenda(title, [entry], now)


def hearing_ics(item: SessionItem, now: datetime) -> bytes:
    """Write the hearing of a file, which is arranged."""
    at, minutes = item.hearing_at, item.hearing_minutes
    if at is None or minutes is None:
        message = "no hearing is arranged"
        raise ValueError(message)
    title, until = f"Audition – {item.application.reference}", at + timedelta(minutes=minutes)
    entry = AgendaEntry("jury", str(item.id), title, at, until, place=item.session.place, busy=True)
    return render_agenda(title, [entry], now)
