"""The quorum of a file is counted without those who stood back from it; that of the others is not changed by it."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from aap.applications.models import Application
from aap.calls.models import Call, CallVersion
from aap.jury.models import JurySession
from aap.jury.queries.quorum import quorum_of
from aap.jury.service import recuse
from tests.integration.jury.scene import MARKING, People, make_file, seat

pytestmark = pytest.mark.sqlite


def test_who_stood_back_from_a_file_is_not_of_its_quorum(
    session: Session, call: Call, version: CallVersion, case: Application, people: People
) -> None:
    other = make_file(session, version, people.lead, 40)
    members = [seat(session, call, name, 0, people.officer) for name in ("J1", "J2", "J3")]
    recuse(members[0], case, reason="Lien.", actor=members[0].user, now=MARKING)
    meeting = JurySession(call_id=call.id)
    assert quorum_of(meeting, case).seated == 2
    assert quorum_of(meeting, other).seated == 3
