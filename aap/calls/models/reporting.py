"""What a version of a call asks of the funded projects: reports and indicators."""

from __future__ import annotations

import uuid

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint, and_
from sqlalchemy.orm import Mapped, foreign, relationship

from aap.calls.models.funding import InstalmentTerm
from aap.db import Base, Identified, Str40, Str200, fk


class ReportingObligation(Identified, Base):
    """A report due ``month`` months after the start, plus ``grace_days``; it may unlock an instalment."""

    __tablename__ = "reporting_obligations"
    __table_args__ = (
        UniqueConstraint("version_id", "key", name="uq_reporting_obligations_version_id_key"),
        ForeignKeyConstraint(
            ["version_id", "unlocks_rank"],
            ["instalment_terms.version_id", "instalment_terms.rank"],
            name="fk_reporting_obligations_instalment",
        ),
        CheckConstraint("month >= 0", name="month_not_negative"),
        CheckConstraint("grace_days >= 0", name="grace_not_negative"),
    )

    version_id: Mapped[uuid.UUID] = fk("call_versions.id")
    key: Mapped[Str40]
    label: Mapped[Str200]
    month: Mapped[int]
    grace_days: Mapped[int]
    unlocks_rank: Mapped[int | None]
    position: Mapped[int]

    # Only the rank is written through this relationship: the version belongs to ``CallVersion.obligations``.
    instalment: Mapped[InstalmentTerm | None] = relationship(
        primaryjoin=lambda: and_(
            foreign(ReportingObligation.unlocks_rank) == InstalmentTerm.rank,
            ReportingObligation.version_id == InstalmentTerm.version_id,
        )
    )


class MandatoryIndicator(Identified, Base):
    """An indicator that every funded project of the version follows, by its code in the library.

    No foreign key: a call may be written before the library knows the code (a warning at import).
    """

    __tablename__ = "mandatory_indicators"
    __table_args__ = (UniqueConstraint("version_id", "code", name="uq_mandatory_indicators_version_id_code"),)

    version_id: Mapped[uuid.UUID] = fk("call_versions.id")
    code: Mapped[Str40]
    position: Mapped[int]
