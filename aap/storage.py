"""Attachments' bytes: a local folder by default, S3 by URL. Names, types and hashes stay in SQL.

The store is made at first use in each process: one built and used before a fork hangs the child.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import obstore
from obstore.store import LocalStore, MemoryStore, ObjectStore, S3Store

from aap.errors import NotFoundError, TooLargeError, UnavailableError

CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Stored:
    """What was written: its length in octets and the SHA-256 of its bytes, in hexadecimal."""

    key: str
    size: int
    sha256: str


class Storage:
    """Put, stream, check and delete objects by key."""

    def __init__(self, url: str, *, scanned: bool = False) -> None:
        """Keep the URL only: the store itself is made at first use. ``scanned``: what comes in waits for a scanner."""
        self.scanned = scanned
        self._url = url
        self._store: ObjectStore | None = None
        self._pid = 0

    def put(self, key: str, chunks: Iterable[bytes], *, max_bytes: int) -> Stored:
        """Write a new object in a stream, hashing it on the way. Never replaces an existing key.

        Raises:
            TooLargeError: more than ``max_bytes`` came; nothing is left behind.
            UnavailableError: the store refused; nothing is left behind.

        """
        digest, size = hashlib.sha256(), 0
        try:
            with obstore.open_writer(self._open(), key) as writer:
                for chunk in chunks:
                    size += len(chunk)
                    if size > max_bytes:
                        raise _OverflowError  # noqa: TRY301  # leaving the writer's block aborts the upload
                    digest.update(chunk)
                    writer.write(chunk)
        except _OverflowError:
            self.delete(key)
            message = f"Ce fichier dépasse la taille permise ({max_bytes // 1_000_000} Mo)."
            raise TooLargeError(message) from None
        except (OSError, obstore.exceptions.BaseError) as error:
            message = "Le fichier n'a pas pu être enregistré. Réessayez dans quelques minutes."
            raise UnavailableError(message) from error
        return Stored(key, size, digest.hexdigest())

    def read(self, key: str) -> Iterator[bytes]:
        """Stream an object's bytes. What is missing is told at once, before the first byte is asked.

        Raises:
            NotFoundError: no object has this key.
            UnavailableError: the store does not answer.

        """
        try:
            answer = obstore.get(self._open(), key)
        except FileNotFoundError as error:
            message = "Ce fichier n'est plus disponible."
            raise NotFoundError(message) from error
        except (OSError, obstore.exceptions.BaseError) as error:
            message = "Les fichiers ne sont pas accessibles pour le moment."
            raise UnavailableError(message) from error
        return (bytes(part) for part in answer.stream(min_chunk_size=CHUNK))

    def delete(self, key: str) -> None:
        """Remove an object if it is there."""
        try:
            obstore.delete(self._open(), key)
        except FileNotFoundError:
            return

    def move(self, key: str, to: str) -> None:
        """Give an object another key; done twice, it is moved once.

        Raises:
            UnavailableError: the store refused.

        """
        try:
            obstore.rename(self._open(), key, to)
        except FileNotFoundError:
            return
        except (OSError, obstore.exceptions.BaseError) as error:
            message = "Le fichier n'a pas pu être déplacé."
            raise UnavailableError(message) from error

    def check(self) -> None:
        """Write, read and remove a probe, for ``/readyz``.

        Raises:
            UnavailableError: with the store's own words.

        """
        try:
            store = self._open()
            obstore.put(store, f"probe/{os.getpid()}", b"ok")
            obstore.delete(store, f"probe/{os.getpid()}")
        except (OSError, obstore.exceptions.BaseError) as error:
            raise UnavailableError(str(error)) from error

    def _open(self) -> ObjectStore:
        if self._store is None or self._pid != os.getpid():
            self._store, self._pid = _make_store(self._url), os.getpid()
        return self._store


class _OverflowError(Exception):
    """Leave the writer's block: the size limit is passed."""


def _make_store(url: str) -> ObjectStore:
    parts = urlsplit(url)
    if parts.scheme == "file":
        folder = Path(parts.path)
        folder.mkdir(parents=True, exist_ok=True)
        return LocalStore(str(folder))
    if parts.scheme == "memory":
        return MemoryStore()
    prefix = parts.path.strip("/") or None
    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    extra = {"endpoint": endpoint, "client_options": {"allow_http": endpoint.startswith("http://")}} if endpoint else {}
    return S3Store(parts.netloc, prefix=prefix, **extra)  # type: ignore[arg-type]  # the stub types the options as a closed dict
