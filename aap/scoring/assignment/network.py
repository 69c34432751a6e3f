"""The flow network of an assignment, its restricted linear programme, and bounds proved in whole numbers.

Source -> juror [minimum, maximum] -> (application, college) -> application (demand). Ahuja, Magnanti & Orlin, *Network
Flows* (1993), chapters 9 and 11: the constraint matrix is totally unimodular, so that vertices are whole, and with
whole costs so are the dual prices. A missing review, a missing juror of a college and a missing minimum are variables
with a price, so that no problem is infeasible.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aap.scoring.assignment.problem import NO_COLLEGE, Booleans, Integers, Problem
from aap.scoring.programme import Programme, Solver


@dataclass(frozen=True, slots=True)
class Penalties:
    """The price of one missing review, of one missing juror of a college, of one missing review below a minimum."""

    review: int
    college: int
    minimum: int


@dataclass(frozen=True, slots=True)
class Network:
    """What is left to decide once pinned pairs are taken out.

    Arrays: ``costs``, to be maximised; ``demand`` per application; ``need`` and ``cap`` per juror; ``college`` per
    juror; ``college_need`` and ``college_cap`` per application and college, no column when colleges do not bind.
    """

    costs: Integers
    allowed: Booleans
    demand: Integers
    need: NDArray[Any]  # whole, but for a sample
    cap: NDArray[Any]
    college: Integers
    college_need: Integers
    college_cap: Integers

    @property
    def spread(self) -> int:
        """Largest difference between two costs, zero included (a review that is missing brings nothing)."""
        used = self.costs[self.allowed]
        return max(int(used.max()), 0) - min(int(used.min()), 0) if used.size else 0

    def with_costs(self, costs: Integers) -> Network:
        """Return the same network with other costs."""
        return replace(self, costs=costs)


@dataclass(frozen=True, slots=True)
class Prices:
    """Dual prices of applications, jurors, and (application, college) pairs, as whole numbers."""

    application: Integers
    juror: Integers
    college: Integers

    def middle(self, other: Prices) -> Prices:
        """Stand half way: the bound is convex, so it is no worse there than on average."""
        return Prices(
            (self.application + other.application) // 2,
            (self.juror + other.juror) // 2,
            (self.college + other.college) // 2,
        )


@dataclass(frozen=True, slots=True)
class Flow:
    """A whole solution of the restricted programme: the arcs it uses, what is missing, its value, its prices."""

    used: Booleans
    missing: Integers
    college_missing: Integers
    under_minimum: Integers
    value: int
    prices: Prices

    @property
    def complete(self) -> bool:
        """Tell whether nothing is missing."""
        return not (self.missing.any() or self.college_missing.any() or self.under_minimum.any())


def build(problem: Problem) -> Network:
    """Take the pinned pairs out of the problem."""
    rows, columns = problem.allowed.shape
    allowed = problem.allowed.copy()
    kept = np.zeros((rows, columns), dtype=bool)
    for row, column in problem.pinned:
        kept[row, column] = True
    allowed &= ~kept
    loads = kept.sum(axis=0)
    college = np.array(problem.college or [NO_COLLEGE] * columns, dtype=np.int64)
    count = int(college.max(initial=NO_COLLEGE)) + 1 if problem.has_colleges else 0
    held = np.stack(
        [kept[:, college == each].sum(axis=1) for each in range(count)] or [kept[:, :0].sum(axis=1)], axis=1
    )
    held = held[:, :count]
    most = problem.reviews if problem.at_most_per_college is None else problem.at_most_per_college
    return Network(
        costs=problem.affinities,
        allowed=allowed,
        demand=np.maximum(problem.reviews - kept.sum(axis=1), 0),
        need=np.maximum(np.array(problem.minimum, dtype=np.int64) - loads, 0),
        cap=np.maximum(np.array(problem.maximum, dtype=np.int64) - loads, 0),
        college=college,
        college_need=np.maximum(problem.at_least_per_college - held, 0),
        college_cap=np.maximum(max(most, problem.at_least_per_college) - held, 0),
    )


def reduced(network: Network, prices: Prices) -> Integers:
    """Reduced cost of every arc, forbidden ones included: positive where using it more would gain."""
    result: Integers = network.costs - prices.application[:, None] - prices.juror[None, :]
    if network.college_cap.size:
        inside = network.college != NO_COLLEGE
        result[:, inside] -= prices.college[:, network.college[inside]]
    return result


def bound(network: Network, penalties: Penalties, prices: Prices, gains: Integers) -> int:
    """Value that no assignment can pass, by weak duality: exact, whatever the prices and wherever they come from.

    ``gains`` are the reduced costs under these prices. Every variable is bounded, so that any prices are dual feasible.
    """
    application, juror, college = prices.application, prices.juror, prices.college
    total = int((network.demand * application).sum())
    total += int((network.demand * np.maximum(-penalties.review - application, 0)).sum())
    total += int(np.maximum(gains, 0)[network.allowed].sum())
    total += int((network.need * juror).sum())
    total += int(((network.cap - network.need) * np.maximum(juror, 0)).sum())
    total += int((network.need * np.maximum(-penalties.minimum - juror, 0)).sum())
    total += int((network.college_need * college).sum())
    total += int(((network.college_cap - network.college_need) * np.maximum(college, 0)).sum())
    total += int((network.college_need * np.maximum(-penalties.college - college, 0)).sum())
    return total


def solve(network: Network, penalties: Penalties, rows: Integers, columns: Integers) -> Flow:
    """Solve the programme restricted to the arcs (rows, columns). Raises ``ArithmeticError`` if HiGHS gives up."""
    width, jurors = network.college_cap.shape[1], len(network.cap)
    applications, arcs = len(network.demand), len(rows)
    pairs = applications * width
    upper = np.concatenate(
        [
            np.ones(arcs),
            network.demand,
            network.need,
            network.cap - network.need,
            network.college_need.ravel(),
            (network.college_cap - network.college_need).ravel(),
        ]
    )
    costs = np.concatenate(
        [
            -network.costs[rows, columns],
            np.full(applications, penalties.review),
            np.full(jurors, penalties.minimum),
            np.zeros(jurors, dtype=np.int64),
            np.full(pairs, penalties.college),
            np.zeros(pairs, dtype=np.int64),
        ]
    )
    right = np.concatenate([network.demand, network.need, network.college_need.ravel()])
    found = Solver().relax(Programme(costs, upper, right, right, *_matrix(network, rows, columns)))
    if found is None:
        raise ArithmeticError
    return _read(found.values, found.prices, costs, network, arcs)


def fractional_prices(network: Network, rows: Integers, penalties: Penalties) -> Prices:
    """Estimate prices from a sample of the applications, all arcs kept, loads in proportion: a good place to start."""
    sample = replace(
        network,
        costs=network.costs[rows],
        allowed=network.allowed[rows],
        demand=network.demand[rows],
        need=network.need * (len(rows) / len(network.demand)),
        cap=network.cap * (len(rows) / len(network.demand)),
        college_need=network.college_need[rows],
        college_cap=network.college_cap[rows],
    )
    arcs = np.nonzero(sample.allowed)
    juror = solve(sample, penalties, *arcs).prices.juror
    nothing = np.zeros(network.college_cap.shape, dtype=np.int64)
    return Prices(np.zeros(len(network.demand), dtype=np.int64), juror, nothing)


def _matrix(network: Network, rows: Integers, columns: Integers) -> tuple[Integers, Integers, NDArray[np.float64]]:
    """Write the equations by column: where each one starts, its one to three rows, its coefficients."""
    width, jurors = network.college_cap.shape[1], len(network.cap)
    applications, arcs = len(network.demand), len(rows)
    pairs = applications * width
    if width:
        inside = network.college[columns] != NO_COLLEGE
        third = np.where(inside, applications + jurors + rows * width + network.college[columns], -1)
        entries = np.stack([rows, applications + columns, third], axis=1)
        counts = 2 + inside.astype(np.int64)
        arc_entries = entries[entries >= 0]
    else:
        arc_entries = np.stack([rows, applications + columns], axis=1).ravel()
        counts = np.full(arcs, 2)
    of_juror = applications + np.arange(jurors)
    of_pair = applications + jurors + np.arange(pairs)
    singles = np.concatenate([np.arange(applications), of_juror, of_juror, of_pair, of_pair])
    signs = np.repeat([1.0, 1.0, -1.0, 1.0, -1.0], [applications, jurors, jurors, pairs, pairs])
    starts = np.concatenate([[0], np.cumsum(np.concatenate([counts, np.ones(len(singles), dtype=np.int64)]))])
    return (
        starts[:-1],
        np.concatenate([arc_entries, singles]),
        np.concatenate([np.ones(len(arc_entries)), signs]),
    )


def _read(
    values: NDArray[np.float64], marginals: NDArray[np.float64], costs: Integers, network: Network, arcs: int
) -> Flow:
    """Round what is whole already, and add up in whole numbers."""
    applications, jurors, shape = len(network.demand), len(network.cap), network.college_cap.shape
    whole = np.rint(values).astype(np.int64)
    dual = np.rint(-marginals).astype(np.int64)
    cuts = np.cumsum([arcs, applications, jurors, jurors, shape[0] * shape[1]])
    used, missing, under, _, college_missing, _ = np.split(whole, cuts)
    application, juror, college = np.split(dual, [applications, applications + jurors])
    return Flow(
        used=used > 0,
        missing=missing,
        college_missing=college_missing.reshape(shape),
        under_minimum=under,
        value=-int((costs * whole).sum()),
        prices=Prices(application, juror, college.reshape(shape)),
    )
