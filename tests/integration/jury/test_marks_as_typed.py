"""Marks saved while they are typed: the right is asked at every one, the trail goes on, the cost stays small."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from aap.applications.models import Application
from aap.calls.models import Call
from aap.errors import ConflictError, ForbiddenError
from aap.jury.models import JuryMember, MarkRevision
from aap.jury.service import MarkInput, assign, autosave_review, close_scoring, recuse, reopen_review, submit_review
from tests.integration.jury.scene import MARKING, NAMED, SCORING_END, People, even, fill, mark, seat

pytestmark = pytest.mark.sqlite


@pytest.fixture
def member(session: Session, call: Call, case: Application, people: People) -> JuryMember:
    """A member asked to mark the file."""
    member = seat(session, call, "J1", 0, people.officer)
    assign(member, case, actor=people.officer, now=NAMED)
    return member


def save(member: JuryMember, case: Application, value: str, seen: int, *, now: Any = MARKING) -> Any:
    """Save one mark as the page does."""
    return autosave_review(member, case, {"C1": MarkInput(value)}, {"C1": seen}, actor=member.user, now=now)


def test_the_reason_of_the_last_reopening_follows_the_marks_typed_afterwards(
    session: Session, call: Call, case: Application, people: People
) -> None:
    member = seat(session, call, "J1", 0, people.officer)
    review = mark(member, case, even(3), people.officer)
    moments = [MARKING + timedelta(minutes=number) for number in range(4)]
    reopen_review(review, reason="Note lue de travers", actor=member.user, now=moments[0])
    assert save(member, case, "4", 1, now=moments[1]).versions == {"C1": 2}
    submit_review(review, actor=member.user, now=moments[2])
    reopen_review(review, reason="Annexe vue trop tard", actor=member.user, now=moments[3])
    result = save(member, case, "2", 2, now=moments[3])

    assert (result.versions, result.conflicts) == ({"C1": 3}, ())
    after = select(MarkRevision.reason).where(MarkRevision.number > 1).order_by(MarkRevision.number)
    assert session.scalars(after).all() == ["Note lue de travers", "Annexe vue trop tard"]


def test_a_draft_already_open_gives_no_right(call: Call, case: Application, people: People, member: JuryMember) -> None:
    fill(member, case, even(3))
    with pytest.raises(ForbiddenError) as refused:
        autosave_review(member, case, {"C1": MarkInput("4")}, {"C1": 1}, actor=people.officer, now=MARKING)
    assert refused.value.code == "autre-membre"
    with pytest.raises(ConflictError) as late:
        save(member, case, "4", 1, now=SCORING_END + timedelta(seconds=1))
    assert late.value.code == "notation-close"
    close_scoring(call, now=SCORING_END)  # the closure counts, whatever the clock says
    with pytest.raises(ConflictError) as closed:
        save(member, case, "4", 1)
    assert closed.value.code == "notation-close"
    recuse(member, case, reason="Lien", actor=member.user, now=MARKING)
    with pytest.raises(ForbiddenError) as gone:
        save(member, case, "4", 1)
    assert gone.value.code == "deporte"


def test_a_mark_saved_elsewhere_meanwhile_is_a_conflict(case: Application, member: JuryMember) -> None:
    save(member, case, "3", 0)
    save(member, case, "4", 1)
    (conflict,) = save(member, case, "2", 1).conflicts
    assert (conflict.yours, conflict.theirs, conflict.version) == (MarkInput("2"), MarkInput("4"), 2)


def test_saving_a_mark_asks_the_tables_three_questions(session: Session, case: Application, member: JuryMember) -> None:
    save(member, case, "3", 0)
    said: list[str] = []

    def listen(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement.split(maxsplit=1)[0])

    event.listen(session.get_bind(), "before_cursor_execute", listen)
    try:
        save(member, case, "4", 1)
    finally:
        event.remove(session.get_bind(), "before_cursor_execute", listen)
    assert said.count("SELECT") <= 3  # the review locked, its marks with their trail, the right to mark
    assert len(said) <= 6
