"""Selections whose minima leave almost nothing to choose, against every possible one; and the bounds that decide."""

from __future__ import annotations

import itertools
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aap.scoring.selection import oracle
from aap.scoring.selection.attainable import next_sum
from aap.scoring.selection.bounds import Narrowing, bound, whole_prices
from aap.scoring.selection.limits import Place, build
from aap.scoring.selection.portfolio import Candidate, Measure, Portfolio, Quota
from aap.scoring.selection.walk import Selection, select

AMOUNTS = ["7", "10", "10", "12.50", "19.99", "20", "31.02", "0.01", "100000.55"]


@st.composite
def tight_portfolios(draw: st.DrawFn, most: int = 9) -> Portfolio:
    """Minima that one chosen set just meets, and hardly more money than that set costs."""
    count = draw(st.integers(3, most))
    names = [f"q{index}" for index in range(draw(st.integers(1, 4)))]
    amounts = [Decimal(draw(st.sampled_from(AMOUNTS))) for _ in range(count)]
    members = [frozenset(draw(st.sets(st.sampled_from(names)))) for _ in range(count)]
    chosen = draw(st.sets(st.integers(0, count - 1), min_size=1))
    quotas = []
    for name in names:
        measure = draw(st.sampled_from(Measure))
        held = [index for index in chosen if name in members[index]]
        reached = Decimal(len(held)) if measure is Measure.NUMBER else sum((amounts[i] for i in held), Decimal(0))
        less = Decimal(draw(st.sampled_from(["0", "0", "1"] if measure is Measure.NUMBER else ["0", "0.01", "3"])))
        more = draw(st.sampled_from([None, None, Decimal(0), Decimal(1)]))
        quotas.append(Quota(name, measure, max(reached - less, Decimal(0)), None if more is None else reached + more))
    spare = Decimal(draw(st.sampled_from(["0", "0", "0.01", "5", "12"])))
    envelope = sum((amounts[index] for index in chosen), Decimal(0)) + spare
    candidates = [Candidate(f"D{i}", (amounts[i],), members[i]) for i in range(count)]
    return Portfolio(tuple(candidates), envelope, tuple(quotas))


def feasible(portfolio: Portfolio) -> list[tuple[bool, ...]]:
    """Every choice that meets every limit, one flag per candidate in rank order."""
    limits = build(portfolio)
    choices = np.array(list(itertools.product((True, False), repeat=len(portfolio.candidates))))
    used, spent = choices @ limits.use.T, choices @ limits.amount
    fits = (used >= limits.low).all(axis=1) & (used <= limits.high).all(axis=1)
    return [tuple(row) for row in choices[fits & (spent <= int(portfolio.envelope * 100))].tolist()]


def funded(portfolio: Portfolio, found: Selection) -> tuple[bool, ...]:
    refs = {grant.ref for grant in found.grants}
    return tuple(candidate.ref in refs for candidate in portfolio.candidates)


@given(tight_portfolios(), st.sampled_from([-1, 3_000]))
@settings(max_examples=120, deadline=None)
def test_of_all_sets_that_meet_tight_minima_the_first_in_rank_order_is_funded(
    portfolio: Portfolio, exact_size: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(oracle, "EXACT_SIZE", exact_size)
        found = select(portfolio)
    assert funded(portfolio, found) == max(feasible(portfolio))
    assert found.spent == sum((grant.amount for grant in found.grants), Decimal(0)) <= portfolio.envelope


@given(tight_portfolios(12))
@settings(max_examples=40, deadline=None)
def test_a_minimum_that_is_out_of_reach_by_one_cent_is_not_met(portfolio: Portfolio) -> None:
    """The last cent decides: with one less in the envelope, the walk still finds the first of what is left."""
    cheapest = min(
        sum(
            (c.amounts[0] for c, kept in zip(portfolio.candidates, choice, strict=True) if kept),
            Decimal(0),
        )
        for choice in feasible(portfolio)
    )
    exactly = Portfolio(portfolio.candidates, cheapest, portfolio.quotas)
    assert funded(exactly, select(exactly)) == max(feasible(exactly))


@given(
    tight_portfolios(8),
    st.lists(st.floats(0, 5), min_size=8, max_size=8),
    st.integers(0, 3),
)
@settings(max_examples=100, deadline=None)
def test_no_completion_is_cheaper_than_a_bound_whatever_the_prices(
    portfolio: Portfolio, prices: list[float], first: int
) -> None:
    limits = build(portfolio)
    rows = len(limits.low)
    place = Place(limits.low, limits.high, 2**50, min(first, len(limits.amount)))
    later = range(place.first, len(limits.amount))
    costs = []
    for size in range(len(later) + 1):
        for chosen in itertools.combinations(later, size):
            taken = limits.use[:, list(chosen)].sum(axis=1)
            if (taken >= limits.low).all() and (taken <= limits.high).all():
                costs.append(int(limits.amount[list(chosen)].sum()))
    narrow = Narrowing(limits).at(place)
    if narrow is None:
        assert not costs
        return
    high = np.where(limits.high < 2**60, np.array(prices[4 : 4 + rows]), 0.0)
    found = bound(limits, narrow, whole_prices(limits, np.array(prices[:rows]), high))
    for cost in costs:
        assert not found.passes(cost)


@given(st.lists(st.integers(0, 400), max_size=18), st.integers(1, 2000), st.sampled_from([1, 100]))
@settings(max_examples=100, deadline=None)
def test_the_next_sum_is_the_least_that_reaches(amounts: list[int], asked: int, unit: int) -> None:
    reachable = {0}
    for amount in amounts:
        reachable |= {each + amount * unit for each in reachable}
    expected = min((each for each in reachable if each >= asked), default=None)
    assert next_sum(np.array([amount * unit for amount in amounts], dtype=np.int64), asked) == expected


def test_sums_that_are_too_many_are_not_written_down() -> None:
    many = np.arange(10_000_001, 10_000_061, dtype=np.int64)
    assert next_sum(many, 5) == 5
    assert next_sum(many, int(many.sum()) + 1) is None


def test_one_huge_request_does_not_drown_the_cents_of_the_others() -> None:
    rows = [("100000.55", ""), ("20", "q"), ("7", "q"), ("19.99", "q"), ("7", ""), ("7", ""), ("7", "")]
    candidates = tuple(Candidate(f"D{i}", (Decimal(a),), frozenset(q)) for i, (a, q) in enumerate(rows))
    found = select(Portfolio(candidates, Decimal(20), (Quota("q", Measure.AMOUNT, Decimal(20), None),)))
    assert [grant.ref for grant in found.grants] == ["D1"]
