"""The people of a file beside its lead, the links sent to them, and what they signed."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from aap.accounts.links import OneTimeLink, link_rules
from aap.accounts.models import User
from aap.applications.models.deposit import Piece
from aap.db import Base, Identified, LongText, Str40, Str200, Str400, fk

if TYPE_CHECKING:
    from aap.applications.models.application import Application

_KEYS = JSON().with_variant(JSONB(), "postgresql")


class ParticipantRole(enum.Enum):
    """What somebody invited may do on a file."""

    EDITOR = "editor"  # coéditeur
    READER = "reader"  # lecteur
    SIGNATORY = "signatory"  # signataire : reads everything, signs before the deposit


class Participant(Identified, Base):
    """Somebody invited on a file, for the whole of it or for the sections listed. One row per person, reopened."""

    __tablename__ = "participants"
    __table_args__ = (
        UniqueConstraint("application_id", "user_id"),
        CheckConstraint("role <> 'signatory' OR whole_file", name="signatory_reads_everything"),
        CheckConstraint("(ended_at IS NULL) = (ended_by_id IS NULL)", name="end_is_signed"),
    )

    application_id: Mapped[uuid.UUID] = fk("applications.id", index=False)
    user_id: Mapped[uuid.UUID] = fk("users.id")
    role: Mapped[ParticipantRole]
    whole_file: Mapped[bool]
    sections: Mapped[list[str]] = mapped_column(_KEYS)
    added_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))

    application: Mapped[Application] = relationship(back_populates="participants")
    user: Mapped[User] = relationship(foreign_keys=[user_id], lazy="joined", innerjoin=True)  # always shown with it


class FileInvitation(Identified, OneTimeLink, Base):
    """A link that makes the person of an address take part in a file."""

    __tablename__ = "file_invitations"
    __table_args__ = (
        *link_rules("file_invitations", "application_id", "email"),
        CheckConstraint("role <> 'signatory' OR whole_file", name="signatory_reads_everything"),
    )

    application_id: Mapped[uuid.UUID] = fk("applications.id")
    role: Mapped[ParticipantRole]
    whole_file: Mapped[bool]
    sections: Mapped[list[str]] = mapped_column(_KEYS)
    used_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))

    application: Mapped[Application] = relationship()
    created_by: Mapped[User] = relationship(foreign_keys="FileInvitation.created_by_id")


class LeadChangeKind(enum.Enum):
    """How a file changes hands."""

    TRANSFER = "transfer"  # offered by the lead, accepted or not
    TAKEOVER = "takeover"  # by the organisation's administrator, after a departure
    HANDOVER = "handover"  # by the agency, with its reason


class LeadChangeOutcome(enum.Enum):
    """What became of it."""

    DONE = "done"
    DECLINED = "declined"
    CANCELLED = "cancelled"


class LeadChange(Identified, Base):
    """A change of lead: offered and waiting while ``outcome`` is NULL. Append-only once answered."""

    __tablename__ = "lead_changes"
    __table_args__ = (
        CheckConstraint("(answered_at IS NULL) = (outcome IS NULL)", name="outcome_is_dated"),
        CheckConstraint("kind = 'transfer' OR outcome IS NOT NULL", name="only_transfers_wait"),
        CheckConstraint("kind <> 'handover' OR length(reason) >= 1", name="handover_has_a_reason"),
        CheckConstraint("from_id <> to_id", name="two_people"),
        Index(
            "uq_lead_changes_waiting",
            "application_id",
            unique=True,
            postgresql_where=text("outcome IS NULL"),
            sqlite_where=text("outcome IS NULL"),
        ),
    )

    application_id: Mapped[uuid.UUID] = fk("applications.id")
    kind: Mapped[LeadChangeKind]
    from_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    to_id: Mapped[uuid.UUID] = fk("users.id")
    by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    offered_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    outcome: Mapped[LeadChangeOutcome | None]
    reason: Mapped[LongText] = mapped_column(default="")

    application: Mapped[Application] = relationship()
    from_: Mapped[User] = relationship(foreign_keys=[from_id])
    to: Mapped[User] = relationship(foreign_keys=[to_id])


class FileSignature(Identified, Base):
    """The signature of a file before its deposit. It holds as long as ``content_sha256`` is that of the file."""

    __tablename__ = "file_signatures"
    __table_args__ = (CheckConstraint("length(content_sha256) = 64", name="content_is_sha256"),)

    application_id: Mapped[uuid.UUID] = fk("applications.id")
    user_id: Mapped[uuid.UUID] = fk("users.id")
    name: Mapped[Str200]
    capacity: Mapped[Str200]
    at: Mapped[datetime]
    content_sha256: Mapped[str] = mapped_column(String(64))


class CommitmentRequest(Identified, OneTimeLink, Base):
    """A link that lets a partner sign its commitment letter, without an account."""

    __tablename__ = "commitment_requests"
    __table_args__ = link_rules("commitment_requests", "application_id", "partner_key")

    application_id: Mapped[uuid.UUID] = fk("applications.id")
    partner_key: Mapped[Str40]

    application: Mapped[Application] = relationship()
    created_by: Mapped[User] = relationship(foreign_keys="CommitmentRequest.created_by_id")


class CommitmentSignature(Identified, Base):
    """A commitment letter as its partner signed it, frozen. Voided, never erased, when the commitment changes."""

    __tablename__ = "commitment_signatures"
    __table_args__ = (
        UniqueConstraint("request_id"),
        CheckConstraint("length(letter_sha256) = 64", name="letter_is_sha256"),
        CheckConstraint("length(commitment_sha256) = 64", name="commitment_is_sha256"),
        CheckConstraint("length(signer_name) >= 1 AND length(signer_function) >= 1", name="signer_is_named"),
        CheckConstraint("(voided_at IS NULL) = (void_reason IS NULL)", name="void_has_a_reason"),
        Index(
            "uq_commitment_signatures_in_force",
            "application_id",
            "partner_key",
            unique=True,
            postgresql_where=text("voided_at IS NULL"),
            sqlite_where=text("voided_at IS NULL"),
        ),
    )

    application_id: Mapped[uuid.UUID] = fk("applications.id")
    partner_key: Mapped[Str40]
    request_id: Mapped[uuid.UUID] = fk("commitment_requests.id", index=False)
    signer_name: Mapped[Str200]
    signer_function: Mapped[Str200]
    signed_at: Mapped[datetime]
    letter: Mapped[LongText]
    letter_sha256: Mapped[str] = mapped_column(String(64))
    commitment_sha256: Mapped[str] = mapped_column(String(64))
    piece_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("pieces.id", ondelete="RESTRICT"))
    voided_at: Mapped[datetime | None]
    void_reason: Mapped[Str400 | None]

    request: Mapped[CommitmentRequest] = relationship()
    piece: Mapped[Piece | None] = relationship()
