"""What the evaluation refuses, and what it keeps."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aap.errors import ConflictError, ForbiddenError, InvalidError, StaleError
from aap.evaluation.models import Measure, MeasureState, PlanState, RecommendationValue, ReportState, VerdictValue
from aap.evaluation.queries import get_board, get_series, list_revisions
from aap.evaluation.queries.reading import find_current, list_milestones
from aap.evaluation.service import (
    correct_measure,
    create_missing_plans,
    create_plan,
    give_verdict,
    mark_done,
    record_actual_lines,
    record_decision,
    record_expense,
    record_measure,
    remind_due,
    remove_indicator,
    return_report,
    save_draft,
    set_goal,
    submit_report,
    validate_measure,
    validate_plan,
    validate_report,
)
from aap.outbox import Promise
from tests.integration.evaluation.story import Story, at, give_measures, report_until

NOW = at("2024-10-28")


def codes(error: pytest.ExceptionInfo[InvalidError]) -> list[str]:
    return [problem.place for problem in error.value.problems]


def test_a_project_has_one_plan(story: Story) -> None:
    create_plan(story.project, actor=story.officer, now=NOW)
    with pytest.raises(ConflictError, match="déjà un plan"):
        create_plan(story.project, actor=story.officer, now=NOW)
    assert create_missing_plans(NOW) == 0


def test_the_clock_drafts_the_plans_nobody_asked_for(story: Story) -> None:
    assert create_missing_plans(NOW) == 1
    assert story.plan.state is PlanState.PLAN_DRAFT


def test_a_mandatory_indicator_needs_a_target_before_validation_but_no_starting_value(story: Story) -> None:
    plan = create_plan(story.project, actor=story.officer, now=NOW)
    indicator = story.indicator("SAT-PAT")
    set_goal(
        indicator, baseline=None, baseline_period="non mesuré", target=None, target_on=None, actor=story.lead, now=NOW
    )
    with pytest.raises(InvalidError) as error:
        validate_plan(plan, actor=story.officer, now=NOW)
    assert codes(error) == ["SAT-PAT"]
    set_goal(indicator, baseline=None, baseline_period="", target=Decimal(0), target_on=None, actor=story.lead, now=NOW)
    assert validate_plan(plan, actor=story.officer, now=NOW) == 1


def test_only_an_officer_validates_the_plan_and_a_refusal_changes_nothing(story: Story) -> None:
    plan = create_plan(story.project, actor=story.officer, now=NOW)
    with pytest.raises(ForbiddenError):
        validate_plan(plan, actor=story.lead, now=NOW)
    assert (plan.state, plan.version) == (PlanState.PLAN_DRAFT, 0)


def test_a_later_version_says_why_and_keeps_the_former_one(followed: Story) -> None:
    with pytest.raises(InvalidError):
        validate_plan(followed.plan, reason=" ", actor=followed.officer, now=NOW)
    versions = followed.plan.versions
    assert [version.number for version in versions] == [1, 2]
    labels = {row["code"]: row["target"] for row in versions[0].snapshot["indicators"]}
    assert labels["TRA-URG"] == "35"


def test_two_people_do_not_overwrite_a_target(followed: Story, session: Session) -> None:
    indicator = followed.indicator("TRA-URG")
    seen = indicator.lock_version
    goal: dict[str, Any] = {
        "baseline": Decimal(46),
        "baseline_period": "2023",
        "target_on": date(2026, 3, 31),
        "now": NOW,
    }
    set_goal(indicator, target=Decimal(34), seen=seen, actor=followed.lead, **goal)
    assert followed.plan.changed
    session.flush()
    with pytest.raises(StaleError) as error:
        set_goal(indicator, target=Decimal(33), seen=seen, actor=followed.officer, **goal)
    assert (error.value.yours, error.value.theirs) == (Decimal(33), Decimal(34))


def test_a_mandatory_indicator_stays_in_the_plan(followed: Story) -> None:
    with pytest.raises(ConflictError, match="obligatoire"):
        remove_indicator(followed.indicator("ACT-TLC"), actor=followed.officer, now=NOW)
    remove_indicator(followed.indicator("HOS-EVI"), actor=followed.officer, now=NOW)
    assert "HOS-EVI" not in [series.code for series in get_board(followed.project, NOW).series]


def test_no_measure_before_the_plan_is_validated(story: Story) -> None:
    create_plan(story.project, actor=story.officer, now=NOW)
    with pytest.raises(ConflictError, match="pas encore validé"):
        record_measure(story.indicator("ACT-TLC"), "M6", Decimal(96), actor=story.lead, now=NOW)


@pytest.mark.parametrize(
    ("code", "value", "n", "place"),
    [
        ("PAT-PART", "101", None, "value"),
        ("ACT-TLC", "-1", None, "value"),
        ("COU-ACTE", "134.09", None, "value"),  # calculated, never typed
        ("SAT-PAT", "7.9", -3, "n"),
    ],
)
def test_impossible_measures_are_refused_on_their_field(
    followed: Story, code: str, value: str, n: int | None, place: str
) -> None:
    with pytest.raises(InvalidError) as error:
        record_measure(followed.indicator(code), "M12", Decimal(value), n=n, actor=followed.lead, now=NOW)
    assert codes(error) == [place]


def test_a_running_total_does_not_decrease(followed: Story) -> None:
    indicator = followed.indicator("ACT-TLC")
    record_measure(indicator, "M6", Decimal(96), actor=followed.lead, now=NOW)
    with pytest.raises(InvalidError, match="plus petit"):
        record_measure(indicator, "M12", Decimal(95), actor=followed.lead, now=NOW)
    record_measure(indicator, "M12", Decimal(96), actor=followed.lead, now=NOW)
    with pytest.raises(InvalidError, match="dépasse"):
        record_measure(indicator, "M6", Decimal(97), actor=followed.lead, now=NOW)


def test_the_same_value_twice_is_one_row_and_another_is_a_new_revision(followed: Story) -> None:
    indicator = followed.indicator("DEL-AVIS")
    first = record_measure(indicator, "M6", Decimal(30), actor=followed.lead, now=NOW)
    assert record_measure(indicator, "M6", Decimal("30.0"), actor=followed.lead, now=NOW) is first
    record_measure(indicator, "M6", Decimal(31), actor=followed.lead, now=NOW)
    assert [(row.revision, row.value) for row in list_revisions(indicator.id)] == [(1, Decimal(30)), (2, Decimal(31))]


def test_a_report_asks_for_the_mandatory_measures_of_its_period_only(followed: Story) -> None:
    with pytest.raises(InvalidError) as error:
        submit_report(followed.report("R-M6"), actor=followed.lead, now=NOW)
    assert sorted(codes(error)) == ["ACT-TLC", "ACT-TLE", "DEL-AVIS", "PAT-PART", "QUA-DMP"]  # no yearly survey yet


def test_a_report_does_not_come_before_its_period_is_over(followed: Story) -> None:
    give_measures(followed, "M6", at("2024-09-20"))
    with pytest.raises(ConflictError, match="se termine le 30"):
        submit_report(followed.report("R-M6"), actor=followed.lead, now=at("2024-09-30"))
    submit_report(followed.report("R-M6"), actor=followed.lead, now=at("2024-10-01"))
    assert followed.plan.state is PlanState.IN_PROGRESS


def test_an_interim_report_states_the_expense(followed: Story) -> None:
    report_until(followed, "M6")
    for row in followed.evaluation["indicators"]:
        for measure in row["measures"]:
            if measure["at"] == "M12" and not row.get("computed"):
                value = Decimal(measure["value"])
                record_measure(followed.indicator(row["code"]), "M12", value, actor=followed.lead, now=at("2025-05-06"))
    with pytest.raises(InvalidError) as error:
        submit_report(followed.report("R-M12"), actor=followed.lead, now=at("2025-05-06"))
    assert error.value.code == "depense-manquante"


def test_the_final_report_details_the_expense_line_by_line(followed: Story) -> None:
    report_until(followed, "M18")
    now = at("2026-05-27")
    give_measures(followed, "M24", now)
    with pytest.raises(InvalidError) as error:
        submit_report(followed.report("R-M24"), actor=followed.lead, now=now)
    assert error.value.code == "lignes-manquantes"
    lines = {row["id"]: Decimal(row["actual"]) for row in followed.evaluation["finance"]["actual_lines"]}
    record_actual_lines(followed.project, lines | {"L01": Decimal(27901)}, actor=followed.lead, now=now)
    with pytest.raises(InvalidError, match="158"):
        submit_report(followed.report("R-M24"), actor=followed.lead, now=now)
    record_actual_lines(followed.project, {"L01": Decimal(27900)}, actor=followed.lead, now=now)
    submit_report(followed.report("R-M24"), actor=followed.lead, now=now)
    assert followed.plan.state is PlanState.FINAL_SUBMITTED


def test_an_expense_does_not_decrease_nor_change_once_its_report_is_validated(followed: Story) -> None:
    report_until(followed, "M12")
    with pytest.raises(InvalidError, match="inférieure"):
        record_expense(followed.project, "M18", Decimal(96399), actor=followed.lead, now=NOW)
    with pytest.raises(ConflictError):
        record_expense(followed.project, "M12", Decimal(97000), actor=followed.lead, now=NOW)


def test_only_the_lead_submits_and_only_the_agency_validates(followed: Story) -> None:
    give_measures(followed, "M6", NOW)
    report = followed.report("R-M6")
    with pytest.raises(ForbiddenError):
        submit_report(report, actor=followed.officer, now=NOW)
    assert report.submitted_at is None
    submit_report(report, actor=followed.lead, now=NOW)
    for person in (followed.lead, followed.finance, followed.stranger):
        with pytest.raises(ForbiddenError):
            validate_report(report, actor=person, now=NOW)
    assert (report.state, report.validated_at) == (ReportState.SUBMITTED, None)
    validate_report(report, actor=followed.dd, now=NOW)


def test_the_department_does_not_validate_a_report_that_unlocks_money(followed: Story) -> None:
    report_until(followed, "M6")
    give_measures(followed, "M12", at("2025-05-06"))
    submit_report(followed.report("R-M12"), actor=followed.lead, now=at("2025-05-06"))
    with pytest.raises(ForbiddenError):
        validate_report(followed.report("R-M12"), actor=followed.dd, now=at("2025-05-20"))


def test_a_returned_report_needs_a_remark_and_may_be_written_again(followed: Story) -> None:
    give_measures(followed, "M6", NOW)
    report = followed.report("R-M6")
    submit_report(report, actor=followed.lead, now=NOW)
    texts: dict[str, Any] = {"highlights": "Démarrage.", "difficulties": "", "next_steps": ""}
    with pytest.raises(ConflictError, match="transmis"):
        save_draft(report, **texts, actor=followed.lead, now=NOW)
    with pytest.raises(InvalidError):
        return_report(report, "  ", actor=followed.officer, now=NOW)
    return_report(report, "À préciser.", actor=followed.officer, now=NOW)
    save_draft(report, **texts, actor=followed.lead, now=NOW)
    assert report.highlights == "Démarrage."
    record_measure(followed.indicator("PAT-PART"), "M6", Decimal(19), actor=followed.lead, now=NOW)
    submit_report(report, actor=followed.lead, now=NOW)


def test_validating_a_report_validates_its_measures_and_they_then_need_a_reason_to_change(followed: Story) -> None:
    report_until(followed, "M6")
    indicator = followed.indicator("DEL-AVIS")
    current = find_current(indicator.id, "M6")
    assert current is not None
    assert (current.state, current.validated_by_id) == (MeasureState.VALIDATED, followed.officer.id)
    with pytest.raises(ConflictError, match="validée"):
        record_measure(indicator, "M6", Decimal(29), actor=followed.lead, now=NOW)
    with pytest.raises(InvalidError):
        correct_measure(indicator, "M6", Decimal(29), reason="", actor=followed.lead, now=NOW)


def test_a_correction_by_the_lead_waits_and_counts_once_validated(followed: Story) -> None:
    report_until(followed, "M6")
    indicator = followed.indicator("DEL-AVIS")
    measure = correct_measure(indicator, "M6", Decimal(29), reason="Erreur de saisie.", actor=followed.lead, now=NOW)
    assert measure.state is MeasureState.SUBMITTED

    def validated() -> Decimal | None:
        series = get_board(followed.project, NOW, only_validated=True).series
        return next(each for each in series if each.code == "DEL-AVIS").points[0].value

    assert validated() == 30
    assert get_series(indicator).points[0].corrected
    validate_measure(measure, actor=followed.officer, now=NOW)
    assert validated() == 29
    assert [row.value for row in list_revisions(indicator.id)] == [30, 29]


def test_a_correction_of_the_acts_computes_the_cost_again(told: Story) -> None:
    now = at("2026-07-10")
    correct_measure(
        told.indicator("ACT-TLC"), "M24", Decimal(944), reason="Dix actes oubliés.", actor=told.officer, now=now
    )
    cost = find_current(told.indicator("COU-ACTE").id, "M24")
    assert cost is not None
    assert (cost.value, cost.revision, cost.state) == (Decimal("132.97"), 2, MeasureState.VALIDATED)
    assert cost.reason == "Dix actes oubliés."


def test_the_database_refuses_a_validated_measure_without_validator(followed: Story, session: Session) -> None:
    indicator = followed.indicator("DEL-AVIS")
    session.add(
        Measure(
            indicator_id=indicator.id,
            period_key="M6",
            value=Decimal(30),
            state=MeasureState.VALIDATED,
            recorded_at=NOW,
            recorded_by_id=followed.lead.id,
        )
    )
    with pytest.raises(IntegrityError, match="validated_by_someone"):
        session.flush()


def test_a_milestone_needs_evidence_and_no_future_day(followed: Story) -> None:
    milestone = list_milestones(followed.project.id)[0]
    with pytest.raises(InvalidError) as error:
        mark_done(milestone, done_on=date(2024, 10, 29), evidence="CR", actor=followed.lead, now=NOW)
    assert codes(error) == ["done_on"]
    with pytest.raises(InvalidError) as error:
        mark_done(milestone, done_on=date(2024, 4, 22), evidence=" ", actor=followed.lead, now=NOW)
    assert codes(error) == ["evidence"]


def test_no_verdict_before_the_final_report_and_no_decision_before_the_verdicts(followed: Story) -> None:
    report_until(followed, "M18")
    now = at("2026-06-20")
    with pytest.raises(ConflictError, match="rapport final"):
        give_verdict(followed.project, "Q1", VerdictValue.REACHED, "En place.", actor=followed.officer, now=now)
    report_until(followed, "M24")
    with pytest.raises(InvalidError) as error:
        record_decision(
            followed.project,
            body="COPIL",
            decided_on=now.date(),
            outcome=RecommendationValue.EXTEND,
            text="Prolonger.",
            actor=followed.officer,
            now=now,
        )
    assert codes(error) == ["Q1", "Q2", "Q3", "recommendation"]


def test_the_plan_no_longer_changes_after_the_final_report(told: Story) -> None:
    with pytest.raises(ConflictError, match="ne change plus"):
        validate_plan(told.plan, reason="Trop tard", actor=told.officer, now=at("2026-07-01"))
    with pytest.raises(ConflictError, match="transmission du rapport final"):
        give_verdict(told.project, "Q1", VerdictValue.REACHED, "Encore.", actor=told.officer, now=at("2026-07-01"))


@pytest.mark.usefixtures("followed")
def test_reminders_are_promised_once_before_and_once_after_the_day(session: Session) -> None:
    for day in ("2024-10-16", "2024-10-17", "2024-10-31", "2024-11-02"):
        remind_due(at(day))
    kinds = [
        row.payload["template"]
        for row in session.scalars(select(Promise).where(Promise.kind == "mail").order_by(Promise.created_at))
        if row.payload["template"].startswith("evaluation-report")
    ]
    assert kinds == ["evaluation-report-due", "evaluation-report-late"]


@pytest.mark.usefixtures("told")
def test_nothing_is_reminded_once_reported() -> None:
    assert remind_due(at("2026-07-01")) == 0  # the sheet alone remains, due on 30 September
    assert remind_due(at("2026-09-20")) == 1
