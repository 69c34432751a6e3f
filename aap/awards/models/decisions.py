"""What the jury advises, what the director decides, what reservations are lifted, what is notified. In euros."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from aap.applications.models import Application
from aap.calls.models import DecisionEffect, DecisionKind
from aap.db import Base, Identified, LongText, Money, Str20, Str40, Versioned, fk

_FUNDED = "effect IN ('fund', 'fund_with_reservations')"


class JuryOpinion(Identified, Base):
    """The jury's advice on an application, recorded once from its minutes."""

    __tablename__ = "jury_opinions"
    __table_args__ = (
        UniqueConstraint("application_id", name="uq_jury_opinions_application_id"),
        CheckConstraint("amount_eur IS NULL OR amount_eur >= 0", name="amount_not_negative"),
        CheckConstraint("rank IS NULL OR rank >= 1", name="rank_positive"),
    )

    application_id: Mapped[uuid.UUID] = fk("applications.id", index=False)
    decision_kind_id: Mapped[uuid.UUID] = fk("decision_kinds.id")
    outcome: Mapped[Str40]  # the kind's key
    amount_eur: Mapped[Money | None]
    rank: Mapped[int | None]
    motive: Mapped[LongText] = mapped_column(default="")
    by_id: Mapped[uuid.UUID] = fk("users.id", index=False)
    at: Mapped[datetime]

    application: Mapped[Application] = relationship()
    kind: Mapped[DecisionKind] = relationship()


class Decision(Identified, Base):
    """The director's decision. ``effect`` is that of its kind; it ties the decision to its amount, rank or motive."""

    __tablename__ = "decisions"
    __table_args__ = (
        UniqueConstraint("application_id", name="uq_decisions_application_id"),
        CheckConstraint(f"({_FUNDED}) = (granted_eur IS NOT NULL)", name="amount_when_funded"),
        CheckConstraint("granted_eur IS NULL OR granted_eur > 0", name="granted_positive"),
        CheckConstraint("(effect = 'wait') = (rank IS NOT NULL)", name="rank_when_waiting"),
        CheckConstraint("rank IS NULL OR rank >= 1", name="rank_positive"),
        CheckConstraint("effect <> 'refuse' OR length(motive) >= 1", name="motive_when_refused"),
    )

    application_id: Mapped[uuid.UUID] = fk("applications.id", index=False)
    decision_kind_id: Mapped[uuid.UUID] = fk("decision_kinds.id")
    outcome: Mapped[Str40]  # the kind's key
    effect: Mapped[DecisionEffect]
    granted_eur: Mapped[Money | None]
    rank: Mapped[int | None]  # on the waiting list
    motive: Mapped[LongText] = mapped_column(default="")
    divergence_motive: Mapped[LongText | None]  # asked when the jury advised otherwise
    decided_by_id: Mapped[uuid.UUID] = fk("users.id", index=False)
    decided_at: Mapped[datetime]

    application: Mapped[Application] = relationship()
    kind: Mapped[DecisionKind] = relationship()
    reservations: Mapped[list[Reservation]] = relationship(back_populates="decision", order_by="Reservation.key")
    notification: Mapped[Notification | None] = relationship(back_populates="decision")


class Reservation(Identified, Versioned, Base):
    """A condition to meet before the contract, by a day (included, Paris time)."""

    __tablename__ = "reservations"
    __table_args__ = (
        UniqueConstraint("decision_id", "key", name="uq_reservations_decision_id_key"),
        CheckConstraint("length(text) >= 1", name="text_filled"),
        CheckConstraint(
            "(lifted_at IS NULL) = (lifted_by_id IS NULL) AND (lifted_at IS NULL OR length(evidence) >= 1)",
            name="lifted_by_someone_on_evidence",
        ),
    )

    decision_id: Mapped[uuid.UUID] = fk("decisions.id", index=False)
    key: Mapped[Str20]
    text: Mapped[LongText]
    deadline: Mapped[date]
    lifted_at: Mapped[datetime | None]
    lifted_by_id: Mapped[uuid.UUID | None] = fk("users.id", index=False)
    evidence: Mapped[LongText | None]
    late_reason: Mapped[LongText | None]  # why it was lifted after its deadline

    decision: Mapped[Decision] = relationship(back_populates="reservations")


class Notification(Identified, Base):
    """The decision was told to the applicant. The letter is written by a job."""

    __tablename__ = "notifications"
    __table_args__ = (UniqueConstraint("decision_id", name="uq_notifications_decision_id"),)

    decision_id: Mapped[uuid.UUID] = fk("decisions.id", index=False)
    at: Mapped[datetime]
    by_id: Mapped[uuid.UUID] = fk("users.id", index=False)
    letter_file_id: Mapped[uuid.UUID | None] = fk("stored_files.id", index=False)

    decision: Mapped[Decision] = relationship(back_populates="notification")
