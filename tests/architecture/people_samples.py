"""Samples of what the pages of people name: seats, invitations, offers, letters, and the secrets of open links."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aap.accounts.links import hash_of, make_token
from aap.accounts.models import Delegation, Membership, MembershipRole, OrganisationInvitation
from aap.accounts.service import create_user
from aap.applications.models import (
    Application,
    CommitmentRequest,
    FileInvitation,
    LeadChange,
    LeadChangeKind,
    Participant,
    ParticipantRole,
)
from tests.living import NOW

# A label, the values of the parameters, those without which the sample says nothing new.
PeopleSample = tuple[str, dict[str, Any], frozenset[str]]


def add_people(session: Session, draft: Application, secret: str) -> Iterator[PeopleSample]:
    """Invite people to a draft and to its organisation, ask a partner, offer the file; yield what addresses name.

    Whoever sits on the file plays no role of the matrix, so that no role reads more than its own.
    """
    member = session.scalars(
        select(Membership).where(Membership.user_id == draft.lead_id).order_by(Membership.id)
    ).first()
    assert member is not None, "the lead of the draft acts for nobody"
    assert draft.partners, "the draft has no partner"
    draft.organisation_id = member.organisation_id
    links = _links(draft, member, secret)
    others = _others(draft, member)
    session.add_all([row for row, _ in links.values()])
    session.add_all(others.values())
    session.add(_invited(draft))
    session.flush()
    file = {"application_id": draft.id}
    structure = {"organisation_id": member.organisation_id}
    named: dict[str, dict[str, Any]] = {
        "seat on a file": {**file, "participant_id": others["seat"].id},
        "invitation to a file": {**file, "invitation_id": links["file"][0].id},
        "request to a partner": {**file, "request_id": links["partner"][0].id},
        "partner of a file": {**file, "partner": draft.partners[0].key},
        "offer of a file": {**file, "change_id": others["offer"].id},
        "offer": {"change_id": others["offer"].id},
        "structure": structure,
        "membership": {**structure, "membership_id": member.id},
        "delegation": {**structure, "delegation_id": others["delegation"].id},
        "invitation to a structure": {**structure, "invitation_id": links["structure"][0].id},
    }
    for label, values in named.items():
        yield label, values, frozenset(values)
    for label, (_, token) in links.items():
        yield f"open link, {label}", {"token": token}, frozenset({"token"})


def _links(draft: Application, member: Membership, secret: str) -> dict[str, tuple[Any, str]]:
    found: dict[str, tuple[Any, str]] = {}
    for label, model, values in (
        ("file", FileInvitation, {"role": ParticipantRole.READER, "whole_file": True, "sections": []}),
        ("structure", OrganisationInvitation, {"role": MembershipRole.MEMBER}),
        ("partner", CommitmentRequest, {"partner_key": draft.partners[0].key}),
    ):
        link_id = uuid.uuid5(uuid.NAMESPACE_OID, f"sample:{label}")
        token = make_token(secret, link_id)
        of = {"organisation_id": member.organisation_id} if label == "structure" else {"application_id": draft.id}
        row: Any = model(
            id=link_id,
            email="invitee@demo.invalid",
            token_hash=hash_of(token),
            created_at=NOW,
            created_by_id=draft.lead_id,
            expires_at=NOW + timedelta(days=14),
            **of,
            **values,
        )
        found[label] = (row, token)
    return found


def _invited(draft: Application) -> FileInvitation:
    """Invite somebody who has an account, and has not answered: the role that may open nothing of it yet."""
    invited = create_user("convie@demo.invalid", now=NOW, given_name="Alix", family_name="Convié")
    return FileInvitation(
        application_id=draft.id,
        email=invited.email,
        role=ParticipantRole.EDITOR,
        whole_file=True,
        sections=[],
        token_hash="c" * 64,
        created_at=NOW,
        created_by_id=draft.lead_id,
        expires_at=NOW + timedelta(days=14),
    )


def _others(draft: Application, member: Membership) -> dict[str, Any]:
    """Make a seat, an offer to whoever sits on it, and a delegation of the lead."""
    elsewhere = create_user("coediteur@demo.invalid", now=NOW, given_name="Alix", family_name="Coéditeur").id
    lead = draft.lead_id
    return {
        "seat": Participant(
            application_id=draft.id,
            user_id=elsewhere,
            role=ParticipantRole.EDITOR,
            whole_file=True,
            sections=[],
            added_at=NOW,
        ),
        "offer": LeadChange(
            application_id=draft.id,
            kind=LeadChangeKind.TRANSFER,
            from_id=lead,
            to_id=elsewhere,
            by_id=lead,
            offered_at=NOW,
            reason="",
        ),
        "delegation": Delegation(
            organisation_id=member.organisation_id,
            user_id=lead,
            on_behalf_of="Le président",
            starts_on=NOW.date(),
            granted_at=NOW,
            granted_by_id=lead,
        ),
    }
