"""The exact arithmetic of a subsidy: instalments, lapse, payment delay, balance. No database, no clock.

Amounts are euros as ``Decimal`` to the cent; shares and rates are exact. Rounding is half up, to the cent, once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from aap.clock import paris
from aap.scoring.exact import rounded

PAYMENT_DAYS = 60  # law 2021-875, article 50, and circular of 29 September 2015
LAPSE_YEARS = 3  # CSP L1435-10: 31 December of the third financial year after the notification


def to_cent(amount: Fraction) -> Decimal:
    """Round an exact amount half up to the cent."""
    return rounded(amount, 2)


def split_subsidy(subsidy_eur: Decimal, shares: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """Split a subsidy by the shares of its instalments, to the cent; the last takes what rounding leaves.

    Shares need not sum to 1: their proportions count. Raises ``ValueError`` without a positive share.
    """
    whole = sum((Fraction(share) for share in shares), Fraction(0))
    if not shares or whole <= 0:
        message = "at least one positive share is needed"
        raise ValueError(message)
    first = [to_cent(Fraction(subsidy_eur) * Fraction(share) / whole) for share in shares[:-1]]
    return (*first, subsidy_eur - sum(first, Decimal(0)))


def rate(subsidy_eur: Decimal, budget_eur: Decimal) -> Fraction:
    """Return the exact ratio of the subsidy to the budget (112 500 / 164 040), 0 for an empty budget."""
    return Fraction(subsidy_eur) / Fraction(budget_eur) if budget_eur else Fraction(0)


def lapse_day(notified_at: datetime) -> date:
    """Return the last day on which the notified sums may be paid (CSP L1435-10), by the Paris year."""
    return date(paris(notified_at).year + LAPSE_YEARS, 12, 31)


def pay_by(unlocked_at: datetime) -> date:
    """Return the last day of the legal delay of payment, Paris dates."""
    return paris(unlocked_at).date() + timedelta(days=PAYMENT_DAYS)


def is_late(unlocked_at: datetime | None, paid_at: datetime | None, now: datetime) -> bool:
    """Tell whether an unlocked instalment was paid, or still waits, after its sixty days."""
    return unlocked_at is not None and paris(paid_at or now).date() > pay_by(unlocked_at)


@dataclass(frozen=True, slots=True)
class Balance:
    """What the real expense leaves to pay; ``balance_eur`` below zero is to be paid back by the applicant."""

    subsidy_due_eur: Decimal
    paid_eur: Decimal
    balance_eur: Decimal

    @property
    def to_reverse_eur(self) -> Decimal:
        """Return what the applicant owes back, 0 when nothing."""
        return max(-self.balance_eur, Decimal("0.00"))


def balance(*, spent_eur: Decimal, budget_eur: Decimal, subsidy_eur: Decimal, paid_eur: Decimal) -> Balance:
    """Recompute the subsidy at the contract's rate on the real expense, never above the contract, less what was paid.

    158 900 × 112 500 / 164 040 = 108 974.95; less 101 250 paid, 7 724.95 remain.
    """
    due = min(to_cent(Fraction(spent_eur) * rate(subsidy_eur, budget_eur)), subsidy_eur)
    return Balance(due, paid_eur, due - paid_eur)


def spread(amount_eur: Decimal, ceilings: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """Give an amount to the instalments still to pay, first ranks first, none above its ceiling.

    What exceeds every ceiling goes to the last; a negative amount gives nothing.
    """
    left = max(amount_eur, Decimal("0.00"))
    given: list[Decimal] = []
    for ceiling in ceilings:
        given.append(min(left, ceiling))
        left -= given[-1]
    if given and left > 0:
        given[-1] += left
    return tuple(given)
