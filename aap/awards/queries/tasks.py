"""The reservations that a lead still has to lift."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from aap.applications.models import Application, ApplicationState
from aap.awards.models import Decision, Reservation
from aap.db import db


@dataclass(frozen=True, slots=True)
class ReservationAwaited:
    """A reservation to lift: of which file, and by which day (included)."""

    id: uuid.UUID
    application_id: uuid.UUID
    title: str
    text: str
    deadline: date


def list_reservations_awaited(user_id: uuid.UUID) -> tuple[ReservationAwaited, ...]:
    """Return the reservations told to a lead and not lifted yet, the first due first; one query."""
    query = (
        select(Reservation.id, Application.id, Application.title, Reservation.text, Reservation.deadline)
        .join(Decision, Decision.id == Reservation.decision_id)
        .join(Application, Application.id == Decision.application_id)
        .where(
            Application.lead_id == user_id,
            Application.state == ApplicationState.NOTIFIED,
            Reservation.lifted_at.is_(None),
        )
        .order_by(Reservation.deadline, Reservation.key)
    )
    return tuple(ReservationAwaited(*row) for row in db.session.execute(query))
