"""Serve the worst-served application as well as can be, without giving up a single review.

Multiplicative weights on a max-min problem: solve again up to 20 times, the worst-served applications weighing 1.5
times more each time (Arora, Hazan & Kale, *The multiplicative weights update method*, 2012). Whatever the weights, the
worst-served is served no better than the weighted mean: so every solution bounds the best possible minimum from above
(Lagrangian dual), and the search stops as soon as one reaches the bound.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from aap.scoring.assignment.network import Network, build
from aap.scoring.assignment.problem import Integers, Problem, check
from aap.scoring.assignment.solver import Assignment, Proof, as_assignment, noisy, prove

MOST_SOLVED = 20
RAISE = Fraction(3, 2)
GRAIN = 16  # weights are whole: sixteenths


@dataclass(frozen=True, slots=True)
class FairAssignment:
    """The fairest assignment found, and how far it is from the best.

    ``worst`` is the affinity received by the worst-served application; no assignment can give it more than ``bound``;
    ``optimal`` when they meet, after ``solved`` resolutions.
    """

    assignment: Assignment
    worst: int
    bound: int
    solved: int
    optimal: bool


def assign_fairly(problem: Problem, *, noise_seed: int | None = None) -> FairAssignment:
    """Maximise the least total affinity of an application, then the total, as far as 20 resolutions go.

    Missing reviews, colleges and minima stay as few as in the plain assignment, whose total is the ``bound`` of the
    one returned. Raises ``InvalidError`` on a problem that makes no sense.
    """
    check(problem)
    network = build(problem)
    weights = [Fraction(1)] * len(problem.applications)
    fairest: FairAssignment | None = None
    plain: Assignment | None = None
    for solved in range(1, MOST_SOLVED + 1):
        whole = np.array([round(weight * GRAIN) for weight in weights], dtype=np.int64)
        found, limit = _solve(problem, network, whole, noise_seed)
        plain = plain or found
        served = received(problem, found)
        worst = int(served.min())
        limit = limit if fairest is None else min(limit, fairest.bound)
        if fairest is None or (worst, found.total) > (fairest.worst, fairest.assignment.total):
            fairest = FairAssignment(found, worst, limit, solved, optimal=False)
        fairest = replace(fairest, bound=limit, solved=solved, optimal=fairest.worst >= limit)
        if fairest.optimal:
            break
        weights = [weight * RAISE if each == worst else weight for weight, each in zip(weights, served, strict=True)]
    if fairest is None or plain is None:
        raise AssertionError  # MOST_SOLVED is positive
    kept = fairest.assignment
    honest = replace(kept, bound=plain.bound, optimal=plain.optimal and kept.total == plain.bound)
    return replace(fairest, assignment=honest)


def received(problem: Problem, found: Assignment) -> Integers:
    """Add up the affinities that each application receives."""
    served = np.zeros(len(problem.applications), dtype=np.int64)
    for row, column in found.pairs:
        served[row] += problem.affinities[row, column]
    return served


def _solve(problem: Problem, network: Network, weights: Integers, noise_seed: int | None) -> tuple[Assignment, int]:
    """Solve under weights; return the assignment and the bound it proves on the worst-served application."""
    scale, costs = 1, network.costs * weights[:, None]
    if noise_seed is not None:
        scale, costs = noisy(costs, noise_seed)
    proof = prove(network.with_costs(costs))
    kept = sum(int(weights[row]) * int(problem.affinities[row, column]) for row, column in problem.pinned)
    limit = (_weighted_bound(proof) + kept * scale) // (int(weights.sum()) * scale)
    return as_assignment(problem, proof, scale), limit


def _weighted_bound(proof: Proof) -> int:
    """Bound of the weighted affinities alone: the price of what is missing is added back."""
    flow, penalties = proof.flow, proof.penalties
    return (
        proof.bound
        + penalties.review * int(flow.missing.sum())
        + penalties.college * int(flow.college_missing.sum())
        + penalties.minimum * int(flow.under_minimum.sum())
    )
