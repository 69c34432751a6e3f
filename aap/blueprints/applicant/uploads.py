"""A file received with a form, given to a service, and refused in words that its field can show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import request
from werkzeug.datastructures import FileStorage

from aap.applications.service import Upload
from aap.db import unit_of_work
from aap.errors import InvalidError, TooLargeError, UnavailableError
from aap.extensions import settings
from aap.storage import CHUNK

STATUSES = {InvalidError: 400, TooLargeError: 413, UnavailableError: 503}
NO_ROOM = "Le fichier n'a pas pu être enregistré : le serveur manque de place. Réessayez un peu plus tard."
NOTHING = "Choisissez un fichier sur votre ordinateur."


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file is not kept, for its field, and the status of the answer."""

    message: str
    status: int


def is_sent(name: str) -> bool:
    """Tell whether the form came with a file under this name."""
    sent = request.files.get(name)
    return sent is not None and bool(sent.filename)


def receive(name: str, write: Callable[[Upload], None]) -> Refusal | None:
    """Give the file received under ``name`` to a service, in its own unit of work; say why it is refused, if it is."""
    sent = request.files.get(name)
    if sent is None or not sent.filename:
        return Refusal(NOTHING, 400)
    cut = getattr(sent.stream, "refusal", "")
    if cut == "too-large":
        most = settings().storage.max_file_bytes // 1_000_000
        return Refusal(f"Le fichier « {sent.filename} » dépasse la taille permise ({most} Mo).", 413)
    if cut:
        return Refusal(NO_ROOM, 503)
    try:
        with unit_of_work():
            write(_upload(sent))
    except (InvalidError, TooLargeError, UnavailableError) as error:
        return Refusal(error.message, STATUSES[type(error)])
    return None


def _upload(sent: FileStorage) -> Upload:
    chunks = iter(lambda: sent.stream.read(CHUNK), b"")
    return Upload(chunks, sent.filename or "", settings().storage.max_file_bytes)
