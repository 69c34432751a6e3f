"""The figures of the example, and the values at which a formula breaks."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aap.evaluation.arithmetic import (
    TargetCase,
    add_months,
    cost_per_act,
    count_targets,
    cover_matrix,
    is_due,
    is_reached,
    period_end,
    progress,
    shown_cost,
    value_to_date,
)
from aap.referentials.models import Aggregation, Direction

UP, DOWN = Direction.INCREASE, Direction.DECREASE


def test_cost_per_act_of_the_example() -> None:
    final = cost_per_act(Decimal(158900), [934, 251])
    interim = cost_per_act(Decimal(96400), [318, 87])
    assert final == Fraction(158900, 1185)
    assert final is not None
    assert interim is not None
    assert (shown_cost(interim), shown_cost(final)) == (Decimal("238.02"), Decimal("134.09"))


def test_no_cost_before_the_first_act() -> None:
    assert cost_per_act(Decimal(1000), [0, 0]) is None


def test_a_target_of_zero_is_reached_by_zero_only() -> None:
    assert is_reached(0, DOWN, 0) is True
    assert is_reached(0, DOWN, 1) is False


def test_without_target_or_value_nothing_is_said() -> None:
    assert is_reached(None, UP, 5) is None
    assert is_reached(5, UP, None) is None
    assert progress(0, None, 5, UP) is None
    assert progress(0, 5, None, UP) is None


@pytest.mark.parametrize(
    ("baseline", "target", "value", "direction", "expected"),
    [
        (0, 900, 450, UP, Fraction(1, 2)),
        (52, 12, 32, DOWN, Fraction(1, 2)),
        (46, 35, 36, DOWN, Fraction(10, 11)),
        (None, 8, Decimal("8.4"), UP, Fraction(21, 20)),
        (None, 5, 14, DOWN, Fraction(5, 14)),
        (0, 0, 0, DOWN, Fraction(1)),  # serious adverse events: none before, none wanted, none
        (0, 0, 2, DOWN, Fraction(0)),
        (10, 10, 10, UP, Fraction(1)),  # the starting value is the target
        (10, 10, 5, UP, Fraction(1, 2)),
        (10, 12, 14, DOWN, Fraction(6, 7)),  # it was better than its target and got worse
        (3, 60, 1, UP, Fraction(0)),  # worse than at the start: no negative progress
    ],
)
def test_progress(
    baseline: int | None, target: int, value: int | Decimal, direction: Direction, expected: Fraction
) -> None:
    assert progress(baseline, target, value, direction) == expected


_NUMBERS = st.decimals(min_value=0, max_value=10_000, places=2)


@given(st.none() | _NUMBERS, _NUMBERS, _NUMBERS, st.sampled_from(Direction))
def test_progress_is_one_or_more_exactly_when_the_target_is_reached(
    baseline: Decimal | None, target: Decimal, value: Decimal, direction: Direction
) -> None:
    done = progress(baseline, target, value, direction)
    assert done is not None
    assert done >= 0
    if is_reached(target, direction, value):
        assert done >= 1
    else:
        assert done < 1


def test_an_indicator_without_target_is_not_counted_and_one_without_value_is_not_reached() -> None:
    cases = [
        TargetCase("A", 10, UP, 12),
        TargetCase("B", 10, UP, 9),
        TargetCase("C", None, UP, 9),
        TargetCase("D", 0, DOWN, None),
    ]
    targets = count_targets(cases)
    assert (targets.reached, targets.total) == (1, 3)
    assert targets.missed == ("B",)
    assert targets.unmeasured == ("D",)


def test_values_of_their_own_period_add_up_and_others_do_not() -> None:
    assert value_to_date([3, 4, 5], Aggregation.PERIOD) == 12
    assert value_to_date([3, 4, 5], Aggregation.CUMULATIVE) == 5
    assert value_to_date([], Aggregation.SNAPSHOT) is None


def test_periods_end_the_day_before_the_same_day() -> None:
    start = date(2024, 4, 1)
    ends = [period_end(start, month) for month in (6, 12, 18, 24, 30)]
    assert ends == [date(2024, 9, 30), date(2025, 3, 31), date(2025, 9, 30), date(2026, 3, 31), date(2026, 9, 30)]


def test_a_shorter_month_gives_its_last_day() -> None:
    assert add_months(date(2024, 8, 31), 6) == date(2025, 2, 28)


def test_a_yearly_survey_is_not_asked_at_six_months() -> None:
    assert [month for month in (6, 12, 18, 24) if is_due("annuelle", month)] == [12, 24]
    assert all(is_due("trimestrielle", month) for month in (6, 12, 18, 24))
    assert not is_due("ponctuelle", 12)


def test_the_matrix_shows_its_empty_cells() -> None:
    coverage = cover_matrix([("A", "couts", "financeurs_publics"), ("B", None, None), ("C", "couts", "inconnu")])
    assert coverage.cells["couts", "financeurs_publics"] == ("A",)
    assert len(coverage.empty) == 15
    assert coverage.uncovered_viewpoints == ("patients_aidants", "professionnels", "etablissements")
