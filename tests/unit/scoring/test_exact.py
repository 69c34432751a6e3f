"""Exact numbers in and out."""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aap.errors import InvalidError
from aap.scoring.exact import exact, in_words, ratio, rounded, shown


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        ("71/5", 2, "14.20"),
        ("230/3", 2, "76.67"),
        ("12", 2, "12.00"),
        ("1/8", 2, "0.13"),
        ("0.125", 2, "0.13"),
        ("2.675", 2, "2.68"),  # a float would say 2.67
        ("1.005", 2, "1.01"),
        ("5/2", 0, "3"),
        ("0", 2, "0.00"),
        ("0.004", 2, "0.00"),
        ("-0.004", 2, "0.00"),
        ("-1/8", 2, "-0.13"),
        ("99.995", 2, "100.00"),
    ],
)
def test_display_rounds_half_up_with_all_its_decimals(value: str, decimals: int, text: str) -> None:
    assert shown(exact(value), decimals) == text


def test_display_does_not_depend_on_the_decimal_context() -> None:
    with localcontext() as context:
        context.prec = 3
        assert shown(exact("123456789.125")) == "123456789.13"


def test_a_ratio_always_has_its_denominator() -> None:
    assert [ratio(Fraction(71, 5)), ratio(Fraction(12)), ratio(Fraction(0))] == ["71/5", "12/1", "0/1"]


@given(st.fractions())
def test_a_stored_ratio_is_read_back_unchanged(value: Fraction) -> None:
    assert exact(ratio(value)) == value


@given(st.fractions(max_denominator=10**6), st.integers(0, 6))
def test_rounding_moves_by_half_a_unit_at_most(value: Fraction, decimals: int) -> None:
    gap = abs(Fraction(rounded(value, decimals)) - value)
    assert 2 * gap <= Fraction(1, 10**decimals)


@pytest.mark.parametrize(
    ("value", "text"), [("3.50", "3,5"), ("1/3", "1/3"), ("10", "10"), ("1/8", "0,125"), (".1", "0,1"), ("2.", "2")]
)
def test_sentences_write_exact_values(value: str, text: str) -> None:
    assert in_words(exact(value)) == text


@pytest.mark.parametrize("text", ["", "1e5", "1.2.3", "1/2/3", "0x10", "1 000", "inf", "9" * 2000, "3/0", "½"])
def test_a_text_that_is_no_number_is_refused_on_its_place(text: str) -> None:
    with pytest.raises(InvalidError) as refused:
        exact(text, "criteria[0].weight")
    assert refused.value.problems[0].place == "criteria[0].weight"


@pytest.mark.parametrize("value", [0.5, True, None, b"1"])
def test_what_is_not_exact_is_a_programming_error(value: object) -> None:
    with pytest.raises(TypeError):
        exact(value)


def test_a_float_is_never_shown() -> None:
    inexact: Any = 0.5
    for write in (ratio, shown, in_words):
        with pytest.raises(TypeError):
            write(inexact)


def test_a_decimal_keeps_every_digit() -> None:
    assert exact(Decimal("0.1")) == Fraction(1, 10)
