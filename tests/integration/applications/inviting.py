"""Invitations in tests: the secret of a link, and the shortest way to a seat on a file."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import select

from aap.accounts import links
from aap.accounts.models import User
from aap.applications.models import Application, Participant, ParticipantRole
from aap.applications.service import Rights, accept_invitation, invite
from aap.db import db
from aap.outbox import Promise
from tests.integration.applications.case import DRAFTED

SECRET = "test-" * 10


def make_token(link_id: uuid.UUID) -> str:
    """Return the secret of a link, as the test application makes it."""
    return links.make_token(SECRET, link_id)


def seat(
    application: Application,
    user: User,
    role: ParticipantRole = ParticipantRole.EDITOR,
    sections: tuple[str, ...] | None = None,
    now: datetime = DRAFTED,
) -> Participant:
    """Invite somebody and accept in their name."""
    lead = application.lead
    made = invite(application, user.email, Rights(role, sections), make_token=make_token, actor=lead, now=now)
    return accept_invitation(made, actor=user, now=now)


def mails_to(address: str) -> list[str]:
    """Return the templates of the mails promised to an address."""
    rows = db.session.scalars(select(Promise).order_by(Promise.created_at, Promise.key))
    return [row.payload["template"] for row in rows if row.payload.get("to") == address]
