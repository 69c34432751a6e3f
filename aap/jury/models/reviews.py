"""Marks and what orders the files.

Marks are kept twice: the current one, and every one ever saved (``MarkRevision``, append-only). A recusal never erases
the review of the recused member: it only stops counting and stops being seen.
"""

from __future__ import annotations

import enum
import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from aap.db import Base, ExactDecimal, Identified, LongText, Sequence_, Str80, Versioned, fk
from aap.jury.models.members import JuryMember


class ReviewState(enum.Enum):
    """A review is its juror's own until it is submitted; only submitted ones count."""

    DRAFT = "draft"
    SUBMITTED = "submitted"


class Review(Identified, Versioned, Base):
    """One member's marks on one file. ``rubric_fingerprint`` is the grid it was submitted with.

    ``grid_number`` is the grid of the call that it is marked under: the one in force when it began, until its juror
    answers a revision (``GridAnswer``).
    """

    __tablename__ = "reviews"
    __table_args__ = (
        UniqueConstraint("jury_member_id", "application_id", name="uq_reviews_jury_member_id_application_id"),
        CheckConstraint("(state = 'submitted') = (submitted_at IS NOT NULL)", name="submitted_with_its_date"),
        CheckConstraint("state = 'draft' OR length(rubric_fingerprint) = 64", name="submitted_with_its_grid"),
    )

    jury_member_id: Mapped[uuid.UUID] = fk("jury_members.id", index=False)
    application_id: Mapped[uuid.UUID] = fk("applications.id")
    state: Mapped[ReviewState] = mapped_column(default=ReviewState.DRAFT)
    submitted_at: Mapped[datetime | None]
    rubric_fingerprint: Mapped[str | None] = mapped_column(String(64))
    grid_number: Mapped[int] = mapped_column(default=1, server_default="1")
    private_note: Mapped[LongText] = mapped_column(default="")
    note_version: Mapped[int] = mapped_column(Integer, default=0)  # saves of the note alone
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    member: Mapped[JuryMember] = relationship()
    marks: Mapped[list[Mark]] = relationship(back_populates="review")


class Mark(Identified, Base):
    """The current mark on a criterion: a value, or "not applicable", or nothing yet beside a comment."""

    __tablename__ = "marks"
    __table_args__ = (
        UniqueConstraint("review_id", "criterion_id", name="uq_marks_review_id_criterion_id"),
        CheckConstraint("NOT not_applicable OR value IS NULL", name="value_or_not_applicable"),
    )

    review_id: Mapped[uuid.UUID] = fk("reviews.id", index=False)
    criterion_id: Mapped[uuid.UUID] = fk("criteria.id")
    value: Mapped[ExactDecimal | None]
    not_applicable: Mapped[bool] = mapped_column(default=False)
    comment: Mapped[LongText] = mapped_column(default="")

    review: Mapped[Review] = relationship(back_populates="marks")


class MarkRevision(Base):
    """One saved mark, never changed nor removed. ``reason`` is that of the reopening, if any."""

    __tablename__ = "mark_revisions"
    __table_args__ = (UniqueConstraint("review_id", "criterion_id", "number", name="uq_mark_revisions_number"),)

    id: Mapped[Sequence_]
    review_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("reviews.id", ondelete="RESTRICT"))
    criterion_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("criteria.id", ondelete="RESTRICT"))
    number: Mapped[int] = mapped_column(Integer)
    value: Mapped[ExactDecimal | None]
    not_applicable: Mapped[bool]
    comment: Mapped[LongText]
    at: Mapped[datetime]
    by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    reason: Mapped[LongText | None]


class GridChoice(enum.Enum):
    """What a juror answers, review by review, when the grid of the call is revised."""

    KEEP = "keep"
    REMARK = "remark"


class GridAnswer(Identified, Base):
    """A juror kept a review under a revised grid, or marked it again. Append-only; kept, it may still be marked again.

    ``number`` is the revised grid, ``from_number`` the one that the review was marked under.
    """

    __tablename__ = "grid_answers"
    __table_args__ = (
        UniqueConstraint("review_id", "number", "choice", name="uq_grid_answers_review_id_number_choice"),
        CheckConstraint("number > from_number AND from_number >= 1", name="to_a_later_grid"),
    )

    review_id: Mapped[uuid.UUID] = fk("reviews.id", index=False)
    number: Mapped[int]
    from_number: Mapped[int]
    choice: Mapped[GridChoice]
    at: Mapped[datetime]
    by_id: Mapped[uuid.UUID] = fk("users.id", index=False)


class FrozenRubric(Identified, Base):
    """A grid of a version of a call, frozen by its first submitted review: marks never change meaning afterwards."""

    __tablename__ = "frozen_rubrics"
    __table_args__ = (
        UniqueConstraint("call_version_id", "grid_number", name="uq_frozen_rubrics_call_version_id_grid_number"),
        CheckConstraint("length(fingerprint) = 64", name="fingerprint_is_sha256"),
    )

    call_version_id: Mapped[uuid.UUID] = fk("call_versions.id", index=False)
    grid_number: Mapped[int] = mapped_column(default=1, server_default="1")
    fingerprint: Mapped[str] = mapped_column(String(64))
    review_id: Mapped[uuid.UUID] = fk("reviews.id", index=False)
    frozen_at: Mapped[datetime]


class RankingDraw(Identified, Base):
    """The draw between applications that nothing else separates: commitment first, seed afterwards."""

    __tablename__ = "ranking_draws"
    __table_args__ = (
        UniqueConstraint("call_id", name="uq_ranking_draws_call_id"),
        CheckConstraint("length(commitment) = 64", name="commitment_is_sha256"),
    )

    call_id: Mapped[uuid.UUID] = fk("calls.id", index=False)
    seed: Mapped[Str80]  # secret until ``revealed_at``
    commitment: Mapped[Str80]
    committed_at: Mapped[datetime]
    revealed_at: Mapped[datetime | None]


class ScoringClosure(Identified, Base):
    """Individual scoring of a call ended: written once by the service, when marks become visible to the jury."""

    __tablename__ = "scoring_closures"
    __table_args__ = (UniqueConstraint("call_id", name="uq_scoring_closures_call_id"),)

    call_id: Mapped[uuid.UUID] = fk("calls.id", index=False)
    closed_at: Mapped[datetime]
