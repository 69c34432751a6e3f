"""Where a draft comes from, when it was started from an older file: what was copied, what was not, and why."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from aap.db import Base, Document, Identified, fk


class ApplicationCopy(Identified, Base):
    """A draft started from another file. ``report`` is what ``aap.applications.copying`` wrote then, as JSON."""

    __tablename__ = "application_copies"
    __table_args__ = (
        UniqueConstraint("application_id", name="uq_application_copies_application_id"),
        CheckConstraint("application_id <> source_id", name="copied_from_another"),
    )

    application_id: Mapped[uuid.UUID] = fk("applications.id", index=False)
    source_id: Mapped[uuid.UUID] = fk("applications.id")
    report: Mapped[Document]
    at: Mapped[datetime]
    by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
