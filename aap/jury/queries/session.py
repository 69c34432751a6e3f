"""The session of a jury as it is prepared, held and told: agenda, presences, minutes. A constant number of queries."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import joinedload

from aap.accounts.models import User
from aap.applications.models import Application
from aap.calls.models import Call, JuryCollege
from aap.db import db
from aap.errors import NotFoundError
from aap.jury.blindness import READABLE
from aap.jury.grid import read_grid
from aap.jury.models import JuryMember, JurySession, Recusal, SessionItem, SessionPresence
from aap.jury.queries.quorum import Quorum, count_quorum, present_now, quorum_share
from aap.jury.queries.ranking import RankedRow, list_ranking
from aap.jury.queries.reading import latest_version
from aap.jury.queries.snapshots import told_snapshots
from aap.scoring.exact import shown


@dataclass(frozen=True, slots=True)
class SeatRow:
    """A member who sits, or sat and was at the session, and whether this person is there."""

    member_id: uuid.UUID
    code: str
    name: str
    college: str
    voting: bool
    chair: bool
    arrived_at: datetime | None
    left_at: datetime | None
    sits: bool


@dataclass(frozen=True, slots=True)
class AgendaRow:
    """A file on the agenda. ``number`` counts what the reader sees; ``away`` names who stood back from the file."""

    item: SessionItem
    number: int
    application: Application
    ranked: RankedRow
    away: tuple[str, ...]
    quorum: Quorum


def find_session(call_id: uuid.UUID) -> JurySession | None:
    """Return the session of a call's jury."""
    return db.session.scalar(select(JurySession).where(JurySession.call_id == call_id))


def get_session(session_id: uuid.UUID) -> JurySession:
    """Return a session.

    Raises:
        NotFoundError: no such session.

    """
    session = db.session.get(JurySession, session_id)
    if session is None:
        raise NotFoundError("Cette séance n'existe pas.")
    return session


def get_session_item(item_id: uuid.UUID) -> SessionItem:
    """Return a file of an agenda.

    Raises:
        NotFoundError: no such file on an agenda.

    """
    item = db.session.get(SessionItem, item_id)
    if item is None:
        raise NotFoundError("Ce dossier n'est pas à l'ordre du jour.")
    return item


def find_hearing(application_id: uuid.UUID) -> SessionItem | None:
    """Return the hearing of a file, if one is arranged."""
    query = select(SessionItem).where(SessionItem.application_id == application_id, SessionItem.hearing_at.is_not(None))
    return db.session.scalar(query)


def on_agenda(session: JurySession) -> list[SessionItem]:
    """Return the files that are still before the jury: a file withdrawn since the agenda was made is no more."""
    return [item for item in session.items if item.application.state in READABLE]


def list_read(session: JurySession, *, seen: ColumnElement[bool]) -> frozenset[str]:
    """Return the identifiers of the files of a session, withdrawn ones included, that ``seen`` lets through."""
    query = (
        select(Application.id)
        .join(SessionItem, SessionItem.application_id == Application.id)
        .where(SessionItem.session_id == session.id, seen)
    )
    return frozenset(str(identifier) for identifier in db.session.scalars(query))


def list_seats(session: JurySession) -> tuple[SeatRow, ...]:
    """Return who sits on the jury, by code, with the presences of the session; one query.

    Whoever was at the session and left the jury since stays in it: the minutes tell who was there.
    """
    sits = and_(JuryMember.left_at.is_(None), ~JuryMember.substitute)
    query = (
        select(
            JuryMember.id,
            JuryMember.code,
            User,
            JuryCollege.label,
            JuryMember.voting,
            JuryMember.chair,
            SessionPresence.arrived_at,
            SessionPresence.left_at,
            sits,
        )
        .join(User, User.id == JuryMember.user_id)
        .join(JuryCollege, JuryCollege.id == JuryMember.college_id)
        .outerjoin(
            SessionPresence,
            (SessionPresence.jury_member_id == JuryMember.id) & (SessionPresence.session_id == session.id),
        )
        .where(JuryMember.call_id == session.call_id, or_(sits, SessionPresence.id.is_not(None)))
        .order_by(func.length(JuryMember.code), JuryMember.code)
    )
    return tuple(
        SeatRow(identifier, code, user.display_name, college, voting, chair, arrived_at, left_at, sitting)
        for identifier, code, user, college, voting, chair, arrived_at, left_at, sitting in db.session.execute(query)
    )


