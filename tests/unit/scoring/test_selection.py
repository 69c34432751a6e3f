"""The selection against every possible one, on small portfolios: who is funded, why not, and what is missing."""

from __future__ import annotations

import itertools
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aap.errors import InvalidError
from aap.scoring.selection import oracle
from aap.scoring.selection.portfolio import Candidate, Measure, Portfolio, Quota, Strand, levels
from aap.scoring.selection.walk import Reason, Refusal, Selection, select

NUMBER, AMOUNT = Measure.NUMBER, Measure.AMOUNT
Choice = dict[str, Decimal]


def used(portfolio: Portfolio, choice: Choice, quota: Quota) -> Decimal:
    members = [each for each in portfolio.candidates if each.ref in choice and quota.name in each.quotas]
    return sum((choice[each.ref] if quota.measure is AMOUNT else Decimal(1) for each in members), Decimal(0))


def under_caps(portfolio: Portfolio, choice: Choice) -> bool:
    for strand in portfolio.strands:
        spent = sum(choice.get(each.ref, 0) for each in portfolio.candidates if each.strand == strand.name)
        if spent > strand.envelope + strand.may_receive:
            return False
    return all(quota.maximum is None or used(portfolio, choice, quota) <= quota.maximum for quota in portfolio.quotas)


def meets(portfolio: Portfolio, choice: Choice, waived: tuple[str, ...] = ()) -> bool:
    return all(
        used(portfolio, choice, quota) >= (quota.minimum or 0) for quota in portfolio.quotas if quota.name not in waived
    )


def completions(portfolio: Portfolio, choice: Choice, start: int) -> list[Choice]:
    """Every way of going on from a candidate, whatever it costs, under the caps."""
    later = [[None, *candidate.amounts] for candidate in portfolio.candidates[start:]]
    refs = [candidate.ref for candidate in portfolio.candidates[start:]]
    ways = []
    for amounts in itertools.product(*later):
        more = {ref: amount for ref, amount in zip(refs, amounts, strict=True) if amount is not None}
        if under_caps(portfolio, {**choice, **more}):
            ways.append({**choice, **more})
    return ways


def total(choice: Choice) -> Decimal:
    return sum(choice.values(), Decimal(0))


def by_hand(portfolio: Portfolio) -> tuple[Choice, dict[str, Refusal]] | None:
    """Walk the ranking with the definition itself; refusals carry the smallest waiver's size in ``quotas``."""
    chosen: Choice = {}
    refusals: dict[str, Refusal] = {}

    def open_(choice: Choice, start: int, waived: tuple[str, ...] = ()) -> bool:
        return any(
            total(way) <= portfolio.envelope and meets(portfolio, way, waived)
            for way in completions(portfolio, choice, start)
        )

    if not open_({}, 0):
        return None
    for start, candidate in enumerate(portfolio.candidates, 1):
        for amount in candidate.amounts:
            kept = {**chosen, candidate.ref: amount}
            full = tuple(
                quota.name
                for quota in portfolio.quotas
                if quota.maximum is not None and used(portfolio, kept, quota) > quota.maximum
            )
            over = [total(kept) - portfolio.envelope]
            for strand in portfolio.strands:
                spent = sum(
                    kept.get(each.ref, Decimal(0)) for each in portfolio.candidates if each.strand == strand.name
                )
                over.append(spent - strand.envelope - strand.may_receive)
            if full:
                refusals[candidate.ref] = Refusal(candidate.ref, Reason.MAXIMUM, quotas=full)
            elif max(over) > 0:
                refusals[candidate.ref] = Refusal(candidate.ref, Reason.ENVELOPE, missing=max(over))
            elif open_(kept, start):
                chosen = kept
                refusals.pop(candidate.ref, None)
                break
            else:
                costs = [total(way) for way in completions(portfolio, kept, start) if meets(portfolio, way)]
                missing = min(costs) - portfolio.envelope if costs else None
                names = [quota.name for quota in portfolio.quotas]
                size = next(
                    size
                    for size in range(1, len(names) + 1)
                    if any(open_(kept, start, waived) for waived in itertools.combinations(names, size))
                )
                refusals[candidate.ref] = Refusal(candidate.ref, Reason.MINIMA, missing, ("?",) * size)
    return chosen, refusals


