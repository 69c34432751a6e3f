"""Users, organisations, memberships and regional roles.

This module alone takes Flask-Security's mixin. Its role table is not used: a role of ours always has a region, and a
call's people belong to the call (``calls``) and to its jury (``jury``).
"""

from __future__ import annotations

import enum
import uuid
from datetime import date, datetime

from flask_security import RoleMixin, UserMixin
from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from aap.accounts.links import OneTimeLink, link_rules
from aap.db import Base, Identified, Str20, Str80, Str200, fk
from aap.referentials.models import Department, Region


class RoleName(enum.Enum):
    """What a person does for a region's agency."""

    ADMINISTRATOR = "administrator"  # administrateur régional
    OFFICER = "officer"  # instructeur, direction de l'innovation
    DIRECTOR = "director"  # décideur : direction générale ou délégataire
    FINANCE = "finance"  # gestionnaire financier
    EDITOR = "editor"  # éditeur des fiches
    REVIEWER = "reviewer"  # relecteur des fiches
    DD = "dd"  # référent e-santé en délégation (a department)
    DCGDR = "dcgdr"  # assurance maladie
    GRADES = "grades"  # avis technique
    DIRECTION_METIER = "direction_metier"  # autre direction de l'agence
    READER = "reader"  # lecteur du comité de pilotage


OPINION_ROLES = (RoleName.DD, RoleName.DCGDR, RoleName.GRADES, RoleName.DIRECTION_METIER)


class MembershipRole(enum.Enum):
    """What a person may do for an organisation."""

    MANAGER = "manager"  # administers it: its card, its members, its delegations, the files left without a lead
    MEMBER = "member"


class User(Identified, UserMixin, Base):  # type: ignore[misc]  # Flask-Security announces an int id, ours is a UUID
    """A person who signs in. ``fs_uniquifier`` changes to close every open session."""

    __tablename__ = "users"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_lowercase"),)

    email: Mapped[str] = mapped_column(String(254), unique=True)
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    confirmed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    given_name: Mapped[Str80] = mapped_column(default="")
    family_name: Mapped[Str80] = mapped_column(default="")
    job_title: Mapped[Str200] = mapped_column(default="")

    regional_roles: Mapped[list[RegionalRole]] = relationship(
        back_populates="user", order_by="RegionalRole.role", foreign_keys="RegionalRole.user_id"
    )
    memberships: Mapped[list[Membership]] = relationship(
        back_populates="user", order_by="Membership.created_at", foreign_keys="Membership.user_id"
    )

    @property
    def display_name(self) -> str:
        """Return the person's name as shown, or the address when no name was given."""
        return f"{self.given_name} {self.family_name}".strip() or self.email

    @property
    def roles(self) -> list[RoleMixin]:
        """Flask-Security's own roles, which we do not use: rights come from ``regional_roles`` and ``aap.policies``."""
        return []

    @roles.setter
    def roles(self, value: list[RoleMixin]) -> None:
        if value:
            message = "roles are regional: use RegionalRole"
            raise ValueError(message)

    def has_role_in(self, region_code: str, *roles: RoleName) -> bool:
        """Tell whether the person holds one of these roles in this region."""
        return any(held.region_code == region_code and held.role in roles for held in self.regional_roles)

    def departments_as(self, region_code: str, role: RoleName) -> frozenset[str | None]:
        """Return the departments of this role in this region; ``None`` in the set means the whole region."""
        return frozenset(
            held.department_code
            for held in self.regional_roles
            if held.region_code == region_code and held.role is role
        )


class RegionalRole(Identified, Base):
    """A role held in a region, in one department when the role is local."""

    __tablename__ = "regional_roles"
    __table_args__ = (UniqueConstraint("user_id", "region_code", "role", "department_code"),)

    user_id: Mapped[uuid.UUID] = fk("users.id")
    region_code: Mapped[str] = fk("regions.code")
    role: Mapped[RoleName]
    department_code: Mapped[str | None] = mapped_column(ForeignKey("departments.code", ondelete="RESTRICT"))
    granted_at: Mapped[datetime]
    granted_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))

    user: Mapped[User] = relationship(back_populates="regional_roles", foreign_keys=[user_id])
    region: Mapped[Region] = relationship()
    department: Mapped[Department | None] = relationship()


