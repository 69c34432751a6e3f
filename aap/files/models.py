"""What is known of a stored file: its name as given, its type by content, its size and its hash."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from aap.db import Base, Identified, Str80, Str200, fk


class ScanState(enum.Enum):
    """What the virus scanner said. A file it did not read to the end is never "clean"."""

    NOT_SCANNED = "not_scanned"  # no scanner was configured, or the service made the file
    PENDING = "pending"
    CLEAN = "clean"
    INFECTED = "infected"
    TOO_LARGE = "too_large"  # over the scanner's limit: not scanned


class StoredFile(Identified, Base):
    """A file kept in the storage. Immutable but for its analysis: replacing a piece makes a new row.

    ``sensitive`` says that its text seems to hold a social security number (NULL: not read yet); never which.
    """

    __tablename__ = "stored_files"
    __table_args__ = (
        CheckConstraint("size >= 0", name="size_not_negative"),
        CheckConstraint("length(sha256) = 64", name="sha256_length"),
        CheckConstraint("scan_state <> 'infected' OR length(virus) >= 1", name="infection_is_named"),
        CheckConstraint(
            "(scan_state IN ('clean', 'infected', 'too_large')) = (scanned_at IS NOT NULL)", name="verdict_is_dated"
        ),
        Index("ix_stored_files_scan_state", "scan_state"),
    )

    region_code: Mapped[str] = fk("regions.code")
    name: Mapped[Str200]
    media_type: Mapped[Str80]
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    storage_key: Mapped[Str200] = mapped_column(unique=True)
    confidential: Mapped[bool] = mapped_column(default=False)
    scan_state: Mapped[ScanState] = mapped_column(default=ScanState.NOT_SCANNED)
    scanned_at: Mapped[datetime | None]
    virus: Mapped[Str200] = mapped_column(default="")
    sensitive: Mapped[bool | None]
    uploaded_by_id: Mapped[uuid.UUID | None] = fk("users.id")
    uploaded_at: Mapped[datetime]
