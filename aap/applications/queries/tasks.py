"""What files wait for from one of their people, beside what their own list already says."""

from __future__ import annotations

import uuid

from sqlalchemy import select

from aap.applications.models import Application, FileSignature, Participant, ParticipantRole
from aap.applications.states import OPEN_TO_LEAD
from aap.db import db


def list_signatures_awaited(user_id: uuid.UUID) -> tuple[tuple[uuid.UUID, str], ...]:
    """Return the open files (identifier, title) that wait for this person's signature, oldest first; one query."""
    signed = select(FileSignature.application_id).where(FileSignature.user_id == user_id)
    query = (
        select(Application.id, Application.title)
        .join(Participant, Participant.application_id == Application.id)
        .where(
            Participant.user_id == user_id,
            Participant.role == ParticipantRole.SIGNATORY,
            Participant.ended_at.is_(None),
            Application.state.in_(OPEN_TO_LEAD),
            Application.id.not_in(signed),
        )
        .order_by(Application.created_at, Application.id)
    )
    return tuple((row[0], row[1] or "Dossier sans intitulé") for row in db.session.execute(query))
