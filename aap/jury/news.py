"""News of a file for the members of its jury: it was withdrawn. A job delivers them."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from aap.applications.models import Application, ApplicationState
from aap.applications.queries import get_application
from aap.db import db
from aap.jury.blindness import recused_members
from aap.jury.models import Assignment, InterestDeclaration, JuryMember
from aap.outbox import promise_mail


def tell_withdrawn(application_id: uuid.UUID, now: datetime) -> int:
    """Tell the members who were to mark a file that it is withdrawn; return how many are told.

    Whoever left the jury, stood back from the file or has not signed the declaration yet is told nothing of it.

    Raises:
        NotFoundError: no such file.

    """
    application = get_application(application_id)
    if application.state is not ApplicationState.WITHDRAWN:
        return 0
    members = _members_of(application)
    call = application.call_version.call
    for member in members:
        promise_mail(
            "jury-withdrawn",
            member.user.email,
            {"reference": application.reference or "", "call_title": call.title, "path": f"/jury/{call.id}"},
            key=f"jury-withdrawn:{application.id}",
            now=now,
            region_code=call.region_code,
        )
    return len(members)


def _members_of(application: Application) -> list[JuryMember]:
    query = (
        select(JuryMember)
        .join(Assignment, Assignment.jury_member_id == JuryMember.id)
        .where(
            Assignment.application_id == application.id,
            JuryMember.left_at.is_(None),
            JuryMember.id.in_(select(InterestDeclaration.jury_member_id)),
            JuryMember.id.not_in(recused_members(application.id)),
        )
        .options(joinedload(JuryMember.user))
        .order_by(JuryMember.code)
    )
    return list(db.session.scalars(query))
