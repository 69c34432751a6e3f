"""Agreement against published tables, against the definitions written naively, and where figures do not exist."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aap.errors import InvalidError
from aap.scoring.agreement import Level, intraclass, kendall_w, krippendorff_alpha

# K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), sections C and E: four observers, twelve units.
OBSERVERS = (
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
)
# P. Shrout and J. Fleiss (1979), table 2: six targets, four judges.
TARGETS = ("9 2 5 8", "6 1 3 2", "8 4 6 8", "7 1 2 6", "10 5 6 9", "6 2 4 7")
# S. Siegel (1956), pages 234 and 235: three rankings of ten, with ties.
RANKINGS = (
    "1 4.5 2 4.5 3 7.5 6 9 7.5 10",
    "2.5 1 2.5 4.5 4.5 8 9 6.5 10 6.5",
    "2 1 4.5 4.5 4.5 4.5 8 8 8 10",
)

Values = list[list[Fraction | None]]


def table(*rows: str) -> Values:
    return [[None if cell == "." else Fraction(cell) for cell in row.split()] for row in rows]


def turned(rows: Values) -> Values:
    return [list(column) for column in zip(*rows, strict=True)]


@pytest.mark.parametrize(
    ("level", "published"),
    [(Level.NOMINAL, 0.743), (Level.ORDINAL, 0.815), (Level.INTERVAL, 0.849), (Level.RATIO, 0.797)],
)
def test_alpha_has_its_published_figures(level: Level, published: float) -> None:
    alpha = krippendorff_alpha(turned(table(*OBSERVERS)), level)
    assert alpha is not None
    assert round(alpha, 3) == published


def test_alpha_of_two_observers_has_its_published_figures() -> None:
    """Sections A and B of the same text: binary data, then five categories."""
    binary = table("0 1 0 0 0 0 0 0 1 0", "1 1 1 0 0 1 0 0 0 0")
    assert krippendorff_alpha(turned(binary), Level.NOMINAL) == pytest.approx(0.095, abs=5e-4)
    categories = ("ab", "aa", "bb", "bb", "db", "cc", "cc", "cc", "ee", "dd", "dd", "ad")
    assert krippendorff_alpha(categories, Level.NOMINAL) == pytest.approx(0.692, abs=5e-4)


def _metric(level: Level, values: list[Fraction]) -> dict[tuple[Fraction, Fraction], float]:
    """The four metrics as the text writes them."""

    def squared(c: Fraction, k: Fraction) -> Fraction:
        low, high = min(c, k), max(c, k)
        between = sum(low <= value <= high for value in values)
        return {
            Level.NOMINAL: Fraction(c != k),
            Level.ORDINAL: (between - Fraction(values.count(c) + values.count(k), 2)) ** 2 if c != k else Fraction(0),
            Level.INTERVAL: (c - k) ** 2,
            Level.RATIO: ((c - k) / (c + k)) ** 2 if c + k else Fraction(0),
        }[level]

    return {(c, k): float(squared(c, k)) for c in values for k in values}


@given(
    st.lists(st.lists(st.none() | st.integers(0, 4).map(Fraction), min_size=2, max_size=4), min_size=1, max_size=6),
    st.sampled_from(Level),
)
def test_alpha_is_its_definition(units: Values, level: Level) -> None:
    paired = [[value for value in unit if value is not None] for unit in units]
    paired = [unit for unit in paired if len(unit) >= 2]
    values = [value for unit in paired for value in unit]
    squared = _metric(level, values)
    observed = sum(sum(squared[pair] for pair in permutations(unit, 2)) / (len(unit) - 1) for unit in paired)
    expected = sum(squared[pair] for pair in permutations(values, 2))
    alpha = krippendorff_alpha(units, level)
    if expected == 0:
        assert alpha is None
    else:
        assert alpha == pytest.approx(1 - observed / len(values) / (expected / len(values) / (len(values) - 1)))


@given(
    st.lists(st.lists(st.integers(0, 9).map(Fraction), min_size=3, max_size=3), min_size=2, max_size=5),
    st.sampled_from([Level.ORDINAL, Level.INTERVAL]),
    st.randoms(use_true_random=False),
)
def test_neither_the_unit_nor_the_order_of_raters_counts(units: Values, level: Level, random: Random) -> None:
    moved = [[None if value is None else value * Fraction(7, 3) - 5 for value in unit] for unit in units]
    for unit in moved:
        random.shuffle(unit)
    random.shuffle(moved)
    assert krippendorff_alpha(moved, level) == krippendorff_alpha(units, level)


def test_perfect_agreement_is_one_and_no_variation_is_no_figure() -> None:
    for level in Level:
        assert krippendorff_alpha(table("1 1", "2 2", "3 3"), level) == 1
        assert krippendorff_alpha(table("2 2", "2 2"), level) is None
        assert krippendorff_alpha(table("1 .", ". 2"), level) is None
        assert krippendorff_alpha([], level) is None


def test_the_ratio_metric_knows_zero_and_refuses_what_is_below() -> None:
    assert krippendorff_alpha(table("0 0", "0 1", "1 1"), Level.RATIO) == pytest.approx(1 - 5 / 9)
    with pytest.raises(InvalidError, match="négative"):
        krippendorff_alpha(table("-1 1", "2 2"), Level.RATIO)


def test_a_float_is_refused() -> None:
    with pytest.raises(TypeError):
        krippendorff_alpha([[0.1, 0.2], [0.3, 0.4]], Level.INTERVAL)


def test_concordance_has_siegel_s_figures() -> None:
    found = kendall_w(table(*RANKINGS))
    assert found is not None
    assert found.corrected == pytest.approx(0.828, abs=5e-4)
    assert found.uncorrected == pytest.approx(0.796, abs=5e-4)
    assert found.chi2 == pytest.approx(3 * 9 * float(found.corrected or 0))


def test_concordance_without_ties_is_its_textbook_figure() -> None:
    """Siegel's first example, page 230: three interviewers rank six applicants."""
    found = kendall_w(table("1 6 3 2 5 4", "1 5 6 4 2 3", "6 3 2 5 4 1"))
    assert found is not None
    assert found.corrected == found.uncorrected
    assert found.corrected == pytest.approx(0.16, abs=5e-3)


