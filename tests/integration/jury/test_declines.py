"""Saying no: to a jury from its invitation, to a file before marking it; somebody else is then proposed."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import Executable, insert, select, true, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aap.applications.models import Application
from aap.calls.models import Call, CallVersion
from aap.errors import ConflictError, ForbiddenError, InvalidError
from aap.jury.blindness import is_true, juror_sees
from aap.jury.models import Assignment, AssignmentRefusal, JuryInvitation, JuryMember
from aap.jury.queries import list_declines, list_my_files, list_waiting_invitations
from aap.jury.queries.proposing import read_material
from aap.jury.service import (
    Place,
    accept_invitation,
    assign,
    decline_assignment,
    decline_invitation,
    invite,
    start_review,
)
from aap.outbox import Promise
from tests.integration.jury.scene import MARKING, NAMED, PUBLISHED, People, fill, make_user, seat

WHY = "Je suis en congé jusqu'en février."
ADDRESS = "invitee@exemple.invalid"


@pytest.fixture
def invitation(call: Call, version: CallVersion, people: People) -> JuryInvitation:
    return invite(
        call,
        ADDRESS,
        Place(version.colleges[0]),
        make_token=lambda one: f"secret-{one}",
        actor=people.officer,
        now=NAMED,
    )


@pytest.fixture
def member(session: Session, call: Call, people: People) -> JuryMember:
    return seat(session, call, "J1", 0, people.officer)


def test_an_invitation_is_declined_from_its_link_for_a_reason_and_serves_no_more(
    session: Session, call: Call, version: CallVersion, people: People, invitation: JuryInvitation
) -> None:
    with pytest.raises(InvalidError) as mute:
        decline_invitation(invitation, reason=" ", now=NAMED)
    assert mute.value.problems[0].place == "reason"
    decline_invitation(invitation, reason=WHY, now=NAMED)
    assert list_waiting_invitations(call.id, seen=true()) == ()
    (told,) = list_declines(call.id, seen=true())
    assert (told.who, told.reason, told.at) == (ADDRESS, WHY, NAMED)
    mail = session.scalars(select(Promise).where(Promise.key.contains("jury-declined"))).one()
    assert mail.payload["to"] == call.contact_mailbox
    person = make_user(session, "invitee")
    with pytest.raises(ConflictError):
        accept_invitation(invitation, actor=person, now=NAMED)
    with pytest.raises(ConflictError):
        decline_invitation(invitation, reason=WHY, now=NAMED)
    session.delete(person)
    session.flush()
    again = invite(
        call,
        ADDRESS,
        Place(version.colleges[0]),
        make_token=lambda one: f"other-{one}",
        actor=people.officer,
        now=NAMED,
    )
    assert again.id != invitation.id, "somebody who can finally sit is invited again"


def test_a_file_is_given_back_before_it_is_marked_and_stays_readable(
    session: Session, call: Call, case: Application, people: People, member: JuryMember
) -> None:
    assign(member, case, actor=people.officer, now=NAMED)
    start_review(member, case, actor=member.user, now=MARKING)  # opened, and nothing marked
    with pytest.raises(InvalidError):
        decline_assignment(member, case, reason="", actor=member.user, now=MARKING)
    with pytest.raises(ForbiddenError):
        decline_assignment(member, case, reason=WHY, actor=people.officer, now=MARKING)

    decline_assignment(member, case, reason=WHY, actor=member.user, now=MARKING)

    assert list_my_files(member) == ()
    assert is_true(juror_sees(member.user_id), case.id), "it is not a recusal"
    (told,) = list_declines(call.id, seen=true())
    assert told.who.startswith("J1")
    assert (told.what, told.reason) == (f"Noter {case.reference}", WHY)
    assert list_declines(call.id, seen=Application.id != case.id) == ()
    mail = session.scalars(select(Promise).where(Promise.key.contains("jury-refusal"))).one()
    assert mail.payload["context"]["reason"] == WHY
    with pytest.raises(ConflictError):
        decline_assignment(member, case, reason=WHY, actor=member.user, now=MARKING)


def test_what_was_begun_is_not_given_back(
    session: Session, case: Application, people: People, member: JuryMember
) -> None:
    assign(member, case, actor=people.officer, now=NAMED)
    fill(member, case, {"C1": 3})
    with pytest.raises(ConflictError) as refused:
        decline_assignment(member, case, reason=WHY, actor=member.user, now=MARKING)
    assert refused.value.code == "notation-commencee"
    assert session.scalars(select(Assignment)).one().application_id == case.id


def test_a_replacement_is_proposed_and_never_whoever_gave_it_back(
    call: Call, case: Application, people: People, member: JuryMember
) -> None:
    assign(member, case, actor=people.officer, now=NAMED)
    decline_assignment(member, case, reason=WHY, actor=member.user, now=MARKING)
    found = read_material(call.id, seen=true(), reader_id=people.officer.id)
    assert found.lost == {case.id: 1}
    assert (member.id, case.id) in found.barred
    assign(member, case, actor=people.officer, now=MARKING)  # by hand, after all
    found = read_material(call.id, seen=true(), reader_id=people.officer.id)
    assert found.lost == {}
    assert (member.id, case.id) not in found.barred


def test_the_database_refuses_a_refusal_without_its_reason(
    session: Session, case: Application, member: JuryMember, invitation: JuryInvitation
) -> None:
    values = {"id": uuid.uuid4(), "jury_member_id": member.id, "application_id": case.id, "reason": "", "at": PUBLISHED}
    assert "ck_assignment_refusals_reason_filled" in refusal(session, insert(AssignmentRefusal).values(values))
    change = update(JuryInvitation).where(JuryInvitation.id == invitation.id)
    unsaid = change.values(declined_at=NAMED, revoked_at=NAMED)
    assert "ck_jury_invitations_declined_with_reason" in refusal(session, unsaid)
    alive = change.values(declined_at=NAMED, decline_reason=WHY)
    assert "ck_jury_invitations_declined_is_over" in refusal(session, alive)


def refusal(session: Session, statement: Executable) -> str:
    with pytest.raises(IntegrityError) as raised, session.begin_nested():
        session.execute(statement)
    return str(raised.value)
