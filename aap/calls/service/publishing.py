"""Publishing a call, which freezes its version, and cancelling it."""

from __future__ import annotations

from datetime import datetime

from aap import audit
from aap.accounts.models import User
from aap.calls.document.composing import fingerprint_of
from aap.calls.models import Call
from aap.calls.queries.calendars import calendar_of
from aap.clock import paris
from aap.db import db
from aap.errors import ConflictError, InvalidError
from aap.french import moment
from aap.outbox import promise
from aap.referentials.territory.places import accessibility_in_force


def publish_call(call: Call, actor: User | None, now: datetime) -> None:
    """Publish a draft call: its version is frozen and sealed, it is seen by all and opens at its hour.

    The vintage of the APL in force that day is frozen with it: what is imported later changes nothing for its files.

    Raises:
        ConflictError: it is already published, or cancelled.
        InvalidError: its closing hour is already past.

    """
    if call.cancelled_at is not None:
        raise ConflictError("Cet appel est annulé.", code="appel-annule")
    if call.published_at is not None:
        raise ConflictError("Cet appel est déjà publié.", code="appel-publie")
    closes_at = calendar_of(call).closes_at
    if closes_at is None or closes_at <= now:
        message = f"La clôture des dépôts ({moment(closes_at)}) est déjà passée."
        raise InvalidError.on("submission_deadline", message, code="cloture-passee")
    version = call.versions[-1]
    version.fingerprint = fingerprint_of(call, version)
    version.frozen_at = now
    in_force = accessibility_in_force(paris(now).date())
    version.accessibility_id = None if in_force is None else in_force.id
    call.published_at = now
    db.session.flush()
    detail = {"version": version.number, "fingerprint": version.fingerprint}
    audit.record("call.publish", call, actor_id=None if actor is None else actor.id, now=now, detail=detail)


def cancel_call(call: Call, reason: str, actor: User | None, now: datetime) -> None:
    """Cancel a call, with the reason that is shown to all; drafts are told.

    Raises:
        ConflictError: it is already cancelled.
        InvalidError: no reason is given.

    """
    if call.cancelled_at is not None:
        raise ConflictError("Cet appel est déjà annulé.", code="appel-annule")
    if not reason.strip():
        raise InvalidError.on("reason", "Indiquez le motif de l'annulation : il sera public.", code="motif-manquant")
    call.cancelled_at, call.cancel_reason = now, reason.strip()
    db.session.flush()
    audit.record("call.cancel", call, actor_id=None if actor is None else actor.id, now=now)
    promise(
        "call-cancelled",
        {"call_id": str(call.id)},
        key=f"call-cancelled:{call.id}",
        now=now,
        region_code=call.region_code,
    )
