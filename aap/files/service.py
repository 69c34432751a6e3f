"""Storing a file: streamed, hashed, typed by its first bytes, refused when it is not of a permitted type."""

from __future__ import annotations

import itertools
import re
import unicodedata
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from aap.db import db
from aap.errors import InvalidError
from aap.files.models import StoredFile
from aap.storage import Storage

NAME_LENGTH = 150
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True, slots=True)
class FileType:
    """A permitted type: its extension, media type and the bytes that every such file starts with."""

    extension: str
    media_type: str
    signatures: tuple[bytes, ...]


FILE_TYPES = (
    FileType("pdf", "application/pdf", (b"%PDF-",)),
    FileType("png", "image/png", (b"\x89PNG\r\n\x1a\n",)),
    FileType("jpg", "image/jpeg", (b"\xff\xd8\xff",)),
    FileType("jpeg", "image/jpeg", (b"\xff\xd8\xff",)),
    FileType("odt", "application/vnd.oasis.opendocument.text", (_ZIP,)),
    FileType("ods", "application/vnd.oasis.opendocument.spreadsheet", (_ZIP,)),
    FileType("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", (_ZIP,)),
    FileType("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (_ZIP,)),
    FileType("doc", "application/msword", (_OLE,)),
    FileType("xls", "application/vnd.ms-excel", (_OLE,)),
)
ACCEPTED = ", ".join(f".{kind.extension}" for kind in FILE_TYPES)


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
    """Stream a file into the storage and describe it in the current unit of work.

    The type is read from the content; the extension must agree with it.

    Raises:
        InvalidError: empty file, type not permitted, or content that is not what the name says (on ``file``).
        TooLargeError: more than ``max_bytes`` octets.
        UnavailableError: the storage refused.

    """
    shown = clean_name(name)
    kind = _type_named(shown)
    stream = iter(chunks)
    head = _first_bytes(stream)
    if not head:
        raise InvalidError.on("file", f"Le fichier « {shown} » est vide.", code="fichier-vide")
    if not head.startswith(kind.signatures):
        message = f"Le fichier « {shown} » n'est pas un vrai fichier .{kind.extension} : ouvrez-le et réenregistrez-le."
        raise InvalidError.on("file", message, code="type-trompeur")
    file_id = uuid.uuid4()
    stored = storage.put(f"{region_code}/{now:%Y/%m}/{file_id}", itertools.chain([head], stream), max_bytes=max_bytes)
    row = StoredFile(
        id=file_id,
        region_code=region_code,
        name=shown,
        media_type=kind.media_type,
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


def store_document(
    storage: Storage, content: bytes, name: str, *, region_code: str, now: datetime, actor_id: uuid.UUID | None = None
) -> StoredFile:
    """Keep a PDF that the service made itself."""
    return store_file(
        storage,
        [content],
        name,
        region_code=region_code,
        actor_id=actor_id,
        now=now,
        max_bytes=max(len(content), 1),
    )


def clean_name(name: str) -> str:
    """Return a file name fit to show and to download: last component, composed, without control characters."""
    last = PurePosixPath(unicodedata.normalize("NFC", name).replace("\\", "/")).name
    shown = re.sub(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]", "", last).strip().strip(".")
    stem, dot, extension = shown.rpartition(".")
    return f"{stem[:NAME_LENGTH]}{dot}{extension[:10]}" if dot else shown[:NAME_LENGTH]


def _type_named(name: str) -> FileType:
    extension = name.rpartition(".")[2].lower()
    kind = next((kind for kind in FILE_TYPES if kind.extension == extension), None)
    if kind is None:
        message = f"Ce type de fichier n'est pas accepté. Formats possibles : {ACCEPTED}."
        raise InvalidError.on("file", message, code="type-refuse")
    return kind


def _first_bytes(stream: Iterator[bytes]) -> bytes:
    for chunk in stream:
        if chunk:
            return chunk
    return b""
