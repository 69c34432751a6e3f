"""The money of a version of a call: strands, caps, rates, category rules, instalments."""

from __future__ import annotations

import enum
import uuid
from datetime import date
from typing import Any

from sqlalchemy import JSON, CheckConstraint, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from aap.db import Base, ExactDecimal, Identified, Money, Str40, Str200, Str400, fk


def within_unit(column: str, name: str, *, zero: bool) -> CheckConstraint:
    """Return the CHECK of a share or a rate: at most 1, and above 0 (or 0 itself when ``zero``).

    The cast serves SQLite, where exact decimals are kept as text.
    """
    low = ">=" if zero else ">"
    return CheckConstraint(f"CAST({column} AS NUMERIC) {low} 0 AND CAST({column} AS NUMERIC) <= 1", name=name)


class InstalmentTrigger(enum.Enum):
    """What makes an instalment payable."""

    CONVENTION_SIGNED = "convention_signed"
    INTERIM_REPORT_VALIDATED = "interim_report_validated"
    FINAL_REPORT_VALIDATED = "final_report_validated"
    REPORT_VALIDATED = "report_validated"
    DATE = "date"


class Strand(Identified, Base):
    """A strand (volet) with its envelope in euros."""

    __tablename__ = "strands"
    __table_args__ = (
        UniqueConstraint("version_id", "key", name="uq_strands_version_id_key"),
        CheckConstraint("envelope_eur > 0", name="envelope_positive"),
    )

    version_id: Mapped[uuid.UUID] = fk("call_versions.id")
    key: Mapped[Str40]
    label: Mapped[Str400]
    description: Mapped[str | None]
    envelope_eur: Mapped[Money]
    position: Mapped[int]


class RateByZone(Identified, Base):
    """Largest share of the eligible total cost that the agency pays in a zone (0 to 1)."""

    __tablename__ = "rates_by_zone"
    __table_args__ = (
        UniqueConstraint("version_id", "zone", name="uq_rates_by_zone_version_id_zone"),
        within_unit("max_rate", "max_rate_within_unit", zero=True),
    )

    version_id: Mapped[uuid.UUID] = fk("call_versions.id")
    zone: Mapped[Str40]
    max_rate: Mapped[ExactDecimal]
    position: Mapped[int]


class FundingCap(Identified, Base):
    """A ceiling in euros; the first whose ``condition`` (a rule, or nothing) holds applies."""

    __tablename__ = "funding_caps"
    __table_args__ = (
        UniqueConstraint("version_id", "position", name="uq_funding_caps_version_id_position"),
        CheckConstraint("max_eur > 0", name="max_positive"),
    )

    version_id: Mapped[uuid.UUID] = fk("call_versions.id")
    label: Mapped[Str400]
    condition: Mapped[dict[str, Any] | None] = mapped_column(
        JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
    )
    max_eur: Mapped[Money]
    position: Mapped[int]


class CategoryRule(Identified, Base):
    """Limits on a budget category, as shares of the subsidy or of the total cost (0 to 1)."""

    __tablename__ = "category_rules"
    __table_args__ = (
        UniqueConstraint("version_id", "category", name="uq_category_rules_version_id_category"),
        CheckConstraint(
            "max_share_of_subsidy IS NOT NULL OR min_share_of_subsidy IS NOT NULL "
            "OR max_share_of_total IS NOT NULL OR min_share_of_total IS NOT NULL",
            name="some_limit",
        ),
        within_unit("max_share_of_subsidy", "max_share_of_subsidy_within_unit", zero=True),
        within_unit("min_share_of_subsidy", "min_share_of_subsidy_within_unit", zero=True),
        within_unit("max_share_of_total", "max_share_of_total_within_unit", zero=True),
        within_unit("min_share_of_total", "min_share_of_total_within_unit", zero=True),
    )

    version_id: Mapped[uuid.UUID] = fk("call_versions.id")
    category: Mapped[Str40]
    max_share_of_subsidy: Mapped[ExactDecimal | None]
    min_share_of_subsidy: Mapped[ExactDecimal | None]
    max_share_of_total: Mapped[ExactDecimal | None]
    min_share_of_total: Mapped[ExactDecimal | None]
    position: Mapped[int]


class InstalmentTerm(Identified, Base):
    """An instalment of the subsidy: its rank, its share (0 excluded, 1 included) and what makes it payable."""

    __tablename__ = "instalment_terms"
    __table_args__ = (
        UniqueConstraint("version_id", "rank", name="uq_instalment_terms_version_id_rank"),
        CheckConstraint("rank >= 1", name="rank_positive"),
        within_unit("share", "share_within_unit", zero=False),
        CheckConstraint("(trigger = 'date') = (due_on IS NOT NULL)", name="date_when_dated"),
    )

    version_id: Mapped[uuid.UUID] = fk("call_versions.id")
    rank: Mapped[int]
    share: Mapped[ExactDecimal]
    trigger: Mapped[InstalmentTrigger]
    due_on: Mapped[date | None]
    label: Mapped[Str200]
