"""What uploads promise: their analysis by the virus scanner, and a reading of their text."""

from __future__ import annotations

import uuid
from datetime import datetime

from aap.applications.notices import tell_infected
from aap.applications.queries import find_piece_of
from aap.errors import UnavailableError
from aap.extensions import scanner, storage
from aap.files.models import ScanState
from aap.files.queries import get_stored_file
from aap.files.service import SCAN, ask_missing_scans, record_scan
from aap.outbox import Handler, Promise
from aap.scanner import Verdict


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
    result = reader.scan(storage().read(file.storage_key))
    record_scan(file, result, storage(), now)
    if result.verdict is Verdict.INFECTED:
        piece = find_piece_of(file.id)
        if piece is not None:
            tell_infected(piece, now)


def ask_scans(now: datetime) -> int:
    """Ask the analysis of the files received before a scanner was configured."""
    return ask_missing_scans(storage(), now)


HANDLERS: dict[str, Handler] = {SCAN: scan_file}
