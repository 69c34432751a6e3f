"""Members of a call's jury, their interests, their recusals, who reads what, and the marks.

Marks are kept twice: the current one, and every one ever saved (``MarkRevision``, append-only). A recusal never erases
the review of the recused member: it only stops counting and stops being seen.
"""

from __future__ import annotations

import enum
import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from aap.accounts.models import User
from aap.calls.models import JuryCollege
from aap.db import Base, ExactDecimal, Identified, LongText, Sequence_, Str20, Str80, Str200, Str400, Versioned, fk


class ReviewState(enum.Enum):
    """A review is its juror's own until it is submitted; only submitted ones count."""

    DRAFT = "draft"
    SUBMITTED = "submitted"


class ConflictKind(enum.Enum):
    """Why the service proposes a recusal. A candidate is never a recusal until a person confirms it."""

    ORGANISATION = "organisation"  # member of the applicant
    SIREN = "siren"
    FINESS = "finess"
    MAIL_DOMAIN = "mail_domain"
    PARTNER = "partner"
    COFUNDER = "cofunder"


class ExpertiseKind(enum.Enum):
    """What an expertise is about, as the vocabularies of the files name it."""

    PUBLIC = "public"  # code of ``target_publics``
    ACT = "act"  # code of ``act_types``


class JuryMember(Identified, Base):
    """A person of one call's jury, in one college. ``code`` (J1, J2…) is how minutes and grids name the person.

    ``capacity`` is the most files the person agrees to mark, ``None`` without a limit of its own. A ``substitute``
    receives no file until called in, for the seat of ``stands_in_for_id``.
    """

    __tablename__ = "jury_members"
    __table_args__ = (
        UniqueConstraint("call_id", "user_id", name="uq_jury_members_call_id_user_id"),
        UniqueConstraint("call_id", "code", name="uq_jury_members_call_id_code"),
        CheckConstraint("length(code) >= 1", name="code_filled"),
        CheckConstraint("capacity >= 0", name="capacity_positive"),
        CheckConstraint("stands_in_for_id IS NULL OR NOT substitute", name="called_in_no_longer_waits"),
    )

    call_id: Mapped[uuid.UUID] = fk("calls.id", index=False)
    user_id: Mapped[uuid.UUID] = fk("users.id")
    college_id: Mapped[uuid.UUID] = fk("jury_colleges.id")
    code: Mapped[Str20]
    voting: Mapped[bool]
    chair: Mapped[bool] = mapped_column(default=False)
    added_at: Mapped[datetime]
    added_by_id: Mapped[uuid.UUID | None] = fk("users.id")
    left_at: Mapped[datetime | None]
    capacity: Mapped[int | None]
    substitute: Mapped[bool] = mapped_column(default=False, server_default=false())
    stands_in_for_id: Mapped[uuid.UUID | None] = fk("jury_members.id")

    user: Mapped[User] = relationship(foreign_keys=[user_id])
    college: Mapped[JuryCollege] = relationship()
    expertises: Mapped[list[JuryExpertise]] = relationship(
        cascade="all, delete-orphan", order_by="(JuryExpertise.kind, JuryExpertise.code)"
    )
    departments: Mapped[list[JuryDepartment]] = relationship(
        cascade="all, delete-orphan", order_by="JuryDepartment.department_code"
    )
    declaration: Mapped[InterestDeclaration | None] = relationship(back_populates="member")


class JuryExpertise(Identified, Base):
    """A public or an act that a member knows: what the proposal of assignments brings together."""

    __tablename__ = "jury_expertises"
    __table_args__ = (
        UniqueConstraint("jury_member_id", "kind", "code", name="uq_jury_expertises_jury_member_id_kind_code"),
    )

    jury_member_id: Mapped[uuid.UUID] = fk("jury_members.id", index=False)
    kind: Mapped[ExpertiseKind]
    code: Mapped[Str80]


class JuryDepartment(Identified, Base):
    """A department that a member knows."""

    __tablename__ = "jury_departments"
    __table_args__ = (
        UniqueConstraint("jury_member_id", "department_code", name="uq_jury_departments_member_department"),
    )

    jury_member_id: Mapped[uuid.UUID] = fk("jury_members.id", index=False)
    department_code: Mapped[str] = fk("departments.code")


