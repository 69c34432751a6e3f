"""Asking for the whole file as one PDF: one print per deposit and per way of reading it, however often it is asked."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import select

from aap.accounts.models import User
from aap.applications.models import DossierPrint, Submission
from aap.applications.queries import Audience
from aap.db import db
from aap.outbox import promise

PRINT = "dossier-print"
READINGS = {
    Audience.LEAD: "agency",
    Audience.GUEST: "opinion",
    Audience.AGENCY: "agency",
    Audience.OPINION: "opinion",
    Audience.JURY: "jury",
}


def find_print(submission: Submission, audience: Audience) -> DossierPrint | None:
    """Return the print of a deposit for a way of reading it, asked or made."""
    return db.session.scalar(
        select(DossierPrint).where(
            DossierPrint.submission_id == submission.id, DossierPrint.audience == READINGS[audience]
        )
    )


def ask_print(submission: Submission, audience: Audience, *, actor: User, now: datetime) -> DossierPrint:
    """Ask the worker for a print; one that was asked or made already is returned as it is."""
    known = find_print(submission, audience)
    if known is not None:
        return known
    row = DossierPrint(
        id=uuid.uuid4(),
        submission_id=submission.id,
        audience=READINGS[audience],
        asked_by_id=actor.id,
        asked_at=now,
    )
    db.session.add(row)
    db.session.flush()
    promise(
        PRINT,
        {"print_id": str(row.id)},
        key=f"{PRINT}:{row.id}",
        now=now,
        region_code=submission.application.region_code,
    )
    return row