class Organisation(Identified, Base):
    """A structure that may apply. Its SIRET changes when it moves: SIREN and FINESS EJ identify it."""

    __tablename__ = "organisations"
    __table_args__ = (
        CheckConstraint("siret IS NULL OR length(siret) = 14", name="siret_length"),
        CheckConstraint("finess_ej IS NULL OR length(finess_ej) = 9", name="finess_ej_length"),
        CheckConstraint("finess_et IS NULL OR length(finess_et) = 9", name="finess_et_length"),
        UniqueConstraint("region_code", "siret"),
    )

    region_code: Mapped[str] = fk("regions.code")
    department_code: Mapped[str | None] = mapped_column(ForeignKey("departments.code", ondelete="RESTRICT"))
    name: Mapped[Str200]
    kind: Mapped[Str80]  # a code of referentials.vocabularies, applicant types
    siret: Mapped[Str20 | None]
    finess_ej: Mapped[Str20 | None]
    finess_et: Mapped[Str20 | None]
    mailbox: Mapped[str | None] = mapped_column(String(254))
    requires_signature: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime]

    memberships: Mapped[list[Membership]] = relationship(
        back_populates="organisation", order_by="Membership.created_at, Membership.id"
    )
    delegations: Mapped[list[Delegation]] = relationship(order_by="Delegation.starts_on, Delegation.id")
    invitations: Mapped[list[OrganisationInvitation]] = relationship(
        back_populates="organisation", order_by="OrganisationInvitation.created_at, OrganisationInvitation.id"
    )


class Membership(Identified, Base):
    """A person acting for an organisation."""

    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("user_id", "organisation_id"),)

    user_id: Mapped[uuid.UUID] = fk("users.id")
    organisation_id: Mapped[uuid.UUID] = fk("organisations.id")
    role: Mapped[MembershipRole]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(back_populates="memberships", foreign_keys=[user_id])
    organisation: Mapped[Organisation] = relationship(back_populates="memberships")


class Delegation(Identified, Base):
    """The right of a person to sign for an organisation, on behalf of its legal representative, between two days."""

    __tablename__ = "delegations"
    __table_args__ = (
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="ends_after_start"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_by_id IS NULL)", name="revocation_is_signed"),
    )

    organisation_id: Mapped[uuid.UUID] = fk("organisations.id")
    user_id: Mapped[uuid.UUID] = fk("users.id")
    on_behalf_of: Mapped[Str200]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    granted_at: Mapped[datetime]
    granted_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    revoked_at: Mapped[datetime | None]
    revoked_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))

    user: Mapped[User] = relationship(foreign_keys=[user_id], lazy="joined", innerjoin=True)  # always shown with it

    def in_force(self, on: date) -> bool:
        """Tell whether the delegation lets its holder sign on this day."""
        return self.revoked_at is None and self.starts_on <= on and (self.ends_on is None or on <= self.ends_on)


class OrganisationInvitation(Identified, OneTimeLink, Base):
    """A link that makes the person of an address act for an organisation."""

    __tablename__ = "organisation_invitations"
    __table_args__ = link_rules("organisation_invitations", "organisation_id", "email")

    organisation_id: Mapped[uuid.UUID] = fk("organisations.id")
    role: Mapped[MembershipRole]
    used_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))

    organisation: Mapped[Organisation] = relationship(back_populates="invitations")
    created_by: Mapped[User] = relationship(foreign_keys="OrganisationInvitation.created_by_id")


class NotificationRefusal(Identified, Base):
    """A kind of mail that a person does not want. The obligatory ones cannot be refused: the service never asks."""

    __tablename__ = "notification_refusals"
    __table_args__ = (
        UniqueConstraint("user_id", "category", name="uq_notification_refusals_user_id_category"),
        CheckConstraint("category <> 'procedure'", name="procedure_is_obligatory"),
    )

    user_id: Mapped[uuid.UUID] = fk("users.id", index=False)
    category: Mapped[Str20]
    refused_at: Mapped[datetime]


class AgendaFeed(Identified, Base):
    """The private address at which an agenda reads a person's deadlines. Only the hash of its secret is kept."""

    __tablename__ = "agenda_feeds"
    __table_args__ = (
        UniqueConstraint("user_id", name="uq_agenda_feeds_user_id"),
        UniqueConstraint("secret_sha256", name="uq_agenda_feeds_secret_sha256"),
        CheckConstraint("length(secret_sha256) = 64", name="secret_is_hashed"),
    )

    user_id: Mapped[uuid.UUID] = fk("users.id", index=False)
    secret_sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]

    user: Mapped[User] = relationship()
