"""The thread of a file: messages between its people and the directorate, their files, and what each person has read."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from aap.accounts.models import User
from aap.applications.models.application import Application
from aap.db import Base, Identified, LongText, Str80, fk
from aap.files.models import StoredFile


class Message(Identified, Base):
    """One message, never changed nor removed. ``from_agency`` says from which side it comes.

    ``settled_at`` is set by an officer on a message that calls for no answer. ``idempotency_key`` makes a double click
    one message.
    """

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("application_id", "idempotency_key", name="uq_messages_application_id_idempotency_key"),
        CheckConstraint("length(text) >= 1", name="text_filled"),
        CheckConstraint("(settled_at IS NULL) = (settled_by_id IS NULL)", name="settled_by_somebody"),
        CheckConstraint("settled_at IS NULL OR from_agency = false", name="agency_message_needs_no_settling"),
        Index("ix_messages_application_at", "application_id", "at"),
    )

    application_id: Mapped[uuid.UUID] = fk("applications.id", index=False)
    author_id: Mapped[uuid.UUID] = fk("users.id")
    from_agency: Mapped[bool]
    text: Mapped[LongText]
    at: Mapped[datetime]
    idempotency_key: Mapped[Str80]
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))

    application: Mapped[Application] = relationship()
    author: Mapped[User] = relationship(foreign_keys=[author_id])
    files: Mapped[list[MessageFile]] = relationship(order_by="MessageFile.position", back_populates="message")


class MessageFile(Identified, Base):
    """A file joined to a message."""

    __tablename__ = "message_files"
    __table_args__ = (UniqueConstraint("message_id", "position", name="uq_message_files_message_id_position"),)

    message_id: Mapped[uuid.UUID] = fk("messages.id", index=False)
    file_id: Mapped[uuid.UUID] = fk("stored_files.id")
    position: Mapped[int] = mapped_column(Integer)

    message: Mapped[Message] = relationship(back_populates="files")
    file: Mapped[StoredFile] = relationship(lazy="joined", innerjoin=True)  # never shown without its name and scan


class ThreadMark(Identified, Base):
    """How far a person has read the thread of a file. ``as_agency``: on which side this person reads it."""

    __tablename__ = "thread_marks"
    __table_args__ = (UniqueConstraint("application_id", "user_id", name="uq_thread_marks_application_id_user_id"),)

    application_id: Mapped[uuid.UUID] = fk("applications.id", index=False)
    user_id: Mapped[uuid.UUID] = fk("users.id")
    as_agency: Mapped[bool]
    read_until: Mapped[datetime]
