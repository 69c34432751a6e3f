"""The best assignment of jurors to applications, and the proof that there is none better.

Minimised in this order: missing reviews, missing jurors of a college, missing reviews below a juror's minimum; then
the total affinity is maximised. The order is exact (see ``binding_penalties``). The programme holds the 24 best jurors
of each application; its dual prices then tell, on the whole table, which excluded pairs would gain, and they come in:
column generation, Dantzig & Wolfe 1960. It ends when the value equals a bound computed in whole numbers on all pairs,
so that the proof does not rest on the precision of the linear solver. Rounds start from the prices of a sample, which
usually leaves one round to do. ``linear_sum_assignment`` on cloned jurors would give one person a file twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from aap.scoring.assignment.network import (
    Flow,
    Network,
    Penalties,
    Prices,
    bound,
    build,
    fractional_prices,
    reduced,
    solve,
)
from aap.scoring.assignment.problem import Booleans, Integers, Problem, check
from aap.scoring.assignment.sharpening import sharpen

BEST_JURORS = 24
SCATTERED = 4  # arcs taken at random beside the best ones, so that the first round misses no review for lack of arcs
DENSE = 20_000  # arcs: below this the whole table is the programme
SAMPLED = 75_000  # arcs of the sample that gives the first prices
GROWING = 4  # rounds after which arcs are only added: this ends, whatever the data
MOST_ROUNDS = 60
NOISE_LEVELS = 100
LARGEST_NOISE = 200  # 1/200 = 0,005


@dataclass(frozen=True, slots=True)
class Assignment:
    """What was found. ``pairs`` are (row, column), pinned ones included, in the order of rows then columns.

    ``missing`` reviews by row, ``under_minimum`` by column, ``college_missing`` by row and college; ``bound`` is the
    total affinity that no assignment missing as little can pass; ``optimal`` says that the proof is complete.
    """

    pairs: tuple[tuple[int, int], ...]
    total: int
    missing: tuple[int, ...]
    under_minimum: tuple[int, ...]
    college_missing: tuple[tuple[int, ...], ...]
    bound: int
    optimal: bool
    prices: Prices

    def loads(self, jurors: int) -> tuple[int, ...]:
        """Count the applications of each juror."""
        loads = [0] * jurors
        for _, column in self.pairs:
            loads[column] += 1
        return tuple(loads)


@dataclass(frozen=True, slots=True)
class Proof:
    """A flow as arcs of the whole table, the bound on its value, and what it was paid for missing."""

    rows: Integers
    columns: Integers
    flow: Flow
    bound: int
    penalties: Penalties

    @property
    def optimal(self) -> bool:
        """Tell whether the value meets the bound."""
        return self.bound <= self.flow.value


def assign(problem: Problem, *, noise_seed: int | None = None) -> Assignment:
    """Solve, and prove. With a seed, ties are broken by a noise of at most 0.005 that cannot cost any affinity.

    Raises ``InvalidError`` on a problem that makes no sense; a shortage is part of the answer, never an error.
    """
    check(problem)
    network = build(problem)
    scale, costs = 1, network.costs
    if noise_seed is not None:
        scale, costs = noisy(network.costs, noise_seed)
    proof = prove(network.with_costs(costs))
    return as_assignment(problem, proof, scale)


def noisy(costs: Integers, seed: int) -> tuple[int, Integers]:
    """Scale costs and add a noise drawn from the seed, at most 1/scale x ``NOISE_LEVELS`` <= 0.005 of a point.

    A simple residual cycle meets a juror once, so its noise is under one point: an optimum with noise is one without.
    """
    scale = max(costs.shape[1] + 1, LARGEST_NOISE) * NOISE_LEVELS
    return scale, costs * scale + np.random.default_rng(seed).integers(0, NOISE_LEVELS + 1, costs.shape)


def as_assignment(problem: Problem, proof: Proof, scale: int = 1) -> Assignment:
    """Put the pinned pairs back and say the total in the affinities of the problem."""
    pairs = sorted([*problem.pinned, *zip(proof.rows.tolist(), proof.columns.tolist(), strict=True)])
    kept = sum(int(problem.affinities[row, column]) for row, column in problem.pinned)
    found = int(problem.affinities[proof.rows, proof.columns].sum())
    gap = (proof.bound - proof.flow.value) // scale
    return Assignment(
        pairs=tuple(pairs),
        total=kept + found,
        missing=tuple(proof.flow.missing.tolist()),
        under_minimum=tuple(proof.flow.under_minimum.tolist()),
        college_missing=tuple(tuple(row) for row in proof.flow.college_missing.tolist()),
        bound=kept + found + (0 if proof.optimal else max(gap, 0) + 1),
        optimal=proof.optimal,
        prices=proof.flow.prices,
    )


def binding_penalties(network: Network) -> Penalties:
    """Penalties under which the order of the aims is exact.

    The difference between two whole flows is a sum of simple residual cycles (Ahuja, Magnanti & Orlin, theorem 3.5). A
    cycle meets each juror once, so it uses at most m arcs forwards and m backwards and moves the total by at most
    m x spread + one arc; it meets the source once, so it moves the missing minima by at most 2; it moves the missing
    jurors of colleges by at most 2 m. Each penalty exceeds what one cycle can gain on everything that comes after.
    """
    jurors = network.costs.shape[1]
    gain = (jurors + 1) * network.spread
    minimum = gain + 1
    college = gain + 2 * minimum + 1
    review = gain + 2 * minimum + (2 * jurors * college if network.college_cap.size else 0) + 1
    return Penalties(review, college, minimum)


def light_penalties(network: Network) -> Penalties:
    """Penalties of the size of the affinities, easy on the solver: enough when nothing is missing in the end."""
    unit = 2 * (network.spread + 1)
    return Penalties(4 * unit, 2 * unit, unit)


def prove(network: Network) -> Proof:
    """Find an optimal flow: with light penalties first, then with binding ones if something is missing."""
    light = light_penalties(network)
    guess = None
    if network.costs.size > DENSE:
        guess = fractional_prices(network, _sample(network), light)
    proof = _last(generate(network, light, guess))
    if proof.flow.complete and proof.optimal:
        return proof
    return _last(generate(network, binding_penalties(network), proof.flow.prices))


def generate(network: Network, penalties: Penalties, guess: Prices | None = None) -> Iterator[Proof]:
    """Alternate solving and pricing, from these prices; yield each round, the last one being optimal."""
    chosen = _first_arcs(network, guess)
    centre: Prices | None = None
    least: int | None = None
    for number in range(MOST_ROUNDS):
        rows, columns = np.nonzero(chosen)
        flow = solve(network, penalties, rows, columns)
        prices, gains, reached = _priced(network, penalties, flow.prices)
        least = reached if least is None else min(least, reached)
        yield Proof(rows[flow.used], columns[flow.used], flow, least, penalties)
        if least <= flow.value:
            return
        excluded = np.where(network.allowed & ~chosen, gains, 0)
        coming = _best(excluded, BEST_JURORS // 2) & (excluded > 0)
        if not coming.any():
            return
        if centre is not None and reached > least:
            prices = centre.middle(prices)
        centre = prices
        used = np.zeros_like(chosen)
        used[rows[flow.used], columns[flow.used]] = True
        kept = chosen if number >= GROWING else used
        chosen = (kept | coming | _best(reduced(network, prices), BEST_JURORS)) & network.allowed


def _priced(network: Network, penalties: Penalties, prices: Prices) -> tuple[Prices, Integers, int]:
    """Return these prices, or sharper ones where colleges are capped, with the gains of all arcs and the bound."""
    gains = reduced(network, prices)
    reached = bound(network, penalties, prices, gains)
    if network.college_cap.size and not network.college_need.any():
        sharper = sharpen(network, penalties, prices)
        sharper_gains = reduced(network, sharper)
        sharper_reached = bound(network, penalties, sharper, sharper_gains)
        if sharper_reached < reached:
            return sharper, sharper_gains, sharper_reached
    return prices, gains, reached


def _last(rounds: Iterator[Proof]) -> Proof:
    *_, last = rounds
    return last


def _sample(network: Network) -> Integers:
    """Draw the applications of the sample, always the same ones."""
    rows, columns = network.costs.shape
    size = min(rows, max(50, SAMPLED // max(columns, 1)))
    return np.sort(np.random.default_rng(rows).choice(rows, size, replace=False))


def _first_arcs(network: Network, guess: Prices | None) -> Booleans:
    """Take every arc of a small table; else the best ones under the guess and a few at random."""
    if guess is None or network.costs.size <= DENSE:
        return network.allowed.copy()
    scores = np.where(network.allowed, network.costs - guess.juror, -(2**40))
    chosen = _best(scores, BEST_JURORS)
    colleges = network.college_cap.shape[1]
    for college in range(colleges):  # where colleges are capped, the best of each one
        members = np.nonzero(network.college == college)[0]
        chosen[:, members] |= _best(scores[:, members], -(-BEST_JURORS // colleges))
    rows, columns = chosen.shape
    chosen[np.arange(rows)[:, None], np.random.default_rng(columns).integers(0, columns, (rows, SCATTERED))] = True
    chosen &= network.allowed
    return chosen


def _best(scores: Integers, width: int) -> Booleans:
    """Mark the best scores of each row. Ties are cut at random, always the same way: their order would crowd one."""
    if width >= scores.shape[1]:
        return np.ones(scores.shape, dtype=bool)
    shaken = scores + np.random.default_rng(scores.shape[1]).random(scores.shape) * 0.5
    places = np.argpartition(-shaken, width - 1, axis=1)[:, :width]
    marked = np.zeros(scores.shape, dtype=bool)
    np.put_along_axis(marked, places, values=True, axis=1)
    return marked


def pinned_again(problem: Problem, pairs: tuple[tuple[int, int], ...]) -> Problem:
    """Return the same problem with these pairs pinned: what is kept when the rest is computed again."""
    return replace(problem, pinned=pairs)
