"""The office's list of projects: what it shows, and what it costs."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from sqlalchemy import true
from sqlalchemy.orm import Session

from aap.awards.models import Project
from aap.evaluation.models import PlanState
from aap.evaluation.queries import FollowUpFilter, list_follow_up
from aap.evaluation.service import create_plan
from tests.integration.evaluation.counting import counted
from tests.integration.evaluation.story import Story, at, make_application, make_project, report_until


def more_projects(session: Session, story: Story, numbers: range) -> None:
    for number in numbers:
        version = story.project.call_version
        application = make_application(session, version, story.lead, 100 + number)
        project = make_project(session, version, application, 100 + number)
        create_plan(project, actor=story.officer, now=at("2024-04-02"))
    session.flush()


def test_the_list_shows_the_next_milestone_the_delays_and_the_progress(followed: Story) -> None:
    report_until(followed, "M6")
    (row,) = list_follow_up(true(), at("2025-05-02")).rows
    assert (row.reference, row.call_ref, row.department_code) == ("PRJ-2024-0004", "AAP-TS-2023-01", "77")
    assert row.plan_state is PlanState.IN_PROGRESS
    assert (row.next_label, row.next_due) == ("Comité de lancement", date(2024, 4, 30))
    assert row.late_count == 5  # the four first steps nobody marked, and the interim report
    assert (row.targets_reached, row.targets_total) == (1, 16)
    assert row.progress is not None
    assert Fraction(1, 4) < row.progress < Fraction(1, 2)


def test_a_finished_project_shows_fourteen_targets_of_sixteen(told: Story) -> None:
    (row,) = list_follow_up(true(), at("2026-07-01")).rows
    assert (row.targets_reached, row.targets_total) == (14, 16)
    assert row.next_due == date(2026, 9, 30)
    assert row.late_count == 0
    assert told.plan.state is row.plan_state


def test_a_project_without_plan_is_in_the_list(story: Story) -> None:
    (row,) = list_follow_up(Project.id == story.project.id, at("2024-05-01")).rows
    assert (row.plan_state, row.next_label, row.targets_total, row.progress) == (None, None, 0, None)


def test_filters_narrow_the_list(followed: Story, session: Session) -> None:
    more_projects(session, followed, range(2))
    now = at("2025-05-02")

    def found(**wanted: object) -> list[str]:
        page = list_follow_up(true(), now, FollowUpFilter(**wanted))  # type: ignore[arg-type]  # a short way to write it
        return [row.reference for row in page.rows]

    assert found(text="0004") == ["PRJ-2024-0004"]
    assert found(text="%") == []
    assert found(state=PlanState.PLAN_VALIDATED) == ["PRJ-2024-0004"]
    assert len(found(only_late=True)) == 3
    assert found(only_to_validate=True) == []


def test_a_page_costs_the_same_queries_whatever_the_number_of_projects(followed: Story, session: Session) -> None:
    now = at("2025-05-02")
    with counted(session) as few:
        assert list_follow_up(true(), now, per_page=5).total == 1
    more_projects(session, followed, range(12))
    with counted(session) as many:
        page = list_follow_up(true(), now, per_page=5)
    assert (page.total, len(page.rows)) == (13, 5)
    assert len(many) == len(few) == 5, many
