"""The invitations to a jury: by identifier, by the secret of a link, and those that nobody answered."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased

from aap.accounts.links import hash_of
from aap.accounts.models import User
from aap.calls.models import JuryCollege
from aap.db import db
from aap.errors import NotFoundError
from aap.jury.models import JuryInvitation, JuryMember


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """An invitation that nobody used nor cancelled. ``stands_in_for`` names the seat to take, if any."""

    id: uuid.UUID
    email: str
    college: str
    chair: bool
    substitute: bool
    stands_in_for: str
    inviter: str
    created_at: datetime
    expires_at: datetime

    def expired(self, now: datetime) -> bool:
        """Tell whether its link no longer serves."""
        return now >= self.expires_at


def get_jury_invitation(invitation_id: uuid.UUID) -> JuryInvitation:
    """Return an invitation to a jury.

    Raises:
        NotFoundError: no such invitation.

    """
    found = db.session.get(JuryInvitation, invitation_id)
    if found is None:
        raise NotFoundError("Cette invitation n'existe pas.")
    return found


def find_jury_invitation(token: str) -> JuryInvitation | None:
    """Return the invitation whose link bears this secret."""
    return db.session.scalar(select(JuryInvitation).where(JuryInvitation.token_hash == hash_of(token)))


def list_waiting_invitations(call_id: uuid.UUID, *, seen: ColumnElement[bool]) -> tuple[InvitationRow, ...]:
    """Return the invitations of a jury that nobody answered, expired ones included, oldest first: one query."""
    inviter, absent = aliased(User), aliased(User)
    query = (
        select(JuryInvitation, JuryCollege.label, inviter, JuryMember.code, absent)
        .join(JuryCollege, JuryCollege.id == JuryInvitation.college_id)
        .join(inviter, inviter.id == JuryInvitation.created_by_id)
        .outerjoin(JuryMember, JuryMember.id == JuryInvitation.stands_in_for_id)
        .outerjoin(absent, absent.id == JuryMember.user_id)
        .where(
            JuryInvitation.call_id == call_id,
            JuryInvitation.used_at.is_(None),
            JuryInvitation.revoked_at.is_(None),
            seen,
        )
        .order_by(JuryInvitation.created_at, JuryInvitation.email)
    )
    return tuple(
        InvitationRow(
            one.id,
            one.email,
            college,
            one.chair,
            one.substitute,
            f"{code} – {replaced.display_name}" if replaced is not None else "",
            by.display_name,
            one.created_at,
            one.expires_at,
        )
        for one, college, by, code, replaced in db.session.execute(query)
    )
