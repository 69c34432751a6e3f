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


@dataclass(frozen=True, slots=True)
class _Prices:
    """Prices of minima and maxima, and what options from each one on could still save at these prices."""

    low: Reals
    high: Reals
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
        return cheapest(self.limits, place, within=True)

    def least_cost(self, place: Place) -> Integers | None:
        """Return the cheapest completion whatever the money, or ``None`` when the maxima leave none."""
        if (place.room < 0).any():
            return None
        values, prices = self._relaxation(place)
        rounded = self.trimmed(place, self._rounded(place, values))
        if self.works(place, rounded, any_cost=True):
            gap = int(self.limits.amount[rounded].sum()) - prices.bound(place)
            if gap < 1:  # costs are whole cents: nothing is cheaper
                return rounded
        return cheapest(self.limits, place, within=False)

    def works(self, place: Place, options: Integers, *, any_cost: bool = False) -> bool:
        """Check a completion in whole numbers."""
        if len(options) and not self.limits.single and not self._one_each(options):
            return False
        taken = self.limits.use[:, options].sum(axis=1)
        cost = int(self.limits.amount[options].sum())
        fits = any_cost or cost <= place.money
        return bool(fits and (taken >= place.need).all() and (taken <= place.room).all())

    def trimmed(self, place: Place, options: Integers) -> Integers:
        """Drop the options that no minimum needs, dearest first."""
        asked = np.nonzero(place.need > 0)[0]
        if not len(asked):
            return options[:0]
        spare = self.limits.use[np.ix_(asked, options)].sum(axis=1) - place.need[asked]
        kept = np.ones(len(options), dtype=bool)
        for place_in in np.argsort(-self.limits.amount[options], kind="stable"):
            left = spare - self.limits.use[asked, options[place_in]]
            useless = not self.limits.use[asked, options[place_in]].any()
            if useless or (left >= 0).all():
                kept[place_in] = False
                spare = left
        return options[kept]

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
        prices = _Prices(low, high, np.cumsum(saved[::-1])[::-1], float(-best.sum()))
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
