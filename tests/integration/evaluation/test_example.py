"""The example project gives the figures of the example documents."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from aap.awards.service import compute_balance, pay_instalment
from aap.evaluation.models import PlanState, ReportState, VerdictValue
from aap.evaluation.queries import get_board, get_series
from aap.evaluation.queries.reading import list_milestones
from aap.evaluation.service import create_plan
from aap.workflow import list_events
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


def test_fourteen_targets_of_sixteen_are_reached(told: Story) -> None:
    targets = get_board(told.project, at("2026-06-30")).targets
    assert (targets.reached, targets.total) == (14, 16)
    assert sorted(targets.missed) == ["QUA-DMP", "TRA-URG"]
    assert targets.unmeasured == ()


def test_the_cost_of_an_act_is_computed_at_twelve_and_twenty_four_months(told: Story) -> None:
    series = get_series(told.indicator("COU-ACTE"))
    values = {point.period_key: point.value for point in series.points}
    assert values == {"M6": None, "M12": Decimal("238.02"), "M18": None, "M24": Decimal("134.09")}
    assert series.to_date is not None
    assert series.to_date * 1185 == 158900  # exact until it is shown
    assert series.shown == Decimal("134.09")


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


def test_validated_reports_unlock_their_instalments(told: Story) -> None:
    unlocked = {row.rank: row.unlocked_at for row in told.project.instalments}
    assert unlocked == {1: None, 2: at("2025-05-20"), 3: at("2026-06-10")}


def test_the_returned_report_keeps_its_whole_history(told: Story) -> None:
    report = told.report("R-M12")
    assert report.state is ReportState.VALIDATED
    events = [(event.event, event.at.date().isoformat()) for event in list_events(report)]
    assert events == [
        ("submit", "2025-05-06"),
        ("return", "2025-05-13"),
        ("submit", "2025-05-19"),
        ("validate", "2025-05-20"),
    ]
    assert report.remark == "Dénominateur de PAT-PART à préciser."


def test_the_milestone_of_a_report_is_reached_at_its_first_submission(told: Story) -> None:
    done = {row.key: row.done_on for row in list_milestones(told.project.id)}
    assert (done["J6"], done["J8"], done["J9"]) == (date(2025, 5, 6), date(2026, 5, 27), date(2026, 6, 25))
    assert done["J10"] is None  # the sheet is not published yet


def test_lateness_is_derived_from_the_day(told: Story) -> None:
    rows = {row.key: row for row in get_board(told.project, at("2026-07-01")).milestones}
    assert (rows["J3"].late, rows["J3"].days_late, rows["J3"].overdue) == (True, 33, False)
    assert not rows["J5"].late
    assert get_board(told.project, at("2026-09-30")).late_count == 0
    assert get_board(told.project, at("2026-10-01")).late_count == 1


def test_the_conclusion_is_that_of_the_example(told: Story) -> None:
    board = get_board(told.project, at("2026-06-30"))
    assert board.plan_state is PlanState.DECIDED
    assert [row.verdict for row in board.conclusion.verdicts] == [
        VerdictValue.REACHED,
        VerdictValue.PARTLY_REACHED,
        VerdictValue.REACHED_UNDER_CONDITIONS,
    ]
    assert board.conclusion.decision is not None
    assert board.conclusion.decision.decided_on == date(2026, 6, 25)
    assert [(version.number, version.reason is None) for version in board.versions] == [(1, True), (2, False)]


def test_the_matrix_of_the_example_shows_what_nobody_measures(told: Story) -> None:
    coverage = get_board(told.project, at("2026-06-30")).coverage
    assert coverage.cells["accessibilite", "patients_aidants"] == ("PAT-PART", "DEL-AVIS", "DEL-SPE")
    assert ("couts", "patients_aidants") in coverage.empty
    assert coverage.uncovered_viewpoints == ()
