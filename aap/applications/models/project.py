"""The rows that describe the project: sites, partners, solutions, milestones, indicators.

What people type is kept whole (text without limit): a draft may be too long, the check of the field says so.
"""

from __future__ import annotations

import uuid

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Integer, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from aap.db import Base, ExactDecimal, Identified, LongText, Str20, Str40, fk


class Site(Identified, Base):
    """A place where the project happens.

    ``commune`` is what the person typed (a name or an INSEE code); ``commune_code`` the commune it was recognised as.
    ``zone`` is read from the call's dated zoning (``zoning_id``); NULL as long as the commune is not recognised.
    ``apl`` is the accessibility figure of the commune in the vintage that the call froze when it was published.
    """

    __tablename__ = "sites"
    __table_args__ = (
        UniqueConstraint("application_id", "key"),
        CheckConstraint("capacity IS NULL OR capacity >= 0", name="capacity_not_negative"),
    )

    application_id: Mapped[uuid.UUID] = fk("applications.id", index=False)
    key: Mapped[Str40]
    name: Mapped[LongText]
    finess: Mapped[LongText] = mapped_column(default="")
    commune: Mapped[LongText] = mapped_column(default="")
    commune_code: Mapped[str | None] = fk("communes.code")
    department_code: Mapped[Str20] = mapped_column(default="", index=True)
    territory: Mapped[LongText] = mapped_column(default="")
    zone: Mapped[Str40 | None] = mapped_column(index=True)
    zoning_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("zonings.id", ondelete="RESTRICT"))
    apl: Mapped[ExactDecimal | None]
    accessibility_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accessibilities.id", ondelete="RESTRICT"))
    capacity: Mapped[int | None]
    position: Mapped[int] = mapped_column(Integer)


class Partner(Identified, Base):
    """A structure committed beside the lead."""

    __tablename__ = "partners"
    __table_args__ = (UniqueConstraint("application_id", "key"),)

    application_id: Mapped[uuid.UUID] = fk("applications.id", index=False)
    key: Mapped[Str40]
    name: Mapped[LongText]
    category: Mapped[LongText]
    role: Mapped[LongText] = mapped_column(default="")
    commitment_letter: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(Integer)


class ApplicationSolution(Identified, Base):
    """A digital solution used by the project: feeds the map of solutions by territory."""

    __tablename__ = "application_solutions"
    __table_args__ = (UniqueConstraint("application_id", "key"),)

    application_id: Mapped[uuid.UUID] = fk("applications.id", index=False)
    key: Mapped[Str40]
    label: Mapped[LongText]
    functions: Mapped[list[str]] = mapped_column(JSON().with_variant(JSONB(), "postgresql"))
    status: Mapped[LongText] = mapped_column(default="")
    territory: Mapped[LongText] = mapped_column(default="")
    position: Mapped[int] = mapped_column(Integer)


class PlannedMilestone(Identified, Base):
    """A milestone promised at the deposit: its month from the start and its deliverable."""

    __tablename__ = "planned_milestones"
    __table_args__ = (
        UniqueConstraint("application_id", "key"),
        CheckConstraint("month IS NULL OR month >= 0", name="month_not_negative"),
    )

    application_id: Mapped[uuid.UUID] = fk("applications.id", index=False)
    key: Mapped[Str40]
    label: Mapped[LongText]
    month: Mapped[int | None]
    deliverable: Mapped[LongText] = mapped_column(default="")
    position: Mapped[int] = mapped_column(Integer)


class ProposedIndicator(Identified, Base):
    """An indicator proposed at the deposit. ``baseline`` NULL means "not measured yet"."""

    __tablename__ = "proposed_indicators"
    __table_args__ = (UniqueConstraint("application_id", "position"),)

    application_id: Mapped[uuid.UUID] = fk("applications.id", index=False)
    code: Mapped[LongText]
    label: Mapped[LongText] = mapped_column(default="")
    unit: Mapped[LongText] = mapped_column(default="")
    baseline: Mapped[ExactDecimal | None]
    target: Mapped[ExactDecimal | None]
    source: Mapped[LongText] = mapped_column(default="")
    frequency: Mapped[LongText] = mapped_column(default="")
    position: Mapped[int] = mapped_column(Integer)
