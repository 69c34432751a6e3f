"""What funded files wait for between their notification and their contract, by call."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, func, select

from aap.applications.models import Application, ApplicationState
from aap.awards.checks import FUNDED
from aap.awards.models import Decision, Reservation
from aap.calls.models import CallVersion
from aap.db import db


@dataclass(frozen=True, slots=True)
class AwaitingContract:
    """The notified, funded files of a call: reservations still standing, and files that wait for their contract."""

    reservations_open: int = 0
    ready: int = 0


def count_awaiting_contract(
    call_ids: Collection[uuid.UUID], *, seen: ColumnElement[bool]
) -> Mapping[uuid.UUID, AwaitingContract]:
    """Count, for each of these calls, the reservations to lift and the contracts to sign; one query.

    ``seen`` is a condition on ``Application``.
    """
    standing = (
        select(func.count(Reservation.id))
        .where(Reservation.decision_id == Decision.id, Reservation.lifted_at.is_(None))
        .correlate(Decision)
        .scalar_subquery()
    )
    notified = (
        select(CallVersion.call_id, standing.label("standing"))
        .select_from(Application)
        .join(CallVersion, CallVersion.id == Application.call_version_id)
        .join(Decision, Decision.application_id == Application.id)
        .where(
            CallVersion.call_id.in_(call_ids),
            Application.state == ApplicationState.NOTIFIED,
            Decision.effect.in_(FUNDED),
            seen,
        )
        .subquery()
    )
    columns = notified.c
    ready = func.sum(case((columns.standing == 0, 1), else_=0))
    query = select(columns.call_id, func.sum(columns.standing), ready).group_by(columns.call_id)
    found = {
        call_id: AwaitingContract(int(reservations), int(files))
        for call_id, reservations, files in db.session.execute(query)
    }
    return {call_id: found.get(call_id, AwaitingContract()) for call_id in call_ids}
