"""The words in which policies are written: types, and the few conditions that every domain repeats."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement

from aap.accounts.models import RoleName, User

Verb = Callable[[User | None, Any], bool]
Visibility = Callable[[User | None], ColumnElement[bool]]
Verbs = dict[str, Verb]
Visibilities = dict[type, Visibility]

AGENCY_ROLES = (
    RoleName.ADMINISTRATOR,
    RoleName.OFFICER,
    RoleName.DIRECTOR,
    RoleName.FINANCE,
    RoleName.EDITOR,
    RoleName.READER,
)
STAFF_ROLES = (
    *AGENCY_ROLES,
    RoleName.REVIEWER,
    RoleName.DD,
    RoleName.DCGDR,
    RoleName.GRADES,
    RoleName.DIRECTION_METIER,
)


def anyone(_actor: User | None, _thing: Any) -> bool:
    """Everyone."""
    return True


def signed_in(actor: User | None, _thing: Any) -> bool:
    """Whoever is signed in."""
    return actor is not None


def holds(actor: User | None, *roles: RoleName) -> bool:
    """Tell whether the person holds one of these roles in any region."""
    return actor is not None and any(held.role in roles for held in actor.regional_roles)


def regions_of(actor: User | None, *roles: RoleName) -> frozenset[str]:
    """Return the regions where the person holds one of these roles."""
    if actor is None:
        return frozenset()
    return frozenset(held.region_code for held in actor.regional_roles if held.role in roles)


def staff(actor: User | None, _thing: Any) -> bool:
    """Whoever works for an agency or gives it opinions."""
    return holds(actor, *STAFF_ROLES)


def administrator(actor: User | None, _thing: Any) -> bool:
    """Administrators, of any region."""
    return holds(actor, RoleName.ADMINISTRATOR)
