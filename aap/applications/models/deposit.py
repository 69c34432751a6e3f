"""What was handed in: pieces, sealed deposits, completion requests."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from aap.db import Base, Document, Identified, LongText, Str40, Str80, Str400, fk
from aap.files.models import StoredFile

if TYPE_CHECKING:
    from aap.applications.models.application import Application


class Piece(Identified, Base):
    """A file given for an annex of the call. A replaced or removed piece stays, with the hour it left the file.

    ``subject`` is the key of the partner, funder or line it is about, when the annex is asked "one per…".
    """

    __tablename__ = "pieces"
    __table_args__ = (CheckConstraint("successor_id IS NULL OR replaced_at IS NOT NULL", name="successor_is_dated"),)

    application_id: Mapped[uuid.UUID] = fk("applications.id")
    annex_key: Mapped[Str40]
    subject: Mapped[Str40] = mapped_column(default="")
    file_id: Mapped[uuid.UUID] = fk("stored_files.id")
    note: Mapped[Str400] = mapped_column(default="")
    added_at: Mapped[datetime]
    added_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    replaced_at: Mapped[datetime | None]
    replaced_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    successor_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("pieces.id", ondelete="RESTRICT"))

    application: Mapped[Application] = relationship(back_populates="pieces")
    file: Mapped[StoredFile] = relationship(lazy="joined", innerjoin=True)  # a piece is never shown without its file


class Submission(Identified, Base):
    """One deposit: the file as it was, and its seal (SHA-256 of the snapshot's canonical JSON). Append-only."""

    __tablename__ = "submissions"
    __table_args__ = (
        UniqueConstraint("application_id", "number", name="uq_submissions_application_id_number"),
        UniqueConstraint("application_id", "idempotency_key", name="uq_submissions_application_id_idempotency_key"),
        CheckConstraint("number >= 1", name="number_positive"),
        CheckConstraint("length(seal) = 64", name="seal_is_sha256"),
    )

    application_id: Mapped[uuid.UUID] = fk("applications.id", index=False)
    number: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime]
    by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    idempotency_key: Mapped[Str80]
    snapshot: Mapped[Document]
    seal: Mapped[str] = mapped_column(String(64))
    receipt_file_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("stored_files.id", ondelete="RESTRICT"))

    application: Mapped[Application] = relationship(back_populates="submissions")
    pieces: Mapped[list[Piece]] = relationship(secondary="submission_pieces", order_by="Piece.added_at, Piece.id")
    receipt_file: Mapped[StoredFile | None] = relationship()


class SubmissionPiece(Base):
    """A piece that a deposit handed in. What was never handed in is its lead's alone. Append-only."""

    __tablename__ = "submission_pieces"

    submission_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("submissions.id", ondelete="RESTRICT"), primary_key=True
    )
    piece_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("pieces.id", ondelete="RESTRICT"), primary_key=True, index=True
    )


class CallCounter(Base):
    """The last number given to an application of a call: the row that deposits lock."""

    __tablename__ = "call_counters"
    __table_args__ = (CheckConstraint("last_number >= 0", name="last_number_not_negative"),)

    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("calls.id", ondelete="RESTRICT"), primary_key=True)
    last_number: Mapped[int] = mapped_column(Integer)


class LateAdmission(Identified, Base):
    """A later deadline for one draft: granted by a named officer, with a reason, once the closing is known."""

    __tablename__ = "late_admissions"
    __table_args__ = (
        CheckConstraint("until > granted_at", name="until_is_ahead"),
        CheckConstraint("length(reason) >= 1", name="reason_filled"),
    )

    application_id: Mapped[uuid.UUID] = fk("applications.id")
    until: Mapped[datetime]
    reason: Mapped[LongText]
    granted_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    granted_at: Mapped[datetime]


class DossierPrint(Identified, Base):
    """The whole file of a deposit as one PDF, made by the worker when somebody asks; once per reading of the file."""

    __tablename__ = "dossier_prints"
    __table_args__ = (
        UniqueConstraint("submission_id", "audience", name="uq_dossier_prints_submission_id_audience"),
        CheckConstraint("audience IN ('agency', 'opinion', 'jury')", name="audience_known"),
        CheckConstraint("(file_id IS NULL) = (made_at IS NULL)", name="file_comes_with_its_hour"),
    )

    submission_id: Mapped[uuid.UUID] = fk("submissions.id", index=False)
    audience: Mapped[Str40]
    asked_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    asked_at: Mapped[datetime]
    file_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("stored_files.id", ondelete="RESTRICT"))
    made_at: Mapped[datetime | None]

    submission: Mapped[Submission] = relationship()
    file: Mapped[StoredFile | None] = relationship()


class CompletionItemKind(enum.Enum):
    """What may be asked again."""

    SECTION = "section"
    FIELD = "field"
    ANNEX = "annex"


class CompletionRequest(Identified, Base):
    """A request to complete named items before a deadline. Only these items open again."""

    __tablename__ = "completion_requests"
    __table_args__ = (
        UniqueConstraint("application_id", "round", name="uq_completion_requests_application_id_round"),
        CheckConstraint("round >= 1", name="round_positive"),
        CheckConstraint("deadline > requested_at", name="deadline_after_request"),
        CheckConstraint("length(message) >= 1", name="message_filled"),
    )

    application_id: Mapped[uuid.UUID] = fk("applications.id", index=False)
    round: Mapped[int] = mapped_column(Integer)
    message: Mapped[LongText]
    requested_at: Mapped[datetime]
    requested_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    deadline: Mapped[datetime]
    answered_at: Mapped[datetime | None]

    items: Mapped[list[CompletionItem]] = relationship(order_by="CompletionItem.position")


class CompletionItem(Identified, Base):
    """One item to complete: a section, a field or an annex, and what is missing in it."""

    __tablename__ = "completion_items"
    __table_args__ = (UniqueConstraint("request_id", "kind", "key"),)

    request_id: Mapped[uuid.UUID] = fk("completion_requests.id", index=False)
    kind: Mapped[CompletionItemKind]
    key: Mapped[Str80]
    note: Mapped[Str400] = mapped_column(default="")
    position: Mapped[int] = mapped_column(Integer)
