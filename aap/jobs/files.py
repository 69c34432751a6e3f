"""What uploads promise: their analysis by the virus scanner, and a reading of their text."""

from __future__ import annotations

import uuid
from datetime import datetime

from aap.applications.notices import tell_infected
from aap.applications.queries import list_pieces_of
from aap.db import db, released, unit_of_work
from aap.documents.reading import seems_sensitive
from aap.errors import NotFoundError, UnavailableError
from aap.extensions import scanner, storage
from aap.files.models import ScanState
from aap.files.queries import get_stored_file, list_unread
from aap.files.service import SCAN, ask_missing_scans, record_scan
from aap.jobs.workbench import workbench
from aap.outbox import Handler, Promise
from aap.scanner import Verdict

READ_AT_ONCE = 4


def scan_file(promise: Promise, now: datetime) -> None:
    """Have a file read by the scanner; a virus is put away, and told to the lead and to the agency.

    Raises:
        UnavailableError: the scanner does not answer, or none is configured any more; tried again later.

    """
    file = get_stored_file(uuid.UUID(promise.payload["file_id"]))
    if file.scan_state is not ScanState.PENDING:
        return
    reader = scanner()
    if reader is None:
        message = "aucun antivirus n'est configuré (AAP_CLAMD_URL)"
        raise UnavailableError(message)
    with released():
        result = reader.scan(storage().read(file.storage_key))
    if file.scan_state is not ScanState.PENDING:
        return
    record_scan(file, result, storage(), now)
    if result.verdict is Verdict.INFECTED:
        for piece in list_pieces_of(file.id):
            tell_infected(piece, now)


def ask_scans(now: datetime) -> int:
    """Ask the analysis of the files received before a scanner was configured."""
    return ask_missing_scans(storage(), now)


def read_files() -> int:
    """Read the text of the PDF files received since, a few at a time; say which seem to hold a social security number.

    Nothing read is kept nor logged, and a file that cannot be read is not suspected. Reading takes its time outside of
    any transaction.
    """
    waiting = [(file.id, file.storage_key) for file in list_unread(READ_AT_ONCE)]
    db.session.commit()
    for file_id, key in waiting:
        sensitive = _read(key)
        with unit_of_work():
            get_stored_file(file_id).sensitive = sensitive
    return len(waiting)


def _read(key: str) -> bool:
    with workbench() as folder:
        path = folder / "copy.pdf"
        try:
            with path.open("wb") as copy:
                for chunk in storage().read(key):
                    copy.write(chunk)
        except NotFoundError:
            return False
        return seems_sensitive(path)


HANDLERS: dict[str, Handler] = {SCAN: scan_file}
