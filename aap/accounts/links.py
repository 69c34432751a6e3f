"""Links sent by mail: each expires, serves once, is bound to an address, and is known here by a hash alone.

The secret of a link is never written in the database, not even in the promise of its mail: it is computed from the
key of the service and the identifier of the row, when the mail leaves and when the row is made.
"""

from __future__ import annotations

import base64
import enum
import hashlib
import hmac
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from aap.db import db
from aap.errors import InvalidError
from aap.outbox import promise

LINK_MAIL = "link-mail"
VALIDITY = timedelta(days=14)

MakeToken = Callable[[uuid.UUID], str]


class LinkState(enum.Enum):
    """What a link may still do."""

    OPEN = "open"
    USED = "used"
    REVOKED = "revoked"
    EXPIRED = "expired"


class OneTimeLink:
    """Mixin: a link promised to an address. The row also says who sent it and what became of it."""

    id: Mapped[uuid.UUID]
    email: Mapped[str] = mapped_column(String(254))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    @declared_attr
    def created_by_id(cls) -> Mapped[uuid.UUID]:  # noqa: N805  # a declared_attr receives the class
        """Return the column of the sender."""
        return mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))

    def state(self, now: datetime) -> LinkState:
        """Tell what the link may still do."""
        if self.used_at is not None:
            return LinkState.USED
        if self.revoked_at is not None:
            return LinkState.REVOKED
        return LinkState.EXPIRED if now >= self.expires_at else LinkState.OPEN


def is_revoked(link_id: uuid.UUID) -> bool:
    """Tell whether a link, of whatever kind, was taken back."""
    found = (db.session.get(kind, link_id) for kind in OneTimeLink.__subclasses__())
    return any(row is not None and row.revoked_at is not None for row in found)


def link_rules(table: str, *subject: str) -> tuple[CheckConstraint | Index, ...]:
    """Return the constraints of a table of links: one that waits per ``subject`` (columns), among others."""
    waiting = text("used_at IS NULL AND revoked_at IS NULL")
    return (
        CheckConstraint("email = lower(email)", name="email_lowercase"),
        CheckConstraint("expires_at > created_at", name="expires_after_creation"),
        CheckConstraint("used_at IS NULL OR revoked_at IS NULL", name="used_or_revoked"),
        CheckConstraint("length(token_hash) = 64", name="token_hash_is_sha256"),
        Index(f"uq_{table}_waiting", *subject, unique=True, postgresql_where=waiting, sqlite_where=waiting),
    )


def make_token(secret: str, link_id: uuid.UUID) -> str:
    """Return the secret of a link: HMAC-SHA256 of its identifier under the key of the service, for an address."""
    digest = hmac.new(secret.encode(), f"aap:link:{link_id}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def hash_of(token: str) -> str:
    """Return what is kept of a link's secret: its SHA-256, in hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()


def read_address(email: str) -> str:
    """Return an address as links keep it.

    Raises:
        InvalidError: it is malformed (on ``email``).

    """
    try:
        return validate_email(email.strip(), check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError as error:
        message = "Cette adresse n'est pas complète ou comporte une faute. Exemple : prenom.nom@structure.fr"
        raise InvalidError.on("email", message, code="courriel-invalide") from error


def masked(email: str) -> str:
    """Return an address that its owner recognises and that nobody else learns: ``m…@structure.fr``."""
    name, _, domain = email.partition("@")
    return f"{name[:1]}…@{domain}"


def promise_link(
    link: OneTimeLink,
    template: str,
    context: Mapping[str, Any],
    *,
    path: str,
    now: datetime,
    region_code: str,
) -> None:
    """Promise the mail that carries a link; ``path`` is the address of its page, without the secret."""
    payload = {
        "template": template,
        "to": link.email,
        "context": dict(context),
        "link_id": str(link.id),
        "path": path,
    }
    promise(LINK_MAIL, payload, key=f"{LINK_MAIL}:{link.id}", now=now, region_code=region_code)
