"""Setting a jury up: what members know, substitutes who see nothing until called in, reminders of what is owed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aap.applications.models import Application
from aap.calls.models import Call, CallVersion
from aap.errors import ConflictError, InvalidError
from aap.jury.models import ExpertiseKind, JuryDepartment, JuryExpertise, JuryMember
from aap.jury.service import Profile, assign, call_in, describe_member, end_membership, remind_jurors, submit_review
from aap.outbox import Promise
from aap.policies.jury import VERBS, VISIBLE
from tests.integration.jury.scene import MARKING, NAMED, SCORING_END, People, at, even, fill, make_file, seat


@pytest.fixture
def member(session: Session, call: Call, people: People) -> JuryMember:
    return seat(session, call, "J1", 0, people.officer)


def test_a_profile_replaces_the_one_before(session: Session, member: JuryMember, people: People) -> None:
    first = Profile(publics=frozenset({"ald", "detenus"}), departments=frozenset({"77", "93"}), capacity=12)
    describe_member(member, first, actor=people.officer, now=NAMED)
    second = Profile(publics=frozenset({"ald"}), acts=frozenset({"teleexpertise"}), departments=frozenset({"93"}))
    describe_member(member, second, actor=people.officer, now=NAMED)
    session.expire_all()
    assert {row.code for row in member.expertises} == {"ald", "teleexpertise"}
    assert [row.department_code for row in member.departments] == ["93"]
    assert member.capacity is None


def test_a_profile_names_each_wrong_field(member: JuryMember, people: People) -> None:
    wrong = Profile(frozenset({"martiens"}), frozenset({"nage"}), frozenset({"99"}), capacity=-1)
    with pytest.raises(InvalidError) as caught:
        describe_member(member, wrong, actor=people.officer, now=NAMED)
    assert [problem.place for problem in caught.value.problems] == ["publics", "acts", "departments", "capacity"]


def test_a_waiting_substitute_sees_and_receives_nothing(
    session: Session, call: Call, case: Application, member: JuryMember, people: People
) -> None:
    waiting = seat(session, call, "J2", 0, people.officer)
    describe_member(waiting, Profile(substitute=True), actor=people.officer, now=NAMED)
    assert case not in session.scalars(select(Application).where(VISIBLE[Application](waiting.user)))
    assert not VERBS["application.read"](waiting.user, case)
    assert not VERBS["jury.read_ranking"](waiting.user, call)
    with pytest.raises(ConflictError, match="pas été appelé"):
        assign(waiting, case, actor=people.officer, now=NAMED)
    end_membership(member, reason="Malade.", actor=people.officer, now=NAMED)
    call_in(waiting, member, actor=people.officer, now=NAMED)
    assert VERBS["application.read"](waiting.user, case)
    assert case in session.scalars(select(Application).where(VISIBLE[Application](waiting.user)))
    assign(waiting, case, actor=people.officer, now=NAMED)


def test_a_place_is_filled_once_and_by_a_substitute(
    session: Session, call: Call, member: JuryMember, people: People
) -> None:
    ordinary = seat(session, call, "J2", 0, people.officer)
    with pytest.raises(ConflictError, match="suppléant"):
        call_in(ordinary, member, actor=people.officer, now=NAMED)
    first, second = (seat(session, call, name, 0, people.officer) for name in ("J3", "J4"))
    for substitute in (first, second):
        describe_member(substitute, Profile(substitute=True), actor=people.officer, now=NAMED)
    call_in(first, member, actor=people.officer, now=NAMED)
    with pytest.raises(ConflictError, match="siège déjà"):
        call_in(second, member, actor=people.officer, now=NAMED)


def test_who_has_files_is_no_substitute(case: Application, member: JuryMember, people: People) -> None:
    assign(member, case, actor=people.officer, now=NAMED)
    with pytest.raises(InvalidError) as caught:
        describe_member(member, Profile(substitute=True), actor=people.officer, now=NAMED)
    assert [problem.place for problem in caught.value.problems] == ["substitute"]


def wait_while_called_in(member: JuryMember) -> None:
    member.substitute, member.stands_in_for_id = True, member.id


@pytest.mark.parametrize(
    "wrong",
    [
        lambda member: setattr(member, "capacity", -1),
        wait_while_called_in,
        lambda member: member.expertises.extend(
            [JuryExpertise(kind=ExpertiseKind.PUBLIC, code="ald"), JuryExpertise(kind=ExpertiseKind.PUBLIC, code="ald")]
        ),
        lambda member: member.departments.extend(
            [JuryDepartment(department_code="77"), JuryDepartment(department_code="77")]
        ),
    ],
)
def test_the_database_keeps_profiles_sound(session: Session, member: JuryMember, wrong: object) -> None:
    assert callable(wrong)
    wrong(member)
    with pytest.raises(IntegrityError), session.begin_nested():
        session.flush()


def test_who_owes_reviews_is_reminded_twice_and_others_never(
    session: Session, call: Call, version: CallVersion, case: Application, member: JuryMember, people: People
) -> None:
    other = make_file(session, version, people.stranger, 40, department_code="95")
    done, gone = seat(session, call, "J2", 0, people.officer), seat(session, call, "J3", 0, people.officer)
    for who, file in ((member, case), (member, other), (done, case), (gone, case)):
        assign(who, file, actor=people.officer, now=NAMED)
    submit_review(fill(done, case, even(4)), actor=done.user, now=MARKING)
    end_membership(gone, reason="Départ.", actor=people.officer, now=MARKING)

    def told() -> list[Promise]:
        session.flush()
        return [row for row in session.scalars(select(Promise)) if "jury-reminder" in row.key]

    assert remind_jurors(SCORING_END - timedelta(days=8)) == 0
    assert remind_jurors(SCORING_END - timedelta(days=6)) == 1
    assert remind_jurors(SCORING_END - timedelta(days=5)) == 1
    assert len(told()) == 1
    assert "2" in str(told()[0].payload)
    assert remind_jurors(SCORING_END - timedelta(hours=20)) == 1
    assert len(told()) == 2
    assert remind_jurors(SCORING_END + timedelta(seconds=1)) == 0
    assert remind_jurors(at("2023-12-10T09:00:00")) == 0