@st.composite
def portfolios(draw: st.DrawFn, *, partial: bool = False) -> Portfolio:
    count = draw(st.integers(1, 4 if partial else 7))
    names = [f"q{index}" for index in range(draw(st.integers(0, 3)))]
    cents = st.sampled_from(["0", "10", "10", "20", "30.01", "0.01", "100000.55", "35"])
    strands: tuple[Strand, ...] = ()
    if partial and draw(st.booleans()):
        strands = (Strand("s0", Decimal(draw(st.integers(0, 60)))), Strand("s1", Decimal(30), Decimal(20)))
    candidates = []
    for index in range(count):
        requested = Decimal(draw(cents))
        amounts: tuple[Decimal, ...] = (requested,)
        if partial:
            amounts = levels(requested, (Decimal("0.8"), Decimal("0.5")), Decimal(draw(st.sampled_from(["0", "8"]))))
        members = frozenset(draw(st.sets(st.sampled_from(names)))) if names else frozenset()
        strand = draw(st.sampled_from(["s0", "s1"])) if strands else None
        candidates.append(Candidate(f"D{index}", amounts, members, strand))
    quotas = []
    for name in names:
        measure = draw(st.sampled_from(Measure))
        unit = 1 if measure is NUMBER else 15
        low = draw(st.none() | st.integers(0, 3))
        more = draw(st.none() | st.integers(0, 3))
        high = None if more is None else Decimal(unit * ((low or 0) + more))
        quotas.append(Quota(name, measure, None if low is None else Decimal(unit * low), high))
    envelope = Decimal(draw(st.integers(0, 130))) + Decimal(draw(st.sampled_from(["0", "0.01", "0.02"])))
    return Portfolio(tuple(candidates), envelope, tuple(quotas), strands)


def compare(portfolio: Portfolio) -> None:
    expected = by_hand(portfolio)
    if expected is None:
        with pytest.raises(InvalidError) as refused:
            select(portfolio)
        assert refused.value.code == "minima-inaccessibles"
        return
    found = select(portfolio)
    chosen, refusals = expected
    assert {grant.ref: grant.amount for grant in found.grants} == chosen
    assert found.spent == total(chosen)
    assert [refusal.ref for refusal in found.refusals] == list(refusals)
    for refusal in found.refusals:
        wanted = refusals[refusal.ref]
        assert (refusal.reason, refusal.missing) == (wanted.reason, wanted.missing)
        if refusal.reason is Reason.MINIMA:
            assert len(refusal.quotas) == len(wanted.quotas)
            assert admitted_without(portfolio, found, refusal)
        else:
            assert refusal.quotas == wanted.quotas


def admitted_without(portfolio: Portfolio, found: Selection, refusal: Refusal) -> bool:
    """Tell whether waiving exactly the quotas that are named lets the refused one in."""
    place = [candidate.ref for candidate in portfolio.candidates].index(refusal.ref)
    before = {each.ref for each in portfolio.candidates[:place]}
    kept = {grant.ref: grant.amount for grant in found.grants if grant.ref in before}
    kept[refusal.ref] = portfolio.candidates[place].amounts[-1]
    return any(
        total(way) <= portfolio.envelope and meets(portfolio, way, refusal.quotas)
        for way in completions(portfolio, kept, place + 1)
    )


@given(portfolios())
@settings(max_examples=250, deadline=None)
@example(Portfolio((), Decimal(0)))
def test_the_walk_is_the_definition(portfolio: Portfolio) -> None:
    compare(portfolio)


@given(portfolios(partial=True))
@settings(max_examples=120, deadline=None)
def test_the_walk_with_levels_and_strands_is_the_definition(portfolio: Portfolio) -> None:
    compare(portfolio)


