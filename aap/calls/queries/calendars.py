"""Calendars as the phase needs them."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from aap.calls.models import CalendarStep, Call
from aap.calls.phases import PHASE_STEPS, CallCalendar, CallPhase, StepRow, phase
from aap.db import db


def step_row(step: CalendarStep, *, amended: bool = False) -> StepRow:
    """Return the frozen row of a step."""
    return StepRow(step.key, step.label, step.at, step.from_date, step.to_date, step.strict, amended)


def calendar_of(call: Call) -> CallCalendar:
    """Return the calendar of a call, as amended."""
    steps = {step.key: step_row(step) for step in call.steps}
    return CallCalendar(steps, call.published_at, call.cancelled_at)


def phase_of(call: Call, now: datetime) -> CallPhase:
    """Tell where a call stands."""
    return phase(calendar_of(call), now)


def list_phase_steps(call_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[str, StepRow]]:
    """Return, for several calls in one query, the steps from which a phase is derived."""
    columns = (CalendarStep.call_id, CalendarStep.key, CalendarStep.label, CalendarStep.at)
    query = select(*columns).where(CalendarStep.call_id.in_(call_ids), CalendarStep.key.in_(PHASE_STEPS))
    found: dict[uuid.UUID, dict[str, StepRow]] = {call_id: {} for call_id in call_ids}
    for call_id, key, label, at in db.session.execute(query):
        found[call_id][key] = StepRow(key, label, at)
    return found
