"""Who works on a call."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from aap import audit
from aap.accounts.models import User
from aap.calls.models import Call, CallRole, CallTeamMember
from aap.db import db, refusing
from aap.errors import ConflictError, NotFoundError


def add_team_member(call: Call, member: User, role: CallRole, actor: User | None, now: datetime) -> CallTeamMember:
    """Give a person a role on a call.

    Raises:
        ConflictError: the person already holds this role.

    """
    row = CallTeamMember(call_id=call.id, user_id=member.id, role=role, added_at=now)
    already = ConflictError("Cette personne a déjà ce rôle sur l'appel.", code="role-deja-tenu")
    with refusing({"uq_call_team_members_call_id_user_id_role": already}):
        db.session.add(row)
    db.session.expire(call, ["team"])
    _record("call.team-add", call, member, role, actor, now)
    return row


def remove_team_member(call: Call, member: User, role: CallRole, actor: User | None, now: datetime) -> None:
    """Take a role on a call back from a person; the journal keeps that it was held.

    Raises:
        NotFoundError: the person does not hold this role.

    """
    row = db.session.scalar(
        select(CallTeamMember).where(
            CallTeamMember.call_id == call.id, CallTeamMember.user_id == member.id, CallTeamMember.role == role
        )
    )
    if row is None:
        raise NotFoundError("Cette personne n'a pas ce rôle sur l'appel.")
    db.session.delete(row)
    db.session.flush()
    db.session.expire(call, ["team"])
    _record("call.team-remove", call, member, role, actor, now)


def _record(verb: str, call: Call, member: User, role: CallRole, actor: User | None, now: datetime) -> None:
    detail = {"user": str(member.id), "role": role.value}
    audit.record(verb, call, actor_id=None if actor is None else actor.id, now=now, detail=detail)
