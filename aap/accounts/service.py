"""Changing people, their organisations and their roles."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select

from aap import audit
from aap.accounts.models import Membership, MembershipRole, Organisation, RegionalRole, RoleName, User
from aap.db import db, refusing
from aap.errors import InvalidError


def create_user(
    email: str,
    *,
    now: datetime,
    password_hash: str | None = None,
    given_name: str = "",
    family_name: str = "",
    job_title: str = "",
    confirmed: bool = True,
    actor_id: uuid.UUID | None = None,
) -> User:
    """Create a person who may sign in. ``password_hash`` is what Flask-Security's ``hash_password`` returns.

    Raises:
        InvalidError: the address is malformed or already used (on ``email``).

    """
    try:
        address = validate_email(email, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError as error:
        raise InvalidError.on(
            "email", "Cette adresse électronique n'est pas valide.", code="courriel-invalide"
        ) from error
    user = User(
        email=address,
        password=password_hash,
        fs_uniquifier=uuid.uuid4().hex,
        confirmed_at=now if confirmed else None,
        created_at=now,
        given_name=given_name,
        family_name=family_name,
        job_title=job_title,
    )
    taken = InvalidError.on("email", "Cette adresse a déjà un compte.", code="courriel-pris")
    with refusing({"uq_users_email": taken}):
        db.session.add(user)
    audit.record("user.create", user, actor_id=actor_id, now=now)
    return user


def rename_user(user: User, *, given_name: str, family_name: str, job_title: str, now: datetime) -> None:
    """Change a person's name and function."""
    user.given_name, user.family_name, user.job_title = given_name.strip(), family_name.strip(), job_title.strip()
    audit.record("user.rename", user, actor_id=user.id, now=now)


def grant_role(
    user: User,
    region_code: str,
    role: RoleName,
    *,
    now: datetime,
    department_code: str | None = None,
    actor_id: uuid.UUID | None = None,
) -> RegionalRole:
    """Give a person a role in a region; the same role twice is one role."""
    held = db.session.scalar(
        select(RegionalRole).where(
            RegionalRole.user_id == user.id,
            RegionalRole.region_code == region_code,
            RegionalRole.role == role,
            RegionalRole.department_code.is_(None)
            if department_code is None
            else RegionalRole.department_code == department_code,
        )
    )
    if held is not None:
        return held
    held = RegionalRole(
        user=user,
        region_code=region_code,
        role=role,
        department_code=department_code,
        granted_at=now,
        granted_by_id=actor_id,
    )
    db.session.add(held)
    audit.record(
        "user.grant_role", user, actor_id=actor_id, now=now, detail={"region": region_code, "role": role.value}
    )
    return held


@dataclass(frozen=True, slots=True)
class OrganisationCard:
    """What identifies a structure: its name, kind (a code of the vocabularies), numbers and place."""

    name: str
    kind: str
    siret: str | None = None
    finess_et: str | None = None
    department_code: str | None = None
    mailbox: str | None = None


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
        finess_et=card.finess_et,
        department_code=card.department_code,
        mailbox=card.mailbox,
        created_at=now,
    )
    taken = InvalidError.on("siret", "Une structure porte déjà ce SIRET : demandez à la rejoindre.", code="siret-pris")
    with refusing({"uq_organisations_region_code_siret": taken}):
        db.session.add(row)
    audit.record("organisation.create", row, actor_id=actor_id, now=now)
    return row


def join_organisation(user: User, organisation: Organisation, role: MembershipRole, now: datetime) -> Membership:
    """Make a person act for a structure; joining twice is joining once."""
    held = db.session.scalar(
        select(Membership).where(Membership.user_id == user.id, Membership.organisation_id == organisation.id)
    )
    if held is not None:
        held.ended_at = None
        return held
    held = Membership(user=user, organisation=organisation, role=role, created_at=now)
    db.session.add(held)
    audit.record("organisation.join", organisation, actor_id=user.id, now=now, detail={"role": role.value})
    return held
