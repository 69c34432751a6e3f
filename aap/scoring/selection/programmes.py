"""The linear and mixed-integer programmes of a completion, for HiGHS; answers are checked in whole numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import coo_array, csr_array, vstack

from aap.scoring.selection.limits import Integers, Limits, Place
from aap.scoring.selection.patience import seconds_left, solver_options

Reals: TypeAlias = NDArray[np.float64]
INFEASIBLE = 2  # status of SciPy
DEAR = 20.0  # price of a missing unit of a minimum, in mean amounts


@dataclass(frozen=True, slots=True)
class _Scaled:
    """The rows that bind among the options left, in units near 1: cents are divided by the mean amount."""

    low_rows: Integers
    high_rows: Integers
    low: Any
    high: Any
    need: Reals
    room: Reals
    amount: Reals
    unit: float
    units: Reals


def relaxed(limits: Limits, place: Place) -> tuple[Reals, Reals, Reals]:
    """Solve the linear relaxation of the least cost; a missing unit of a minimum has a price, so there is an answer.

    Returns values of the options left, and prices (cents per unit) of every row as a minimum and as a maximum. Prices
    are clipped at zero: any non-negative ones bound the cost.
    """
    among = np.arange(place.first, len(limits.amount))
    scaled = _scale(limits, place, among)
    options, asked = len(scaled.amount), len(scaled.low_rows)
    low_prices, high_prices = np.zeros(len(limits.low)), np.zeros(len(limits.low))
    if not asked:
        return np.zeros(options), low_prices, high_prices
    missing = coo_array((-np.ones(asked), (np.arange(asked), np.arange(asked))), shape=(asked, asked))
    from_minima = _beside(-scaled.low, missing)
    rows = [from_minima, _widen(scaled.high, asked), *_widened_groups(limits, among, asked)]
    groups = rows[2].shape[0] if len(rows) > 2 else 0
    costs = np.concatenate([scaled.amount, DEAR * np.ones(asked)])
    upper = np.concatenate([np.ones(options), scaled.need])
    answer = linprog(
        costs,
        A_ub=csr_array(vstack(rows)),
        b_ub=np.concatenate([-scaled.need, scaled.room, np.ones(groups)]),
        bounds=np.stack([np.zeros(len(upper)), upper], axis=1),
        method="highs-ds",
        options=solver_options(),
    )
    seconds_left()
    if answer.status != 0:  # a simplex that gives up decides nothing: the exhaustive search does
        return np.zeros(options), low_prices, high_prices
    prices = np.maximum(-answer.ineqlin.marginals, 0.0)
    low_prices[scaled.low_rows] = prices[:asked] * scaled.unit / scaled.units[scaled.low_rows]
    highs = prices[asked : asked + len(scaled.high_rows)]
    high_prices[scaled.high_rows] = highs * scaled.unit / scaled.units[scaled.high_rows]
    return answer.x[:options], low_prices, high_prices


def cheapest(limits: Limits, place: Place, options: Integers, *, within: bool) -> Integers | None:
    """Return the cheapest completion among these options, or ``None`` if there is none; ``within`` the money if asked.

    Within the money, any completion will do and a gap of 2 % is allowed. The solver counts in floats: an answer that is
    wrong by a cent is cut off by what makes it wrong, in small whole numbers, and the search goes on.
    """
    scaled = _scale(limits, place, options)
    rows = [LinearConstraint(scaled.low, scaled.need - _half(scaled, scaled.low_rows), np.inf)]
    rows.append(LinearConstraint(scaled.high, -np.inf, scaled.room + _half(scaled, scaled.high_rows)))
    rows += [LinearConstraint(group, -np.inf, 1) for group in _groups(limits, options)]
    if within:
        rows.append(LinearConstraint(scaled.amount[None, :], -np.inf, (place.money + 0.5) / scaled.unit))
    while True:
        answer = _search(scaled.amount, rows, gap=0.02 if within else 0.0)
        if answer is None:
            return None
        chosen = answer > 0.5
        cuts = _cuts(limits, place, options, chosen, within=within)
        if not cuts:
            return options[chosen]
        rows += cuts


def fewest_waived(limits: Limits, place: Place) -> list[int]:
    """Return the rows of the smallest set of minima whose waiving lets this place be completed within the money."""
    among = np.arange(place.first, len(limits.amount))
    scaled = _scale(limits, place, among)
    options, asked = len(scaled.amount), len(scaled.low_rows)
    waived = coo_array((scaled.need, (np.arange(asked), np.arange(asked))), shape=(asked, asked))
    rows = [
        LinearConstraint(_beside(scaled.low, waived), scaled.need - _half(scaled, scaled.low_rows), np.inf),
        LinearConstraint(_widen(scaled.high, asked), -np.inf, scaled.room + _half(scaled, scaled.high_rows)),
        LinearConstraint(
            np.concatenate([scaled.amount, np.zeros(asked)])[None, :], -np.inf, (place.money + 0.5) / scaled.unit
        ),
        *(LinearConstraint(group, -np.inf, 1) for group in _widened_groups(limits, among, asked)),
    ]
    costs = np.concatenate([np.zeros(options), np.ones(asked)])
    while True:
        answer = _search(costs, rows, gap=0.0)
        if answer is None:
            raise ArithmeticError
        rows_waived = scaled.low_rows[answer[options:] > 0.5].tolist()
        left = place.without(rows_waived)
        cuts = _cuts(limits, left, among, answer[:options] > 0.5, within=True)
        if not cuts:
            return [int(row) for row in rows_waived]
        rows += [LinearConstraint(_widen(csr_array(cut.A), asked), cut.lb, cut.ub) for cut in cuts]


def _scale(limits: Limits, place: Place, options: Integers) -> _Scaled:
    amount = limits.amount[options]
    use = limits.use[:, options]
    unit = float(amount.mean()) if len(amount) and amount.any() else 1.0
    largest = use.max(axis=1, initial=0)
    units = np.where(largest > 1, unit, 1.0)
    low_rows = np.nonzero(place.need > 0)[0]
    high_rows = np.nonzero(use.sum(axis=1) > place.room)[0]
    return _Scaled(
        low_rows=low_rows,
        high_rows=high_rows,
        low=csr_array(use[low_rows] / units[low_rows, None]),
        high=csr_array(use[high_rows] / units[high_rows, None]),
        need=place.need[low_rows] / units[low_rows],
        room=place.room[high_rows] / units[high_rows],
        amount=amount / unit,
        unit=unit,
        units=units,
    )


def _half(scaled: _Scaled, rows: Integers) -> Reals:
    """Half a cent, or half an application: no whole answer is lost to a rounding of the solver."""
    half: Reals = 0.5 / scaled.units[rows]
    return half


def _groups(limits: Limits, options: Integers) -> list[Any]:
    """Say, when there are levels, that a candidate receives one amount at most."""
    if limits.single:
        return []
    owners = np.unique(np.searchsorted(limits.starts, options, side="right"), return_inverse=True)[1]
    shape = (int(owners.max(initial=-1)) + 1, len(options))
    return [csr_array(coo_array((np.ones(len(options)), (owners, np.arange(len(options)))), shape=shape))]


def _widened_groups(limits: Limits, options: Integers, more: int) -> list[Any]:
    return [_widen(group, more) for group in _groups(limits, options)]


def _widen(matrix: Any, more: int) -> Any:
    """Add columns of zeros."""
    return csr_array((matrix.data, matrix.indices, matrix.indptr), shape=(matrix.shape[0], matrix.shape[1] + more))


def _beside(left: Any, right: Any) -> Any:
    """Put two matrices side by side."""
    first, second = coo_array(left), coo_array(right)
    return csr_array(
        coo_array(
            (
                np.concatenate([first.data, second.data]),
                (
                    np.concatenate([first.coords[0], second.coords[0]]),
                    np.concatenate([first.coords[1], second.coords[1] + first.shape[1]]),
                ),
            ),
            shape=(first.shape[0], first.shape[1] + second.shape[1]),
        )
    )


def _search(costs: Reals, rows: list[Any], gap: float) -> Reals | None:
    """Run the mixed-integer solver. Raises ``ArithmeticError`` if it gives up."""
    if not len(costs):
        empty = all(np.all(np.asarray(row.lb) <= 0) and np.all(np.asarray(row.ub) >= 0) for row in rows)
        return np.zeros(0) if empty else None
    answer = milp(
        costs,
        constraints=[row for row in rows if row.A.shape[0]],
        integrality=np.ones(len(costs)),
        bounds=Bounds(0, 1),
        options={"mip_rel_gap": gap, **solver_options()},
    )
    seconds_left()  # an answer cut short by the clock proves nothing
    if answer.status == INFEASIBLE:
        return None
    if answer.x is None:
        raise ArithmeticError(answer.message)
    values: Reals = answer.x
    return values


def _cuts(limits: Limits, place: Place, options: Integers, chosen: NDArray[np.bool_], *, within: bool) -> list[Any]:
    """Cut off a choice that fails in whole numbers: what it lacks must come from elsewhere, what exceeds must go."""
    use = limits.use[:, options]
    taken = use[:, chosen].sum(axis=1)
    cuts = [
        LinearConstraint(((use[row] > 0) & ~chosen).astype(float)[None, :], 1, np.inf)
        for row in np.nonzero(taken < place.need)[0]
    ]
    cover = [(use[row] > 0) & chosen for row in np.nonzero(taken > place.room)[0]]
    amount = limits.amount[options]
    if within and int(amount[chosen].sum()) > place.money:
        cover.append((amount > 0) & chosen)
    cuts += [LinearConstraint(each.astype(float)[None, :], -np.inf, int(each.sum()) - 1) for each in cover]
    return cuts