@given(portfolios())
@settings(max_examples=120, deadline=None)
def test_a_large_portfolio_is_decided_the_same_and_explained_by_what_is_enough(portfolio: Portfolio) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(oracle, "EXACT_SIZE", -1)
        expected = by_hand(portfolio)
        if expected is None:
            return
        found = select(portfolio)
    chosen, refusals = expected
    assert {grant.ref: grant.amount for grant in found.grants} == chosen
    for refusal in found.refusals:
        wanted = refusals[refusal.ref]
        assert refusal.reason is wanted.reason
        assert (refusal.missing is None) == (wanted.missing is None)
        if refusal.reason is Reason.MINIMA:
            assert (refusal.missing or 0) >= (wanted.missing or 0)
            assert admitted_without(portfolio, found, refusal)


def portfolio(envelope: int, *rows: tuple[int, str], **quotas: tuple[Measure, int | None, int | None]) -> Portfolio:
    return Portfolio(
        tuple(
            Candidate(f"D{index}", (Decimal(amount),), frozenset(names.split()))
            for index, (amount, names) in enumerate(rows, 1)
        ),
        Decimal(envelope),
        tuple(
            Quota(name, measure, None if low is None else Decimal(low), None if high is None else Decimal(high))
            for name, (measure, low, high) in quotas.items()
        ),
    )


def test_the_first_ranked_is_not_sold_for_two_cheap_ones() -> None:
    found = select(portfolio(100, (100, ""), (50, ""), (50, "")))
    assert [grant.ref for grant in found.grants] == ["D1"]
    assert [(refusal.reason, refusal.missing) for refusal in found.refusals] == [(Reason.ENVELOPE, Decimal(50))] * 2


def test_a_refusal_says_how_much_is_missing_and_which_minimum_stands_in_the_way() -> None:
    found = select(portfolio(100, (60, ""), (40, ""), (50, "rural"), rural=(NUMBER, 1, None)))
    assert [grant.ref for grant in found.grants] == ["D2", "D3"]
    assert found.refusals == (Refusal("D1", Reason.MINIMA, Decimal(10), ("rural",)),)


def test_a_full_cap_comes_before_the_envelope() -> None:
    found = select(portfolio(100, (60, "asso"), (60, "asso"), asso=(NUMBER, None, 1)))
    assert found.refusals == (Refusal("D2", Reason.MAXIMUM, None, ("asso",)),)


def test_a_cap_against_a_minimum_has_no_price() -> None:
    found = select(portfolio(900, (10, "a"), (10, "a b"), a=(NUMBER, None, 1), b=(NUMBER, 1, None)))
    assert found.refusals == (Refusal("D1", Reason.MINIMA, None, ("b",)),)


def test_minima_out_of_reach_are_named() -> None:
    with pytest.raises(InvalidError, match="le minimum de « b »"):
        select(portfolio(900, (10, "a"), (10, "b"), a=(NUMBER, 1, None), b=(NUMBER, 2, None)))
    with pytest.raises(InvalidError, match="ensemble les minima de « a », « b »"):
        select(portfolio(15, (10, "a"), (10, "b"), (1, "c"), a=(NUMBER, 1, 1), b=(NUMBER, 1, 1), c=(NUMBER, 1, 1)))


def test_a_lower_level_is_tried_and_never_below_what_is_viable() -> None:
    amounts = levels(Decimal(100), (Decimal("0.8"), Decimal("0.6")), Decimal(70))
    assert amounts == (Decimal(100), Decimal(80))
    asked = (Candidate("D1", amounts), Candidate("D2", amounts), Candidate("D3", (Decimal(20),)))
    found = select(Portfolio(asked, Decimal(180)))
    assert [(grant.ref, grant.amount, grant.whole) for grant in found.grants] == [
        ("D1", Decimal(100), True),
        ("D2", Decimal(80), False),
    ]


def test_a_strand_takes_from_the_others_only_what_the_jury_allows() -> None:
    asked = tuple(Candidate(f"D{index}", (Decimal(40),), strand="ville") for index in range(3))
    for received, funded in ((0, 1), (20, 2), (60, 2)):
        strands = (Strand("ville", Decimal(60), Decimal(received)), Strand("rural", Decimal(40)))
        found = select(Portfolio(asked, Decimal(100), strands=strands))
        assert len(found.grants) == funded
        assert {refusal.reason for refusal in found.refusals} == {Reason.ENVELOPE}
