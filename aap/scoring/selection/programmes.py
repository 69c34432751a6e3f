"""The linear and mixed-integer programmes of a completion, for HiGHS; answers are checked in whole numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from highspy import HighsBasis
from numpy.typing import NDArray

from aap.scoring.programme import INFINITE, Programme, Solver, by_column
from aap.scoring.selection.bounds import Narrow
from aap.scoring.selection.limits import NO_LIMIT, Integers, Limits, Place
from aap.scoring.selection.patience import seconds_left

Reals: TypeAlias = NDArray[np.float64]
HALF = 0.5  # a cent, or an application: no whole answer is lost to a rounding of the solver
LARGEST = 10_000.0  # what a limit in cents is worth in the units of a search
DEAR = 20.0  # price of a missing unit of a minimum, in mean amounts


@dataclass(slots=True)
class Relaxation:
    """The linear relaxation of the least cost: one shape for the whole walk, so that it starts from where it stood.

    Columns are every option, then what is missing of each minimum: missing has a price, so there is an answer.
    """

    limits: Limits
    solver: Solver
    _basis: HighsBasis | None = None
    _lows: Integers = field(init=False)
    _highs: Integers = field(init=False)
    _unit: float = field(init=False)
    _units: Reals = field(init=False)
    _order: Integers = field(init=False)
    _starts: Integers = field(init=False)
    _rows: Integers = field(init=False)

    def __post_init__(self) -> None:
        """Lay the entries out once."""
        limits, entries = self.limits, self.limits.entries
        self._unit, self._units = _units(limits)
        self._lows = np.nonzero(limits.low > 0)[0]
        self._highs = np.nonzero(limits.high < NO_LIMIT)[0]
        lows, highs, options = len(self._lows), len(self._highs), len(limits.amount)
        low_place, high_place = np.full(len(limits.low), -1), np.full(len(limits.low), -1)
        low_place[self._lows], high_place[self._highs] = np.arange(lows), lows + np.arange(highs)
        groups = np.zeros(0, dtype=np.int64) if limits.single else np.arange(options)
        rows = [
            low_place[entries.rows],
            high_place[entries.rows],
            np.arange(lows),
            lows + highs + _owners(limits, groups),
        ]
        columns = [entries.options, entries.options, options + np.arange(lows), groups]
        row, column = np.concatenate(rows), np.concatenate(columns)
        order = np.lexsort((row, column))
        self._order = order[row[order] >= 0]
        self._rows = row[self._order]
        self._starts = np.searchsorted(column[self._order], np.arange(options + lows))

    def solve(self, narrow: Narrow) -> tuple[Reals, Reals, Reals]:
        """Return the values of every option, and the prices (cents per unit) of every row as a minimum and a maximum.

        Prices are clipped at zero: any non-negative ones bound the cost. A simplex that gives up decides nothing.
        """
        limits, place = self.limits, narrow.place
        options, lows, highs = len(limits.amount), len(self._lows), len(self._highs)
        by_entry = self._units[limits.entries.rows]
        groups = 0 if limits.single else options
        values = [narrow.use / by_entry, limits.entries.use / by_entry, np.ones(lows), np.ones(groups)]
        need = narrow.need[self._lows] / self._units[self._lows]
        found = self.solver.relax(
            Programme(
                costs=np.concatenate([limits.amount / self._unit, np.full(lows, DEAR)]),
                upper=np.concatenate([narrow.usable.astype(np.float64), need]),
                low=np.concatenate([need, np.full(highs + self._owned, -INFINITE)]),
                high=np.concatenate(
                    [
                        np.full(lows, INFINITE),
                        place.room[self._highs] / self._units[self._highs],
                        np.ones(self._owned),
                    ]
                ),
                starts=self._starts,
                rows=self._rows,
                values=np.concatenate(values)[self._order],
            ),
            self._basis,
            seconds=seconds_left(),
        )
        seconds_left()
        low_prices, high_prices = np.zeros(len(limits.low)), np.zeros(len(limits.low))
        if found is None:
            self._basis = None
            return np.zeros(options), low_prices, high_prices
        self._basis = found.basis
        cents = self._unit / self._units
        low_prices[self._lows] = np.maximum(found.prices[:lows], 0) * cents[self._lows]
        high_prices[self._highs] = np.maximum(-found.prices[lows : lows + highs], 0) * cents[self._highs]
        return found.values[:options], low_prices, high_prices

    @property
    def _owned(self) -> int:
        """Count the rows that hold a candidate to one amount."""
        return 0 if self.limits.single else len(self.limits.starts) - 1


@dataclass(slots=True)
class _Search:
    """A whole programme that grows: rows over the options that are left, then cuts."""

    options: int
    costs: Reals
    low: list[Reals]
    high: list[Reals]
    rows: list[Integers]
    columns: list[Integers]
    values: list[Reals]
    upper: Reals

    def add(self, low: Reals, high: Reals, rows: Integers, columns: Integers, values: Reals) -> None:
        """Add rows, numbered from zero."""
        height = sum(len(each) for each in self.low)
        self.low.append(low)
        self.high.append(high)
        self.rows.append(rows + height)
        self.columns.append(columns)
        self.values.append(values)

    def solve(self, solver: Solver, gap: float = 0.0, *, any_one: bool = False) -> Reals | None:
        """Search. Raises ``ArithmeticError`` if the solver gives up, ``TooLongError`` when there is no time left."""
        low, high = np.concatenate(self.low), np.concatenate(self.high)
        if not len(self.costs):
            return np.zeros(0) if (low <= 0).all() and (high >= 0).all() else None
        starts, rows, values = by_column(
            len(self.costs), np.concatenate(self.rows), np.concatenate(self.columns), np.concatenate(self.values)
        )
        asked = Programme(self.costs, self.upper, low, high, starts, rows, values)
        try:
            return solver.search(asked, gap=gap, any_one=any_one, seconds=seconds_left())
        finally:
            seconds_left()  # an answer cut short by the clock proves nothing


def cheapest(
    solver: Solver, limits: Limits, place: Place, options: Integers, gap: float = 0.0, *, within: bool
) -> Integers | None:
    """Return the cheapest completion among these options, to a relative gap, or ``None`` if there is none.

    ``within`` the money, any completion will do: the first is taken. The solver counts in floats: an answer that is
    wrong by a cent is cut off by what makes it wrong, in small whole numbers, and the search goes on.
    """
    amount = limits.amount[options]
    mean = float(amount.mean()) if len(amount) and amount.any() else 1.0
    search = _lay_out(limits, place, options, amount / mean, within=within)
    while True:
        answer = search.solve(solver, gap, any_one=within)
        if answer is None:
            return None
        chosen = answer > 0.5
        if not _cut(search, limits, place, options, chosen, within=within):
            return options[chosen]


def fewest_waived(solver: Solver, limits: Limits, place: Place) -> list[int]:
    """Return the rows of the smallest set of minima whose waiving lets this place be completed within the money."""
    among = np.arange(place.first, len(limits.amount))
    asked = np.nonzero(place.need > 0)[0]
    search = _lay_out(limits, place, among, np.zeros(len(among)), within=True, waivable=True)
    while True:
        answer = search.solve(solver)
        if answer is None:
            raise ArithmeticError
        rows_waived = asked[answer[len(among) :] > 0.5].tolist()
        left = place.without(rows_waived)
        if not _cut(search, limits, left, among, answer[: len(among)] > 0.5, within=True):
            return [int(row) for row in rows_waived]


def _lay_out(
    limits: Limits, place: Place, options: Integers, costs: Reals, *, within: bool, waivable: bool = False
) -> _Search:
    """Write minima, maxima, one amount each, and the money; ``waivable``: a column per minimum does without it."""
    use = limits.use[:, options]
    lows, highs = np.nonzero(place.need > 0)[0], np.nonzero(use.sum(axis=1) > place.room)[0]
    need, room = place.need[lows], place.room[highs]
    units, high_units = _scale(use[lows], need), _scale(use[highs], room)
    count = len(options)
    more = len(lows) if waivable else 0
    costs = np.concatenate([costs, np.ones(more)])
    search = _Search(count, costs, [], [], [], [], [], np.ones(count + more))
    rows, columns = np.nonzero(use[lows])
    values = np.minimum(use[lows[rows], columns], need[rows]) / units[rows]
    if waivable:
        rows, columns = np.concatenate([rows, np.arange(more)]), np.concatenate([columns, count + np.arange(more)])
        values = np.concatenate([values, need / units])
    search.add((need - HALF) / units, np.full(len(lows), INFINITE), rows, columns, values)
    rows, columns = np.nonzero(use[highs])
    most = (room + HALF) / high_units
    search.add(np.full(len(highs), -INFINITE), most, rows, columns, use[highs[rows], columns] / high_units[rows])
    if not limits.single:
        owners = np.unique(_owners(limits, options), return_inverse=True)[1]
        groups = int(owners.max(initial=-1)) + 1
        search.add(np.full(groups, -INFINITE), np.ones(groups), owners, np.arange(count), np.ones(count))
    if within:
        amount = limits.amount[options]
        unit = max(place.money, 1) / LARGEST
        money = np.array([(place.money + HALF) / unit])
        search.add(np.array([-INFINITE]), money, np.zeros(count, dtype=np.int64), np.arange(count), amount / unit)
    return search


def _cut(
    search: _Search, limits: Limits, place: Place, options: Integers, chosen: NDArray[np.bool_], *, within: bool
) -> bool:
    """Cut off a choice that fails in whole numbers: what it lacks must come from elsewhere, what exceeds must go.

    Tells whether there was anything to cut.
    """
    use = limits.use[:, options]
    taken = use[:, chosen].sum(axis=1)
    amount = limits.amount[options]
    lacking = [(use[row] > 0) & ~chosen for row in np.nonzero(taken < place.need)[0]]
    cover = [(use[row] > 0) & chosen for row in np.nonzero(taken > place.room)[0]]
    if within and int(amount[chosen].sum()) > place.money:
        cover.append((amount > 0) & chosen)
    for members, low, high in [(each, 1.0, INFINITE) for each in lacking] + [
        (each, -INFINITE, float(each.sum() - 1)) for each in cover
    ]:
        columns = np.nonzero(members)[0]
        search.add(np.array([low]), np.array([high]), np.zeros_like(columns), columns, np.ones(len(columns)))
    return bool(lacking or cover)


def _units(limits: Limits) -> tuple[float, Reals]:
    """Return the mean amount, and the unit of each row: cents are divided by it, so that numbers stay near 1."""
    amount = limits.amount
    unit = float(amount.mean()) if len(amount) and amount.any() else 1.0
    return unit, np.where(limits.use.max(axis=1, initial=0) > 1, unit, 1.0)


def _scale(use: Integers, limit: Integers) -> Reals:
    """Return a unit per row in which cents are large beside the tolerance of the solver (1e-6), and limits not huge."""
    return np.where(use.max(axis=1, initial=0) > 1, np.maximum(limit, 1) / LARGEST, 1.0)


def _owners(limits: Limits, options: Integers) -> Integers:
    """Return the candidate of each option."""
    found: Integers = np.searchsorted(limits.starts, options, side="right") - 1
    return found
