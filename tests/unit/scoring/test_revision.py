"""Reviews kept under a revised grid: exact, neutral when nothing changes, and the same for every file."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from aap.scoring.aggregation import Case, RankingRules
from aap.scoring.ranking import rank
from aap.scoring.revision import carry, carry_over, is_admitted, project, still_counts
from aap.scoring.rubric import Criterion, Mark, Rubric, review_total

TENTH = Fraction(1, 10)


def criterion(key: str, weight: int = 10, top: int = 5, **changes: object) -> Criterion:
    known = Criterion(key, Fraction(weight), Fraction(0), Fraction(top), step=Fraction(1), na_allowed=True)
    return replace(known, **changes)  # type: ignore[arg-type]  # the fields of a criterion, by name


def grid(*criteria: Criterion, **changes: object) -> Rubric:
    return replace(Rubric(criteria, Fraction(100)), **changes)  # type: ignore[arg-type]  # likewise


@st.composite
def grids(draw: st.DrawFn) -> Rubric:
    sizes = draw(st.lists(st.tuples(st.integers(1, 40), st.integers(1, 20)), min_size=1, max_size=6))
    return grid(*(criterion(f"C{n}", weight, top) for n, (weight, top) in enumerate(sizes)))


@st.composite
def reviews_of(draw: st.DrawFn, rubric: Rubric) -> dict[str, Mark]:
    return {
        row.key: draw(st.none() | st.integers(0, int(row.maximum)).map(Fraction), label=row.key)
        for row in rubric.criteria
    }


@given(st.data())
def test_a_revision_that_changes_nothing_changes_no_mark_and_no_total(data: st.DataObject) -> None:
    rubric = data.draw(grids())
    marks = data.draw(reviews_of(rubric))
    assert project(rubric, rubric, marks) == marks
    assert review_total(rubric, project(rubric, rubric, marks)) == review_total(rubric, marks)


@given(st.data())
def test_the_order_of_the_criteria_is_nothing_to_a_kept_review(data: st.DataObject) -> None:
    before, after = data.draw(grids()), data.draw(grids())
    marks = data.draw(reviews_of(before))
    turned = replace(after, criteria=tuple(data.draw(st.permutations(after.criteria))))
    backwards = replace(before, criteria=before.criteria[::-1])
    assert project(backwards, turned, marks) == project(before, after, marks)
    assert review_total(turned, project(before, turned, marks)) == review_total(after, project(before, after, marks))


@given(st.data(), st.integers(1, 30), st.integers(1, 30))
def test_a_new_scale_keeps_the_total_of_a_kept_review(data: st.DataObject, times: int, low: int) -> None:
    before = data.draw(grids())
    marks = data.draw(reviews_of(before))
    after = replace(
        before,
        criteria=tuple(
            replace(row, minimum=Fraction(low), maximum=low + row.maximum * times, step=None) for row in before.criteria
        ),
    )
    assert review_total(after, project(before, after, marks)) == review_total(before, marks)


@given(st.data())
def test_a_kept_review_is_weighed_as_one_given_today_with_the_same_marks(data: st.DataObject) -> None:
    before = data.draw(grids())
    marks = data.draw(reviews_of(before))
    weights = data.draw(st.lists(st.integers(1, 50), min_size=len(before.criteria), max_size=len(before.criteria)))
    heavier = tuple(replace(row, weight=Fraction(w)) for row, w in zip(before.criteria, weights, strict=True))
    after = replace(before, criteria=heavier)
    kept, marked_again = project(before, after, marks), marks
    assert review_total(after, kept) == review_total(after, marked_again)


@given(st.data())
def test_a_criterion_taken_out_and_put_back_is_as_if_nothing_had_been(data: st.DataObject) -> None:
    before = data.draw(grids())
    marks = data.draw(reviews_of(before))
    gone = replace(before, criteria=before.criteria[1:]) if len(before.criteria) > 1 else before
    there = project(before, gone, marks)
    assert there == {row.key: marks[row.key] for row in gone.criteria}
    assert project(before, before, marks) == marks


@given(st.data())
def test_two_files_marked_alike_stay_equal_whether_kept_or_marked_again(data: st.DataObject) -> None:
    before, after = data.draw(grids()), data.draw(grids())
    marks = data.draw(reviews_of(before))
    projected = project(before, after, marks)
    if not still_counts(after, projected, raw_sum=False):
        return
    cases = [Case("kept", (projected,)), Case("again", (dict(projected),))]
    found = rank(after, cases, RankingRules())
    assert found.ranks() == {"kept": 1, "again": 1}


def test_an_added_criterion_is_not_a_zero_and_cannot_pass_the_limit() -> None:
    before = grid(criterion("A", 60), criterion("B", 40))
    marks: dict[str, Mark] = {"A": Fraction(5), "B": Fraction(0)}
    small = grid(criterion("A", 42), criterion("B", 28), criterion("C", 30))
    kept = project(before, small, marks)
    assert kept == {"A": 5, "B": 0, "C": None}
    assert still_counts(small, kept, raw_sum=False)
    assert review_total(small, kept) == review_total(before, marks) == 60
    large = grid(criterion("A", 41), criterion("B", 28), criterion("C", 31))
    assert not still_counts(large, project(before, large, marks), raw_sum=False)
    assert not still_counts(small, kept, raw_sum=True), "a sum without one of its marks is compared with nothing"
    elsewhere = grid(criterion("C", 30))
    assert not still_counts(elsewhere, project(before, elsewhere, marks), raw_sum=False)


def test_a_mark_keeps_its_place_between_the_lowest_and_the_highest_exactly() -> None:
    five, ten = criterion("A"), criterion("A", 10, 10, minimum=Fraction(1))
    assert carry(Fraction(2), five, ten) == 1 + Fraction(2, 5) * 9
    assert carry(Fraction(2), five, five) == 2
    assert carry(None, five, ten) is None


def test_what_was_not_marked_yet_stays_missing_in_a_draft() -> None:
    before, after = grid(criterion("A"), criterion("B"), criterion("D")), grid(criterion("A"), criterion("C"))
    assert carry_over(before, after, {"A": Fraction(3), "D": Fraction(1)}) == {"A": 3}
    assert carry_over(before, after, {"B": Fraction(3)}) == {}


def test_only_what_a_juror_could_give_is_admitted_again() -> None:
    row = criterion("A")
    assert [is_admitted(row, Fraction(n)) for n in (-1, 0, 5, 6)] == [False, True, True, False]
    assert not is_admitted(row, 2 + TENTH)
    assert is_admitted(replace(row, step=None), 2 + TENTH)
    assert is_admitted(row, None)
    assert not is_admitted(replace(row, na_allowed=False), None)
