"""Late admissions: the hour until which one draft may still be deposited, granted by name and with a reason."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Subquery, func, select

from aap.accounts.models import User
from aap.applications.models import Application, LateAdmission
from aap.calls.models import CallVersion
from aap.db import db


@dataclass(frozen=True, slots=True)
class LateRow:
    """A late admission as its officers list it: the draft by its code, never by what it says."""

    code: str
    until: datetime
    reason: str
    granted_by: str
    granted_at: datetime
    deposited_at: datetime | None


def draft_code(application_id: uuid.UUID) -> str:
    """Return the short code that a lead reads out to the agency: it names a draft and tells nothing of it."""
    return application_id.hex[:8].upper()


def granted_until(application: Application) -> datetime | None:
    """Return the latest hour granted to this file, if any was."""
    query = select(func.max(LateAdmission.until)).where(LateAdmission.application_id == application.id)
    return db.session.scalar(query)


def late_admissions() -> Subquery:
    """Return, by ``application_id``, the latest hour granted (``until``) and when it last was (``granted_at``)."""
    return (
        select(
            LateAdmission.application_id,
            func.max(LateAdmission.until).label("until"),
            func.max(LateAdmission.granted_at).label("granted_at"),
        )
        .group_by(LateAdmission.application_id)
        .subquery("late")
    )


def list_late_admissions(call_id: uuid.UUID) -> list[LateRow]:
    """Return the late admissions of a call, the last one first."""
    rows = db.session.execute(
        select(LateAdmission, Application, User)
        .join(Application, Application.id == LateAdmission.application_id)
        .join(CallVersion, CallVersion.id == Application.call_version_id)
        .join(User, User.id == LateAdmission.granted_by_id)
        .where(CallVersion.call_id == call_id)
        .order_by(LateAdmission.granted_at.desc(), LateAdmission.id)
    )
    return [
        LateRow(
            draft_code(application.id),
            row.until,
            row.reason,
            person.display_name,
            row.granted_at,
            application.submitted_at,
        )
        for row, application, person in rows
    ]
