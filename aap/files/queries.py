"""Reading what is known of stored files."""

from __future__ import annotations

import uuid

from aap.db import db
from aap.files.models import StoredFile


def find_file(file_id: uuid.UUID | None) -> StoredFile | None:
    """Return a stored file, or None when there is none (yet)."""
    return None if file_id is None else db.session.get(StoredFile, file_id)
