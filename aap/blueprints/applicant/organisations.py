"""My organisation: its card, its members, its invitations, its delegations, the files left without a lead."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from aap.accounts.links import LinkState
from aap.accounts.models import Delegation, Membership, MembershipRole, Organisation, OrganisationInvitation, User
from aap.accounts.queries import (
    get_delegation,
    get_membership,
    get_organisation,
    get_organisation_invitation,
    list_organisations_of,
)
from aap.accounts.service import cancel_invitation, change_role, end_membership, invite_member, revoke_delegation
from aap.applications.queries.people import list_orphans
from aap.blueprints.access import actor, allow, see_other, signed_in_actor
from aap.blueprints.applicant.loading import part_of
from aap.blueprints.one_time_links import make_token
from aap.clock import paris
from aap.db import unit_of_work
from aap.errors import InvalidError, NotFoundError
from aap.extensions import clock
from aap.policies import may
from aap.policies.applications import orphans_to_take_over
from aap.referentials.vocabularies import label

bp = Blueprint("organisations", __name__, url_prefix="/structures")

MEMBER_ROLES = (
    (MembershipRole.MEMBER.value, "Membre", "Dépose des dossiers au nom de la structure."),
    (
        MembershipRole.MANAGER.value,
        "Administrateur",
        "Invite et retire des membres, tient les délégations, reprend les dossiers restés sans porteur.",
    ),
)


def own_organisation(organisation_id: uuid.UUID, **_others: Any) -> Organisation:
    """Return a structure that the person acts for: the agency reads structures on the pages of their files.

    Raises:
        NotFoundError: no such structure, or somebody else's.

    """
    organisation, person = get_organisation(organisation_id), actor()
    if person is None or find_membership(organisation, person) is None:
        raise NotFoundError("Cette structure n'existe pas, ou vous n'en êtes pas membre.")
    return organisation


own_membership = part_of(own_organisation, get_membership, "membership_id", "organisation_id")
own_delegation = part_of(own_organisation, get_delegation, "delegation_id", "organisation_id")
own_invitation = part_of(own_organisation, get_organisation_invitation, "invitation_id", "organisation_id")


def find_membership(organisation: Organisation, person: User) -> Membership | None:
    """Return the person's current membership of a structure."""
    current = (held for held in organisation.memberships if held.ended_at is None)
    return next((held for held in current if held.user_id == person.id), None)


@bp.get("")
@allow("organisation.list_mine")
def index() -> ResponseReturnValue:
    """List the structures I act for."""
    mine = [
        (one.name, url_for("organisations.show", organisation_id=one.id), label("applicant_types", one.kind), one.siret)
        for one in list_organisations_of(signed_in_actor())
    ]
    return render_template("applicant/organisations/index.html", organisations=mine)


@bp.get("/<uuid:organisation_id>")
@allow("organisation.read", load=own_organisation)
def show(organisation: Organisation) -> ResponseReturnValue:
    """Show a structure."""
    person, now = signed_in_actor(), clock().now()
    manages = may(person, "organisation.manage", organisation)
    orphans = list_orphans(orphans_to_take_over(person)) if manages else ()
    return render_template(
        "applicant/organisations/show.html",
        organisation=organisation,
        kind=label("applicant_types", organisation.kind),
        manages=manages,
        mine=find_membership(organisation, person),
        members=[_member(held) for held in organisation.memberships if held.ended_at is None],
        waiting=[_waiting(link, now) for link in organisation.invitations if _waits(link, now)],
        delegations=[_delegation(row, now) for row in organisation.delegations],
        orphans=[(row, url_for("applicant_transfers.takeover", application_id=row.id)) for row in orphans],
    )


@bp.get("/<uuid:organisation_id>/inviter")
@allow("organisation.manage", load=own_organisation)
def invitation(organisation: Organisation) -> ResponseReturnValue:
    """Ask whom to invite."""
    return _invitation_page(organisation)


@bp.post("/<uuid:organisation_id>/inviter")
@allow("organisation.manage", load=own_organisation)
def invite(organisation: Organisation) -> ResponseReturnValue:
    """Invite somebody to act for the structure."""
    role = MembershipRole.MANAGER if request.form.get("role") == "manager" else MembershipRole.MEMBER
    email = request.form.get("email", "")
    try:
        with unit_of_work():
            now = clock().now()
            made = invite_member(organisation, email, role, make_token=make_token, actor=signed_in_actor(), now=now)
            address = made.email
    except InvalidError as error:
        return _invitation_page(organisation, error.message), 400
    flash(f"L'invitation part à {address}.", "success")
    return _back(organisation.id)


