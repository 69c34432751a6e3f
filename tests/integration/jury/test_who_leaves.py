"""Who leaves the jury, or joins the file it judges, reads and marks no more, at once and for good."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from aap.applications.models import Application, Participant, ParticipantRole
from aap.calls.models import Call
from aap.errors import ForbiddenError
from aap.jury.models import JuryMember
from aap.jury.service import MarkInput, assign, autosave_review, end_membership
from aap.policies import may, visible
from aap.policies.jury import sees_as_juror
from tests.integration.jury.scene import MARKING, NAMED, People, seat

pytestmark = pytest.mark.sqlite


@pytest.fixture
def member(session: Session, call: Call, case: Application, people: People) -> JuryMember:
    """A declared member, asked to mark the file."""
    member = seat(session, call, "J1", 0, people.officer)
    assign(member, case, actor=people.officer, now=NAMED)
    assert may(member.user, "application.mark", case)
    return member


def test_who_leaves_reads_and_marks_no_more(
    session: Session, case: Application, people: People, member: JuryMember
) -> None:
    end_membership(member, reason="Mutation.", actor=people.officer, now=MARKING)
    session.flush()
    assert not may(member.user, "application.read", case)
    assert not may(member.user, "application.mark", case)
    assert case.id not in session.scalars(select(Application.id).where(visible(member.user, Application))).all()
    with pytest.raises(ForbiddenError):
        autosave_review(member, case, {"C1": MarkInput("4")}, {}, actor=member.user, now=MARKING)


def test_who_joins_the_file_judges_it_no_more(session: Session, case: Application, member: JuryMember) -> None:
    held = {"role": ParticipantRole.READER, "whole_file": True, "sections": [], "added_at": MARKING}
    session.add(Participant(application_id=case.id, user_id=member.user_id, **held))
    session.flush()
    session.expire_all()
    assert may(member.user, "application.read", case), "its own people read a file"
    assert not sees_as_juror(member.user, case)
    assert not may(member.user, "application.mark", case)
