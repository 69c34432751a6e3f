"""What the rules about money say of a budget, at each boundary: to the cent, rounded against whoever is over."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

import pytest

from aap.applications.checks.funding import rate_of
from aap.applications.checks.plan import Judgement, judge_plan
from aap.applications.checks.plan_limits import limits_of
from aap.applications.particulars import Cap, Particulars, QuoteTerm, ShareRule, SiteFacts, Terms
from aap.applications.plan import OWN, SUBSIDY, FundingPlan, PlanFunder, PlanLine
from aap.rules import Outcome

HELD, BROKEN, UNKNOWN = Outcome.HELD, Outcome.BROKEN, Outcome.UNKNOWN
STAFF, KIT = "personnel", "equipement"


def line(amount: int, requested: int = 0, category: str = STAFF, *, key: str = "L01", quoted: bool = False) -> PlanLine:
    """An expense, in cents."""
    return PlanLine(key, f"Dépense {key}", category, amount, requested, quoted)


def funder(amount: int, kind: str = "autre", *earmarks: str) -> PlanFunder:
    """An income, in cents."""
    return PlanFunder("Financeur", kind, amount, earmarks)


def plan(lines: Iterable[PlanLine], funders: Iterable[PlanFunder] = ()) -> FundingPlan:
    return FundingPlan(tuple(lines), tuple(funders))


def no_reference(ref: str) -> object:
    raise KeyError(ref)


def judged(found: FundingPlan, terms: Terms, key: str, sites: tuple[SiteFacts, ...] = ()) -> Judgement:
    """Return what one rule says of a budget."""
    (said,) = [one for one in judge_plan(limits_of(_particulars(sites), terms, no_reference), found) if one.key == key]
    return said


def _particulars(sites: tuple[SiteFacts, ...]) -> Particulars:
    return Particulars(values={}, sites=sites)


def told(judgement: Judgement) -> str:
    """Return its sentence with plain spaces."""
    return " ".join(judgement.sentence.split())


@pytest.mark.parametrize(
    ("income", "outcome", "said"),
    [(10_000, HELD, ""), (9_999, BROKEN, "Il manque 0,01 €"), (10_001, BROKEN, "dépassent les dépenses de 0,01 €")],
)
def test_expenses_equal_income_to_the_cent(income: int, outcome: Outcome, said: str) -> None:
    found = judged(plan([line(10_000)], [funder(income)]), Terms(), "balance")
    assert found.outcome is outcome
    assert said in told(found)


@pytest.mark.parametrize(("subsidy", "outcome"), [(5_000, HELD), (4_999, BROKEN), (5_001, BROKEN)])
def test_the_subsidy_of_the_plan_is_what_the_lines_ask(subsidy: int, outcome: Outcome) -> None:
    found = plan([line(10_000, 5_000)], [funder(subsidy, SUBSIDY), funder(5_000)])
    assert judged(found, Terms(), "asked").outcome is outcome


@pytest.mark.parametrize(
    ("requested", "outcome", "over"), [(15_000_000, HELD, ""), (15_000_001, BROKEN, "0,01 € de plus")]
)
def test_the_cap_is_reached_and_passed_by_a_cent(requested: int, outcome: Outcome, over: str) -> None:
    found = judged(plan([line(20_000_000, requested)]), Terms(caps=(Cap("tous", None, Decimal(150000)),)), "cap")
    assert found.outcome is outcome
    assert over in told(found)


@pytest.mark.parametrize(
    ("requested", "outcome", "over"),
    # Two thirds of 100.00 € are 66.666…: 66.66 holds, 66.67 passes it by a third of a cent, told as one cent.
    [(6_666, HELD, ""), (6_667, BROKEN, "0,01 € de plus")],
)
def test_the_rate_is_exact_and_the_excess_rounded_up(requested: int, outcome: Outcome, over: str) -> None:
    terms = Terms(rates={"ZIP": Fraction(2, 3)}, rate_basis="best_zone_of_sites")
    site = SiteFacts(name="Site", zone="ZIP", capacity=10)
    found = judged(plan([line(10_000, requested)]), terms, "rate", (site,))
    assert found.outcome is outcome
    assert over in told(found)


def test_a_zone_the_call_does_not_list_has_the_rate_out_of_zone_or_none() -> None:
    rates = {"ZIP": Fraction(4, 5), "hors_zone": Fraction(1, 2)}
    assert rate_of("ZAC", Terms(rates=rates)) == Fraction(1, 2)
    assert rate_of("ZAC", Terms(rates={"ZIP": Fraction(4, 5)})) == 0


@pytest.mark.parametrize(
    ("rule", "spent", "outcome", "gap"),
    [
        (ShareRule(KIT, max_of_total=Fraction(1, 3)), 3_333, HELD, ""),
        (ShareRule(KIT, max_of_total=Fraction(1, 3)), 3_334, BROKEN, "0,01 € au-delà"),
        (ShareRule(KIT, min_of_total=Fraction(1, 3)), 3_334, HELD, ""),
        (ShareRule(KIT, min_of_total=Fraction(1, 3)), 3_333, BROKEN, "0,01 € en dessous"),
    ],
)
def test_the_share_of_a_category_at_its_limit(rule: ShareRule, spent: int, outcome: Outcome, gap: str) -> None:
    lines = [line(spent, category=KIT), line(10_000 - spent, key="L02")]
    key = f"share-{KIT}-{'max' if rule.max_of_total else 'min'}-of-total"
    found = judged(plan(lines), Terms(shares=(rule,)), key)
    assert found.outcome is outcome
    assert gap in told(found)


@pytest.mark.parametrize(
    ("own", "outcome", "gap"), [(3_334, HELD, ""), (3_333, BROKEN, "il manque 0,01 €"), (0, BROKEN, "33,34 €")]
)
def test_the_own_share_counts_own_money_only(own: int, outcome: Outcome, gap: str) -> None:
    """A third of 100.00 €: the other funders, however generous, are not the applicant's own money."""
    found = plan([line(10_000, 2_000)], [funder(2_000, SUBSIDY), funder(own, OWN), funder(8_000 - own)])
    said = judged(found, Terms(own_share_min=Fraction(1, 3)), "own")
    assert said.outcome is outcome
    assert gap in told(said)


