"""Whether what is left can still meet every minimum, within every maximum and the money, and at what least cost.

Tests in order of price: the witness (a completion known to work), the bounds at prices that are known already, the
linear programme, its rounding, then the mixed-integer programme of HiGHS. A "no" rests on a bound in whole numbers, or
on the exhaustive search; a "yes" on a completion checked in whole cents.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from aap.scoring.programme import Solver
from aap.scoring.selection.bounds import Bound, Narrow, Narrowing, Prices, best_of_each, bound, whole_prices
from aap.scoring.selection.limits import Integers, Limits, Place
from aap.scoring.selection.programmes import Relaxation, cheapest

Reals: TypeAlias = NDArray[np.float64]
KEPT_PRICES = 6
UNLIMITED = 2**60
ENOUGH = 0.05  # of the least cost, on a portfolio too large for exact explanations
EXACT_SIZE = 3_000  # options x rows: 100 files with 30 rules


@dataclass(slots=True)
class Oracle:
    """Answers about completions, remembering prices and the last completion that worked."""

    limits: Limits
    solver: Solver = field(default_factory=Solver)
    prices: deque[Prices] = field(default_factory=lambda: deque(maxlen=KEPT_PRICES))
    _narrowing: Narrowing = field(init=False)
    _relaxation: Relaxation = field(init=False)

    def __post_init__(self) -> None:
        """Prepare what lasts for the whole walk."""
        self._narrowing = Narrowing(self.limits)
        self._relaxation = Relaxation(self.limits, self.solver)

    def completion(self, place: Place, witness: Integers) -> Integers | None:
        """Return the options of a completion of this place, or ``None`` if there is none.

        ``witness`` is any guess: it is used if it works, in part or whole.
        """
        if place.money < 0 or (place.room < 0).any():
            return None
        guess = self.trimmed(place, witness[witness >= place.first])
        if self.works(place, guess):
            return guess
        narrow = self._narrowing.at(place)
        if narrow is None or self._too_dear(narrow):
            return None
        values, least = self._relaxed(narrow)
        if least.passes(place.money):
            return None
        rounded = self.trimmed(place, self._rounded(place, values))
        if self.works(place, rounded):
            return rounded
        return self._searched(narrow, least, place.money, within=True)

    def _too_dear(self, narrow: Narrow) -> bool:
        """Tell whether prices that are known already say that the money is not enough; those that did come first."""
        for index, prices in enumerate(self.prices):
            if bound(self.limits, narrow, prices).passes(narrow.place.money):
                del self.prices[index]
                self.prices.appendleft(prices)
                return True
        return False

    @property
    def explains_exactly(self) -> bool:
        """Tell whether refusals are explained by exhaustive search. Decisions always are; explaining is dearer."""
        return self.limits.use.size <= EXACT_SIZE

    def least_cost(self, place: Place, guesses: tuple[Integers, ...]) -> Integers | None:
        """Return the cheapest completion whatever the money, or ``None`` when the maxima leave none.

        ``guesses`` are any completions, used where they work. On a large portfolio the cheapest of those that are at
        hand is returned: its cost is enough, and perhaps not the least.
        """
        if (place.room < 0).any():
            return None
        working = self._working(place, guesses)
        if working and not self.explains_exactly:
            return min(working, key=self._cost)
        narrow = self._narrowing.at(replace(place, money=UNLIMITED))
        if narrow is None:
            return None
        values, least = self._relaxed(narrow)
        working += self._working(place, (self._rounded(place, values),))
        if not working:
            gap = 0.0 if self.explains_exactly else ENOUGH
            return cheapest(self.solver, self.limits, place, np.nonzero(narrow.usable)[0], gap, within=False)
        best = min(working, key=self._cost)
        if least.passes(self._cost(best) - 1) or not self.explains_exactly:  # costs are whole cents
            return best
        cheaper = self._searched(narrow, least, self._cost(best), within=False)
        return best if cheaper is None else cheaper

    def _working(self, place: Place, guesses: tuple[Integers, ...]) -> list[Integers]:
        """Trim the guesses and keep those that complete this place, whatever they cost."""
        trimmed = [self.trimmed(place, guess[guess >= place.first]) for guess in guesses]
        return [each for each in trimmed if self.works(place, each, any_cost=True)]

    def _searched(self, narrow: Narrow, least: Bound, ceiling: int, *, within: bool) -> Integers | None:
        """Search exhaustively, among the options that reduced costs do not decide already.

        An option whose reduced cost, added to the bound, passes the ceiling is in no completion under it; one that
        would pass it by being left out is in all of them (reduced-cost fixing, Dantzig, Fulkerson & Johnson 1954).
        """
        limits, place = self.limits, narrow.place
        slack = least.slack(ceiling)
        best = np.repeat(best_of_each(limits, narrow, least.reduced), np.diff(limits.starts))
        free = np.nonzero(narrow.usable & (least.reduced - best <= slack))[0]
        none = free[:0]
        sure = np.nonzero(narrow.usable & (-least.reduced > slack))[0] if limits.single else none
        taken = limits.use[:, sure].sum(axis=1)
        left = Place(np.maximum(place.need - taken, 0), place.room - taken, place.money - self._cost(sure), place.first)
        if left.money < 0 or (left.room < 0).any():
            return None
        found = cheapest(self.solver, limits, left, np.setdiff1d(free, sure), within=within)
        return None if found is None else np.sort(np.concatenate([sure, found]))

    def _cost(self, options: Integers) -> int:
        return int(self.limits.amount[options].sum())

    def works(self, place: Place, options: Integers, *, any_cost: bool = False) -> bool:
        """Check a completion in whole numbers."""
        if len(options) and not self.limits.single and not self._one_each(options):
            return False
        taken = self.limits.use[:, options].sum(axis=1)
        fits = any_cost or self._cost(options) <= place.money
        return bool(fits and (taken >= place.need).all() and (taken <= place.room).all())

    def trimmed(self, place: Place, options: Integers) -> Integers:
        """Drop the options that no minimum needs, dearest first."""
        asked = np.nonzero(place.need > 0)[0]
        if not len(asked) or not len(options):
            return options[:0]
        use = self.limits.use[np.ix_(asked, options)]
        spare = use.sum(axis=1) - place.need[asked]
        kept = np.ones(len(options), dtype=bool)
        blocked = ((use > spare[:, None]) & (use > 0)).any(axis=0)  # what is needed now is needed once others are gone
        for place_in in np.argsort(-self.limits.amount[options], kind="stable"):
            taken = use[:, place_in]
            if not blocked[place_in] and not ((taken > spare) & (taken > 0)).any():
                kept[place_in] = False
                spare -= taken
        return options[kept]

    def saved_by_waiving(self, place: Place, options: Integers) -> Integers:
        """For each row, the most that waiving its minimum alone can save in this trimmed completion, in cents."""
        use = self.limits.use[:, options]
        spare = use.sum(axis=1) - place.need
        needed = (use > spare[:, None]) & (use > 0) & (place.need > 0)[:, None]
        alone = needed & (needed.sum(axis=0) == 1)
        saved: Integers = alone @ self.limits.amount[options]
        return saved

    def _one_each(self, options: Integers) -> bool:
        owners = np.searchsorted(self.limits.starts, options, side="right")
        return len(np.unique(owners)) == len(owners)

    def _relaxed(self, narrow: Narrow) -> tuple[Reals, Bound]:
        """Solve the linear programme; keep its prices, which bound other places too."""
        values, low, high = self._relaxation.solve(narrow)
        prices = whole_prices(self.limits, low, high)
        self.prices.appendleft(prices)
        return values, bound(self.limits, narrow, prices)

    def _rounded(self, place: Place, values: Reals) -> Integers:
        """Take what the programme takes whole, then parts in descending order until minima are met."""
        options = np.nonzero(values > 1e-9)[0]
        order = np.argsort(-values[options], kind="stable")
        taken = np.zeros(len(place.need), dtype=np.int64)
        chosen: list[int] = []
        for option in options[order].tolist():
            whole = values[option] > 1 - 1e-6
            use = self.limits.use[:, option]
            if not whole and not ((place.need > taken) & (use > 0)).any():
                continue
            if (taken + use > place.room).any():
                continue
            chosen.append(option)
            taken += use
        return np.array(chosen, dtype=np.int64)
