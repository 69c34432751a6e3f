"""Whether what is left can still meet every minimum, within every maximum and the money, and at what least cost.

Tests in order of price: the witness (a completion known to work), the dual bound (Lagrangian, Geoffrion 1974: any
non-negative prices give a valid lower bound of the cost), the linear programme, its rounding, then the mixed-integer
programme of HiGHS. A "no" rests on a bound whose error is counted, or on the exhaustive search; a "yes" on a
completion checked in whole cents.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from aap.scoring.selection.limits import Integers, Limits, Place
from aap.scoring.selection.programmes import cheapest, relaxed

Reals: TypeAlias = NDArray[np.float64]
KEPT_PRICES = 12
EXACT_SIZE = 3_000  # options x rows: 100 files with 30 rules


@dataclass(frozen=True, slots=True)
class _Prices:
    """Prices of minima and maxima, and what options from each one on could still save at these prices."""

    low: Reals
    high: Reals
    reduced: Reals
    saved_from: Reals
    size: float

    def bound(self, place: Place) -> float:
        """Cents below which no completion of this place can cost, the error of floats taken off."""
        asked = float(self.low @ place.need)
        left = float(self.high @ np.where(self.high > 0, place.room, 0))
        value = asked - left + float(self.saved_from[place.first])
        return value - 1e-3 - 1e-11 * (abs(asked) + abs(left) + self.size)


@dataclass(slots=True)
class Oracle:
    """Answers about completions, remembering prices and the last completion that worked."""

    limits: Limits
    prices: deque[_Prices] = field(default_factory=lambda: deque(maxlen=KEPT_PRICES))

    def completion(self, place: Place, witness: Integers) -> Integers | None:
        """Return the options of a completion of this place, or ``None`` if there is none.

        ``witness`` is any guess: it is used if it works, in part or whole.
        """
        if place.money < 0 or (place.room < 0).any():
            return None
        guess = self.trimmed(place, witness[witness >= place.first])
        if self.works(place, guess):
            return guess
        if any(prices.bound(place) > place.money for prices in self.prices):
            return None
        values, prices = self._relaxation(place)
        if prices.bound(place) > place.money:
            return None
        rounded = self.trimmed(place, self._rounded(place, values))
        if self.works(place, rounded):
            return rounded
        return self._searched(place, prices, place.money, within=True)

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
        values, prices = self._relaxation(place)
        working += self._working(place, (self._rounded(place, values),))
        if not working:
            return self._searched(place, prices, None, within=False)
        best = min(working, key=self._cost)
        if self._cost(best) - prices.bound(place) < 1 or not self.explains_exactly:  # costs are whole cents
            return best
        cheaper = self._searched(place, prices, self._cost(best), within=False)
        return best if cheaper is None else cheaper

    def _working(self, place: Place, guesses: tuple[Integers, ...]) -> list[Integers]:
        """Trim the guesses and keep those that complete this place, whatever they cost."""
        trimmed = [self.trimmed(place, guess[guess >= place.first]) for guess in guesses]
        return [each for each in trimmed if self.works(place, each, any_cost=True)]

    def _searched(self, place: Place, prices: _Prices, ceiling: int | None, *, within: bool) -> Integers | None:
        """Search exhaustively, among the options that reduced costs do not decide already.

        An option whose reduced cost, added to the bound, passes the ceiling is in no completion under it; one that
        would pass it by being left out is in all of them (reduced-cost fixing, Dantzig, Fulkerson & Johnson 1954).
        """
        limits = self.limits
        options = np.arange(place.first, len(limits.amount))
        if ceiling is None:
            return cheapest(limits, place, options, within=within)
        slack = ceiling - prices.bound(place) + 1
        reduced = prices.reduced[place.first :]
        owners = np.searchsorted(limits.starts, options, side="right") - 1
        best = np.minimum(np.minimum.reduceat(reduced, np.flatnonzero(np.diff(owners, prepend=-1))), 0.0)
        excess = reduced - best[owners - owners[0]] if len(options) else reduced
        free = options[excess <= slack]
        sure = options[-reduced > slack] if limits.single else options[:0]
        taken = limits.use[:, sure].sum(axis=1)
        left = Place(np.maximum(place.need - taken, 0), place.room - taken, place.money - self._cost(sure), place.first)
        found = cheapest(limits, left, np.setdiff1d(free, sure), within=within)
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

    def _relaxation(self, place: Place) -> tuple[Reals, _Prices]:
        """Solve the linear programme; keep its prices, which bound other places too."""
        values, low, high = relaxed(self.limits, place)
        limits = self.limits
        reduced = limits.amount - low @ limits.use + high @ limits.use
        starts = limits.starts[:-1]
        best = np.minimum(np.minimum.reduceat(reduced, starts), 0.0) if len(starts) else np.zeros(0)
        saved = np.zeros(len(limits.amount) + 1)
        saved[starts] = best
        prices = _Prices(low, high, reduced, np.cumsum(saved[::-1])[::-1], float(-best.sum()))
        self.prices.appendleft(prices)
        return values, prices

    def _rounded(self, place: Place, values: Reals) -> Integers:
        """Take what the programme takes whole, then parts in descending order until minima are met."""
        options = np.nonzero(values > 1e-9)[0] + place.first
        order = np.argsort(-values[options - place.first], kind="stable")
        taken = np.zeros(len(place.need), dtype=np.int64)
        chosen: list[int] = []
        for option in options[order].tolist():
            whole = values[option - place.first] > 1 - 1e-6
            use = self.limits.use[:, option]
            if not whole and not ((place.need > taken) & (use > 0)).any():
                continue
            if (taken + use > place.room).any():
                continue
            chosen.append(option)
            taken += use
        return np.array(chosen, dtype=np.int64)