@bp.post("/<uuid:organisation_id>/invitations/<uuid:invitation_id>/annulation")
@allow("organisation_invitation.change", load=own_invitation)
def cancel(invitation: OrganisationInvitation) -> ResponseReturnValue:
    """Cancel an invitation."""
    with unit_of_work():
        cancel_invitation(invitation, actor=signed_in_actor(), now=clock().now())
    flash("L'invitation est annulée : son lien ne sert plus.", "success")
    return _back(invitation.organisation_id)


@bp.post("/<uuid:organisation_id>/membres/<uuid:membership_id>/role")
@allow("membership.change", load=own_membership)
def role(membership: Membership) -> ResponseReturnValue:
    """Make a member an administrator, or the reverse."""
    wanted = MembershipRole.MANAGER if request.form.get("role") == "manager" else MembershipRole.MEMBER
    with unit_of_work():
        change_role(membership, wanted, actor=signed_in_actor(), now=clock().now())
    flash("Le rôle est changé.", "success")
    return _back(membership.organisation_id)


@bp.post("/<uuid:organisation_id>/membres/<uuid:membership_id>/depart")
@allow("membership.end", load=own_membership)
def end(membership: Membership) -> ResponseReturnValue:
    """Take a member out, or leave."""
    person = signed_in_actor()
    with unit_of_work():
        end_membership(membership, actor=person, now=clock().now())
    if membership.user_id == person.id:
        flash("Vous ne faites plus partie de cette structure.", "success")
        return see_other("organisations.index")
    flash(f"{membership.user.display_name} ne fait plus partie de la structure.", "success")
    return _back(membership.organisation_id)


@bp.post("/<uuid:organisation_id>/delegations/<uuid:delegation_id>/fin")
@allow("delegation.change", load=own_delegation)
def revoke(delegation: Delegation) -> ResponseReturnValue:
    """End a delegation."""
    organisation = get_organisation(delegation.organisation_id)
    with unit_of_work():
        revoke_delegation(organisation, delegation, actor=signed_in_actor(), now=clock().now())
    flash("La délégation a pris fin.", "success")
    return _back(delegation.organisation_id)


def _back(organisation_id: uuid.UUID) -> ResponseReturnValue:
    return see_other("organisations.show", organisation_id=organisation_id)


def _member(held: Membership) -> dict[str, Any]:
    address: dict[str, Any] = {"organisation_id": held.organisation_id, "membership_id": held.id}
    return {
        "id": held.user_id,
        "name": held.user.display_name,
        "job": held.user.job_title,
        "email": held.user.email,
        "manager": held.role is MembershipRole.MANAGER,
        "active": held.user.active,
        "since": held.created_at,
        "role": url_for("organisations.role", **address),
        "end": url_for("organisations.end", **address),
    }


def _waits(link: OrganisationInvitation, now: datetime) -> bool:
    return link.state(now) in {LinkState.OPEN, LinkState.EXPIRED}


def _waiting(link: OrganisationInvitation, now: datetime) -> dict[str, Any]:
    return {
        "email": link.email,
        "manager": link.role is MembershipRole.MANAGER,
        "expired": link.state(now) is LinkState.EXPIRED,
        "expires_at": link.expires_at,
        "cancel": url_for("organisations.cancel", organisation_id=link.organisation_id, invitation_id=link.id),
    }


def _delegation(row: Delegation, now: datetime) -> dict[str, Any]:
    today = paris(now).date()
    if row.revoked_at is not None:
        badge = ("Retirée", "neutral")
    elif row.in_force(today):
        badge = ("En cours", "success")
    else:
        badge = ("À venir", "info") if row.starts_on > today else ("Terminée", "neutral")
    return {
        "name": row.user.display_name,
        "on_behalf_of": row.on_behalf_of,
        "starts_on": row.starts_on,
        "ends_on": row.ends_on,
        "badge": badge,
        "revoke": url_for("organisations.revoke", organisation_id=row.organisation_id, delegation_id=row.id)
        if row.revoked_at is None and badge[0] != "Terminée"
        else "",
    }


def _invitation_page(organisation: Organisation, error: str = "") -> str:
    return render_template(
        "applicant/organisations/invite.html",
        organisation=organisation,
        roles=MEMBER_ROLES,
        email=request.form.get("email", ""),
        role=request.form.get("role", MembershipRole.MEMBER.value),
        error=error,
    )
