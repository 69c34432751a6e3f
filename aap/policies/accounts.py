"""Who sees accounts, the journal's health and the living page of components."""

from __future__ import annotations

import uuid

from sqlalchemy import ColumnElement, false, or_, select

from aap.accounts.models import (
    Delegation,
    Membership,
    MembershipRole,
    Organisation,
    OrganisationInvitation,
    RegionalRole,
    RoleName,
    User,
)
from aap.policies.terms import (
    AGENCY_ROLES,
    Verbs,
    Visibilities,
    administrator,
    anyone,
    holds,
    regions_of,
    signed_in,
    staff,
)


def _read_user(actor: User | None, thing: User) -> bool:
    if actor is None:
        return False
    regions = regions_of(actor, RoleName.ADMINISTRATOR)
    return actor.id == thing.id or any(held.region_code in regions for held in thing.regional_roles)


def _visible_users(actor: User | None) -> ColumnElement[bool]:
    if actor is None:
        return false()
    of_region = select(RegionalRole.user_id).where(
        RegionalRole.region_code.in_(regions_of(actor, RoleName.ADMINISTRATOR))
    )
    return or_(User.id == actor.id, User.id.in_(of_region))


def _read_organisation(actor: User | None, thing: Organisation) -> bool:
    if actor is None:
        return False
    mine = any(held.organisation_id == thing.id and held.ended_at is None for held in actor.memberships)
    return mine or thing.region_code in regions_of(actor, *AGENCY_ROLES)


def _visible_organisations(actor: User | None) -> ColumnElement[bool]:
    if actor is None:
        return false()
    mine = [held.organisation_id for held in actor.memberships if held.ended_at is None]
    return or_(Organisation.id.in_(mine), Organisation.region_code.in_(regions_of(actor, *AGENCY_ROLES)))


def _manage_organisation(actor: User | None, thing: Organisation) -> bool:
    """Let the administrators of a structure keep its card, its members, its invitations and its delegations."""
    return actor is not None and _manages(actor, thing.id)


def _manages(actor: User, organisation_id: uuid.UUID) -> bool:
    return any(
        held.organisation_id == organisation_id and held.ended_at is None and held.role is MembershipRole.MANAGER
        for held in actor.memberships
    )


def _manage_part(actor: User | None, thing: Membership | Delegation | OrganisationInvitation) -> bool:
    return actor is not None and _manages(actor, thing.organisation_id)


def _end_membership(actor: User | None, thing: Membership) -> bool:
    """Let each leave, and administrators take others out."""
    return actor is not None and (thing.user_id == actor.id or _manages(actor, thing.organisation_id))


VERBS: Verbs = {
    "site.visit": anyone,
    "account.use": signed_in,
    "office.enter": staff,
    "territory.read": staff,
    "office.promises": lambda actor, _thing: holds(actor, RoleName.ADMINISTRATOR, RoleName.OFFICER),
    "office.components": administrator,
    "admin.enter": administrator,
    "user.read": _read_user,
    "organisation.read": _read_organisation,
    "organisation.list_mine": signed_in,
    "organisation.manage": _manage_organisation,
    "membership.change": _manage_part,
    "membership.end": _end_membership,
    "delegation.change": _manage_part,
    "organisation_invitation.change": _manage_part,
}
VISIBLE: Visibilities = {
    User: _visible_users,
    Organisation: _visible_organisations,
}
