"""Who said no: invitations declined from their link, files given back before being marked."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from aap.accounts.models import User
from aap.applications.models import Application
from aap.db import db
from aap.jury.models import AssignmentRefusal, JuryInvitation, JuryMember


@dataclass(frozen=True, slots=True)
class DeclineRow:
    """A refusal: of ``who`` (a code and a name, or an address), of ``what`` (a file, or to sit), why and when."""

    who: str
    what: str
    reason: str
    at: datetime


def list_declines(call_id: uuid.UUID, *, seen: ColumnElement[bool]) -> tuple[DeclineRow, ...]:
    """Return the refusals of a call's jury, the latest first; two queries.

    ``seen`` is a condition on ``Application``: nothing is told of a file that the reader stood back from.
    """
    invitations = select(JuryInvitation).where(
        JuryInvitation.call_id == call_id, JuryInvitation.declined_at.is_not(None)
    )
    rows = [
        DeclineRow(one.email, "Siéger au jury", one.decline_reason or "", one.declined_at)
        for one in db.session.scalars(invitations)
        if one.declined_at is not None
    ]
    files = (
        select(AssignmentRefusal, JuryMember.code, User, func.coalesce(Application.reference, ""))
        .join(JuryMember, JuryMember.id == AssignmentRefusal.jury_member_id)
        .join(User, User.id == JuryMember.user_id)
        .join(Application, Application.id == AssignmentRefusal.application_id)
        .where(JuryMember.call_id == call_id, seen)
    )
    rows += [
        DeclineRow(f"{code} – {user.display_name}", f"Noter {reference}", row.reason, row.at)
        for row, code, user, reference in db.session.execute(files)
    ]
    return tuple(sorted(rows, key=lambda row: (row.at, row.who), reverse=True))
