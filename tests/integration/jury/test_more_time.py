"""More time to mark: the closing hour moved by a named officer, an additional reviewer, and the draw that waits."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, true
from sqlalchemy.orm import Session

from aap.applications.models import Application
from aap.calls.models import Call, CallVersion
from aap.errors import ConflictError, InvalidError
from aap.jury.checks import scoring_window
from aap.jury.models import JuryMember
from aap.jury.queries import get_summary, list_late_reviews
from aap.jury.queries.late import list_extensions
from aap.jury.service import (
    close_due_scoring,
    close_scoring,
    commit_draw,
    end_membership,
    extend_scoring,
    name_additional_reviewer,
    recuse,
    reveal_draw,
    submit_review,
)
from aap.outbox import Promise
from tests.integration.jury.scene import (
    MARKING,
    NAMED,
    SCORING_END,
    SESSION,
    People,
    even,
    fill,
    mark,
    seat,
)

WHY = "Deux membres sont souffrants."
LATER = SCORING_END + timedelta(days=2)


@pytest.fixture
def members(session: Session, call: Call, people: People) -> list[JuryMember]:
    return [seat(session, call, f"J{n}", 0, people.officer) for n in range(1, 4)]


def test_the_closing_hour_moves_for_all_and_each_member_is_told(
    session: Session, call: Call, version: CallVersion, case: Application, people: People, members: list[JuryMember]
) -> None:
    end_membership(members[2], reason="Départ", actor=people.officer, now=MARKING)
    extend_scoring(call, LATER, WHY, actor=people.officer, now=MARKING)

    assert scoring_window(version).is_open(LATER)
    assert close_due_scoring(SCORING_END + timedelta(hours=1)) == 0, "the hour of before closes nothing"
    mark(members[0], case, even(4), people.officer, now=SCORING_END + timedelta(hours=1))
    assert close_due_scoring(LATER) == 1
    (told,) = list_extensions(call.id)
    assert (told.was, told.until, told.reason, told.by) == (SCORING_END, LATER, WHY, people.officer.display_name)
    mails = session.scalars(select(Promise).where(Promise.key.contains("jury-scoring-extended"))).all()
    assert {row.payload["to"] for row in mails} == {member.user.email for member in members[:2]}
    assert mails[0].payload["context"]["reason"] == WHY


def test_an_hour_already_past_may_still_move_until_marks_are_read(
    call: Call, case: Application, people: People, members: list[JuryMember]
) -> None:
    assert members
    late = SCORING_END + timedelta(seconds=1)
    extend_scoring(call, LATER, WHY, actor=people.officer, now=late)
    with pytest.raises(ConflictError):
        close_scoring(call, now=late)
    close_scoring(call, now=LATER)
    with pytest.raises(ConflictError) as refused:
        extend_scoring(call, LATER + timedelta(days=1), WHY, actor=people.officer, now=LATER + timedelta(hours=1))
    assert refused.value.code == "notation-close"
    assert case.state.value == "scored"


def test_an_extension_is_later_motivated_and_before_what_follows(call: Call, people: People) -> None:
    for until, reason, place in ((MARKING, WHY, "moved_to"), (LATER, " ", "reason")):
        with pytest.raises(InvalidError) as refused:
            extend_scoring(call, until, reason, actor=people.officer, now=MARKING)
        assert refused.value.problems[0].place == place
    with pytest.raises(InvalidError) as refused:
        extend_scoring(call, SESSION + timedelta(days=10), WHY, actor=people.officer, now=MARKING)
    assert refused.value.code == "calendrier-desordonne"


def test_the_draw_waits_for_an_additional_reviewer_then_goes_on(
    session: Session, call: Call, case: Application, people: People, members: list[JuryMember]
) -> None:
    mark(members[0], case, even(5), people.officer)
    mark(members[1], case, even(1), people.officer)
    commit_draw(call, now=NAMED)
    close_scoring(call, now=SCORING_END)
    until = SCORING_END + timedelta(days=3)
    name_additional_reviewer(members[2], case, until, actor=people.officer, now=SCORING_END)
    told = session.scalars(select(Promise).where(Promise.key.contains("jury-additional"))).one()
    assert told.payload["to"] == members[2].user.email

    soon = SCORING_END + timedelta(days=1)
    (late,) = list_late_reviews(call.id, soon, seen=true())
    assert (late.reference, late.code, late.open_until) == (case.reference, members[2].code, until)
    with pytest.raises(ConflictError) as refused:
        reveal_draw(call, actor=people.officer, now=soon)
    assert refused.value.code == "tirage-en-attente"
    assert (case.reference or "") not in refused.value.message, "who reveals may have stood back from that file"

    review = fill(members[2], case, even(3), now=soon, comment="Lu.")
    assert list_late_reviews(call.id, soon, seen=true()), "a draft is not given"
    submit_review(review, actor=members[2].user, now=soon)
    assert list_late_reviews(call.id, soon, seen=true()) == ()
    assert reveal_draw(call, actor=people.officer, now=soon).revealed_at == soon
    assert get_summary(case.id).counted == 3
    other = seat(session, call, "J9", 0, people.officer)
    with pytest.raises(ConflictError, match="La graine du tirage est révélée"):
        name_additional_reviewer(other, case, until, actor=people.officer, now=soon)


def test_the_draw_waits_no_longer_than_the_hour_nor_for_whoever_stood_back(
    call: Call, case: Application, people: People, members: list[JuryMember]
) -> None:
    close_scoring(call, now=SCORING_END)
    until = SCORING_END + timedelta(days=3)
    for member in members[1:]:
        name_additional_reviewer(member, case, until, actor=people.officer, now=SCORING_END)
    recuse(members[1], case, reason="Un lien", actor=members[1].user, now=SCORING_END)
    assert [row.code for row in list_late_reviews(call.id, SCORING_END, seen=true())] == [members[2].code]
    assert list_late_reviews(call.id, until, seen=true()) == ()
