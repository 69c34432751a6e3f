"""The assignment against every possible one, on small tables; then its order, its ties and its proof."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aap.errors import InvalidError
from aap.scoring.assignment.bridging import bridge, components
from aap.scoring.assignment.explanation import explain
from aap.scoring.assignment.fairness import assign_fairly, received
from aap.scoring.assignment.problem import NO_COLLEGE, Problem, from_rows
from aap.scoring.assignment.solver import Assignment, assign, pinned_again

Rows = list[list[int | None]]
Score = tuple[int, int, int, int]


def problem_of(rows: Rows, reviews: int, least: list[int], most: list[int], **more: object) -> Problem:
    affinities, allowed = from_rows(rows)
    names = tuple(f"D{row}" for row in range(len(rows)))
    jurors = tuple(f"J{column}" for column in range(len(rows[0])))
    problem = Problem(names, jurors, affinities, allowed, reviews, tuple(least), tuple(most))
    return replace(problem, **more)  # type: ignore[arg-type]  # the tests name the fields


def score(problem: Problem, pairs: list[tuple[int, int]]) -> Score | None:
    """Missing reviews, missing of colleges, missing minima, minus the total; None when a limit is passed."""
    rows, columns = problem.allowed.shape
    of_row = [sum(row == each for row, _ in pairs) for each in range(rows)]
    of_column = [sum(column == each for _, column in pairs) for each in range(columns)]
    if any(count > problem.reviews for count in of_row):
        return None
    if any(count > most for count, most in zip(of_column, problem.maximum, strict=True)):
        return None
    colleges_missing = 0
    for row in range(rows):
        for college in range(max(problem.college, default=NO_COLLEGE) + 1):
            held = sum(each == row and problem.college[column] == college for each, column in pairs)
            if problem.at_most_per_college is not None and held > problem.at_most_per_college:
                return None
            colleges_missing += max(0, problem.at_least_per_college - held)
    return (
        sum(problem.reviews - count for count in of_row),
        colleges_missing,
        sum(max(0, least - count) for least, count in zip(problem.minimum, of_column, strict=True)),
        -sum(int(problem.affinities[pair]) for pair in pairs),
    )


def every_assignment(problem: Problem) -> list[tuple[Score, list[tuple[int, int]]]]:
    arcs = [(int(row), int(column)) for row, column in np.argwhere(problem.allowed)]
    found = []
    for size in range(len(arcs) + 1):
        for chosen in itertools.combinations(arcs, size):
            reached = score(problem, list(chosen))
            if reached is not None and set(problem.pinned) <= set(chosen):
                found.append((reached, list(chosen)))
    return found


def score_of(found: Assignment) -> Score:
    missing = sum(sum(row) for row in found.college_missing)
    return sum(found.missing), missing, sum(found.under_minimum), -found.total


@st.composite
def problems(draw: st.DrawFn, *, colleges: bool = False) -> Problem:
    rows, columns = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    cell = st.none() | st.sampled_from([0, 1, 1, 2, 7, -3, 1000])
    table = draw(st.lists(st.lists(cell, min_size=columns, max_size=columns), min_size=rows, max_size=rows))
    least = draw(st.lists(st.integers(0, 2), min_size=columns, max_size=columns))
    more = draw(st.lists(st.integers(0, 2), min_size=columns, max_size=columns))
    extra: dict[str, object] = {}
    if colleges:
        extra["college"] = tuple(draw(st.lists(st.integers(-1, 1), min_size=columns, max_size=columns)))
        extra["at_least_per_college"] = draw(st.integers(0, 1))
        extra["at_most_per_college"] = draw(st.none() | st.integers(1, 2))
    most = [a + b for a, b in zip(least, more, strict=True)]
    return problem_of(table, draw(st.integers(1, 3)), least, most, **extra)


@given(problems())
@settings(max_examples=120, deadline=None)
def test_no_assignment_is_better(problem: Problem) -> None:
    found = assign(problem)
    assert score_of(found) == min(reached for reached, _ in every_assignment(problem))
    assert score(problem, list(found.pairs)) == score_of(found)
    assert found.optimal
    assert found.bound == found.total


@given(problems(colleges=True))
@settings(max_examples=80, deadline=None)
def test_no_assignment_with_colleges_is_better(problem: Problem) -> None:
    found = assign(problem)
    assert score(problem, list(found.pairs)) is not None
    best = min(reached for reached, _ in every_assignment(problem))
    if problem.at_least_per_college:
        assert score_of(found) == best
    else:
        assert (score_of(found)[0], *score_of(found)[2:]) == (best[0], *best[2:])


@given(problems(), st.data())
@settings(max_examples=60, deadline=None)
def test_pinned_pairs_are_kept_and_the_rest_is_the_best_around_them(problem: Problem, data: st.DataObject) -> None:
    kept = data.draw(st.sampled_from(every_assignment(problem)))[1]
    pinned = pinned_again(problem, tuple(kept))
    found = assign(pinned)
    assert set(kept) <= set(found.pairs)
    assert score_of(found) == min(reached for reached, _ in every_assignment(pinned))


@given(problems(), st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_the_noise_breaks_ties_and_costs_nothing(problem: Problem, seed: int) -> None:
    plain, shaken = assign(problem), assign(problem, noise_seed=seed)
    assert score_of(shaken) == score_of(plain)
    assert shaken.optimal
    assert shaken.pairs == assign(problem, noise_seed=seed).pairs


@given(problems(colleges=True), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_the_order_of_rows_and_columns_changes_nothing(problem: Problem, random: object) -> None:
    rows, columns = list(range(len(problem.applications))), list(range(len(problem.jurors)))
    random.shuffle(rows)  # type: ignore[attr-defined]  # Hypothesis gives a Random
    random.shuffle(columns)  # type: ignore[attr-defined]  # same
    moved = replace(
        problem,
        affinities=problem.affinities[np.ix_(rows, columns)],
        allowed=problem.allowed[np.ix_(rows, columns)],
        minimum=tuple(problem.minimum[each] for each in columns),
        maximum=tuple(problem.maximum[each] for each in columns),
        college=tuple(problem.college[each] for each in columns),
    )
    assert score_of(assign(moved)) == score_of(assign(problem))


@given(problems())
@settings(max_examples=60, deadline=None)
def test_fairness_stays_under_its_bound_and_gives_up_no_review(problem: Problem) -> None:
    fair, plain = assign_fairly(problem), assign(problem)
    assert score_of(fair.assignment)[:3] == score_of(plain)[:3]
    assert fair.worst >= int(received(problem, plain).min())
    best = max(
        min(sum(int(problem.affinities[pair]) for pair in pairs if pair[0] == row) for row in range(len(fair_rows)))
        for reached, pairs in every_assignment(problem)
        if reached[:3] == score_of(plain)[:3]
        for fair_rows in [problem.applications]
    )
    assert fair.worst <= best <= fair.bound
    if fair.optimal:
        assert fair.worst == best


def test_every_affinity_the_same_is_solved_and_proved() -> None:
    rows: Rows = [[1] * 40 for _ in range(700)]
    found = assign(problem_of(rows, 3, [50] * 40, [54] * 40))
    assert found.optimal
    assert found.total == 2100
    assert all(50 <= load <= 54 for load in found.loads(40))


def test_a_large_table_is_generated_by_columns_and_meets_the_whole_programme() -> None:
    random = np.random.default_rng(3)
    popular = random.integers(0, 80, 60)  # everybody wants the same jurors: the hard case
    affinities = popular[None, :] + random.integers(0, 20, (400, 60))
    rows: Rows = [[None if random.random() < 0.1 else int(cell) for cell in row] for row in affinities]
    problem = problem_of(rows, 3, [12] * 60, [24] * 60)
    found = assign(problem)
    assert found.optimal
    assert score(problem, list(found.pairs)) == score_of(found)
    assert sum(found.missing) == sum(found.under_minimum) == 0


def test_a_shortage_on_a_large_table_is_still_proved() -> None:
    random = np.random.default_rng(5)
    rows: Rows = [[int(cell) for cell in row] for row in random.integers(0, 1_000_000, (600, 40))]
    problem = problem_of(rows, 3, [0] * 39 + [700], [44] * 39 + [700])
    found = assign(problem)
    assert found.optimal
    assert sum(found.missing) == 3 * 600 - (39 * 44 + 84)
    assert sum(found.under_minimum) == 100  # an application is read once by the same person


def test_too_few_jurors_is_a_shortage_named_by_application() -> None:
    found = assign(problem_of([[5, None], [3, None], [None, None]], 2, [0, 1], [9, 9]))
    assert found.missing == (1, 1, 2)
    assert found.under_minimum == (0, 1)
    assert found.total == 8
    assert found.optimal


def test_a_pinned_conflict_is_refused() -> None:
    with pytest.raises(InvalidError, match="conflit"):
        assign(problem_of([[None, 1]], 1, [0, 0], [1, 1], pinned=((0, 0),)))


def test_panels_are_bridged_with_the_best_affinities_and_no_more_than_needed() -> None:
    rows: Rows = [[9, 9, 1, 2], [9, 9, 1, 1], [1, 4, 9, 9], [1, 1, 9, 9]]
    problem = problem_of(rows, 2, [0] * 4, [3] * 4)
    found = assign(problem)
    assert components(problem, found.pairs) == 2
    bridges = bridge(problem, found)
    assert bridges.pairs == ((2, 1),)
    assert bridges.components == components(problem, found.pairs + bridges.pairs) == 1


def test_a_bridge_passes_neither_a_load_nor_a_conflict() -> None:
    problem = problem_of([[9, None], [None, 9]], 1, [0, 0], [5, 5])
    assert bridge(problem, assign(problem)).components == 2
    full = problem_of([[9, 1], [1, 9]], 1, [0, 0], [1, 1])
    assert bridge(full, assign(full)) == bridge(full, assign(full))
    assert bridge(full, assign(full)).pairs == ()


def test_each_proposal_says_why() -> None:
    problem = problem_of([[9, 5, 1], [9, 8, 1]], 1, [0, 1, 0], [1, 1, 1])
    found = assign(problem)
    texts = explain(problem, found, {(0, 0): ("thème commun : précarité",)})
    assert texts[0, 0] == (
        "Thème commun : précarité. Affinité 9 : premier choix sur 3 jurés sans conflit. "
        "Charge : 1 dossier pour 1 au plus."
    )
    assert "J0, mieux placé, est à sa charge maximale" in texts[1, 1]
    assert "Il lui en faut au moins 1." in texts[1, 1]
