"""Fund in rank order, unless no completion exists: rank-lexicographic selection with a feasibility oracle.

Maximising a sum of scores buys cheap projects and refuses the first-ranked. Here an application is funded unless no
selection keeps it and the better-ranked funded ones while meeting every minimum, every maximum and the envelope
(lexicographic optimisation, Isermann 1982): of all feasible sets, the funded one is the first in rank order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

import numpy as np

from aap.errors import InvalidError, Problem
from aap.scoring.selection.limits import Integers, Limits, Place, build
from aap.scoring.selection.oracle import Oracle
from aap.scoring.selection.patience import seconds_left
from aap.scoring.selection.portfolio import Portfolio, check
from aap.scoring.selection.programmes import fewest_waived


class Reason(StrEnum):
    """Why not, the first that applies in this order."""

    MAXIMUM = "maximum"
    ENVELOPE = "envelope"
    MINIMA = "minima"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a funded application receives, and whether it is all it asked for."""

    ref: str
    amount: Decimal
    whole: bool


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an application is not funded.

    ``missing`` is what the envelope lacks: for ``ENVELOPE``, what the amount exceeds; for ``MINIMA``, the least that
    would keep every minimum reachable, ``None`` when no money would. ``quotas`` are the caps that are full, or the
    fewest minima whose joint waiving would admit it. On a large portfolio (``EXACT_SIZE``) both are enough, and perhaps
    not the least: the decision itself is always exact.
    """

    ref: str
    reason: Reason
    missing: Decimal | None = None
    quotas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Selection:
    """Grants in rank order, what they add up to, and each refusal in rank order."""

    grants: tuple[Grant, ...]
    spent: Decimal
    refusals: tuple[Refusal, ...]


@dataclass(slots=True)
class _Walk:
    """Where the walk is: what is left, and a completion that is known to work."""

    portfolio: Portfolio
    limits: Limits
    oracle: Oracle
    place: Place
    witness: Integers
    cheapest: tuple[Place, Integers] | None = None

    def try_option(self, option: int, first: int) -> Refusal | None:
        """Fund an option if it can be, and return ``None``; else say why not."""
        ref = self.portfolio.candidates[int(np.searchsorted(self.limits.starts, option, side="right")) - 1].ref
        after = self.place.after(self.limits, option, first)
        quotas = self.limits.quotas
        full = np.nonzero(after.room[:quotas] < 0)[0]
        if len(full):
            return Refusal(ref, Reason.MAXIMUM, quotas=self._names(full.tolist()))
        over = max(-after.money, int((-after.room[quotas:]).max(initial=0)), 0)
        if over > 0:
            return Refusal(ref, Reason.ENVELOPE, missing=_euros(over))
        found = self.oracle.completion(after, self.witness)
        if found is None:
            return self._minima(ref, after)
        self.place, self.witness = after, found
        return None

    def _minima(self, ref: str, after: Place) -> Refusal:
        best = self._least_cost(after)
        cost = None if best is None else int(self.limits.amount[best].sum())
        missing = None if cost is None or cost <= after.money else _euros(cost - after.money)
        return Refusal(ref, Reason.MINIMA, missing, self._names(self._waived(after, best)))

    def _least_cost(self, after: Place) -> Integers | None:
        """Find the cheapest completion: that of an earlier refusal if it still fits.

        When minima ask as much, maxima leave no more and no more candidates are left, nothing cheaper has appeared.
        """
        if self.cheapest is not None:
            asked, best = self.cheapest
            narrower = (asked.need == after.need).all() and (asked.room >= after.room).all()
            if narrower and (best >= after.first).all() and self.oracle.works(after, best, any_cost=True):
                return best
        guesses = (self.witness, self.cheapest[1]) if self.cheapest else (self.witness,)
        found = self.oracle.least_cost(after, guesses)
        if found is not None:
            self.cheapest = (after, found)
        return found

    def _waived(self, after: Place, best: Integers | None) -> list[int]:
        """Find one minimum whose waiving is enough in the cheapest completion, else search the smallest set.

        On a large portfolio the set is grown by what saves most, then thinned: it is enough, and perhaps not smallest.
        """
        if best is None:
            return fewest_waived(self.oracle.solver, self.limits, after)
        saved = self.oracle.saved_by_waiving(after, best)
        too_much = int(self.limits.amount[best].sum()) - after.money
        for row in sorted(np.nonzero(saved >= max(too_much, 1))[0].tolist(), key=lambda row: (-saved[row], row)):
            if self._works_without(after, best, [row]):
                return [row]
        if self.oracle.explains_exactly:
            return fewest_waived(self.oracle.solver, self.limits, after)
        waived: list[int] = []
        while not self._works_without(after, best, waived):
            place = after.without(waived)
            saved = self.oracle.saved_by_waiving(place, self.oracle.trimmed(place, best))
            open_rows = np.where(place.need > 0, saved + 1, 0)  # a row that saves nothing yet may with others
            waived.append(int(open_rows.argmax()))
        for row in list(waived):
            fewer = [each for each in waived if each != row]
            if self._works_without(after, best, fewer):
                waived = fewer
        return sorted(waived)

    def _works_without(self, after: Place, best: Integers, waived: list[int]) -> bool:
        place = after.without(waived)
        return self.oracle.works(place, self.oracle.trimmed(place, best))

    def _names(self, rows: Sequence[int]) -> tuple[str, ...]:
        return tuple(self.portfolio.quotas[row].name for row in rows)


def select(portfolio: Portfolio) -> Selection:
    """Walk the ranking and fund whoever can be.

    Each amount of a candidate is tried in turn, the whole request first; a refusal is that of its lowest amount.
    Raises ``InvalidError`` when the portfolio makes no sense, or naming the minima that no selection can meet, and
    ``TooLongError`` past the time that ``patience.within`` gives.
    """
    check(portfolio)
    limits = build(portfolio)
    oracle = Oracle(limits)
    start = Place(limits.low.copy(), limits.high.copy(), int(portfolio.envelope.scaleb(2)), 0)
    nobody = np.zeros(0, dtype=np.int64)
    witness = oracle.completion(start, nobody)
    if witness is None:
        raise _unattainable(portfolio, limits, start)
    walk = _Walk(portfolio, limits, oracle, start, witness)
    grants: list[Grant] = []
    refusals: list[Refusal] = []
    for number, candidate in enumerate(portfolio.candidates):
        first, after_all = int(limits.starts[number]), int(limits.starts[number + 1])
        refusal: Refusal | None = None
        for option in range(first, after_all):
            seconds_left()
            refusal = walk.try_option(option, after_all)
            if refusal is None:
                amount = candidate.amounts[option - first]
                grants.append(Grant(candidate.ref, amount, whole=option == first))
                break
        if refusal is not None:
            refusals.append(refusal)
    return Selection(tuple(grants), sum((grant.amount for grant in grants), Decimal(0)), tuple(refusals))


def _unattainable(portfolio: Portfolio, limits: Limits, start: Place) -> InvalidError:
    """Name the minima that cannot be met: each one that cannot alone, else some that cannot together.

    The latter are irreducible: without any one of them the others could be met (deletion filter, Chinneck & Dravnieks
    1991).
    """
    rows = np.nonzero(start.need > 0)[0].tolist()
    nobody = np.zeros(0, dtype=np.int64)
    oracle = Oracle(limits)

    def possible(kept: list[int]) -> bool:
        return oracle.completion(start.without([row for row in rows if row not in kept]), nobody) is not None

    alone = [row for row in rows if not possible([row])]
    kept = alone or rows
    if not alone:
        for row in rows:
            others = [each for each in kept if each != row]
            if not possible(others):
                kept = others
    names = [portfolio.quotas[row].name for row in kept]
    said = ", ".join(f"« {name} »" for name in names)
    if alone:
        told = f"Aucune sélection ne peut atteindre le minimum de {said}."
    else:
        told = f"Aucune sélection ne peut atteindre ensemble les minima de {said}."
    problems = tuple(
        Problem(name, f"Minimum demandé : {portfolio.quotas[row].minimum}.")
        for row, name in zip(kept, names, strict=True)
    )
    return InvalidError(told, problems, code="minima-inaccessibles")


def _euros(amount: int) -> Decimal:
    return Decimal(amount).scaleb(-2)
