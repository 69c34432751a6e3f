"""The calendars of the living instance, whatever the present hour."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from aap.calls.document.loading import load
from aap.calls.document.reading import read_call
from aap.clock import paris
from aap.demonstration.living import timeline
from aap.demonstration.living.timeline import Timeline

HOURS = [
    datetime(2026, 11, 22, 2, 0, tzinfo=UTC) + timedelta(days=days, hours=hours)
    for days in (0, 1, 5, 40, 99, 400)
    for hours in (0, 11, 23)
]


@pytest.mark.parametrize("now", HOURS, ids=str)
def test_each_call_is_at_its_moment(now: datetime) -> None:
    today = paris(now).date()
    closing = timeline.open_for_six_weeks(now).day(timeline.CLOSING)
    assert timedelta(weeks=6) <= closing - today < timedelta(weeks=7)
    started = timeline.being_marked(now).day(timeline.SCORING_START)
    assert timedelta(days=10) <= today - started <= timedelta(days=16)
    met = timeline.being_decided(now).day(timeline.DELIBERATION)
    assert timedelta(days=3) <= today - met <= timedelta(days=9)
    first = timeline.first_day(now)
    assert first.day == 1
    assert (today.year - first.year) * 12 + today.month - first.month == 14
    assert timedelta(0) <= first - timeline.under_way(now).day(timeline.PROJECT_START) < timedelta(weeks=1)


def test_days_of_the_week_and_hours_of_paris_stay() -> None:
    moved = Timeline(7 * 160)
    summer = moved.hour("2023-09-04T09:00:00")
    assert paris(summer).strftime("%H:%M") == "09:00"
    assert paris(summer).weekday() == date(2023, 9, 4).weekday()


def test_the_moved_document_is_a_call_that_reads_without_fault() -> None:
    content = Timeline(7 * 160).call_document("AAP-TS-{year}-01", "Un appel décalé", "Appel {year}")
    body, _ = read_call(content)
    assert body.ref == "AAP-TS-2026-01"
    steps = {step["id"]: step for step in load(content).tree["call"]["calendar"]["steps"]}  # type: ignore[index]  # a tree
    assert (steps["publication"]["at"], str(steps["hearings"]["from"])) == ("2026-09-28T09:00:00", "2027-02-09")
