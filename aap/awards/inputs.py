"""What a form hands to the services of the awards. Amounts in euros to the cent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from aap.calls.models import DecisionKind


@dataclass(frozen=True, slots=True)
class ReservationInput:
    """A condition to meet before the contract, by a day (included)."""

    text: str
    deadline: date | None


@dataclass(frozen=True, slots=True)
class OpinionInput:
    """The jury's advice: its kind among the call's decisions, the amount advised, the rank on the waiting list."""

    kind: DecisionKind
    amount_eur: Decimal | None = None
    rank: int | None = None
    motive: str = ""


@dataclass(frozen=True, slots=True)
class DecisionInput:
    """The director's decision. ``divergence_motive`` is asked when the jury advised otherwise."""

    kind: DecisionKind
    granted_eur: Decimal | None = None
    rank: int | None = None
    motive: str = ""
    reservations: tuple[ReservationInput, ...] = ()
    divergence_motive: str = ""


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A line of the revised budget; ``granted_share_eur`` is what the agency pays of it."""

    key: str
    category: str
    label: str
    planned_eur: Decimal
    granted_share_eur: Decimal


@dataclass(frozen=True, slots=True)
class PlanFunder:
    """A funder of the revised plan; ``kind`` is a value of ``IncomeKind``."""

    key: str
    name: str
    kind: str
    amount_eur: Decimal


@dataclass(frozen=True, slots=True)
class Plan:
    """The revised budget and its funders."""

    lines: tuple[PlanLine, ...]
    funders: tuple[PlanFunder, ...]

    @property
    def budget_eur(self) -> Decimal:
        """Sum of the lines."""
        return sum((line.planned_eur for line in self.lines), Decimal(0))

    @property
    def granted_eur(self) -> Decimal:
        """Sum of the agency's shares."""
        return sum((line.granted_share_eur for line in self.lines), Decimal(0))


@dataclass(frozen=True, slots=True)
class ContractInput:
    """What is signed: number, hour of the signature, days of the project, revised plan."""

    number: str
    signed_at: datetime
    starts_on: date
    ends_on: date
    plan: Plan
