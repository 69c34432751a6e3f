"""The named rules, on frozen data: which zone decides, which cap applies, what is over, what is missing."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from aap.applications.checks import deciding_zone, judge_annexes, named_rules
from aap.applications.particulars import (
    AnnexTerms,
    Cap,
    FunderFacts,
    LineFacts,
    Particulars,
    PartnerFacts,
    PieceFacts,
    ShareRule,
    SiteFacts,
    Terms,
)
from aap.rules import Outcome, Verdict, evaluate, parse

RATES = {"ZIP_PLUS": Fraction(4, 5), "ZIP": Fraction(3, 4), "ZAC": Fraction(3, 5), "hors_zone": Fraction(3, 5)}
CAPS = (
    Cap("moins de trois sites", parse({"field": "sites.count", "op": "lt", "value": 3}), Decimal(150000)),
    Cap("trois sites et plus", parse({"field": "sites.count", "op": "gte", "value": 3}), Decimal(200000)),
)


def no_reference(ref: str) -> object:
    raise KeyError(ref)


def judge(rule: dict[str, Any], particulars: Particulars, terms: Terms | None = None) -> Verdict:
    named = named_rules(particulars, terms or Terms())
    return evaluate(parse(rule), particulars.values, no_reference, named)


def asking(euros: str, **others: Any) -> Particulars:
    return Particulars(**{"values": {}, "requested_eur": Decimal(euros), **others})


@pytest.mark.parametrize(
    ("sites", "requested", "outcome"),
    [
        (2, "150000.00", Outcome.HELD),
        (2, "150000.01", Outcome.BROKEN),
        (3, "150000.01", Outcome.HELD),
        (3, "200000.01", Outcome.BROKEN),
    ],
)
def test_the_cap_depends_on_the_number_of_sites(sites: int, requested: str, outcome: Outcome) -> None:
    verdict = judge({"rule": "within_cap"}, asking(requested, values={"sites.count": sites}), Terms(caps=CAPS))
    assert verdict.outcome is outcome


def test_the_first_cap_that_holds_applies_and_one_without_condition_is_the_default() -> None:
    caps = (CAPS[0], Cap("tous", None, Decimal(10)))
    verdict = judge({"rule": "within_cap"}, asking("11", values={"sites.count": 5}), Terms(caps=caps))
    assert verdict.outcome is Outcome.BROKEN
    assert verdict.facts["cap_label"] == "tous"


def test_a_cap_is_unknown_as_long_as_its_condition_is() -> None:
    assert judge({"rule": "within_cap"}, asking("1"), Terms(caps=CAPS)).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("sites", "zone"),
    [
        ([("ZIP", 92), ("ZIP", 84), ("ZAC", 70)], "ZIP"),
        ([("ZIP_PLUS", 50), ("ZAC", 50)], "ZIP_PLUS"),  # exactly half
        ([("ZIP_PLUS", 49), ("ZAC", 51)], "ZAC"),
        ([("ZIP_PLUS", 30), ("ZIP", 25), ("hors_zone", 45)], "ZIP"),  # a better zone counts for a lesser one
        ([("ZIP_PLUS", 1), ("hors_zone", 99)], "hors_zone"),
        ([("rural", 10)], "rural"),
    ],
)
def test_the_zone_is_the_best_one_that_holds_half_of_the_capacity(sites: list[tuple[str, int]], zone: str) -> None:
    facts = tuple(SiteFacts(f"Site {number}", code, size) for number, (code, size) in enumerate(sites))
    found, because = deciding_zone(facts, Terms(rates=RATES))
    assert found == zone
    assert "places sur" in because


def test_the_best_zone_of_sites_needs_no_capacity() -> None:
    sites = (SiteFacts("A", "ZAC", None), SiteFacts("B", "ZIP_PLUS", None))
    assert deciding_zone(sites, Terms(rates=RATES, rate_basis="best_zone_of_sites"))[0] == "ZIP_PLUS"


@pytest.mark.parametrize(
    ("sites", "word"),
    [
        ((), "aucun site"),
        ((SiteFacts("Alpha", None, 10),), "Alpha"),
        ((SiteFacts("Bêta", "ZIP", None),), "Bêta"),
        ((SiteFacts("Gamma", "ZIP", 0),), "nulle"),
    ],
)
def test_an_unknown_zone_says_what_is_missing(sites: tuple[SiteFacts, ...], word: str) -> None:
    zone, because = deciding_zone(sites, Terms(rates=RATES))
    assert zone is None
    assert word in because


@pytest.mark.parametrize(("requested", "outcome"), [("75000", Outcome.HELD), ("75000.01", Outcome.BROKEN)])
def test_the_rate_is_compared_exactly(requested: str, outcome: Outcome) -> None:
    particulars = asking(requested, total_expenses=Decimal(100000), sites=(SiteFacts("A", "ZIP", 5),))
    assert judge({"rule": "within_rate"}, particulars, Terms(rates=RATES)).outcome is outcome


def line(key: str, category: str, amount: str, requested: str = "0") -> LineFacts:
    return LineFacts(key, category, f"Dépense {key}", Decimal(amount), Decimal(requested))


def test_every_share_that_is_passed_is_told() -> None:
    particulars = Particulars(
        values={},
        requested_eur=Decimal(100),
        total_expenses=Decimal(200),
        lines=(line("L1", "investissement", "150", "60"), line("L2", "evaluation", "50", "40")),
    )
    shares = (
        ShareRule("investissement", max_of_subsidy=Fraction(2, 5)),
        ShareRule("evaluation", max_of_subsidy=Fraction(2, 5), min_of_total=Fraction(1, 4)),
        ShareRule("formation", min_of_subsidy=Fraction(1, 10)),
    )
    verdict = judge({"rule": "category_shares"}, particulars, Terms(shares=shares))
    assert verdict.outcome is Outcome.BROKEN
    assert len(verdict.clauses) == 2
    assert "Investissement" in verdict.clauses[0]
    assert "Formation" in verdict.clauses[1]


PARTNERS_RULE = {"rule": "partners", "min": 2, "including": ["cpts", "msp"]}


@pytest.mark.parametrize(
    ("categories", "outcome"),
    [
        (["cpts", "dac"], Outcome.HELD),
        (["cpts"], Outcome.BROKEN),
        (["dac", "usagers"], Outcome.BROKEN),
        ([], Outcome.BROKEN),
    ],
)
def test_partners_are_counted_and_one_category_is_asked(categories: list[str], outcome: Outcome) -> None:
    partners = tuple(PartnerFacts(f"P{n}", f"Partenaire {n}", code) for n, code in enumerate(categories))
    assert judge(PARTNERS_RULE, Particulars(values={}, partners=partners)).outcome is outcome


@pytest.mark.parametrize(("amount", "outcome"), [("5000.00", Outcome.BROKEN), ("5000.01", Outcome.HELD)])
def test_a_line_is_over_strictly(amount: str, outcome: Outcome) -> None:
    rule = {"rule": "line_over", "category": "investissement", "amount_eur": 5000}
    particulars = Particulars(values={}, lines=(line("L1", "investissement", amount), line("L2", "rh", "9000")))
    assert judge(rule, particulars).outcome is outcome


ANNEXES = (
    AnnexTerms("A1", "Lettre", required=True),
    AnnexTerms("A2", "Statuts", False, parse({"field": "applicant.type", "op": "eq", "value": "association"})),
    AnnexTerms("A3", "Engagements", required=True, per="partners"),
    AnnexTerms("A4", "Attestations", required=True, per="cofunders"),
    AnnexTerms("A5", "Projet de santé", required=False),
)


def annexes(kind: str | None, *pieces: tuple[str, str]) -> Particulars:
    return Particulars(
        values={"applicant.type": kind},
        partners=(PartnerFacts("P1", "CPTS", "cpts"), PartnerFacts("P2", "MSP", "msp")),
        cofunders=(FunderFacts("F2", "Région"),),
        pieces=tuple(PieceFacts(*piece) for piece in pieces),
    )


def test_annexes_are_asked_of_all_under_a_condition_or_for_each() -> None:
    statuses = {s.key: s for s in judge_annexes(annexes("ehpad", ("A3", "P1")), Terms(annexes=ANNEXES), no_reference)}
    assert [statuses[key].required for key in ("A1", "A2", "A3", "A4", "A5")] == [True, False, True, True, False]
    assert statuses["A3"].missing == ("MSP",)
    assert statuses["A4"].missing == ("Région",)
    assert statuses["A2"].condition == "« applicant.type » est association"


def test_two_letters_of_one_partner_are_not_one_of_each() -> None:
    given = (("A1", ""), ("A3", "P1"), ("A3", "P1"), ("A4", "F2"))
    verdict = judge({"rule": "annexes_complete"}, annexes("ehpad", *given), Terms(annexes=ANNEXES))
    assert verdict.outcome is Outcome.BROKEN
    assert "MSP" in verdict.because


def test_a_condition_that_cannot_be_judged_is_not_taken_for_complete() -> None:
    given = (("A1", ""), ("A3", "P1"), ("A3", "P2"), ("A4", "F2"))
    assert judge({"rule": "annexes_complete"}, annexes(None, *given), Terms(annexes=ANNEXES)).outcome is Outcome.UNKNOWN
    held = judge({"rule": "annexes_complete"}, annexes("ehpad", *given), Terms(annexes=ANNEXES))
    assert held.outcome is Outcome.HELD
