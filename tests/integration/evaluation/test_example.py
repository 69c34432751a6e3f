"""The example project gives the figures of the example documents."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from aap.evaluation.models import PlanState, ReportState, VerdictValue
from aap.evaluation.queries import get_board, get_series
from aap.evaluation.queries.reading import list_milestones
from aap.workflow import list_events
from tests.integration.evaluation.story import Story, at

pytestmark = pytest.mark.sqlite


def test_fourteen_targets_of_sixteen_are_reached(ended: Story) -> None:
    targets = get_board(ended.project, at("2026-06-30")).targets
    assert (targets.reached, targets.total) == (14, 16)
    assert sorted(targets.missed) == ["QUA-DMP", "TRA-URG"]
    assert targets.unmeasured == ()


def test_the_cost_of_an_act_is_computed_at_twelve_and_twenty_four_months(ended: Story) -> None:
    series = get_series(ended.indicator("COU-ACTE"))
    values = {point.period_key: point.value for point in series.points}
    assert values == {"M6": None, "M12": Decimal("238.02"), "M18": None, "M24": Decimal("134.09")}
    assert series.to_date is not None
    assert series.to_date * 1185 == 158900  # exact until it is shown
    assert series.shown == Decimal("134.09")


def test_validated_reports_unlock_their_instalments(ended: Story) -> None:
    unlocked = {row.rank: row.unlocked_at for row in ended.project.instalments}
    assert unlocked == {1: None, 2: at("2025-05-20"), 3: at("2026-06-10")}


def test_the_returned_report_keeps_its_whole_history(ended: Story) -> None:
    report = ended.report("R-M12")
    assert report.state is ReportState.VALIDATED
    events = [(event.event, event.at.date().isoformat()) for event in list_events(report)]
    assert events == [
        ("submit", "2025-05-06"),
        ("return", "2025-05-13"),
        ("submit", "2025-05-19"),
        ("validate", "2025-05-20"),
    ]
    assert report.remark == "Dénominateur de PAT-PART à préciser."


def test_the_milestone_of_a_report_is_reached_at_its_first_submission(ended: Story) -> None:
    done = {row.key: row.done_on for row in list_milestones(ended.project.id)}
    assert (done["J6"], done["J8"], done["J9"]) == (date(2025, 5, 6), date(2026, 5, 27), date(2026, 6, 25))
    assert done["J10"] is None  # the sheet is not published yet


def test_lateness_is_derived_from_the_day(ended: Story) -> None:
    rows = {row.key: row for row in get_board(ended.project, at("2026-07-01")).milestones}
    assert (rows["J3"].late, rows["J3"].days_late, rows["J3"].overdue) == (True, 33, False)
    assert not rows["J5"].late
    assert get_board(ended.project, at("2026-09-30")).late_count == 0
    assert get_board(ended.project, at("2026-10-01")).late_count == 1


def test_the_conclusion_is_that_of_the_example(ended: Story) -> None:
    board = get_board(ended.project, at("2026-06-30"))
    assert board.plan_state is PlanState.DECIDED
    assert [row.verdict for row in board.conclusion.verdicts] == [
        VerdictValue.REACHED,
        VerdictValue.PARTLY_REACHED,
        VerdictValue.REACHED_UNDER_CONDITIONS,
    ]
    assert board.conclusion.decision is not None
    assert board.conclusion.decision.decided_on == date(2026, 6, 25)
    assert [(version.number, version.reason is None) for version in board.versions] == [(1, True), (2, False)]


def test_the_matrix_of_the_example_shows_what_nobody_measures(ended: Story) -> None:
    coverage = get_board(ended.project, at("2026-06-30")).coverage
    assert coverage.cells["accessibilite", "patients_aidants"] == ("PAT-PART", "DEL-AVIS", "DEL-SPE")
    assert ("couts", "patients_aidants") in coverage.empty
    assert coverage.uncovered_viewpoints == ()