def test_concordance_of_marks_is_that_of_their_ranks() -> None:
    assert kendall_w(table("10 30 20", "1.5 9 2")) == kendall_w(table("1 3 2", "1 3 2"))
    found = kendall_w(table("1 2 3", "1 2 3"))
    assert found is not None
    assert (found.corrected, found.uncorrected, found.chi2) == (1, 1, 4)
    opposed = kendall_w(table("1 2 3", "3 2 1"))
    assert opposed is not None
    assert (opposed.corrected, opposed.chi2) == (0, 0)


def test_concordance_that_does_not_exist() -> None:
    assert kendall_w(table("1 2 .", "1 2 3")) is None
    assert kendall_w(table("1 2 3")) is None
    assert kendall_w(table("1", "2")) is None
    assert kendall_w([]) is None
    tied = kendall_w(table("2 2 2", "3 3 3"))
    assert tied is not None
    assert (tied.corrected, tied.uncorrected, tied.chi2) == (None, 0, None)


def test_intraclass_correlations_have_their_published_figures() -> None:
    found = intraclass(table(*TARGETS))
    assert found is not None
    squares = found.mean_squares
    given_squares = (squares.between, squares.within, squares.judges, squares.residual)
    assert [round(value, 2) for value in given_squares] == [11.24, 6.26, 32.49, 1.02]
    assert {name: round(value or 0, 2) for name, value in found.coefficients.items()} == {
        "1,1": 0.17,
        "2,1": 0.29,
        "3,1": 0.71,
        "1,k": 0.44,
        "2,k": 0.62,
        "3,k": 0.91,
    }


def test_intraclass_correlations_that_do_not_exist() -> None:
    assert intraclass(table("1 .", "2 3")) is None
    assert intraclass(table("1 2")) is None
    assert intraclass(table("1", "2")) is None
    flat = intraclass(table("4 4", "4 4"))
    assert flat is not None
    assert set(flat.coefficients.values()) == {None}
    same = intraclass(table("1 1", "2 2", "4 4"))
    assert same is not None
    assert set(same.coefficients.values()) == {1}


def test_judges_of_constant_severity_agree_in_consistency_not_in_absolute() -> None:
    found = intraclass(table("1 3", "2 4", "5 7"))
    assert found is not None
    assert found.coefficients["3,1"] == 1
    assert (found.coefficients["2,1"] or 1) < 1
