"""Texts sort exactly as the ranking does, whatever the fractions."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import groupby, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aap.scoring.aggregation import FactOrder, RankingRules
from aap.scoring.order_text import FINEST, LARGEST, order_text, read_separation, steps, write_values
from aap.scoring.ranking import Contender, order
from aap.scoring.ties import separation

RULES = RankingRules(tie_break=("C1",), facts=(FactOrder("asked"), FactOrder("people", descending=True)))
values = st.fractions(-3, 20, max_denominator=10**12) | st.sampled_from([Fraction(0), Fraction(1, 3), Fraction(7)])
maybe = st.none() | values


@st.composite
def contenders(draw: st.DrawFn) -> list[Contender]:
    return [
        Contender(f"r{index}", draw(values), {"C1": draw(maybe)}, {"asked": draw(maybe), "people": draw(maybe)})
        for index in range(draw(st.integers(1, 8)))
    ]


@given(contenders())
def test_sorting_the_texts_gives_the_ranking(rows: list[Contender]) -> None:
    texts = sorted((order_text(steps(row, RULES)) or "", row.ref) for row in rows)
    groups = [{ref for _, ref in group} for _, group in groupby(texts, key=lambda pair: pair[0])]
    assert groups == [set(place.refs) for place in order(rows, RULES)]
    assert len({len(text) for text, _ in texts}) == 1
    assert all(text.isdigit() for text, _ in texts)


@given(contenders(), st.none() | st.just("graine"))
def test_what_separates_two_files_is_read_back_from_their_values(rows: list[Contender], seed: str | None) -> None:
    rules = replace(RULES, draw_seed=seed)
    for above, below in pairwise(rows):
        written = [(row.ref, write_values(steps(row, rules))) for row in (above, below)]
        assert read_separation(written[0], written[1], rules) == separation(above, below, rules)


def test_two_neighbours_as_fine_as_admitted_are_told_apart() -> None:
    low, high = Fraction(1, FINEST - 1), Fraction(1, FINEST - 2)
    first, second = order_text([(high, True)]), order_text([(low, True)])
    assert first is not None
    assert second is not None
    assert first < second


@pytest.mark.parametrize("value", [Fraction(1, FINEST), Fraction(LARGEST), Fraction(-LARGEST)])
def test_what_cannot_be_told_apart_has_no_text(value: Fraction) -> None:
    assert order_text([(Fraction(1), True), (value, False)]) is None
