"""Questions about a call: asked in private, answered for everybody, except what is particular to one file."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from aap.accounts.models import User
from aap.calls.models.call import Call
from aap.db import Base, Identified, LongText, Str80, fk


class QuestionOutcome(enum.Enum):
    """What became of a question."""

    PUBLISHED = "published"  # reworded, answered on the page of the call
    PARTICULAR = "particular"  # about one file only: answered to its asker, with the reason
    MERGED = "merged"  # the same as a published one


class CallQuestion(Identified, Base):
    """A question as it was asked, and its answer. ``asker_id`` is empty for an entry that the agency adds itself.

    The public reads ``public_question`` and ``answer`` of published questions, never ``text`` nor who asked.
    """

    __tablename__ = "call_questions"
    __table_args__ = (
        UniqueConstraint("call_id", "idempotency_key", name="uq_call_questions_call_id_idempotency_key"),
        CheckConstraint("length(text) >= 1", name="text_filled"),
        CheckConstraint("(outcome IS NULL) = (answered_at IS NULL)", name="answered_is_dated"),
        CheckConstraint("(outcome IS NULL) = (answered_by_id IS NULL)", name="answered_by_somebody"),
        CheckConstraint(
            "outcome <> 'published' OR (length(public_question) >= 1 AND length(answer) >= 1)",
            name="published_is_worded",
        ),
        CheckConstraint(
            "outcome <> 'particular' OR (length(reason) >= 1 AND length(answer) >= 1 AND asker_id IS NOT NULL)",
            name="particular_has_reason",
        ),
        CheckConstraint("outcome <> 'merged' OR merged_into_id IS NOT NULL", name="merged_into_another"),
        Index("ix_call_questions_call_outcome", "call_id", "outcome"),
    )

    call_id: Mapped[uuid.UUID] = fk("calls.id", index=False)
    asker_id: Mapped[uuid.UUID | None] = fk("users.id")
    text: Mapped[LongText]
    asked_at: Mapped[datetime]
    idempotency_key: Mapped[Str80]
    outcome: Mapped[QuestionOutcome | None]
    public_question: Mapped[LongText] = mapped_column(default="")
    answer: Mapped[LongText] = mapped_column(default="")
    reason: Mapped[LongText] = mapped_column(default="")
    merged_into_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("call_questions.id", ondelete="RESTRICT"))
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))

    call: Mapped[Call] = relationship()
    asker: Mapped[User | None] = relationship(foreign_keys=[asker_id])
    merged_into: Mapped[CallQuestion | None] = relationship(remote_side="CallQuestion.id")


class QuestionCorrection(Identified, Base):
    """A text that was published and is no more: what the public read until ``corrected_at``. Append-only."""

    __tablename__ = "call_question_corrections"
    __table_args__ = (
        UniqueConstraint("question_id", "number", name="uq_call_question_corrections_question_id_number"),
        CheckConstraint("number >= 1", name="number_positive"),
        CheckConstraint("length(public_question) >= 1 AND length(answer) >= 1", name="old_text_kept"),
    )

    question_id: Mapped[uuid.UUID] = fk("call_questions.id", index=False)
    number: Mapped[int] = mapped_column(Integer)
    public_question: Mapped[LongText]
    answer: Mapped[LongText]
    corrected_at: Mapped[datetime]
    corrected_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))

    corrected_by: Mapped[User] = relationship()
