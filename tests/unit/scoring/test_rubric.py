"""Marks, totals, comments and fingerprint of a grid."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from aap.errors import InvalidError
from aap.scoring.exact import exact
from aap.scoring.rubric import (
    CommentRule,
    Criterion,
    Rubric,
    check_mark,
    check_review,
    comment_required,
    missing_marks,
    na_share,
    review_total,
    rubric_fingerprint,
)


def criterion(
    key: str = "C1", weight: str = "1", bounds: str = "0 5", step: str | None = "1", **rest: Any
) -> Criterion:
    low, high = bounds.split()
    return Criterion(key, exact(weight), exact(low), exact(high), None if step is None else exact(step), **rest)


def grid(*criteria: Criterion, scale_to: str = "100", **rest: Any) -> Rubric:
    return Rubric(criteria, exact(scale_to), **rest)


def fault(error: pytest.ExceptionInfo[InvalidError]) -> tuple[str, str]:
    (problem,) = error.value.problems
    return problem.place, problem.message


@pytest.mark.parametrize("value", ["3", " 3 ", 3, Decimal("3.00"), Fraction(3), "6/2", "3,0"])
def test_a_mark_is_read_exactly_however_it_is_written(value: object) -> None:
    assert check_mark(criterion(), value) == Fraction(3)


@pytest.mark.parametrize(
    ("value", "code", "message"),
    [
        ("abc", "pas-un-nombre", "« abc » n'est pas un nombre."),
        ("1e9", "pas-un-nombre", "« 1e9 » n'est pas un nombre."),
        ("1/0", "pas-un-nombre", "« 1/0 » n'est pas un nombre."),
        ("٣", "pas-un-nombre", "« ٣ » n'est pas un nombre."),
        (Decimal("NaN"), "pas-un-nombre", "« NaN » n'est pas un nombre utilisable."),
        (Decimal("1E+999999"), "pas-un-nombre", "« 1E+999999 » n'est pas un nombre utilisable."),
        (" ", "note-manquante", "Indiquez une note."),
        ("5.5", "note-hors-bornes", "La note doit aller de 0 à 5."),
        (-1, "note-hors-bornes", "La note doit aller de 0 à 5."),
        ("3,25", "note-hors-pas", "La note va de 0,5 en 0,5, à partir de 0."),
        (None, "sans-objet-refuse", "Ce critère doit être noté : « sans objet » n'y est pas admis."),
    ],
)
def test_a_refused_mark_says_why_in_french_on_its_criterion(value: object, code: str, message: str) -> None:
    with pytest.raises(InvalidError) as refused:
        check_mark(criterion("C2", step="1/2"), value)
    assert (refused.value.code, *fault(refused)) == (code, "C2", message)


@pytest.mark.parametrize("value", [3.0, 0.1, float("nan"), True, [3]])
def test_a_float_or_a_truth_value_is_never_a_mark(value: object) -> None:
    with pytest.raises(TypeError):
        check_mark(criterion(), value)


def test_steps_are_counted_from_the_lowest_mark() -> None:
    from_one = criterion(bounds="1 10", step="3")
    assert [check_mark(from_one, mark) for mark in (1, 4, 7, 10)] == [1, 4, 7, 10]
    with pytest.raises(InvalidError):
        check_mark(from_one, 3)


def test_without_a_step_any_exact_mark_is_admitted() -> None:
    assert check_mark(criterion(step=None), "1/3") == Fraction(1, 3)


def test_not_applicable_is_an_answer_where_the_grid_admits_it() -> None:
    assert check_mark(criterion(na_allowed=True), None) is None


def test_a_review_reports_all_its_faults_at_once() -> None:
    rubric = grid(criterion("A"), criterion("B"), criterion("C"))
    with pytest.raises(InvalidError) as refused:
        check_review(rubric, {"A": "9", "C": None, "Z": "1"})
    assert [problem.place for problem in refused.value.problems] == ["A", "B", "C", "Z"]


def test_a_missing_mark_is_neither_zero_nor_not_applicable() -> None:
    rubric = grid(criterion("A"), criterion("B", na_allowed=True))
    assert missing_marks(rubric, {"A": Fraction(3)}) == ("B",)
    assert missing_marks(rubric, {"A": Fraction(3), "B": None}) == ()
    with pytest.raises(InvalidError) as refused:
        review_total(rubric, {"A": Fraction(3)})
    assert fault(refused) == ("B", "Indiquez une note.")


def test_not_applicable_renormalises_up_to_the_limit_and_no_further() -> None:
    rubric = grid(criterion("A", "7"), criterion("B", "3"))
    marks = {"A": Fraction(4), "B": None}
    assert na_share(rubric, marks) == Fraction(3, 10)
    assert review_total(rubric, marks) == 80
    heavier = grid(criterion("A", "6.9"), criterion("B", "3.1"))
    assert review_total(heavier, marks) is None


def test_a_review_entirely_not_applicable_never_counts() -> None:
    rubric = grid(criterion("A"), criterion("I", "0"), na_limit=Fraction(1))
    assert review_total(rubric, {"A": None, "I": Fraction(5)}) is None


def test_a_criterion_of_weight_zero_is_information_only() -> None:
    rubric = grid(criterion("A", "2"), criterion("I", "0"))
    totals = {review_total(rubric, {"A": Fraction(3), "I": mark}) for mark in (Fraction(0), Fraction(5), None)}
    assert totals == {Fraction(60)}


def test_a_zero_to_ten_grid_by_halves_scaled_to_twenty() -> None:
    rubric = grid(
        criterion("A", "2", "0 10", "1/2"),
        criterion("B", "1", "0 10", "1/2"),
        criterion("C", "1", "1 10", "1/2"),
        scale_to="20",
    )
    marks = check_review(rubric, {"A": "7,5", "B": 9, "C": "5.5"})
    assert review_total(rubric, marks) == Fraction(29, 2)  # 20 x (2 x .75 + .9 + .5) / 4


@pytest.mark.parametrize("place", ["weight", "minimum", "maximum", "step", "threshold"])
def test_a_float_in_a_criterion_is_refused(place: str) -> None:
    values: dict[str, Any] = {"weight": Fraction(1), "minimum": Fraction(0), "maximum": Fraction(5)}
    with pytest.raises(TypeError):
        Criterion(key="A", **{**values, place: 1.0})


def test_a_float_anywhere_else_is_refused() -> None:
    inexact: Any = 3.0
    with pytest.raises(TypeError):
        Rubric((criterion(),), inexact)
    with pytest.raises(TypeError):
        Rubric((criterion(),), Fraction(100), na_limit=inexact)
    with pytest.raises(TypeError):
        CommentRule(required_below=inexact)
    with pytest.raises(TypeError):
        review_total(grid(criterion()), {"C1": inexact})
    with pytest.raises(TypeError):
        comment_required(criterion(), inexact)


def test_a_grid_that_cannot_give_a_total_is_refused_with_every_fault() -> None:
    with pytest.raises(InvalidError) as refused:
        Rubric((criterion("A", "0"), criterion("A", "-1", "5 5", "0")), Fraction(0), na_limit=Fraction(2), decimals=-1)
    assert [problem.place for problem in refused.value.problems] == [
        "scale_to",
        "na_limit",
        "decimals",
        "criteria",
        "criteria[1].key",
        "criteria[1].weight",
        "criteria[1].max",
        "criteria[1].step",
    ]


@pytest.mark.parametrize(
    ("rule", "asking"),
    [
        (CommentRule(), []),
        (CommentRule(always=True), [None, 0, 1, 2, 3, 4, 5]),
        (CommentRule(required_below=Fraction(2)), [0, 1]),
        (CommentRule(required_at_most=Fraction(2)), [0, 1, 2]),
        (CommentRule(required_at_most=Fraction(1), required_at_least=Fraction(5)), [0, 1, 5]),
    ],
)
def test_the_comment_rule_asks_on_the_right_marks(rule: CommentRule, asking: list[int | None]) -> None:
    marks = [None, *map(Fraction, range(6))]
    assert [mark for mark in marks if comment_required(criterion(comment=rule), mark)] == asking


def test_the_fingerprint_changes_with_whatever_changes_a_mark_and_with_nothing_else() -> None:
    a, b = criterion("A", "2"), criterion("B", "3.50")
    printed = rubric_fingerprint(grid(a, b))
    assert len(printed) == 64
    assert rubric_fingerprint(grid(criterion("B", "7/2"), a)) == printed
    changed = [
        grid(a, criterion("B", "3.5", step="1/2")),
        grid(a, criterion("B", "3.5", threshold=Fraction(2))),
        grid(a, criterion("B", "3.5", na_allowed=True)),
        grid(a, criterion("B", "3.5", comment=CommentRule(required_below=Fraction(2)))),
        grid(a, criterion("B", "3.5", comment=CommentRule(required_at_most=Fraction(2)))),
        grid(a, criterion("B", "3.4")),
        grid(a, criterion("B2", "3.5")),
        grid(a, b, scale_to="20"),
        grid(a, b, na_limit=Fraction(1, 4)),
    ]
    texts = {rubric_fingerprint(rubric) for rubric in changed} | {rubric_fingerprint(grid(a, b), {"A.label": "Besoin"})}
    assert len(texts | {printed}) == len(changed) + 2
