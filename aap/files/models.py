"""What is known of a stored file: its name as given, its type by content, its size and its hash."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from aap.db import Base, Identified, Str80, Str200, fk


class ScanState(enum.Enum):
    """What the virus scanner said. A file it did not read is "not scanned", never "clean"."""

    NOT_SCANNED = "not_scanned"
    CLEAN = "clean"
    INFECTED = "infected"


class StoredFile(Identified, Base):
    """A file kept in the storage. Immutable: replacing a piece makes a new row."""

    __tablename__ = "stored_files"
    __table_args__ = (
        CheckConstraint("size >= 0", name="size_not_negative"),
        CheckConstraint("length(sha256) = 64", name="sha256_length"),
    )

    region_code: Mapped[str] = fk("regions.code")
    name: Mapped[Str200]
    media_type: Mapped[Str80]
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    storage_key: Mapped[Str200] = mapped_column(unique=True)
    confidential: Mapped[bool] = mapped_column(default=False)
    scan_state: Mapped[ScanState] = mapped_column(default=ScanState.NOT_SCANNED)
    uploaded_by_id: Mapped[uuid.UUID | None] = fk("users.id")
    uploaded_at: Mapped[datetime]
