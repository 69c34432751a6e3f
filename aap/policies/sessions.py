"""Who prepares, holds and reads the session of a jury: never a file one stood back from."""

from __future__ import annotations

import uuid

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from aap.accounts.models import RoleName, User
from aap.applications.models import Application
from aap.calls.models import Call, CallRole, CallTeamMember
from aap.db import db
from aap.jury.models import JuryMember, JurySession, RankingSnapshot, SessionItem
from aap.policies.jury import reads_ranking, runs_call
from aap.policies.marks import MARK_READERS, others_marks, reads_marks
from aap.policies.terms import Verbs, Visibilities, regions_of


def _read_session(actor: User | None, thing: JurySession) -> bool:
    return reads_ranking(actor, db.session.get_one(Call, thing.call_id))


def _manage_session(actor: User | None, thing: JurySession) -> bool:
    return runs_call(actor, db.session.get_one(Call, thing.call_id))


def _visible_sessions(actor: User | None) -> ColumnElement[bool]:
    return false() if actor is None else _calls_read(actor, JurySession.call_id)


def _calls_read(actor: User, call_id: InstrumentedAttribute[uuid.UUID]) -> ColumnElement[bool]:
    """Return the condition on a column of calls: the SQL twin of ``reads_ranking``."""
    officer = select(CallTeamMember.call_id).where(
        CallTeamMember.user_id == actor.id, CallTeamMember.role == CallRole.OFFICER
    )
    regional = select(Call.id).where(
        Call.region_code.in_(regions_of(actor, *MARK_READERS) | regions_of(actor, RoleName.ADMINISTRATOR))
    )
    seated = select(JuryMember.call_id).where(
        JuryMember.user_id == actor.id, JuryMember.left_at.is_(None), ~JuryMember.substitute
    )
    return or_(*(call_id.in_(ids) for ids in (officer, regional, seated)))


def _read_item(actor: User | None, thing: SessionItem) -> bool:
    return _read_session(actor, thing.session) and reads_marks(actor, thing.application)


def _record_item(actor: User | None, thing: SessionItem) -> bool:
    return _manage_session(actor, thing.session) and reads_marks(actor, thing.application)


def _visible_items(actor: User | None) -> ColumnElement[bool]:
    if actor is None:
        return false()
    return and_(
        SessionItem.session_id.in_(select(JurySession.id).where(_visible_sessions(actor))),
        SessionItem.application_id.in_(select(Application.id).where(others_marks(actor))),
    )


def _read_snapshot(actor: User | None, thing: RankingSnapshot) -> bool:
    """Open a frozen ranking; its rows are those of ``frozen_marks``."""
    return reads_ranking(actor, thing.call)


def _visible_snapshots(actor: User | None) -> ColumnElement[bool]:
    return false() if actor is None else _calls_read(actor, RankingSnapshot.call_id)


VERBS: Verbs = {
    "session.read": _read_session,
    "session.manage": _manage_session,
    "session_item.read": _read_item,
    "session_item.record": _record_item,
    "snapshot.read": _read_snapshot,
}
VISIBLE: Visibilities = {
    JurySession: _visible_sessions,
    RankingSnapshot: _visible_snapshots,
    SessionItem: _visible_items,
}
