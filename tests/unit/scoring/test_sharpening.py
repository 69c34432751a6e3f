"""Prices in closed form: never under the optimum, and enough to prove it where colleges are capped."""

from __future__ import annotations

import numpy as np
import pytest

from aap.scoring.assignment import solver
from aap.scoring.assignment.network import Prices, bound, build, fractional_prices, reduced
from aap.scoring.assignment.problem import Problem
from aap.scoring.assignment.sharpening import sharpen


def invented(seed: int, *, most: int, applications: int = 40, jurors: int = 15) -> Problem:
    random = np.random.default_rng(seed)
    return Problem(
        applications=tuple(f"D{row}" for row in range(applications)),
        jurors=tuple(f"J{column}" for column in range(jurors)),
        affinities=random.integers(0, 60, (applications, jurors)),
        allowed=random.random((applications, jurors)) > 0.15,
        reviews=3,
        minimum=(0,) * jurors,
        maximum=(12,) * jurors,
        college=tuple(column % 4 - 1 for column in range(jurors)),  # -1: of no college
        at_most_per_college=most,
    )


@pytest.mark.parametrize("most", [0, 1, 2])
@pytest.mark.parametrize("seed", range(8))
def test_sharp_prices_bound_the_optimum_and_better_than_others(seed: int, most: int) -> None:
    network = build(invented(seed, most=most))
    penalties = solver.binding_penalties(network)
    proof = list(solver.generate(network, penalties))[-1]
    assert proof.optimal
    random = np.random.default_rng(seed)
    rows, columns = len(network.demand), len(network.cap)
    for _ in range(5):
        loose = Prices(
            random.integers(-5, 60, (rows,)), random.integers(-10, 40, (columns,)), random.integers(0, 20, (rows, 3))
        )
        sharp = sharpen(network, penalties, loose)
        sharp_bound = bound(network, penalties, sharp, reduced(network, sharp))
        assert proof.flow.value <= sharp_bound <= bound(network, penalties, loose, reduced(network, loose))


@pytest.mark.parametrize("seed", range(4))
def test_one_round_proves_a_large_table_with_one_juror_of_each_college(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(solver, "DENSE", 1_000)
    problem = invented(seed, most=1, applications=200, jurors=60)
    network = build(problem)
    light = solver.light_penalties(network)
    guess = fractional_prices(network, np.arange(100), light)
    rounds = list(solver.generate(network, light, guess))
    assert rounds[-1].optimal
    assert len(rounds) <= 2
