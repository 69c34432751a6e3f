"""The money of an application: expense lines, funders, and what each funder pays for."""

from __future__ import annotations

import enum
import uuid

from sqlalchemy import CheckConstraint, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from aap.db import Base, ExactDecimal, Identified, LongText, Money, Str40, fk


class IncomeKind(enum.Enum):
    """What an income is to the call: the subsidy asked, a co-funding, or the applicant's own money."""

    SUBSIDY = "subvention"
    COFUNDING = "cofinancement"
    OWN = "autofinancement"


class FundingStatus(enum.Enum):
    """How certain an income is."""

    REQUESTED = "demande"
    GRANTED = "acquis"
    REFUSED = "refuse"


class BudgetLine(Identified, Base):
    """An expense: ``amount_eur`` is quantity × unit price to the cent, half up, computed by the service.

    A draft keeps blank cells and doubtful amounts; a deposit refuses them.
    """

    __tablename__ = "budget_lines"
    __table_args__ = (
        UniqueConstraint("application_id", "key"),
        CheckConstraint("quantity IS NULL OR CAST(quantity AS NUMERIC) >= 0", name="quantity_not_negative"),
        CheckConstraint("amount_eur >= 0 AND requested_eur >= 0", name="amounts_not_negative"),
    )

    application_id: Mapped[uuid.UUID] = fk("applications.id", index=False)
    key: Mapped[Str40]
    category: Mapped[LongText]
    label: Mapped[LongText]
    quantity: Mapped[ExactDecimal | None]
    unit_price_eur: Mapped[Money | None]
    amount_eur: Mapped[Money]
    requested_eur: Mapped[Money]
    has_quote: Mapped[bool] = mapped_column(default=False)
    quote_ref: Mapped[LongText] = mapped_column(default="", server_default="")
    position: Mapped[int] = mapped_column(Integer)


class Funder(Identified, Base):
    """An income of the plan."""

    __tablename__ = "funders"
    __table_args__ = (
        UniqueConstraint("application_id", "key"),
        CheckConstraint("amount_eur IS NULL OR amount_eur >= 0", name="amount_not_negative"),
    )

    application_id: Mapped[uuid.UUID] = fk("applications.id", index=False)
    key: Mapped[Str40]
    name: Mapped[LongText]
    kind: Mapped[IncomeKind | None]
    amount_eur: Mapped[Money | None]
    status: Mapped[FundingStatus | None]
    position: Mapped[int] = mapped_column(Integer)

    earmarks: Mapped[list[FunderEarmark]] = relationship(
        order_by="FunderEarmark.line_key", cascade="all, delete-orphan", lazy="selectin"
    )


class FunderEarmark(Identified, Base):
    """A funder pays for one line of the same application, named by its key."""

    __tablename__ = "funder_earmarks"
    __table_args__ = (UniqueConstraint("funder_id", "line_key"),)

    funder_id: Mapped[uuid.UUID] = fk("funders.id", index=False)
    line_key: Mapped[Str40]
