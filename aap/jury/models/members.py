"""Members of a call's jury, what they know, their interests, their recusals, and who reads what."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from aap.accounts.models import User
from aap.calls.models import JuryCollege
from aap.db import Base, Identified, LongText, Str20, Str80, Str200, Str400, fk


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


class AssignmentRefusal(Identified, Base):
    """A member gave a file back before marking it, and said why. Not a recusal: the file stays readable."""

    __tablename__ = "assignment_refusals"
    __table_args__ = (CheckConstraint("length(reason) >= 1", name="reason_filled"),)

    jury_member_id: Mapped[uuid.UUID] = fk("jury_members.id")
    application_id: Mapped[uuid.UUID] = fk("applications.id")
    reason: Mapped[LongText]
    at: Mapped[datetime]
