"""Changing people, their organisations, their members and their delegations."""

from __future__ import annotations

from aap.accounts.service.members import (
    accept_invitation,
    cancel_invitation,
    change_role,
    end_membership,
    invite_member,
)
from aap.accounts.service.organisations import (
    OrganisationCard,
    create_organisation,
    describe_organisation,
    grant_delegation,
    join_organisation,
    revoke_delegation,
)
from aap.accounts.service.people import create_user, grant_role, rename_user

__all__ = [
    "OrganisationCard",
    "accept_invitation",
    "cancel_invitation",
    "change_role",
    "create_organisation",
    "create_user",
    "describe_organisation",
    "end_membership",
    "grant_delegation",
    "grant_role",
    "invite_member",
    "join_organisation",
    "rename_user",
    "revoke_delegation",
]