def list_agenda(session: JurySession, *, seen: ColumnElement[bool]) -> tuple[AgendaRow, ...]:
    """Return the agenda without the files that ``seen`` (a condition on ``Application``) hides, in its order."""
    version = latest_version(session.call_id)
    if version is None:
        return ()
    ranked = {row.application_id: row for row in list_ranking(session.call_id, seen=seen)}
    items = db.session.scalars(
        select(SessionItem)
        .options(joinedload(SessionItem.application), joinedload(SessionItem.kind))
        .where(SessionItem.session_id == session.id, SessionItem.application_id.in_(ranked))
        .order_by(SessionItem.position)
    ).all()
    away = _read_recusals(items)
    voting = {row.member_id for row in list_seats(session) if row.voting and row.sits}
    present, share = present_now(session), quorum_share(version)
    return tuple(
        AgendaRow(
            item=item,
            number=number,
            application=item.application,
            ranked=ranked[item.application_id],
            away=tuple(code for code, _ in away[item.application_id]),
            quorum=count_quorum(voting - {member for _, member in away[item.application_id]}, present, share),
        )
        for number, item in enumerate(items, start=1)
    )


def _read_recusals(items: Any) -> Mapping[uuid.UUID, list[tuple[str, uuid.UUID]]]:
    found: dict[uuid.UUID, list[tuple[str, uuid.UUID]]] = defaultdict(list)
    query = (
        select(Recusal.application_id, JuryMember.code, JuryMember.id)
        .join(JuryMember, JuryMember.id == Recusal.jury_member_id)
        .where(Recusal.application_id.in_([item.application_id for item in items]), JuryMember.left_at.is_(None))
        .order_by(func.length(JuryMember.code), JuryMember.code)
    )
    for application_id, code, member_id in db.session.execute(query):
        found[application_id].append((code, member_id))
    return found


def draft_minutes(session: JurySession, *, seen: ColumnElement[bool]) -> dict[str, Any]:
    """Return the minutes as they stand, from what was recorded: texts, hours in ISO 8601, amounts and marks as text.

    Only the files that ``seen`` lets through are told, with the marks as the exact ranking shows them.
    """
    call = db.session.get_one(Call, session.call_id)
    version = latest_version(session.call_id)
    decimals = read_grid(version).rubric.decimals if version is not None else 2
    seats = list_seats(session)
    return {
        "call": {"ref": call.ref, "title": call.title},
        "held_at": session.held_at.isoformat(),
        "place": session.place,
        "opened_at": session.opened_at.isoformat() if session.opened_at else None,
        "closed_at": session.closed_at.isoformat() if session.closed_at else None,
        "rankings": told_snapshots(session.call_id),
        "opening_text": session.opening_text,
        "closing_text": session.closing_text,
        "present": [_seat(row) for row in seats if row.arrived_at is not None],
        "absent": [_seat(row) for row in seats if row.arrived_at is None],
        "files": [_file(row, decimals) for row in list_agenda(session, seen=seen)],
    }


def _seat(row: SeatRow) -> dict[str, Any]:
    return {
        "code": row.code,
        "name": row.name,
        "college": row.college,
        "voting": row.voting,
        "chair": row.chair,
        "arrived_at": row.arrived_at.isoformat() if row.arrived_at else None,
        "left_at": row.left_at.isoformat() if row.left_at else None,
    }


def _file(row: AgendaRow, decimals: int) -> dict[str, Any]:
    item, ranked = row.item, row.ranked
    return {
        "application_id": str(item.application_id),
        "reference": ranked.reference,
        "title": ranked.title,
        "applicant": ranked.applicant_name,
        "strand": ranked.strand_key,
        "requested_eur": _text(ranked.requested_eur),
        "rank": ranked.rank_overall,
        "mean": _shown(ranked.total, decimals),
        "away": list(row.away),
        "heard_at": item.hearing_at.isoformat() if item.hearing_at else None,
        "opinion": item.kind.label if item.kind else None,
        "consensus": _text(item.consensus_mark),
        "amount_eur": _text(item.amount_eur),
        "waiting_rank": item.rank,
        "motive": item.motive,
        "reservations": item.reservations,
        "votes": [item.votes_for, item.votes_against, item.abstentions],
        "present": item.present,
        "seated": item.seated,
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def _shown(value: Fraction | None, decimals: int) -> str | None:
    return None if value is None else shown(value, decimals)
