"""What the browser computes of a budget being typed is what the server computes: the same cases go through both."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

from aap import french
from aap.applications.checks.plan import judge_plan
from aap.applications.checks.plan_limits import Limit, limits_of
from aap.applications.particulars import Cap, Particulars, QuoteTerm, ShareRule, SiteFacts, Terms
from aap.applications.plan import OWN, SUBSIDY, placed
from aap.applications.typed_plan import typed_plan
from aap.rules import parse

SCRIPTS = Path(__file__).resolve().parents[2] / "static" / "js"
CATEGORIES = ("investissement", "rh", "evaluation", "")
NUMBERS = (
    "", "0", "1", "3", "0,5", "1,205", "2,675", "1.005", "12", "72", "1 234,50", "1\u202f234,50 €", "9500", "0,01",
    "33,33", "999999999999", "1000000000000", "1,2345", "abc", "-3", "\u221212,5", "+4", ",5", "5,", "1,500",
    "12’000", "1,2,3", "€", "1e3",
)  # fmt: skip
RULES = """
async cases => {
  const { euros } = await import("/exact.js");
  const { judge, placed, planOf, readLimits, sums } = await import("/funding.js");
  return cases.map(({ limits, lines, funders }) => {
    const plan = planOf(lines, funders);
    const totals = sums(plan);
    return {
      amounts: plan.lines.map(line => line.amount.toString()),
      totals: [totals.expenses, totals.requested, totals.income, totals.subsidy, totals.own].map(euros),
      placed: placed(plan).toString(),
      judged: judge(readLimits(JSON.stringify(limits)), plan).map(one => [one.key, one.outcome, one.sentence]),
    };
  });
}
"""


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    """An empty page beside the modules of the service."""
    page = chromium.new_page()

    def serve(route: Route) -> None:
        name = route.request.url.rpartition("/")[2]
        if not name:
            route.fulfill(body="<!doctype html><title>Essai</title>", content_type="text/html")
        else:
            route.fulfill(body=(SCRIPTS / name).read_text(encoding="utf-8"), content_type="text/javascript")

    page.route("http://aap.test/**", serve)
    page.goto("http://aap.test/")
    yield page
    page.close()


def _limits(dice: random.Random) -> tuple[Limit, ...]:
    """Draw the rules of a call and the sites of a file."""
    few = parse({"field": "sites.count", "op": "lt", "value": 3})
    terms = Terms(
        caps=(
            Cap("moins de trois sites", few, Decimal("150000.10")),
            Cap("autres", None, Decimal(dice.choice((1, 20_000)))),
        ),
        rates={"ZIP": Fraction(3, 4), "ZAC": Fraction(2, 3), "hors_zone": Fraction(1, 3)},
        shares=(
            ShareRule("investissement", max_of_subsidy=Fraction(2, 5), max_of_total=Fraction(1, 7)),
            ShareRule("evaluation", min_of_total=Fraction(3, 100), min_of_subsidy=Fraction(1, 3)),
        ),
        own_share_min=dice.choice((None, Fraction(1, 20))),
        cofunding_required=dice.random() < 0.5,
        quotes=(QuoteTerm("A10", "investissement", Decimal(5000)), QuoteTerm("A11", None, Decimal("999.99"))),
    )
    sites = tuple(
        SiteFacts(f"S{n}", dice.choice(("ZIP", "ZAC", None)), dice.randint(0, 9)) for n in range(dice.randint(0, 4))
    )
    known = {"sites.count": len(sites)} if dice.random() < 0.9 else {}
    return limits_of(Particulars(values=known, sites=sites), terms, lambda ref: ref)


def _case(dice: random.Random) -> tuple[tuple[Limit, ...], list[dict[str, str]], list[dict[str, str]]]:
    def number() -> str:
        return dice.choice(NUMBERS) if dice.random() < 0.6 else f"{dice.randint(0, 60000)},{dice.randint(0, 99):02d}"

    lines = [
        {
            "id": f"L{n:02d}" if dice.random() < 0.9 else "",
            "category": dice.choice(CATEGORIES),
            "label": dice.choice(("", "Chariot", " Poste & « devis » {names} ", "$&")),
            "quantity": number(),
            "unit_price": number(),
            "requested": number(),
            "quote": dice.choice(("", "y")),
            "quote_ref": dice.choice(("", " ", "D-12")),
        }
        for n in range(1, dice.randint(0, 6) + 1)
    ]
    funders = [
        {
            "kind": dice.choice((SUBSIDY, OWN, "cofinancement", "")),
            "amount": number(),
            "earmarked": dice.choice(("", "L01", "L01, L02", "L02;L03 L09", "L03", "L01,L03,L03")),
        }
        for _ in range(dice.randint(0, 5))
    ]
    if dice.random() < 0.2:  # the sums meet
        asked, spent = "1000,10", "4000,40"
        lines = [lines[0] | {"quantity": "1", "unit_price": spent, "requested": asked}] if lines else []
        others = {"kind": OWN, "amount": "3000,30", "earmarked": "L01"}
        funders = [{"kind": SUBSIDY, "amount": asked, "earmarked": ""}, others] if lines else []
    return _limits(dice), lines, funders


def _said_by_the_server(limits: tuple[Limit, ...], lines: Any, funders: Any) -> dict[str, Any]:
    plan = typed_plan(lines, funders)
    sums = (plan.expenses, plan.requested, plan.income, plan.of_kind(SUBSIDY), plan.of_kind(OWN))
    return {
        "amounts": [str(line.amount) for line in plan.lines],
        "totals": [french.euros(Fraction(total, 100)) for total in sums],
        "placed": str(sum(placed(plan).values())),
        "judged": [[one.key, one.outcome.value, one.sentence] for one in judge_plan(limits, plan)],
    }


def _for_the_browser(limits: tuple[Limit, ...], lines: Any, funders: Any) -> dict[str, Any]:
    return {
        "limits": [limit.as_data() for limit in limits],
        "lines": [
            {
                "key": row["id"],
                "category": row["category"],
                "label": row["label"],
                "quantity": row["quantity"],
                "price": row["unit_price"],
                "requested": row["requested"],
                "quoted": bool(row["quote"]),
                "reference": row["quote_ref"],
            }
            for row in lines
        ],
        "funders": funders,
    }


def test_the_browser_and_the_server_agree_to_the_cent_and_to_the_word(page: Page) -> None:
    dice = random.Random(20231106)
    cases = [_case(dice) for _ in range(1500)]
    shown = page.evaluate(RULES, [_for_the_browser(*case) for case in cases])
    seen = set()
    for case, live in zip(cases, shown, strict=True):
        said = _said_by_the_server(*case)
        assert live == said, case
        seen |= {(key.split("-")[0], outcome) for key, outcome, _ in said["judged"]}
    for kind in ("balance", "asked", "cap", "rate", "share", "own", "cofunding", "quotes", "earmarks"):
        assert {"held", "broken"} <= {outcome for one, outcome in seen if one == kind}, kind


def test_a_line_is_rounded_half_up_to_the_cent_with_quantities_to_the_thousandth(page: Page) -> None:
    given = [("1,205", "0,10"), ("0,005", "1"), ("2,675", "1"), ("0,125", "0,04"), ("1,2", "9500"), ("1,0005", "1")]
    lines = [
        {"id": "", "category": "", "label": "", "quantity": quantity, "unit_price": price, "requested": "", "quote": "",
         "quote_ref": ""}
        for quantity, price in given
    ]  # fmt: skip
    expected = [
        "12",
        "1",
        "268",
        "1",
        "1140000",
        "0",
    ]  # 0,1205 → 0,12; half a cent goes up; four decimals are no quantity
    assert [str(line.amount) for line in typed_plan(lines, []).lines] == expected
    assert page.evaluate(RULES, [_for_the_browser((), lines, [])])[0]["amounts"] == expected