@pytest.mark.parametrize(("others", "outcome"), [(1, HELD), (0, BROKEN)])
def test_cofunding_is_any_money_but_the_subsidy(others: int, outcome: Outcome) -> None:
    found = plan([line(10_000, 10_000 - others)], [funder(10_000 - others, SUBSIDY), funder(others)])
    assert judged(found, Terms(cofunding_required=True), "cofunding").outcome is outcome


@pytest.mark.parametrize(
    ("amount", "quoted", "outcome"),
    [(100_000, False, HELD), (100_001, False, BROKEN), (100_001, True, HELD)],
)
def test_a_quote_is_asked_above_its_amount_not_at_it(amount: int, outcome: Outcome, *, quoted: bool) -> None:
    terms = Terms(quotes=(QuoteTerm("A05", KIT, Decimal(1000)),))
    lines = [line(amount, category=KIT, quoted=quoted), line(500_000, key="L02")]  # another category asks none
    assert judged(plan(lines), terms, "quotes-A05").outcome is outcome


def test_earmarked_money_fits_in_what_the_agency_does_not_pay() -> None:
    lines = [line(10_000, 4_000), line(5_000, 0, KIT, key="L02")]
    fits = plan(lines, [funder(6_000, "autre", "L01")])
    assert judged(fits, Terms(), "earmarks").outcome is HELD
    over = judged(plan(lines, [funder(6_001, "autre", "L01")]), Terms(), "earmarks")
    assert over.outcome is BROKEN
    assert "dont 0,01 € de trop" in told(over)
    spread = plan(lines, [funder(6_000, "autre", "L01", "L02"), funder(5_000, "autre", "L01")])
    assert judged(spread, Terms(), "earmarks").outcome is HELD  # the first yields its place to the second


def test_a_negative_income_never_hides_earmarked_money_that_does_not_fit() -> None:
    lines = [line(10_000, 4_000)]
    funders = [funder(6_001, "autre", "L01"), funder(-1, "autre", "L01")]
    assert judged(plan(lines, funders), Terms(), "earmarks").outcome is BROKEN


def test_an_empty_budget_is_to_be_completed_not_wrong() -> None:
    terms = Terms(caps=(Cap("tous", None, Decimal(150000)),), own_share_min=Fraction(1, 3), cofunding_required=True)
    empty = FundingPlan()
    outcomes = {key: judged(empty, terms, key).outcome for key in ("balance", "asked", "cap", "own", "cofunding")}
    assert set(outcomes.values()) == {UNKNOWN}
