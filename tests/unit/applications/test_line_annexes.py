"""Annexes asked for expenses: judged line by line, by the rule that the call gives."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from aap.applications.checks import AnnexStatus, judge_annexes, named_rules
from aap.applications.particulars import AnnexTerms, LineFacts, Particulars, PieceFacts, Terms
from aap.rules import Outcome, evaluate, parse

LINES = (
    LineFacts("L01", "investissement", "Chariots", Decimal(28500), Decimal(13500)),
    LineFacts("L02", "investissement", "Câbles", Decimal(5000), Decimal(0)),
    LineFacts("L03", "rh", "Infirmier", Decimal(55200), Decimal(55200)),
)
OVER = {"rule": "line_over", "category": "investissement", "amount_eur": 5000}


def no_reference(ref: str) -> object:
    raise KeyError(ref)


def judged(rule: dict[str, Any] | None, *pieces: str, required: bool = False, sites: int = 2) -> AnnexStatus:
    condition = None if rule is None else parse(rule)
    annex = AnnexTerms("A10", "Devis", required, condition, "lines")
    given = tuple(PieceFacts("A10", subject) for subject in pieces)
    particulars = Particulars(values={"sites.count": sites}, lines=LINES, pieces=given)
    return judge_annexes(particulars, Terms(annexes=(annex,)), no_reference)[0]


def asked(status: AnnexStatus) -> list[str]:
    return [slot.subject for slot in status.slots if slot.required]


def test_a_named_rule_reads_each_line_alone() -> None:
    status = judged(OVER)
    assert asked(status) == ["L01"]  # neither the line at the amount itself nor the dear one of another category
    assert status.missing == ("Chariots (L01)",)
    assert status.required is True
    assert status.because == "pour 1\u00a0dépense sur 3"
    assert "28\u202f500" in status.slots[0].because


def test_a_file_for_another_line_does_not_answer() -> None:
    assert judged(OVER, "L02", "L03").missing == ("Chariots (L01)",)
    assert judged(OVER, "L01").missing == ()
    assert [slot.count for slot in judged(OVER, "L01", "L01", "L03").slots] == [2, 0, 1]


def test_the_facts_of_the_line_may_be_compared_with_those_of_the_file() -> None:
    dear = {"field": "line.amount_eur", "op": "gte", "value": 5000}
    kind = {"field": "line.category", "op": "in", "value": ["investissement", "formation"]}
    many = {"field": "sites.count", "op": "gte", "value": 2}
    assert asked(judged({"all": [dear, kind, many]})) == ["L01", "L02"]
    assert asked(judged({"all": [dear, kind, many]}, sites=1)) == []
    assert asked(judged({"field": "line.requested_eur", "op": "gt", "value": 0})) == ["L01", "L03"]


def test_no_line_that_asks_leaves_the_annex_optional() -> None:
    status = judged({"rule": "line_over", "category": "formation", "amount_eur": 1})
    assert (status.required, status.missing) == (False, ())
    assert "aucune dépense ne remplit la condition" in status.because


def test_an_annex_asked_without_condition_is_for_every_line() -> None:
    assert asked(judged(None, required=True)) == ["L01", "L02", "L03"]
    assert asked(judged(None)) == []


def test_what_cannot_be_judged_yet_is_said_so() -> None:
    status = judged({"field": "sites.zone", "op": "intersects", "value": ["ZIP"]}, "L01")
    assert (status.required, status.missing) == (None, ())


def test_the_condition_on_pieces_names_the_lines_that_lack_theirs() -> None:
    annex = AnnexTerms("A10", "Devis", required=False, condition=parse(OVER), per="lines")
    particulars = Particulars(values={}, lines=LINES)
    terms = Terms(annexes=(annex,))
    verdict = evaluate(parse({"rule": "annexes_complete"}), {}, no_reference, named_rules(particulars, terms))
    assert verdict.outcome is Outcome.BROKEN
    assert verdict.clauses == ("la pièce « Devis » manque pour Chariots (L01)",)
