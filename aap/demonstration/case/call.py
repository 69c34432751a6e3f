"""Stage 1: the call is imported, given a team, published."""

from __future__ import annotations

from aap.calls.models import Call, CallRole
from aap.calls.service import add_team_member, import_call, publish_call
from aap.clock import FixedClock
from aap.demonstration.accounts import People
from aap.demonstration.examples import read_bytes
from aap.demonstration.stage import at, hour


def play_call(clock: FixedClock, people: People) -> Call:
    """Import ``call.yaml`` a week before, and publish it on 4 September 2023 at nine."""
    with at(clock, hour("2023-08-28T10:00:00")) as now:
        call = import_call(read_bytes("call.yaml"), people["administration"], now).call
        staff(call, people, clock)
    with at(clock, hour("2023-09-04T09:00:00")) as now:
        publish_call(call, people["administration"], now)
    return call


def staff(call: Call, people: People, clock: FixedClock) -> None:
    """Say who works on a call."""
    team = (
        ("instruction", CallRole.OFFICER),
        ("instruction2", CallRole.OFFICER),
        ("finances", CallRole.FINANCE),
        ("direction", CallRole.DECISION_MAKER),
        ("autonomie", CallRole.READER),
    )
    for name, role in team:
        add_team_member(call, people[name], role, people["administration"], clock.now())
