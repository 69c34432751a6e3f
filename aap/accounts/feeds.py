"""The private address of one's deadlines: made once, shown once, replaced or withdrawn at will."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import delete, select

from aap import audit
from aap.accounts.models import AgendaFeed, User
from aap.db import db
from aap.errors import NotFoundError

_SECRET_BYTES = 24


def open_feed(person: User, now: datetime) -> str:
    """Return the secret of a new address, which replaces the former one at once; it is never shown again."""
    close_feed(person, now)
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    db.session.add(AgendaFeed(user_id=person.id, secret_sha256=_hashed(secret), created_at=now))
    db.session.flush()
    audit.record("user.open_agenda_feed", person, actor_id=person.id, now=now)
    return secret


def close_feed(person: User, now: datetime) -> bool:
    """Withdraw the address; return whether there was one."""
    gone = db.session.execute(delete(AgendaFeed).where(AgendaFeed.user_id == person.id).returning(AgendaFeed.id))
    closed = gone.first() is not None
    if closed:
        audit.record("user.close_agenda_feed", person, actor_id=person.id, now=now)
    return closed


def find_feed(person: User) -> AgendaFeed | None:
    """Return a person's address, as far as it is known: since when."""
    return db.session.scalar(select(AgendaFeed).where(AgendaFeed.user_id == person.id))


def owner_of(secret: str) -> User:
    """Return whose deadlines an address gives.

    Raises:
        NotFoundError: no such address, or its person's account is closed.

    """
    query = select(User).join(AgendaFeed, AgendaFeed.user_id == User.id)
    person = db.session.scalar(query.where(AgendaFeed.secret_sha256 == _hashed(secret), User.active.is_(True)))
    if person is None:
        raise NotFoundError("Cet agenda n'existe pas.")
    return person


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
