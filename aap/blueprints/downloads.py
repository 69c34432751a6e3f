"""Stored files handed to the browser: streamed from the storage, under their own names, never shown in our pages."""

from __future__ import annotations

import uuid
from urllib.parse import quote

from flask import Response

from aap.errors import ConflictError, ForbiddenError, NotFoundError
from aap.extensions import storage
from aap.files.models import ScanState, StoredFile
from aap.files.queries import find_file, served_to_others


def download(file: StoredFile, *, to_owner: bool = False) -> Response:
    """Answer with a stored file. The view has asked the policy of what the file belongs to.

    Whoever joined it (``to_owner``) has it at once; others wait until the scanner, if there is one, has read it whole.

    Raises:
        ForbiddenError: the scanner found a virus in it.
        ConflictError: it waits for its analysis, or the scanner could not read it whole.
        NotFoundError: the storage no longer has it.

    """
    if file.scan_state is ScanState.INFECTED:
        raise ForbiddenError("Ce fichier contient un virus : il n'est plus remis à personne.", code="fichier-infecte")
    if not to_owner and not served_to_others(file):
        if file.scan_state is ScanState.PENDING:
            message = "Ce fichier attend son analyse par l'antivirus. Réessayez dans quelques minutes."
            raise ConflictError(message, code="analyse-en-attente")
        message = (
            "Ce fichier n'a pas été analysé : il dépasse la limite de l'antivirus. Demandez-en une version plus légère "
            "au porteur, ou à l'exploitant du service de relever la limite."
        )
        raise ConflictError(message, code="non-analyse")
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
