"""The thread of a file, on both sides: what a page shows, and what a form sends."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import request
from werkzeug.datastructures import FileStorage

from aap.applications.models import Application
from aap.applications.queries import MessageRow, list_messages
from aap.applications.service import Upload, mark_read, write_message
from aap.blueprints.access import signed_in_actor
from aap.db import unit_of_work
from aap.errors import InvalidError, TooLargeError
from aap.extensions import clock, settings, storage
from aap.files.models import ScanState
from aap.files.service import ACCEPTED
from aap.storage import CHUNK

SCANS = {
    ScanState.NOT_SCANNED: "Non analysé par l'antivirus",
    ScanState.CLEAN: "",
    ScanState.INFECTED: "Virus trouvé : non remis",
}


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """What both pages of a thread show. ``key`` makes a double click one message; ``until`` is what the page shows."""

    messages: tuple[MessageRow, ...]
    new: int
    waits: bool
    until: str
    key: str
    text: str
    errors: dict[str, str]
    accepted: str = ACCEPTED
    scans: dict[ScanState, str] = field(default_factory=lambda: SCANS)


def thread_page(
    application: Application, *, as_agency: bool, text: str = "", errors: dict[str, str] | None = None, key: str = ""
) -> ThreadPage:
    """Gather the thread as this person reads it."""
    messages = list_messages(application, signed_in_actor(), as_agency=as_agency)
    return ThreadPage(
        messages=messages,
        new=sum(row.new for row in messages),
        waits=any(row.waits for row in messages),
        until=messages[-1].at.isoformat() if messages else "",
        key=key or str(uuid.uuid4()),
        text=text,
        errors=errors or {},
    )


def receive_message(application: Application, *, as_agency: bool) -> tuple[str, dict[str, str]]:
    """Write the message that a form sent; return its text and why it is refused, if it is.

    Whoever answers has read what the page showed, and nothing that came meanwhile.
    """
    text, now = request.form.get("text", ""), clock().now()
    try:
        with unit_of_work():
            write_message(
                application,
                text,
                [_upload(sent) for sent in request.files.getlist("file") if sent.filename],
                storage=storage(),
                actor=signed_in_actor(),
                now=now,
                idempotency_key=request.form.get("key", "") or str(uuid.uuid4()),
            )
            if request.form.get("until"):
                _mark(application, now, as_agency=as_agency)
    except InvalidError as error:
        return text, {problem.place: problem.message for problem in error.problems} or {"text": error.message}
    except TooLargeError as error:
        return text, {"file": error.message}
    return text, {}


def receive_mark(application: Application, *, as_agency: bool) -> None:
    """Mark the thread read up to what the page showed; an hour that cannot be read, or to come, marks until now."""
    with unit_of_work():
        _mark(application, clock().now(), as_agency=as_agency)


def _mark(application: Application, now: datetime, *, as_agency: bool) -> None:
    until = min(_hour(request.form.get("until", ""), now), now)
    mark_read(application, signed_in_actor(), until=until, as_agency=as_agency)


def _hour(text: str, now: datetime) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return now
    return found if found.tzinfo else now


def _upload(sent: FileStorage) -> Upload:
    chunks: Iterable[Any] = iter(lambda: sent.stream.read(CHUNK), b"")
    return Upload(chunks, sent.filename or "", settings().storage.max_file_bytes)