class InterestDeclaration(Identified, Base):
    """The declaration of interests of a member for a call, signed before any file opens.

    ``dpi_up_to_date`` says that the public declaration (CSP L1451-1) is up to date; its content is never stored here.
    """

    __tablename__ = "interest_declarations"
    __table_args__ = (
        UniqueConstraint("jury_member_id", name="uq_interest_declarations_jury_member_id"),
        CheckConstraint("NOT has_interests OR length(text) >= 1", name="interests_described"),
    )

    jury_member_id: Mapped[uuid.UUID] = fk("jury_members.id", index=False)
    has_interests: Mapped[bool]
    text: Mapped[LongText] = mapped_column(default="")
    dpi_up_to_date: Mapped[bool]
    signed_at: Mapped[datetime]

    member: Mapped[JuryMember] = relationship(back_populates="declaration")
    links: Mapped[list[DeclaredLink]] = relationship(order_by="DeclaredLink.organisation_name")


class DeclaredLink(Identified, Base):
    """An organisation the member declares a link with: compared with the applicants, partners and co-funders."""

    __tablename__ = "declared_links"
    __table_args__ = (
        UniqueConstraint(
            "declaration_id", "organisation_name", name="uq_declared_links_declaration_id_organisation_name"
        ),
        CheckConstraint("length(organisation_name) >= 1", name="organisation_named"),
    )

    declaration_id: Mapped[uuid.UUID] = fk("interest_declarations.id", index=False)
    organisation_name: Mapped[Str200]
    siren: Mapped[Str20 | None]
    nature: Mapped[Str400] = mapped_column(default="")


class Recusal(Identified, Base):
    """A member stands back from one file, for good: the file, its marks and its rank disappear for this person."""

    __tablename__ = "recusals"
    __table_args__ = (
        UniqueConstraint("jury_member_id", "application_id", name="uq_recusals_jury_member_id_application_id"),
        CheckConstraint("length(reason) >= 1", name="reason_filled"),
    )

    jury_member_id: Mapped[uuid.UUID] = fk("jury_members.id", index=False)
    application_id: Mapped[uuid.UUID] = fk("applications.id")
    reason: Mapped[LongText]
    kind: Mapped[ConflictKind | None]  # the candidate that was confirmed, if it came from one
    at: Mapped[datetime]
    by_id: Mapped[uuid.UUID] = fk("users.id", index=False)


class DismissedConflict(Identified, Base):
    """A candidate conflict that a person looked at and set aside, with the reason."""

    __tablename__ = "dismissed_conflicts"
    __table_args__ = (
        UniqueConstraint(
            "jury_member_id", "application_id", "kind", name="uq_dismissed_conflicts_jury_member_id_application_id_kind"
        ),
        CheckConstraint("length(reason) >= 1", name="reason_filled"),
    )

    jury_member_id: Mapped[uuid.UUID] = fk("jury_members.id", index=False)
    application_id: Mapped[uuid.UUID] = fk("applications.id")
    kind: Mapped[ConflictKind]
    reason: Mapped[LongText]
    at: Mapped[datetime]
    by_id: Mapped[uuid.UUID] = fk("users.id", index=False)


class Assignment(Identified, Base):
    """A member reads and marks a file. Removed when the member is recused; the journal keeps the trace."""

    __tablename__ = "assignments"
    __table_args__ = (
        UniqueConstraint("jury_member_id", "application_id", name="uq_assignments_jury_member_id_application_id"),
    )

    jury_member_id: Mapped[uuid.UUID] = fk("jury_members.id", index=False)
    application_id: Mapped[uuid.UUID] = fk("applications.id")
    why: Mapped[Str400] = mapped_column(default="")  # theme, territory, expertise, load
    open_until: Mapped[datetime | None]  # of an additional reviewer, named after individual scoring closed
    assigned_at: Mapped[datetime]
    assigned_by_id: Mapped[uuid.UUID | None] = fk("users.id", index=False)


class Review(Identified, Versioned, Base):
    """One member's marks on one file. ``rubric_fingerprint`` is the grid it was submitted with."""

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
    private_note: Mapped[LongText] = mapped_column(default="")
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


class FrozenRubric(Identified, Base):
    """The grid of a version of a call, frozen by its first submitted review: marks never change meaning afterwards."""

    __tablename__ = "frozen_rubrics"
    __table_args__ = (
        UniqueConstraint("call_version_id", name="uq_frozen_rubrics_call_version_id"),
        CheckConstraint("length(fingerprint) = 64", name="fingerprint_is_sha256"),
    )

    call_version_id: Mapped[uuid.UUID] = fk("call_versions.id", index=False)
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
