"""Stored files handed to the browser: streamed from the storage, under their own names, never shown in our pages."""

from __future__ import annotations

import uuid
from urllib.parse import quote

from flask import Response

from aap.errors import ForbiddenError, NotFoundError
from aap.extensions import storage
from aap.files.models import ScanState, StoredFile
from aap.files.queries import find_file


def download(file: StoredFile) -> Response:
    """Answer with a stored file. The view has asked the policy of what the file belongs to.

    Raises:
        ForbiddenError: the scanner found a virus in it.
        NotFoundError: the storage no longer has it.

    """
    if file.scan_state is ScanState.INFECTED:
        raise ForbiddenError("Ce fichier contient un virus : il n'est plus remis à personne.", code="fichier-infecte")
    answer = Response(storage().read(file.storage_key), mimetype=file.media_type)
    answer.headers["Content-Length"] = str(file.size)
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.name)}"
    return answer


def download_kept(file_id: uuid.UUID | None, *, missing: str) -> Response:
    """Answer with a stored file by its identifier.

    Raises:
        NotFoundError: there is none yet; ``missing`` says why.

    """
    file = find_file(file_id)
    if file is None:
        raise NotFoundError(missing)
    return download(file)
