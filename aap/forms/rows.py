"""The rows of the tabular fields that their owner keeps in tables of its own.

A cell left blank is ``None`` (or an empty text): a draft keeps it, ``FieldType.check`` reports it. ``key`` names the
row within its field (``L01``); it travels in a hidden input so that a corrected line stays the same line.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A site. ``commune`` is an INSEE code, or the name typed when the person did not choose one of the list."""

    key: str
    name: str
    finess: str
    commune: str
    department: str
    territory: str
    capacity: int | None


@dataclass(frozen=True, slots=True)
class PartnerRow:
    """A partner. ``category`` is a code of ``partner_categories``."""

    key: str
    name: str
    category: str
    role: str
    commitment_letter: bool


@dataclass(frozen=True, slots=True)
class SolutionRow:
    """A digital solution, for the map of solutions. Codes of ``solution_functions`` and ``solution_status``."""

    key: str
    label: str
    functions: tuple[str, ...]
    status: str
    territory: str


@dataclass(frozen=True, slots=True)
class MilestoneRow:
    """A milestone at a month of the project (1 is the first month)."""

    key: str
    label: str
    month: int | None
    deliverable: str


@dataclass(frozen=True, slots=True)
class BudgetLineRow:
    """An expense, in euros. ``amount`` is quantity × unit price, to the cent; ``requested_eur`` the agency's share."""

    key: str
    category: str
    label: str
    qty: Decimal | None
    unit_price: Decimal | None
    amount: Decimal
    requested_eur: Decimal
    quote: bool
    quote_ref: str = ""  # number or file name of the quote, when it is not joined or to find it among the pieces


@dataclass(frozen=True, slots=True)
class FunderRow:
    """An income, in euros. ``earmarked`` holds the keys of the lines it is meant for; empty means any."""

    key: str
    funder: str
    kind: str
    amount: Decimal | None
    status: str
    earmarked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BudgetPlan:
    """The two sides of a budget."""

    lines: tuple[BudgetLineRow, ...] = ()
    income: tuple[FunderRow, ...] = ()

    @property
    def expenses(self) -> Decimal:
        """Return the total of the expenses, in euros."""
        return sum((line.amount for line in self.lines), Decimal(0))

    @property
    def requested(self) -> Decimal:
        """Return what is asked from the agency, summed over the lines, in euros."""
        return sum((line.requested_eur for line in self.lines), Decimal(0))

    @property
    def income_total(self) -> Decimal:
        """Return the total of the income, in euros."""
        return sum((funder.amount or Decimal(0) for funder in self.income), Decimal(0))


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """An indicator proposed by the project. Zero is a legal target, an unknown baseline a legal answer."""

    code: str
    baseline: Decimal | None
    target: Decimal | None
    source: str
    frequency: str
