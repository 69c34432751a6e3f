"""What whole choices make of a place, and costs below which no completion of it lies: in whole numbers, both.

Lagrangian bound (Geoffrion 1974): any non-negative prices of the limits give one. Prices come from a linear programme,
in floats; they are cut to whole multiples of a power of two, and everything after that is exact.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from aap.scoring.selection.attainable import next_sum
from aap.scoring.selection.limits import Integers, Limits, Place

Reals = NDArray[np.float64]
MOST_BITS = 20  # a price is a multiple of a millionth
WIDTH = 61  # bits that no sum may pass
KEPT_SUMS = 64  # answers kept for each row


@dataclass(frozen=True, slots=True)
class Narrow:
    """A place without what no completion can use.

    ``need``: minima, raised to what whole amounts can add up to; ``usable``: options still to come that fit by
    themselves; ``use`` of each entry, as minima count it: what exceeds a minimum by itself is worth no more than it.
    """

    place: Place
    need: Integers
    usable: NDArray[np.bool_]
    use: Integers


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices of minima and maxima: cents per unit, in multiples of ``2**-bits``."""

    low: Integers
    high: Integers
    bits: int


@dataclass(frozen=True, slots=True)
class Bound:
    """A cost that no completion is under, and what each option adds to it; cents, in multiples of ``2**-bits``."""

    value: int
    reduced: Integers
    bits: int

    def passes(self, money: int) -> bool:
        """Tell whether every completion costs more than this."""
        return self.value > money << self.bits

    def slack(self, ceiling: int) -> int:
        """Say how far the bound is below a ceiling, in its own units."""
        return (ceiling << self.bits) - self.value


@dataclass(slots=True)
class Narrowing:
    """Narrows places, remembering what amounts add up to: from one place to the next few rows change."""

    limits: Limits
    _known: list[dict[tuple[int, bytes], int | None]] = field(init=False)
    _counted: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        """Know nothing yet."""
        self._known = [{} for _ in self.limits.low]
        self._counted = self.limits.use.max(axis=1, initial=0) <= 1

    def at(self, place: Place) -> Narrow | None:
        """Narrow a place; ``None`` when what is left of a row cannot reach its minimum, whatever the rest."""
        limits, entries = self.limits, self.limits.entries
        usable = limits.amount <= place.money
        usable[: place.first] = False
        usable[entries.options[entries.use > place.room[entries.rows]]] = False
        need = place.need.copy()
        for row in np.nonzero(need > 0)[0].tolist():
            reached = self._reached(row, int(need[row]), usable)
            if reached is None:
                return None
            need[row] = reached
        return Narrow(place, need, usable, np.minimum(entries.use, need[entries.rows]))

    def _reached(self, row: int, asked: int, usable: NDArray[np.bool_]) -> int | None:
        places = self.limits.entries.of_row[row]
        open_places = usable[self.limits.entries.options[places]]
        if self._counted[row]:
            return asked if int(open_places.sum()) >= asked else None
        key, known = (asked, open_places.tobytes()), self._known[row]
        if key not in known:
            if len(known) >= KEPT_SUMS:
                known.clear()
            known[key] = next_sum(self.limits.entries.use[places[open_places]], asked)
        return known[key]


def whole_prices(limits: Limits, low: Reals, high: Reals) -> Prices:
    """Cut prices to whole multiples, as fine as the sums of this portfolio allow; all zero when they are absurd."""
    totals = limits.use.sum(axis=1).astype(np.float64)
    most = 4 * float((low + high) @ totals + limits.amount.sum()) + 4
    bits = min(MOST_BITS, WIDTH - int(np.ceil(np.log2(most))))
    if bits < 0:
        return Prices(np.zeros(len(low), dtype=np.int64), np.zeros(len(high), dtype=np.int64), 0)
    return Prices((low * 2.0**bits).astype(np.int64), (high * 2.0**bits).astype(np.int64), bits)


def bound(limits: Limits, narrow: Narrow, prices: Prices) -> Bound:
    """Bound the cost of the completions of a place under these prices."""
    entries = limits.entries
    gains = prices.low[entries.rows] * narrow.use - prices.high[entries.rows] * entries.use
    reduced: Integers = (limits.amount << prices.bits) - entries.sums(gains)
    value = int(prices.low @ narrow.need) - int(prices.high @ np.where(prices.high > 0, narrow.place.room, 0))
    if len(reduced):
        value += int(best_of_each(limits, narrow, reduced).sum())
    return Bound(value, reduced, prices.bits)


def best_of_each(limits: Limits, narrow: Narrow, reduced: Integers) -> Integers:
    """For each candidate, what its best option saves at these prices: zero when none does."""
    found: Integers = np.minimum.reduceat(np.where(narrow.usable, np.minimum(reduced, 0), 0), limits.starts[:-1])
    return found
