"""Inviting people to act for an organisation, changing what they do for it, ending it."""

from __future__ import annotations

import uuid
from datetime import datetime

from aap import audit
from aap.accounts.links import VALIDITY, LinkState, MakeToken, hash_of, promise_link, read_address
from aap.accounts.models import Membership, MembershipRole, Organisation, OrganisationInvitation, User
from aap.accounts.service.links import check_bound_to, check_open_link, revoke_link
from aap.accounts.service.organisations import join_organisation
from aap.db import db, refusing
from aap.errors import ConflictError, InvalidError
from aap.outbox import promise_mail

INVITATION_PATH = "/invitations/"


def invite_member(
    organisation: Organisation,
    email: str,
    role: MembershipRole,
    *,
    make_token: MakeToken,
    actor: User,
    now: datetime,
) -> OrganisationInvitation:
    """Invite the person of an address to act for a structure; a mail carries the link.

    Raises:
        InvalidError: malformed address, a member already, or an invitation that waits (on ``email``).

    """
    address = read_address(email)
    if any(held.user.email == address for held in organisation.memberships if held.ended_at is None):
        raise InvalidError.on("email", "Cette personne est déjà membre de la structure.", code="deja-membre")
    for link in organisation.invitations:
        if link.email == address and link.state(now) is LinkState.EXPIRED:
            link.revoked_at = now
    db.session.flush()
    invitation = OrganisationInvitation(
        id=uuid.uuid4(),
        organisation_id=organisation.id,
        email=address,
        role=role,
        created_at=now,
        created_by_id=actor.id,
        expires_at=now + VALIDITY,
    )
    invitation.token_hash = hash_of(make_token(invitation.id))
    twice = InvalidError.on("email", "Une invitation attend déjà cette personne.", code="deja-invitee")
    with refusing({"uq_organisation_invitations_waiting": twice}):
        db.session.add(invitation)
    db.session.expire(organisation, ["invitations"])
    detail = {"invitation": str(invitation.id), "role": role.value}
    audit.record("organisation.invite", organisation, actor_id=actor.id, now=now, detail=detail)
    context = {
        "organisation": organisation.name,
        "inviter": actor.display_name,
        "manager": role is MembershipRole.MANAGER,
        "days": VALIDITY.days,
    }
    promise_link(
        invitation,
        "organisation-invitation",
        context,
        path=INVITATION_PATH,
        now=now,
        region_code=organisation.region_code,
    )
    return invitation


def cancel_invitation(invitation: OrganisationInvitation, *, actor: User, now: datetime) -> None:
    """Cancel an invitation that nobody has used.

    Raises:
        ConflictError: it was already used or cancelled.

    """
    revoke_link(invitation, now)
    detail = {"invitation": str(invitation.id)}
    audit.record("organisation.cancel_invitation", invitation.organisation, actor_id=actor.id, now=now, detail=detail)


def accept_invitation(invitation: OrganisationInvitation, *, actor: User, now: datetime) -> Membership:
    """Act for a structure, with the role of the invitation; two clicks at once are one.

    Raises:
        ConflictError: the link was used or cancelled, or has expired.
        ForbiddenError: the invitation is for another address.

    """
    db.session.refresh(invitation, with_for_update=True)
    check_open_link(invitation, now)
    check_bound_to(invitation, actor)
    organisation = invitation.organisation
    held = join_organisation(actor, organisation, invitation.role, now)
    held.role = invitation.role
    invitation.used_at, invitation.used_by_id = now, actor.id
    db.session.flush()
    promise_mail(
        "organisation-joined",
        invitation.created_by.email,
        {"organisation": organisation.name, "person": actor.display_name, "path": f"/structures/{organisation.id}"},
        key=f"organisation-joined:{invitation.id}",
        now=now,
        region_code=organisation.region_code,
    )
    return held


def change_role(membership: Membership, role: MembershipRole, *, actor: User, now: datetime) -> None:
    """Make a member an administrator of the structure, or the reverse.

    Raises:
        ConflictError: the membership ended, or nobody would administer the structure any more.

    """
    _check_current(membership)
    if role is not MembershipRole.MANAGER:
        check_not_last_manager(membership)
    membership.role = role
    detail = {"member": str(membership.user_id), "role": role.value}
    audit.record("organisation.change_role", membership.organisation, actor_id=actor.id, now=now, detail=detail)


def end_membership(membership: Membership, *, actor: User, now: datetime) -> None:
    """Take somebody out of a structure, or leave it. Delegations end with it; files led stay, to be taken over.

    Raises:
        ConflictError: the membership already ended, or nobody would administer the structure any more.

    """
    _check_current(membership)
    check_not_last_manager(membership)
    membership.ended_at = now
    for delegation in membership.organisation.delegations:
        if delegation.user_id == membership.user_id and delegation.revoked_at is None:
            delegation.revoked_at, delegation.revoked_by_id = now, actor.id
    db.session.flush()
    organisation = membership.organisation
    detail = {"member": str(membership.user_id)}
    audit.record("organisation.leave", organisation, actor_id=actor.id, now=now, detail=detail)
    if actor.id != membership.user_id:
        promise_mail(
            "organisation-removed",
            membership.user.email,
            {"organisation": organisation.name},
            key=f"organisation-removed:{membership.id}:{now.isoformat()}",
            now=now,
            region_code=organisation.region_code,
        )


def check_not_last_manager(membership: Membership) -> None:
    """Refuse to leave other members without an administrator whose account is open.

    Raises:
        ConflictError: this is the last one and other members remain.

    """
    if membership.role is not MembershipRole.MANAGER:
        return
    others = [one for one in membership.organisation.memberships if one.ended_at is None and one is not membership]
    if others and not any(one.role is MembershipRole.MANAGER and one.user.active for one in others):
        message = "Nommez d'abord un autre administrateur : la structure n'en aurait plus."
        raise ConflictError(message, code="dernier-administrateur")


def _check_current(membership: Membership) -> None:
    if membership.ended_at is not None:
        raise ConflictError("Cette personne n'est plus membre de la structure.", code="deja-partie")
