"""Where a call stands, to the instant."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from aap.calls.phases import LABELS, PUBLIC_LABELS, TONES, CallCalendar, CallPhase, StepRow, phase
from aap.clock import from_paris


def at(text: str) -> datetime:
    return from_paris(datetime.fromisoformat(text))


def calendar(**changes: datetime | None) -> CallCalendar:
    hours = {
        "publication": "2023-09-04T09:00",
        "submission_deadline": "2023-11-06T12:00",
        "scoring_start": "2023-12-13T09:00",
        "scoring_end": "2024-01-09T18:00",
        "decision": "2024-01-31T18:00",
        "notification": "2024-02-07T09:00",
        "archive": "2028-12-31T18:00",
    }
    steps = {key: StepRow(key, key, at(hour)) for key, hour in hours.items()}
    return CallCalendar(steps, **{"published_at": at("2023-09-01T10:00"), **changes})


@pytest.mark.parametrize(
    ("hour", "expected"),
    [
        ("2023-09-01T09:59:59", CallPhase.DRAFT),
        ("2023-09-01T10:00", CallPhase.COMING),
        ("2023-09-04T08:59:59", CallPhase.COMING),
        ("2023-09-04T09:00", CallPhase.OPEN),
        ("2023-11-06T12:00:00", CallPhase.OPEN),
        ("2023-11-06T12:00:01", CallPhase.INSTRUCTION),
        ("2023-12-13T09:00", CallPhase.SCORING),
        ("2024-01-09T18:00:00", CallPhase.SCORING),
        ("2024-01-09T18:00:01", CallPhase.DELIBERATION),
        ("2024-01-31T18:00", CallPhase.DECIDED),
        ("2024-02-07T09:00", CallPhase.RESULTS),
        ("2028-12-31T18:00", CallPhase.ARCHIVED),
    ],
)
def test_each_boundary_falls_on_its_side(hour: str, expected: CallPhase) -> None:
    assert phase(calendar(), at(hour)) is expected


def test_the_closing_is_strict() -> None:
    closing = at("2023-11-06T12:00")
    assert phase(calendar(), closing) is CallPhase.OPEN
    assert phase(calendar(), closing + timedelta(microseconds=1)) is CallPhase.INSTRUCTION


def test_the_closing_hour_is_that_of_paris_on_both_sides_of_the_clock_change() -> None:
    summer = {"submission_deadline": StepRow("submission_deadline", "", at("2023-10-28T12:00"))}
    winter = {"submission_deadline": StepRow("submission_deadline", "", at("2023-10-30T12:00"))}
    assert CallCalendar(summer).closes_at == datetime(2023, 10, 28, 10, 0, tzinfo=UTC)
    assert CallCalendar(winter).closes_at == datetime(2023, 10, 30, 11, 0, tzinfo=UTC)


def test_an_unpublished_call_is_a_draft_whatever_its_calendar() -> None:
    assert phase(calendar(published_at=None), at("2023-10-02T10:00")) is CallPhase.DRAFT


def test_a_cancelled_call_is_cancelled_from_that_instant() -> None:
    cancelled = calendar(cancelled_at=at("2023-10-02T10:00"))
    assert phase(cancelled, at("2023-10-02T09:59")) is CallPhase.OPEN
    assert phase(cancelled, at("2023-10-02T10:00")) is CallPhase.CANCELLED


def test_phases_follow_each_other_and_never_go_back() -> None:
    order = list(CallPhase)
    instants = [at("2023-08-01T00:00") + timedelta(hours=h) for h in range(0, 24 * 365 * 6, 7)]
    positions = [order.index(phase(calendar(), instant)) for instant in instants]
    assert positions == sorted(positions)


def test_whole_days_start_and_end_at_midnight_in_paris() -> None:
    hearings = StepRow("hearings", "Auditions", None, date(2024, 1, 16), date(2024, 1, 17))
    assert hearings.start == datetime(2024, 1, 15, 23, 0, tzinfo=UTC)
    assert hearings.end == datetime(2024, 1, 17, 23, 0, tzinfo=UTC)


def test_the_public_never_reads_who_is_marking() -> None:
    assert set(LABELS) == set(PUBLIC_LABELS) == set(TONES) == set(CallPhase)
    assert "notation" not in " ".join(PUBLIC_LABELS.values())
