"""Who reads and runs calls. A published call is everyone's; a draft is its agency's."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_

from aap.accounts.models import RoleName, User
from aap.calls.models import Call, CallRole
from aap.policies.terms import STAFF_ROLES, Verbs, Visibilities, anyone, regions_of, staff


def _read(actor: User | None, thing: Call) -> bool:
    return thing.published_at is not None or thing.region_code in regions_of(actor, *STAFF_ROLES)


def _follow(actor: User | None, thing: Call) -> bool:
    return thing.region_code in regions_of(actor, *STAFF_ROLES)


def _manage(actor: User | None, thing: Call) -> bool:
    if actor is None:
        return False
    if actor.has_role_in(thing.region_code, RoleName.ADMINISTRATOR):
        return True
    return any(member.user_id == actor.id and member.role is CallRole.OFFICER for member in thing.team)


def _visible(actor: User | None) -> ColumnElement[bool]:
    return or_(Call.published_at.is_not(None), Call.region_code.in_(regions_of(actor, *STAFF_ROLES)))


VERBS: Verbs = {
    "call.browse": anyone,
    "call.list_office": staff,
    "call.read": _read,
    "call.follow": _follow,
    "call.manage": _manage,
    "question.ask": lambda actor, thing: actor is not None and _read(actor, thing),
    "question.answer": lambda actor, thing: _manage(actor, thing.call),
}
VISIBLE: Visibilities = {Call: _visible}
