"""The session as the awards see it: an agreement is checked like an advice; the signature makes each an advice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from aap.accounts.models import User
from aap.applications.models import ApplicationState
from aap.awards import checks
from aap.awards.inputs import OpinionInput
from aap.awards.models import JuryOpinion
from aap.awards.queries import find_proposal, tell_start
from aap.awards.service.decisions import record_jury_opinion
from aap.calls.models import Call
from aap.db import db
from aap.errors import ConflictError
from aap.jury.models import JurySession, SessionItem, SnapshotOccasion
from aap.jury.queries import on_agenda
from aap.jury.queries.snapshots import told_snapshots
from aap.jury.service.agreements import Agreement, record_agreement, sign_minutes
from aap.jury.service.holding import hold
from aap.jury.service.snapshots import freeze_at


def agree(
    item: SessionItem, data: Agreement, *, actor: User, now: datetime, seen_version: int | None = None
) -> SessionItem:
    """Record what the jury agrees on a file, checked like the advice it will become.

    Raises:
        as ``record_agreement``, and InvalidError when amount, rank, motive or reservations do not go with the kind, or
            when it departs from the scenario that the session starts from without saying why (on ``departure``).

    """
    application = item.application
    hold(item.session)  # the start of the session does not change under an opinion
    checks.check_kind_of_call(data.kind, application)
    checks.check_opinion(OpinionInput(data.kind, data.amount_eur, data.rank, data.motive))
    checks.check_within_request(application, data.amount_eur, "amount_eur")
    checks.check_reservations_told(data.kind, data.reservations)
    checks.check_departure(find_proposal(application), data.kind, data.amount_eur, data.departure, "departure")
    return record_agreement(item, data, actor=actor, now=now, seen_version=seen_version)


def seal_of(minutes: Mapping[str, Any]) -> str:
    """Return the SHA-256 of minutes, as canonical JSON."""
    text = json.dumps(minutes, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def sign(session: JurySession, minutes: Mapping[str, Any], *, actor: User, now: datetime) -> JurySession:
    """Sign the minutes: each agreement becomes the jury's advice on its file, unless one was already recorded.

    ``minutes`` tells every file of the agenda; a file withdrawn meanwhile is no more on it. The ranking is frozen
    first, and the signed text names it.

    Raises:
        ConflictError: as ``sign_minutes``, or the person does not read every file of the agenda.

    """
    if {row["application_id"] for row in minutes["files"]} != {str(item.application_id) for item in on_agenda(session)}:
        message = "Vous ne lisez pas tous les dossiers de la séance : une autre personne doit signer le procès-verbal."
        raise ConflictError(message, code="deport")
    call = db.session.get_one(Call, session.call_id)
    freeze_at(call, SnapshotOccasion.SIGNATURE, actor=actor, now=now)
    minutes = {**tell_start(minutes, session), "rankings": told_snapshots(session.call_id)}
    sign_minutes(session, minutes, seal_of(minutes), actor=actor, now=now)
    known = set(
        db.session.scalars(
            select(JuryOpinion.application_id).where(
                JuryOpinion.application_id.in_([item.application_id for item in session.items])
            )
        )
    )
    for item in session.items:
        if item.application_id in known or item.kind is None or item.application.state is not ApplicationState.SCORED:
            continue
        motive = "\n".join(text for text in (item.motive, item.departure) if text)
        data = OpinionInput(item.kind, item.amount_eur, item.rank, motive)
        record_jury_opinion(item.application, data, actor=actor, now=now)
    return session
