"""Admitting one draft after the closing: a named officer, a reason, an hour, all in the journal."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import String, cast, func, select

from aap import audit, french
from aap.accounts.models import User
from aap.applications.models import Application, ApplicationState, LateAdmission
from aap.applications.notices import tell_admitted_late
from aap.applications.states import is_officer
from aap.calls.models import Call, CallVersion
from aap.calls.queries import calendar_of
from aap.db import db
from aap.errors import ConflictError, ForbiddenError, InvalidError

LONGEST_REASON = 2000
_CODE = re.compile(r"[0-9A-F]{8}")


def find_draft(call: Call, code: str) -> Application:
    """Return the draft of a call that a code names.

    Raises:
        InvalidError: no draft of this call has this code (on ``code``).

    """
    wanted = re.sub(r"[^0-9A-Za-z]", "", code).upper()
    found = []
    if _CODE.fullmatch(wanted):
        query = (
            select(Application)
            .join(CallVersion, CallVersion.id == Application.call_version_id)
            .where(
                CallVersion.call_id == call.id,
                Application.state == ApplicationState.DRAFT,
                func.upper(cast(Application.id, String)).startswith(wanted),
            )
        )
        found = list(db.session.scalars(query))
    if len(found) != 1:
        message = "Aucun brouillon de cet appel ne porte ce code. Le porteur le lit en haut de son dossier."
        raise InvalidError.on("code", message, code="brouillon-inconnu")
    return found[0]


def admit_late(application: Application, until: datetime, reason: str, *, actor: User, now: datetime) -> LateAdmission:
    """Give one draft a later deadline than its call; the lead is told, and the rule stays what it was for the others.

    Raises:
        ForbiddenError: the person is not an officer of the call.
        ConflictError: the file is no longer a draft, or the call is cancelled.
        InvalidError: no reason, or an hour that is past or before the closing (on ``reason`` or ``until``).

    """
    if not is_officer(application, actor):
        raise ForbiddenError("Cette action revient aux instructeurs de l'appel.")
    if application.state is not ApplicationState.DRAFT or application.call_version.call.cancelled_at is not None:
        raise ConflictError("Ce dossier n'attend plus d'être déposé.", code="brouillon-clos")
    closes_at = calendar_of(application.call_version.call).closes_at
    text = reason.strip()
    if not text or len(text) > LONGEST_REASON:
        message = "Écrivez le motif du délai (2 000 caractères au plus) : il est conservé au journal."
        raise InvalidError.on("reason", message, code="motif-manquant")
    if until <= now:
        raise InvalidError.on("until", "Choisissez une heure à venir.", code="heure-passee")
    if closes_at is not None and until <= closes_at:
        message = f"Choisissez une heure après la clôture ({french.moment(closes_at)})."
        raise InvalidError.on("until", message, code="heure-avant-cloture")
    row = LateAdmission(application_id=application.id, until=until, reason=text, granted_by_id=actor.id, granted_at=now)
    db.session.add(row)
    db.session.flush()
    detail = {"admission": str(row.id), "until": until.isoformat()}
    audit.record("applications.admit_late", application, actor_id=actor.id, now=now, detail=detail)
    tell_admitted_late(application, row, now)
    return row
