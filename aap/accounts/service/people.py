"""Changing people and their regional roles."""

from __future__ import annotations

import uuid
from datetime import datetime

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select

from aap import audit
from aap.accounts.models import RegionalRole, RoleName, User
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
