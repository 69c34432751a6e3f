"""The application of the example: every verdict, total and annex as its document says."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from aap import french
from aap.applications.models import Application, CheckOutcome
from aap.applications.service import list_obstacles
from aap.applications.verdicts import evaluate_eligibility, get_progress, list_annexes
from tests.integration.applications.case import DEPOSITED, example

pytestmark = pytest.mark.sqlite


def test_totals_are_those_of_the_example(case: Application) -> None:
    totals = example("application.yaml")["application"]["budget"]["totals"]
    assert case.total_expenses == Decimal(totals["expenses"])
    assert case.total_income == Decimal(totals["income"])
    assert case.requested_eur == Decimal(totals["requested"])
    rate = Fraction(case.requested_eur) / Fraction(case.total_expenses)
    assert french.rounded(rate, 4) == totals["requested_rate"]


def test_automatic_verdicts_are_those_of_the_example(case: Application) -> None:
    expected = example("application.yaml")["application"]["eligibility"]["auto"]
    results = {result.key: result for result in evaluate_eligibility(case, DEPOSITED)}
    found = {key: results[key].outcome is CheckOutcome.PASSED for key in expected}
    assert found == expected, {key: results[key].because for key in expected}


def test_manual_rules_wait_for_an_officer(case: Application) -> None:
    results = {result.key: result for result in evaluate_eligibility(case, DEPOSITED)}
    assert {results[key].outcome for key in ("E12", "E13", "E14")} == {CheckOutcome.PENDING}


def test_the_rate_is_explained_with_the_figures_that_decide(case: Application) -> None:
    rate = next(result for result in evaluate_eligibility(case, DEPOSITED) if result.key == "E07")
    text = rate.because.replace("\u202f", " ").replace("\u00a0", " ")
    assert "73,15 %" in text
    assert "75 %" in text
    assert "176 places sur 246" in text


def test_annexes_are_required_where_the_example_says(case: Application) -> None:
    statuses = {status.key: status for status in list_annexes(case, DEPOSITED)}
    required = {key for key, status in statuses.items() if status.required}
    assert required == {"A01", "A02", "A03", "A06", "A08", "A09", "A10", "A11", "A13", "A15"}
    assert all(status.complete for status in statuses.values())
    assert [slot.count for slot in statuses["A09"].slots] == [1] * 5
    assert [slot.subject for slot in statuses["A11"].slots] == ["F02", "F03"]
    assert statuses["A10"].slots[0].count == 7


def test_the_case_is_ready_to_be_deposited(case: Application) -> None:
    assert get_progress(case, DEPOSITED).problems == ()
    assert list_obstacles(case, DEPOSITED) == ()


def test_rows_are_the_answers(case: Application) -> None:
    assert [(site.key, site.commune_code, site.zone, site.capacity) for site in case.sites] == [
        ("S01", "77991", "ZIP", 92),
        ("S02", "77992", "ZIP", 84),
        ("S03", "77993", "ZAC", 70),
    ]
    assert [line.key for line in case.budget_lines] == [f"L{number:02d}" for number in range(1, 13)]
    assert [earmark.line_key for earmark in case.funders[2].earmarks] == ["L02", "L03", "L06"]
    assert case.department_code == "77"
    assert (case.duration_months, case.population, case.applicant_type) == (24, 246, "ehpad")
    assert [row.code for row in case.acts] == ["teleconsultation_assistee", "teleexpertise"]
