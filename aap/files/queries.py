"""Reading what is known of stored files."""

from __future__ import annotations

import uuid

from sqlalchemy import select

from aap.db import db
from aap.errors import NotFoundError
from aap.files.models import ScanState, StoredFile

SERVED = frozenset({ScanState.NOT_SCANNED, ScanState.CLEAN})
SCAN_LABELS = {
    ScanState.NOT_SCANNED: ("Non analysé par l'antivirus", "neutral"),
    ScanState.PENDING: ("En attente d'analyse", "info"),
    ScanState.CLEAN: ("Analysé, aucun virus trouvé", "success"),
    ScanState.INFECTED: ("Virus trouvé : mis en quarantaine", "error"),
    ScanState.TOO_LARGE: ("Non analysé : trop volumineux pour l'antivirus", "warning"),
}


def find_file(file_id: uuid.UUID | None) -> StoredFile | None:
    """Return a stored file, or None when there is none (yet)."""
    return None if file_id is None else db.session.get(StoredFile, file_id)


def get_stored_file(file_id: uuid.UUID) -> StoredFile:
    """Return a stored file.

    Raises:
        NotFoundError: there is none.

    """
    found = db.session.get(StoredFile, file_id)
    if found is None:
        message = "Ce fichier n'existe pas."
        raise NotFoundError(message)
    return found


def list_unread(limit: int) -> list[StoredFile]:
    """Return the PDF files received whose text was not read yet, the oldest first; none that waits for its analysis."""
    query = (
        select(StoredFile)
        .where(
            StoredFile.sensitive.is_(None),
            StoredFile.media_type == "application/pdf",
            StoredFile.uploaded_by_id.is_not(None),
            StoredFile.scan_state.in_(SERVED),
        )
        .order_by(StoredFile.uploaded_at, StoredFile.id)
        .limit(limit)
    )
    return list(db.session.scalars(query))


def served_to_others(file: StoredFile) -> bool:
    """Tell whether a file may be handed to somebody else than its owner: nothing that waits for its analysis."""
    return file.scan_state in SERVED
