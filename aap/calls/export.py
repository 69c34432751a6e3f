"""A call written back as the ``call/1`` document it was imported from."""

from __future__ import annotations

from datetime import datetime

from aap.calls.document.body import CallStatus
from aap.calls.document.composing import compose
from aap.calls.document.writing import dump
from aap.calls.models import Call, CallVersion
from aap.calls.phases import CallPhase, phase
from aap.calls.queries.calendars import calendar_of
from aap.calls.queries.calls import current_version

STATUS = {
    CallPhase.DRAFT: CallStatus.DRAFT,
    CallPhase.COMING: CallStatus.PUBLISHED,
    CallPhase.OPEN: CallStatus.OPEN,
    CallPhase.INSTRUCTION: CallStatus.CLOSED,
    CallPhase.SCORING: CallStatus.INSTRUCTING,
    CallPhase.DELIBERATION: CallStatus.INSTRUCTING,
    CallPhase.DECIDED: CallStatus.DELIBERATED,
    CallPhase.RESULTS: CallStatus.DELIBERATED,
    CallPhase.ARCHIVED: CallStatus.ARCHIVED,
    CallPhase.CANCELLED: CallStatus.CANCELLED,
}


def export_call(call: Call, now: datetime | None = None, version: CallVersion | None = None) -> bytes:
    """Write a call as YAML: same values in the same order as its import, dates as amended since.

    ``status`` is derived at ``now`` and left out without it; ``version`` is the current one unless given.
    """
    status = None if now is None else STATUS[phase(calendar_of(call), now)].value
    return dump(compose(call, version or current_version(call), status))
