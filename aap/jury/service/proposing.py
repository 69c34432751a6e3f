"""Apply a proposal of assignments: new pairs only, each with why."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from aap.accounts.models import User
from aap.applications.models import Application
from aap.db import db
from aap.errors import ConflictError
from aap.jury.models import JuryMember
from aap.jury.proposal import Proposal
from aap.jury.service.files import assign


def apply_proposal(proposal: Proposal, *, read: str, actor: User, now: datetime) -> int:
    """Confide each proposed file to its member, and return how many were. ``read`` is the fingerprint of the preview.

    Raises:
        ConflictError: the proposal computed now is not the one that was read; or a pair was taken meanwhile.
        ForbiddenError: a member left or stood back meanwhile.

    """
    if read != proposal.fingerprint:
        message = "Le jury ou les dossiers ont changé entre-temps : relisez cette proposition. Rien n'est enregistré."
        raise ConflictError(message, code="proposition-perimee")
    seats = select(JuryMember).where(JuryMember.id.in_({one.member_id for one in proposal.added}))
    wanted = select(Application).where(Application.id.in_({one.application_id for one in proposal.added}))
    members = {member.id: member for member in db.session.scalars(seats)}
    files = {file.id: file for file in db.session.scalars(wanted)}
    for one in proposal.added:
        assign(members[one.member_id], files[one.application_id], actor=actor, now=now, why=one.why)
    return len(proposal.added)
