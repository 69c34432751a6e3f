"""Changing organisations: their card, who acts for them, who may sign for them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from aap import audit
from aap.accounts.models import Delegation, Membership, MembershipRole, Organisation, User
from aap.db import db, refusing
from aap.errors import ConflictError, InvalidError


@dataclass(frozen=True, slots=True)
class OrganisationCard:
    """What identifies a structure: its name, kind (a code of the vocabularies), numbers and place."""

    name: str
    kind: str
    siret: str | None = None
    finess_et: str | None = None
    department_code: str | None = None
    mailbox: str | None = None
    finess_ej: str | None = None
    requires_signature: bool = False


def create_organisation(
    card: OrganisationCard, *, region_code: str, now: datetime, actor_id: uuid.UUID | None = None
) -> Organisation:
    """Create a structure that may apply.

    Raises:
        InvalidError: the SIRET is already that of a structure of the region (on ``siret``).

    """
    row = Organisation(
        region_code=region_code,
        name=card.name,
        kind=card.kind,
        siret=card.siret,
        finess_ej=card.finess_ej,
        finess_et=card.finess_et,
        department_code=card.department_code,
        mailbox=card.mailbox,
        requires_signature=card.requires_signature,
        created_at=now,
    )
    with _unique_siret():
        db.session.add(row)
    audit.record("organisation.create", row, actor_id=actor_id, now=now)
    return row


def join_organisation(user: User, organisation: Organisation, role: MembershipRole, now: datetime) -> Membership:
    """Make a person act for a structure; joining twice is joining once."""
    held = db.session.scalar(
        select(Membership).where(Membership.user_id == user.id, Membership.organisation_id == organisation.id)
    )
    if held is not None:
        if held.ended_at is not None:
            held.ended_at = None
            audit.record("organisation.rejoin", organisation, actor_id=user.id, now=now)
        return held
    held = Membership(user=user, organisation=organisation, role=role, created_at=now)
    db.session.add(held)
    audit.record("organisation.join", organisation, actor_id=user.id, now=now, detail={"role": role.value})
    return held


def describe_organisation(organisation: Organisation, card: OrganisationCard, *, actor: User, now: datetime) -> None:
    """Change the card of a structure. Files already started keep what they say.

    Raises:
        InvalidError: the SIRET is already that of a structure of the region (on ``siret``).

    """
    with _unique_siret():
        organisation.name, organisation.kind = card.name, card.kind
        organisation.siret, organisation.finess_ej, organisation.finess_et = card.siret, card.finess_ej, card.finess_et
        organisation.department_code, organisation.mailbox = card.department_code, card.mailbox
        organisation.requires_signature = card.requires_signature
    audit.record("organisation.describe", organisation, actor_id=actor.id, now=now)


def grant_delegation(
    organisation: Organisation,
    holder_id: uuid.UUID,
    *,
    on_behalf_of: str,
    starts_on: date | None,
    ends_on: date | None,
    actor: User,
    now: datetime,
) -> Delegation:
    """Let a member sign for the structure, from a day on, until another one if any.

    Raises:
        InvalidError: not a member (``user_id``), nobody delegates (``on_behalf_of``), days missing or out of order
            (``starts_on``, ``ends_on``).

    """
    members = {held.user_id for held in organisation.memberships if held.ended_at is None}
    if holder_id not in members:
        raise InvalidError.on("user_id", "Choisissez un membre de la structure.", code="delegataire-inconnu")
    if not on_behalf_of.strip():
        message = "Indiquez au nom de qui cette personne signe : la fonction du représentant légal."
        raise InvalidError.on("on_behalf_of", message, code="delegant-manquant")
    if starts_on is None:
        raise InvalidError.on("starts_on", "Indiquez le premier jour de la délégation.", code="debut-manquant")
    if ends_on is not None and ends_on < starts_on:
        raise InvalidError.on("ends_on", "La délégation finit avant de commencer.", code="dates-inversees")
    row = Delegation(
        organisation_id=organisation.id,
        user_id=holder_id,
        on_behalf_of=on_behalf_of.strip()[:200],
        starts_on=starts_on,
        ends_on=ends_on,
        granted_at=now,
        granted_by_id=actor.id,
    )
    db.session.add(row)
    db.session.flush()
    db.session.expire(organisation, ["delegations"])
    detail = {
        "delegation": str(row.id),
        "holder": str(holder_id),
        "from": starts_on.isoformat(),
        "to": ends_on.isoformat() if ends_on else None,
    }
    audit.record("organisation.delegate", organisation, actor_id=actor.id, now=now, detail=detail)
    return row


def revoke_delegation(organisation: Organisation, delegation: Delegation, *, actor: User, now: datetime) -> None:
    """End a delegation at once; what was signed under it stays signed.

    Raises:
        ConflictError: it was already revoked.

    """
    if delegation.revoked_at is not None:
        raise ConflictError("Cette délégation a déjà pris fin.", code="delegation-close")
    delegation.revoked_at, delegation.revoked_by_id = now, actor.id
    detail = {"delegation": str(delegation.id)}
    audit.record("organisation.revoke_delegation", organisation, actor_id=actor.id, now=now, detail=detail)


@contextmanager
def _unique_siret() -> Iterator[None]:
    told = "Une structure porte déjà ce SIRET : l'un de ses responsables peut vous y inviter depuis « Mes structures »."
    taken = InvalidError.on("siret", told, code="siret-pris")
    with refusing({"uq_organisations_region_code_siret": taken}):
        yield
