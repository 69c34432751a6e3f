"""Answers of a form, one row per field, with every text ever saved.

The owner of a sheet is whoever holds its key: an application, a report, a capitalisation sheet. What is counted,
joined or paid is not here: it has its own rows in the owner's tables.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKeyConstraint, Integer, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from aap.db import Base, Identified, Sequence_, Versioned, fk

JsonValue = Any  # what a FieldType writes: text, list, mapping, bool or None; numbers are kept as text


class AnswerSheet(Identified, Versioned, Base):
    """The answers of one owner."""

    __tablename__ = "answer_sheets"


class Answer(Identified, Base):
    """The current answer to one field. ``version`` is what the person's page must have seen to change it."""

    __tablename__ = "answers"
    __table_args__ = (
        UniqueConstraint("sheet_id", "field_key"),
        CheckConstraint("version >= 1", name="version_positive"),
    )

    sheet_id: Mapped[uuid.UUID] = fk("answer_sheets.id", index=False)
    field_key: Mapped[str] = mapped_column(String(60))
    value: Mapped[JsonValue] = mapped_column(JSON(none_as_null=False).with_variant(JSONB(), "postgresql"))
    version: Mapped[int] = mapped_column(Integer)
    updated_at: Mapped[datetime]
    updated_by_id: Mapped[uuid.UUID | None] = fk("users.id")


class AnswerRevision(Base):
    """One saved text of one field, never changed nor removed."""

    __tablename__ = "answer_revisions"

    id: Mapped[Sequence_]
    sheet_id: Mapped[uuid.UUID] = mapped_column()
    field_key: Mapped[str] = mapped_column(String(60))
    version: Mapped[int] = mapped_column(Integer)
    value: Mapped[JsonValue] = mapped_column(JSON(none_as_null=False).with_variant(JSONB(), "postgresql"))
    at: Mapped[datetime]
    by_id: Mapped[uuid.UUID | None] = fk("users.id")

    __table_args__ = (
        UniqueConstraint("sheet_id", "field_key", "version"),
        ForeignKeyConstraint(["sheet_id"], ["answer_sheets.id"], ondelete="RESTRICT"),
    )
