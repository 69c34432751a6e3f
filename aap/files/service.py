"""Storing a file: streamed to disk, hashed, typed by its content, refused with its reason before it is kept."""

from __future__ import annotations

import re
import tempfile
import unicodedata
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import PurePosixPath
from typing import BinaryIO

from sqlalchemy import select

from aap import audit
from aap.db import db
from aap.errors import InvalidError, TooLargeError, UnavailableError
from aap.files.inspection import ACCEPTED, inspect
from aap.files.models import ScanState, StoredFile
from aap.outbox import promise
from aap.scanner import ScanResult, Verdict
from aap.storage import CHUNK, Storage

__all__ = ["ACCEPTED", "SCAN", "ask_missing_scans", "clean_name", "record_scan", "store_document", "store_file"]

NAME_LENGTH = 150
SCAN = "file-scan"
QUARANTINE = "quarantaine"
SWEEP = 500  # files asked again in one go
_MEGABYTE = 1_000_000
_STATES = {
    Verdict.CLEAN: ScanState.CLEAN,
    Verdict.INFECTED: ScanState.INFECTED,
    Verdict.TOO_LARGE: ScanState.TOO_LARGE,
}


def store_file(
    storage: Storage,
    chunks: Iterable[bytes],
    name: str,
    *,
    region_code: str,
    actor_id: uuid.UUID | None,
    now: datetime,
    max_bytes: int,
    confidential: bool = False,
) -> StoredFile:
    """Stream a file into the storage and describe it in the current unit of work; it waits for its analysis.

    The file is first written on the local disk, so that it is refused before the storage ever sees it.

    Raises:
        InvalidError: empty, of a type not permitted, disguised, protected by a password, or a bomb (on ``file``).
        TooLargeError: more than ``max_bytes`` octets.
        UnavailableError: the disk is full, or the storage refused.

    """
    shown = clean_name(name)
    file_id = uuid.uuid4()
    with _spooled(chunks, shown, max_bytes) as file:
        kind = inspect(file, shown)
        key = f"{region_code}/{now:%Y/%m}/{file_id}"
        stored = storage.put(key, iter(lambda: file.read(CHUNK), b""), max_bytes=max_bytes)
    awaited = storage.scanned and actor_id is not None
    row = StoredFile(
        id=file_id,
        region_code=region_code,
        name=shown,
        media_type=kind.media_type,
        size=stored.size,
        sha256=stored.sha256,
        storage_key=stored.key,
        confidential=confidential,
        scan_state=ScanState.PENDING if awaited else ScanState.NOT_SCANNED,
        uploaded_by_id=actor_id,
        uploaded_at=now,
    )
    db.session.add(row)
    db.session.flush()
    if awaited:
        _promise_scan(row, now)
    return row


def store_document(
    storage: Storage,
    content: bytes | Iterable[bytes],
    name: str,
    *,
    region_code: str,
    now: datetime,
    actor_id: uuid.UUID | None = None,
    confidential: bool = False,
) -> StoredFile:
    """Keep a PDF that the service made itself: whole, or in a stream."""
    stored = storage.put(
        f"{region_code}/{now:%Y/%m}/{uuid.uuid4()}",
        [content] if isinstance(content, bytes) else content,
        max_bytes=2_000_000_000,
    )
    row = StoredFile(
        region_code=region_code,
        name=clean_name(name),
        media_type="application/pdf",
        size=stored.size,
        sha256=stored.sha256,
        storage_key=stored.key,
        confidential=confidential,
        uploaded_by_id=actor_id,
        uploaded_at=now,
    )
    db.session.add(row)
    db.session.flush()
    return row


def clean_name(name: str) -> str:
    """Return a file name fit to show and to download: last component, composed, without control characters."""
    last = PurePosixPath(unicodedata.normalize("NFC", name).replace("\\", "/")).name
    shown = re.sub(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]", "", last).strip().strip(".")
    stem, dot, extension = shown.rpartition(".")
    return f"{stem[:NAME_LENGTH]}{dot}{extension[:10]}" if dot else shown[:NAME_LENGTH]


@contextmanager
def _spooled(chunks: Iterable[bytes], name: str, max_bytes: int) -> Iterator[BinaryIO]:
    """Write a stream in a temporary file, erased at the end of the block."""
    with tempfile.TemporaryFile(prefix="aap-") as file:
        size = 0
        try:
            for chunk in chunks:
                size += len(chunk)
                if size > max_bytes:
                    message = f"Le fichier « {name} » dépasse la taille permise ({max_bytes // _MEGABYTE} Mo)."
                    raise TooLargeError(message)
                file.write(chunk)
            file.flush()
        except OSError as error:
            message = "Le fichier n'a pas pu être enregistré : le serveur manque de place. Réessayez un peu plus tard."
            raise UnavailableError(message) from error
        if not size:
            raise InvalidError.on("file", f"Le fichier « {name} » est vide.", code="fichier-vide")
        yield file


# --------------------------------------------------------------------------------------------------------- analysis
def record_scan(file: StoredFile, result: ScanResult, storage: Storage, now: datetime) -> None:
    """Write what the scanner said. An infected file leaves its place for the quarantine, where nobody fetches it."""
    file.scan_state, file.scanned_at = _STATES[result.verdict], now
    if result.verdict is Verdict.INFECTED:
        file.virus = result.found or "virus sans nom"
        kept = f"{QUARANTINE}/{file.id}"
        storage.move(file.storage_key, kept)
        file.storage_key = kept
    detail = {"verdict": result.verdict.value, "sha256": file.sha256}
    audit.record("files.scan", file, actor_id=None, now=now, detail=detail)


def ask_missing_scans(storage: Storage, now: datetime) -> int:
    """Ask the analysis of files received while no scanner was configured; return how many are asked."""
    if not storage.scanned:
        return 0
    files = db.session.scalars(
        select(StoredFile)
        .where(StoredFile.scan_state == ScanState.NOT_SCANNED, StoredFile.uploaded_by_id.is_not(None))
        .order_by(StoredFile.uploaded_at, StoredFile.id)
        .limit(SWEEP)
    ).all()
    for file in files:
        file.scan_state = ScanState.PENDING
        _promise_scan(file, now)
    return len(files)


def _promise_scan(file: StoredFile, now: datetime) -> None:
    promise(SCAN, {"file_id": str(file.id)}, key=f"{SCAN}:{file.id}", now=now, region_code=file.region_code)
