"""Totals of applications, thresholds, ranks and ties."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest

from aap.errors import InvalidError
from aap.scoring.aggregation import Aggregation, Assessment, Case, FactOrder, RankingRules, Status, aggregate, assess
from aap.scoring.draw import draw_order
from aap.scoring.exact import exact, ratio, shown
from aap.scoring.ranking import Contender, Place, order, rank, rank_by_group
from aap.scoring.rubric import Criterion, Rubric, check_review, review_total

# The grid of the example call: weights sum to 100, marks 0 to 5 by whole points, two floors.
CALL_WEIGHTS = {"C1": 20, "C2": 20, "C3": 10, "C4": 10, "C5": 10, "C6": 10, "C7": 10, "C8": 10}
CALL_FLOORS = {"C2": 2, "C5": 1}
CALL = Rubric(
    tuple(
        Criterion(
            key,
            Fraction(weight),
            Fraction(0),
            Fraction(5),
            Fraction(1),
            threshold=Fraction(CALL_FLOORS[key]) if key in CALL_FLOORS else None,
        )
        for key, weight in CALL_WEIGHTS.items()
    ),
    Fraction(100),
)
EXAMPLE = ("5 4 4 4 3 4 3 4", "4 4 3 4 3 3 3 5", "5 3 4 4 4 3 3 4")


def review(rubric: Rubric, marks: str) -> dict[str, Fraction | None]:
    given = [None if mark == "-" else mark for mark in marks.split()]
    return {c.key: None if m is None else exact(m) for c, m in zip(rubric.criteria, given, strict=True)}


def case(rubric: Rubric, ref: str, *reviews: str, **rest: Any) -> Case:
    return Case(ref, tuple(review(rubric, marks) for marks in reviews), **rest)


def simple(weights: str = "1", bounds: tuple[int, int] = (0, 10), scale_to: int = 10, **floors: str) -> Rubric:
    """Build a grid of criteria A, B, C… without steps."""
    return Rubric(
        tuple(
            Criterion(
                key,
                exact(weight),
                Fraction(bounds[0]),
                Fraction(bounds[1]),
                na_allowed=True,
                threshold=exact(floors[key]) if key in floors else None,
            )
            for key, weight in zip("ABCDE", weights.split(), strict=False)
        ),
        Fraction(scale_to),
    )


def places(ranking_places: Sequence[Place]) -> list[tuple[int, str, bool]]:
    return [(place.rank, "".join(place.refs), place.tied) for place in ranking_places]


def test_the_example_application_has_its_published_figures() -> None:
    totals = [review_total(CALL, check_review(CALL, review(CALL, marks))) for marks in EXAMPLE]
    assert totals == [80, 74, 76]
    rules = RankingRules(min_reviews=3, divergence_threshold=Fraction(20))
    found = assess(CALL, case(CALL, "AAP-TS-2023-01-0017", *EXAMPLE), rules)
    assert found.total == Fraction(230, 3)
    assert (ratio(found.total), shown(found.total)) == ("230/3", "76.67")
    assert found.dispersion is not None
    spread = found.dispersion
    assert [spread.minimum, spread.maximum, spread.divergence] == [74, 80, 6]
    assert not found.dispersion.over
    assert found.under_threshold == ()
    assert found.status is Status.RANKED
    assert [row.mean for row in found.criterion_means[:2]] == [Fraction(14, 3), Fraction(11, 3)]


def test_a_total_that_reaches_its_threshold_exactly_is_not_eliminated() -> None:
    rubric = simple(".1 .2 .7", scale_to=20)
    threshold = RankingRules(overall_threshold=Fraction(12))
    found = assess(rubric, case(rubric, "x", "4 4.9 6.6"), threshold)
    assert found.total == 12
    assert 20 * (0.1 * 4 / 10 + 0.2 * 4.9 / 10 + 0.7 * 6.6 / 10) < 12  # what floats would have said
    assert found.status is Status.RANKED
    below = assess(rubric, case(rubric, "x", "4 4.9 6.5999999999999999999"), threshold)
    assert (below.status, below.under_overall, shown(below.total or Fraction(0))) == (Status.ELIMINATED, True, "12.00")


def test_criterion_thresholds_compare_exact_means() -> None:
    rubric = simple("1 1", A="11/3")
    rules = RankingRules()
    assert assess(rubric, case(rubric, "x", "4 9", "4 9", "3 9"), rules).status is Status.RANKED
    under = assess(rubric, case(rubric, "x", "4 9", "4 9", "2.99999 9"), rules)
    assert (under.status, under.under_threshold) == (Status.ELIMINATED, ("A",))


def test_a_criterion_nobody_could_mark_eliminates_nobody() -> None:
    rubric = simple("9 1", B="5")
    found = assess(rubric, case(rubric, "x", "8 -", "6 -"), RankingRules())
    assert found.criterion_means[1].mean is None
    assert (found.status, found.total) == (Status.RANKED, Fraction(7))


def test_the_raw_sum_ignores_weights_and_criteria_for_information() -> None:
    rubric = simple("1 9 0")
    rules = RankingRules(raw_sum_threshold=Fraction(10))
    reached = assess(rubric, case(rubric, "x", "9 2 10", "5 4 10"), rules)
    assert (reached.raw_sum, reached.status) == (Fraction(10), Status.RANKED)
    missed = assess(rubric, case(rubric, "x", "9 2 10", "5 3.9 10"), rules)
    assert (missed.status, missed.under_raw_sum) == (Status.ELIMINATED, True)


def test_not_applicable_is_refused_with_a_raw_sum_threshold() -> None:
    rubric = simple("9 1")
    with pytest.raises(InvalidError) as refused:
        assess(rubric, case(rubric, "x", "9 2", "9 -"), RankingRules(raw_sum_threshold=Fraction(1)))
    assert [problem.place for problem in refused.value.problems] == ["applications.x[1].B"]


def test_too_few_reviews_is_incomplete_and_takes_precedence_over_eliminated() -> None:
    rubric = simple("1", A="5")
    rules = RankingRules(min_reviews=2)
    one = assess(rubric, case(rubric, "x", "1"), rules)
    assert (one.status, one.under_threshold, one.total) == (Status.INCOMPLETE, ("A",), Fraction(1))
    assert assess(rubric, case(rubric, "x", "1", "1"), rules).status is Status.ELIMINATED
    ranking = rank(rubric, [case(rubric, "a", "10"), case(rubric, "b", "6", "6")], rules)
    assert ranking.ranks() == {"b": 1}


def test_a_review_mostly_not_applicable_is_not_averaged_in() -> None:
    rubric = simple("3 2")
    found = assess(rubric, case(rubric, "x", "8 8", "2 -"), RankingRules())
    assert (found.review_totals, found.counted, found.total) == ((Fraction(8), None), 1, Fraction(8))
    assert found.criterion_means[0].mean == 8
    assert assess(rubric, case(rubric, "x", "8 8", "2 -"), RankingRules(min_reviews=2)).status is Status.INCOMPLETE


def test_without_any_review_nothing_is_said() -> None:
    rubric = simple("1", A="5")
    found = assess(rubric, Case("x", ()), RankingRules(overall_threshold=Fraction(5)))
    assert (found.status, found.total, found.dispersion) == (Status.INCOMPLETE, None, None)
    assert found.criterion_means[0].mean is None
    assert (found.under_threshold, found.under_overall) == ((), False)


@pytest.mark.parametrize(
    ("marks", "mean", "median", "trimmed"),
    [
        ("4 9", "13/2", "13/2", "13/2"),
        ("9 1 4", "14/3", "4", "14/3"),
        ("1 2 3 10", "4", "5/2", "4"),
        ("10 1 2 3 5", "21/5", "3", "10/3"),
        ("0 0 9 10 10 10", "13/2", "19/2", "29/4"),
    ],
)
def test_mean_median_and_trimmed_mean_from_five_reviews(marks: str, mean: str, median: str, trimmed: str) -> None:
    totals = [exact(mark) for mark in marks.split()]
    assert [aggregate(totals, how) for how in Aggregation] == [exact(mean), exact(median), exact(trimmed)]


def test_the_rules_choose_the_aggregation() -> None:
    rubric = simple()
    found = assess(rubric, case(rubric, "x", "0", "9", "9"), RankingRules(aggregation=Aggregation.MEDIAN))
    assert found.total == 9


def test_divergence_is_flagged_only_above_its_threshold() -> None:
    rubric = simple()

    def over(*marks: str) -> bool:
        spread = assess(rubric, case(rubric, "x", *marks), RankingRules(divergence_threshold=Fraction(2))).dispersion
        return spread is not None and spread.over

    assert not over("5", "7")
    assert over("5", "6", "7.01")


def test_ties_rank_one_one_three_in_input_order() -> None:
    rubric = simple()
    cases = [case(rubric, "z", "7"), case(rubric, "c", "5"), case(rubric, "a", "7"), case(rubric, "b", "4.9", "5.1")]
    ranking = rank(rubric, cases, RankingRules())
    assert places(ranking.places) == [(1, "za", True), (3, "cb", True)]
    assert ranking.ranks() == {"z": 1, "a": 1, "c": 3, "b": 3}


def test_equal_totals_are_separated_by_criterion_means_in_the_declared_order() -> None:
    rubric = simple("1 1 1")
    cases = [case(rubric, "x", "4 6 5"), case(rubric, "y", "5 6 4"), case(rubric, "z", "1 7 7")]
    rules = RankingRules(tie_break=("B", "A"))
    assert places(rank(rubric, cases, rules).places) == [(1, "z", False), (2, "y", False), (3, "x", False)]


def test_then_by_declared_facts_each_in_its_direction_unknown_ones_last() -> None:
    rubric = simple()
    rules = RankingRules(facts=(FactOrder("requested_eur"), FactOrder("population", descending=True)))
    cases = [
        case(rubric, "u", "5"),
        case(rubric, "p", "5", facts={"requested_eur": Fraction(90000), "population": Fraction(10)}),
        case(rubric, "q", "5", facts={"requested_eur": Fraction(90000), "population": Fraction(20)}),
        case(rubric, "r", "5", facts={"requested_eur": exact("89999.99"), "population": None}),
        case(rubric, "t", "5", facts={"requested_eur": None}),
    ]
    assert places(rank(rubric, cases, rules).places) == [
        (1, "r", False),
        (2, "q", False),
        (3, "p", False),
        (4, "ut", True),
    ]


def test_the_draw_separates_what_nothing_else_does_and_says_so() -> None:
    rubric = simple()
    refs = ["AAP-1", "AAP-2", "AAP-3"]
    cases = [case(rubric, "best", "9"), *(case(rubric, ref, "5") for ref in refs)]
    found = rank(rubric, cases, RankingRules(draw_seed="graine")).places
    assert [place.refs[0] for place in found] == ["best", *draw_order("graine", refs)]
    assert [(place.rank, place.tied, place.drawn) for place in found] == [
        (1, False, False),
        (2, False, True),
        (3, False, True),
        (4, False, True),
    ]


def test_ranks_per_strand_restart_and_the_overall_ranking_holds_everybody() -> None:
    rubric = simple()
    cases = [
        case(rubric, "a", "5", group="A"),
        case(rubric, "b", "9", group="B"),
        case(rubric, "c", "7", group="A"),
        case(rubric, "d", "8"),
    ]
    rankings = rank_by_group(rubric, cases, RankingRules())
    assert rankings.overall.ranks() == {"b": 1, "d": 2, "c": 3, "a": 4}
    assert [(row.group, row.ranking.ranks()) for row in rankings.groups] == [
        ("A", {"c": 1, "a": 2}),
        ("B", {"b": 1}),
    ]


def test_stored_totals_can_be_ordered_without_marks() -> None:
    contenders = [Contender("x", Fraction(1, 3)), Contender("y", exact("0.333333333333333333"))]
    assert places(order(contenders, RankingRules())) == [(1, "x", False), (2, "y", False)]


def test_rules_that_make_no_sense_are_refused() -> None:
    rubric = simple()
    with pytest.raises(InvalidError) as refused:
        rank(rubric, [], RankingRules(tie_break=("A", "Z")))
    assert refused.value.problems[0].place == "tie_break[1]"
    with pytest.raises(InvalidError):
        RankingRules(min_reviews=0)
    with pytest.raises(InvalidError):
        rank(rubric, [case(rubric, "x", "1"), case(rubric, "x", "2")], RankingRules())
    with pytest.raises(ValueError, match="at least one"):
        aggregate([])


def test_no_float_enters_the_ranking() -> None:
    inexact: Any = 12.0
    for name in ("overall_threshold", "raw_sum_threshold", "divergence_threshold"):
        with pytest.raises(TypeError):
            RankingRules(**{name: inexact})
    with pytest.raises(TypeError):
        aggregate([Fraction(1), inexact])
    with pytest.raises(TypeError):
        order([Contender("x", inexact)], RankingRules())
    by_amount = RankingRules(facts=(FactOrder("requested_eur"),))
    with pytest.raises(TypeError):
        order([Contender("x", Fraction(1), facts={"requested_eur": inexact})], by_amount)
    with pytest.raises(TypeError):
        assess(simple(), Case("x", ({"A": inexact},)), RankingRules())


def test_assessments_are_frozen() -> None:
    rubric = simple()
    found: Assessment = assess(rubric, case(rubric, "x", "5"), RankingRules())
    with pytest.raises(AttributeError):
        found.total = Fraction(10)  # type: ignore[misc]  # the refusal is what is tested
