"""What must hold for every grid and every set of marks."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from aap.scoring.aggregation import Aggregation, Case, RankingRules, Status, assess
from aap.scoring.ranking import rank
from aap.scoring.rubric import Criterion, Mark, Marks, Rubric, check_review, review_total

positive = st.fractions(Fraction(1, 100), Fraction(100), max_denominator=100)
steps = st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(1, 4)])


@st.composite
def rubrics(draw: st.DrawFn, least: int = 1) -> Rubric:
    """Draw a grid of 1 to 5 criteria, each on its own scale."""
    criteria = []
    for index in range(draw(st.integers(least, 5))):
        step = draw(steps)
        low = Fraction(draw(st.integers(-2, 2)))
        high = low + step * draw(st.integers(1, 20))
        floor = draw(st.none() | st.just((low + high) / 2))
        criteria.append(Criterion(f"C{index}", draw(positive), low, high, step, floor, na_allowed=True))
    return Rubric(tuple(criteria), draw(st.sampled_from([Fraction(20), Fraction(100)])))


def marks_of(draw: st.DrawFn, rubric: Rubric) -> dict[str, Mark]:
    """Draw a complete review without N/A."""
    found: dict[str, Mark] = {}
    for row in rubric.criteria:
        assert row.step is not None
        found[row.key] = row.minimum + row.step * draw(st.integers(0, int((row.maximum - row.minimum) / row.step)))
    return found


@st.composite
def juries(draw: st.DrawFn, least: int = 1) -> tuple[Rubric, list[dict[str, Mark]]]:
    rubric = draw(rubrics(least))
    return rubric, [marks_of(draw, rubric) for _ in range(draw(st.integers(1, 6)))]


@given(juries())
def test_a_total_stays_on_its_scale_and_both_ends_are_reached(jury: tuple[Rubric, list[dict[str, Mark]]]) -> None:
    rubric, reviews = jury
    for marks in reviews:
        total = review_total(rubric, check_review(rubric, marks))
        assert isinstance(total, Fraction)
        assert 0 <= total <= rubric.scale_to
    assert review_total(rubric, {row.key: row.maximum for row in rubric.criteria}) == rubric.scale_to
    assert review_total(rubric, {row.key: row.minimum for row in rubric.criteria}) == 0


@given(juries(), st.randoms(use_true_random=False), st.sampled_from(Aggregation))
def test_neither_the_order_of_jurors_nor_of_criteria_counts(
    jury: tuple[Rubric, list[dict[str, Mark]]], random: Random, how: Aggregation
) -> None:
    rubric, reviews = jury
    rules = RankingRules(aggregation=how)
    before = assess(rubric, Case("x", tuple(reviews)), rules)
    criteria, shuffled = list(rubric.criteria), list(reviews)
    random.shuffle(criteria)
    random.shuffle(shuffled)
    after = assess(replace(rubric, criteria=tuple(criteria)), Case("x", tuple(shuffled)), rules)
    assert (after.total, after.status, after.dispersion) == (before.total, before.status, before.dispersion)
    assert set(after.criterion_means) == set(before.criterion_means)


@given(juries(), positive)
def test_only_the_proportions_of_weights_count(jury: tuple[Rubric, list[dict[str, Mark]]], factor: Fraction) -> None:
    rubric, reviews = jury
    scaled = replace(rubric, criteria=tuple(replace(row, weight=row.weight * factor) for row in rubric.criteria))
    assert [review_total(scaled, marks) for marks in reviews] == [review_total(rubric, marks) for marks in reviews]


@given(juries(), positive, st.integers(-5, 5))
def test_marking_on_another_scale_changes_no_total(
    jury: tuple[Rubric, list[dict[str, Mark]]], factor: Fraction, shift: int
) -> None:
    rubric, reviews = jury

    def moved(mark: Mark) -> Fraction:
        assert mark is not None
        return mark * factor + shift

    criteria = tuple(
        replace(row, minimum=moved(row.minimum), maximum=moved(row.maximum), step=None) for row in rubric.criteria
    )
    rescaled = replace(rubric, criteria=criteria)
    for marks in reviews:
        expected = review_total(rubric, marks)
        assert review_total(rescaled, {key: moved(mark) for key, mark in marks.items()}) == expected


@given(juries(), st.data())
def test_a_better_mark_never_lowers_a_total_a_status_or_a_rank(
    jury: tuple[Rubric, list[dict[str, Mark]]], data: st.DataObject
) -> None:
    rubric, reviews = jury
    how = data.draw(st.sampled_from(Aggregation))
    rules = RankingRules(aggregation=how, overall_threshold=rubric.scale_to / 3, tie_break=("C0",))
    row = data.draw(st.sampled_from(rubric.criteria))
    juror = data.draw(st.integers(0, len(reviews) - 1))
    better: list[Marks] = [*reviews]
    better[juror] = {**reviews[juror], row.key: row.maximum}
    rivals = [Case(f"r{index}", (marks,)) for index, marks in enumerate(reviews)]
    before = rank(rubric, [Case("x", tuple(reviews)), *rivals], rules)
    after = rank(rubric, [Case("x", tuple(better)), *rivals], rules)
    old, new = before.assessments[0].total, after.assessments[0].total
    assert old is not None
    assert new is not None
    assert new >= old
    if before.assessments[0].status is Status.RANKED:
        assert after.ranks()["x"] <= before.ranks()["x"]


@given(juries(), st.data())
def test_a_strictly_better_mark_strictly_raises_the_review(
    jury: tuple[Rubric, list[dict[str, Mark]]], data: st.DataObject
) -> None:
    rubric, reviews = jury
    row = data.draw(st.sampled_from(rubric.criteria))
    mark, total = reviews[0][row.key], review_total(rubric, reviews[0])
    raised = review_total(rubric, {**reviews[0], row.key: row.maximum})
    assert mark is not None
    assert total is not None
    assert raised is not None
    assert (raised > total) == (mark < row.maximum)


@given(juries(least=2), st.data())
def test_not_applicable_is_neutral(jury: tuple[Rubric, list[dict[str, Mark]]], data: st.DataObject) -> None:
    """As if the criterion were not in the grid, as long as its weight is within the limit; beyond, no total."""
    rubric, reviews = jury
    row = data.draw(st.sampled_from(rubric.criteria))
    marks = {**reviews[0], row.key: None}
    without = replace(rubric, criteria=tuple(other for other in rubric.criteria if other.key != row.key))
    expected = review_total(without, {key: mark for key, mark in marks.items() if key != row.key})
    within = row.weight <= rubric.na_limit * rubric.total_weight
    assert review_total(rubric, marks) == (expected if within else None)


@given(juries(), st.integers(1, 3), st.permutations(range(4)))
def test_ranks_do_not_depend_on_the_order_of_the_files(
    jury: tuple[Rubric, list[dict[str, Mark]]], least: int, moved: list[int]
) -> None:
    rubric, reviews = jury
    cases = [Case(f"r{index}", tuple(reviews[index:])) for index in range(4)]
    rules = RankingRules(min_reviews=least, tie_break=("C0",))
    ranks = rank(rubric, cases, rules).ranks()
    assert rank(rubric, [cases[index] for index in moved], rules).ranks() == ranks
    statuses = {row.ref: row.status for row in rank(rubric, cases, rules).assessments}
    assert set(ranks) == {ref for ref, status in statuses.items() if status is Status.RANKED}
    too_few = {case.ref for case in cases if len(case.reviews) < least}
    assert {ref for ref, status in statuses.items() if status is Status.INCOMPLETE} == too_few
