"""The example project starts with the plan and ends with the balance of the example documents."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from aap.awards.service import compute_balance, pay_instalment
from aap.evaluation.queries import get_board
from aap.evaluation.queries.reading import list_milestones
from aap.evaluation.service import create_plan
from tests.integration.evaluation.story import Story, at, conclude, pay_first, report_until, write_plan


def test_the_plan_has_the_milestones_of_the_example_on_their_days(story: Story) -> None:
    create_plan(story.project, actor=story.officer, now=at("2024-04-02"))
    made = [(row.key, row.due_on, row.unlocks_rank) for row in list_milestones(story.project.id)]
    expected = [(row["id"], row["due"], row.get("unlocks_payment")) for row in story.evaluation["milestones"]]
    assert made == [(key, _day(due), rank) for key, due, rank in expected]


def _day(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def test_the_plan_takes_the_mandatory_indicators_with_the_values_proposed_at_the_deposit(story: Story) -> None:
    create_plan(story.project, actor=story.officer, now=at("2024-04-02"))
    board = get_board(story.project, at("2024-04-02"))
    assert [series.code for series in board.series] == [
        "ACT-TLC", "ACT-TLE", "PAT-PART", "DEL-AVIS", "SAT-PAT", "SAT-PRO", "QUA-DMP", "COU-ACTE",
    ]  # fmt: skip
    assert all(series.mandatory for series in board.series)
    assert (board.series[1].baseline, board.series[1].target) == (Decimal(4), Decimal(240))
    assert board.series[4].baseline is None


def test_the_balance_is_the_prorata_of_the_real_expense(story: Story) -> None:
    pay_first(story)
    write_plan(story)
    report_until(story, "M12")
    pay_instalment(story.project.instalments[1], amount_eur=Decimal(33750), actor=story.finance, now=at("2025-06-06"))
    report_until(story, "M24")
    conclude(story)
    spent = get_board(story.project, at("2026-06-26")).spent_eur
    assert spent == Decimal(158900)
    statement = compute_balance(story.project, spent_eur=spent, actor=story.finance, now=at("2026-06-26"))
    assert (statement.subsidy_due_eur, statement.balance_eur) == (Decimal("108974.95"), Decimal("7724.95"))
