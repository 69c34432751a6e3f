"""What the rules read of an application, as frozen data: nothing here knows a database.

``Particulars`` is built from the rows by ``facts``; ``Terms`` are the figures of the call that named rules use.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from aap.rules import Rule


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """A site: its zone (a code, or ``None`` when nobody knows it), its capacity in persons, the key its pieces name."""

    name: str
    zone: str | None
    capacity: int | None
    key: str = ""


@dataclass(frozen=True, slots=True)
class PartnerFacts:
    """A partner: the key its pieces name, its name and its category code."""

    key: str
    name: str
    category: str


@dataclass(frozen=True, slots=True)
class FunderFacts:
    """A co-funder: the key its pieces name, and its name."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class LineFacts:
    """An expense line, in euros."""

    key: str
    category: str
    label: str
    amount_eur: Decimal
    requested_eur: Decimal

    @property
    def name(self) -> str:
        """How a piece calls it."""
        return line_name(self.key, self.label)


def line_name(key: str, label: str) -> str:
    """Return how a piece calls an expense: its words and its number."""
    return f"{label or 'Dépense sans intitulé'} ({key})"


@dataclass(frozen=True, slots=True)
class PieceFacts:
    """A piece in force: the annex it answers, and the partner, funder or site it is about."""

    annex_key: str
    subject: str


@dataclass(frozen=True, slots=True)
class Particulars:
    """One application as the rules read it. ``values`` maps the names of facts to their values.

    ``unfinished`` tells the rules that what is blank is still to come, rather than absent for good.
    """

    values: Mapping[str, object]
    sites: tuple[SiteFacts, ...] = ()
    partners: tuple[PartnerFacts, ...] = ()
    cofunders: tuple[FunderFacts, ...] = ()
    lines: tuple[LineFacts, ...] = ()
    pieces: tuple[PieceFacts, ...] = ()
    requested_eur: Decimal = Decimal(0)
    total_expenses: Decimal = Decimal(0)
    unfinished: bool = False


@dataclass(frozen=True, slots=True)
class Cap:
    """A ceiling in euros and the condition under which it applies (none: always)."""

    label: str
    condition: Rule | None
    max_eur: Decimal


@dataclass(frozen=True, slots=True)
class ShareRule:
    """The limits of one expense category, as exact shares (0 to 1)."""

    category: str
    max_of_subsidy: Fraction | None = None
    min_of_subsidy: Fraction | None = None
    max_of_total: Fraction | None = None
    min_of_total: Fraction | None = None


@dataclass(frozen=True, slots=True)
class AnnexTerms:
    """An annex: required always, under a condition, or optional; once, or per partner, co-funder, site or expense."""

    key: str
    label: str
    required: bool
    condition: Rule | None = None
    per: str | None = None
    confidential: bool = False


@dataclass(frozen=True, slots=True)
class QuoteTerm:
    """A quote is asked for every expense over an amount, of one category or of all; ``annex`` asks for it.

    ``per_line``: as a file joined to each of them, when a reference would not do.
    """

    annex: str
    category: str | None
    over_eur: Decimal
    per_line: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """What the call asks, as the named rules need it."""

    caps: tuple[Cap, ...] = ()
    rates: Mapping[str, Fraction] = field(default_factory=dict)
    rate_basis: str = "best_zone_with_half_of_capacity"
    shares: tuple[ShareRule, ...] = ()
    annexes: tuple[AnnexTerms, ...] = ()
    own_share_min: Fraction | None = None
    cofunding_required: bool = False
    quotes: tuple[QuoteTerm, ...] = ()
