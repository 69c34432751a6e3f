"""One person at a time changes a session, or a draw: what hangs together is read again under one lock."""

from __future__ import annotations

from sqlalchemy import select

from aap.calls.models import Call
from aap.db import db
from aap.jury.models import JurySession, RankingDraw, SessionItem, SessionPresence


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


def hold_draw(call: Call) -> RankingDraw | None:
    """Lock the draw of a call and read it again: its reveal and a review more wait for each other."""
    query = select(RankingDraw).where(RankingDraw.call_id == call.id).with_for_update()
    return db.session.scalar(query, execution_options={"populate_existing": True})
