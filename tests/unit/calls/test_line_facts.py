"""The rule of an annex asked for expenses: what it may read of the line it is judged for."""

from __future__ import annotations

import pytest

from aap.calls.document.reading import read_call
from aap.errors import InvalidError
from tests.unit.calls.documents import changed

OVER = "required_if: {rule: line_over, category: investissement, amount_eur: 5000}"
ABOUT = "{field: line.category, op: in, value: [rh, formation]}"


def asking(rule: str, per: str = "per: lines, ") -> bytes:
    return changed((OVER, f"{per}required_if: {rule}"))


def problems(content: bytes) -> dict[str, str]:
    with pytest.raises(InvalidError) as refused:
        read_call(content)
    return {problem.place: problem.message for problem in refused.value.problems}


@pytest.mark.parametrize(
    "rule",
    [
        "{field: line.amount_eur, op: gt, value: 1500.50}",
        f"{{all: [{ABOUT}, {{field: applicant.has_cpom, op: eq, value: true}}]}}",
        "{rule: line_over, category: investissement, amount_eur: 5000}",
    ],
)
def test_a_rule_may_read_the_line_and_the_file(rule: str) -> None:
    body, doubts = read_call(asking(rule))
    assert next(annex for annex in body.annexes if annex.id == "A10").per == "lines"
    assert doubts == ()


@pytest.mark.parametrize(
    ("rule", "place", "said"),
    [
        ("{field: line.amount_eur, op: contains, value: 5}", ".op", "nombre"),
        ("{field: line.amount_eur, op: gt, value: beaucoup}", ".value", "nombre"),
        ("{field: line.colour, op: eq, value: bleu}", ".field", "ni un fait connu"),
    ],
)
def test_a_rule_that_compares_what_cannot_be_is_refused(rule: str, place: str, said: str) -> None:
    assert said in problems(asking(rule))[f"call.annexes[9].required_if{place}"]


def test_a_category_that_no_expense_can_have_is_pointed_at() -> None:
    _, doubts = read_call(asking("{field: line.category, op: eq, value: voyages}"))
    assert any("voyages" in doubt.message for doubt in doubts)


@pytest.mark.parametrize("per", ["", "per: partners, "])
def test_the_line_is_read_nowhere_else(per: str) -> None:
    found = problems(asking("{field: line.amount_eur, op: gt, value: 5000}", per))
    assert "per: lines" in found["call.annexes[9].required_if.field"]
