"""One person at a time changes a session: its agenda, its presences, what is agreed and its signature hang together."""

from __future__ import annotations

from sqlalchemy import select

from aap.db import db
from aap.jury.models import JurySession, SessionItem, SessionPresence


def hold(session: JurySession) -> JurySession:
    """Lock a session to the end of the unit of work, and read again what somebody else may have changed meanwhile.

    Whoever comes second waits, then sees the first one's presences, agreements and signature.
    """
    db.session.refresh(session, with_for_update=True)
    for model in (SessionItem, SessionPresence):
        rows = select(model).where(model.session_id == session.id)
        db.session.scalars(rows, execution_options={"populate_existing": True}).all()
    db.session.expire(session, ["items", "presences"])
    return session
