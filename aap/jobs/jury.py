"""What later news of a file promises to the members of its jury."""

from __future__ import annotations

import uuid
from datetime import datetime

from aap.applications.notices import WITHDRAWN
from aap.calls.models import Call
from aap.db import db
from aap.documents.minutes import render_minutes
from aap.extensions import storage
from aap.files.service import store_document
from aap.jury.minutes import read_minutes
from aap.jury.models import JurySession
from aap.jury.news import tell_withdrawn
from aap.jury.service.agreements import MINUTES
from aap.outbox import Handler, Promise
from aap.referentials.queries import get_region


def tell_jury_withdrawn(promise: Promise, now: datetime) -> None:
    """Tell the members who were to mark a file that it is withdrawn."""
    tell_withdrawn(uuid.UUID(promise.payload["application_id"]), now)


def make_minutes(promise: Promise, now: datetime) -> None:
    """Write the signed minutes and keep them beside the session."""
    session = db.session.get_one(JurySession, uuid.UUID(promise.payload["session_id"]))
    if session.minutes_file_id is not None or session.minutes is None:
        return
    call = db.session.get_one(Call, session.call_id)
    told = read_minutes(
        session.minutes, get_region(call.region_code), signed_at=session.signed_at, seal=session.seal or ""
    )
    name = f"proces-verbal-{call.ref}.pdf"
    file = store_document(storage(), render_minutes(told), name, region_code=call.region_code, now=now)
    session.minutes_file_id = file.id


HANDLERS: dict[str, Handler] = {WITHDRAWN: tell_jury_withdrawn, MINUTES: make_minutes}
