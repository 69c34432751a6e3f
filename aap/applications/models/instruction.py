"""What the agency wrote about the file before the jury: checks, admissibility, opinions."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from aap.accounts.models import User
from aap.calls.models import OpinionKind
from aap.db import Base, Document, Identified, LongText, Str40, Str80, fk


class CheckMode(enum.Enum):
    """Who answers a rule: the application itself, or the officer."""

    AUTO = "auto"
    MANUAL = "manual"


class CheckOutcome(enum.Enum):
    """The answer to a rule. A manual rule nobody looked at is pending, never passed."""

    PASSED = "passed"
    FAILED = "failed"
    PENDING = "pending"


class AdmissibilityCheck(Identified, Base):
    """The verdict of one eligibility rule on one deposit (``round`` is the deposit's number)."""

    __tablename__ = "admissibility_checks"
    __table_args__ = (
        UniqueConstraint(
            "application_id", "round", "rule_key", name="uq_admissibility_checks_application_id_round_rule_key"
        ),
        CheckConstraint("mode = 'auto' OR outcome = 'pending' OR by_id IS NOT NULL", name="manual_has_author"),
        CheckConstraint("mode = 'auto' OR outcome = 'pending' OR length(because) >= 1", name="manual_has_reason"),
        CheckConstraint("mode = 'manual' OR by_id IS NULL", name="automatic_has_no_author"),
    )

    application_id: Mapped[uuid.UUID] = fk("applications.id", index=False)
    round: Mapped[int] = mapped_column(Integer)
    rule_key: Mapped[Str40]
    mode: Mapped[CheckMode]
    blocking: Mapped[bool]
    outcome: Mapped[CheckOutcome]
    because: Mapped[LongText] = mapped_column(default="")
    figures: Mapped[Document] = mapped_column(default=dict)
    by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    at: Mapped[datetime]
    position: Mapped[int] = mapped_column(Integer)


class AdmissibilityDecision(Identified, Base):
    """Admissible or not, once; a refusal says why."""

    __tablename__ = "admissibility_decisions"
    __table_args__ = (
        UniqueConstraint("application_id", name="uq_admissibility_decisions_application_id"),
        CheckConstraint("outcome = 'recevable' OR length(motive) >= 1", name="refusal_has_motive"),
    )

    application_id: Mapped[uuid.UUID] = fk("applications.id", index=False)
    outcome: Mapped[Str80]
    motive: Mapped[LongText] = mapped_column(default="")
    by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    at: Mapped[datetime]


class Opinion(Identified, Base):
    """An advisory opinion, never scored: one per kind and application, mended by its giver until instruction ends."""

    __tablename__ = "opinions"
    __table_args__ = (
        UniqueConstraint("application_id", "opinion_kind_id", name="uq_opinions_application_id_opinion_kind_id"),
        CheckConstraint("length(value) >= 1", name="value_filled"),
    )

    application_id: Mapped[uuid.UUID] = fk("applications.id", index=False)
    opinion_kind_id: Mapped[uuid.UUID] = fk("opinion_kinds.id")
    value: Mapped[Str80]
    text: Mapped[LongText] = mapped_column(default="")
    author_id: Mapped[uuid.UUID] = fk("users.id")
    at: Mapped[datetime]

    kind: Mapped[OpinionKind] = relationship()
    author: Mapped[User] = relationship()
