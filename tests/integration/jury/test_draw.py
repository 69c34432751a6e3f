"""The draw between files that nothing separates: committed before marks open, revealed on a frozen ranking."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from aap.applications.models import Application
from aap.calls.models import Call, CallVersion
from aap.errors import ConflictError
from aap.jury.models import RankingDraw
from aap.jury.queries import list_ranking, list_snapshots
from aap.jury.service import close_scoring, commit_due_draws, reveal_draw
from aap.scoring.draw import commitment, draw_order, matches
from tests.integration.jury.scene import MARKING, SCORING_END, SESSION, People, even, make_file, mark, seat


@pytest.fixture
def drawing(session: Session, version: CallVersion) -> CallVersion:
    """The call ends its order with a draw."""
    rubric = dict(version.document["rubric"])
    rubric["ranking"] = {**rubric["ranking"], "order": [*rubric["ranking"]["order"], "draw"]}
    version.document, version.fingerprint = {**version.document, "rubric": rubric}, "e" * 64
    session.flush()
    return version


@pytest.mark.usefixtures("call")
def test_nothing_is_committed_for_a_call_without_a_draw(session: Session) -> None:
    assert commit_due_draws(MARKING) == 0
    assert session.scalars(select(RankingDraw)).all() == []


@pytest.mark.usefixtures("drawing")
def test_the_service_commits_once_by_itself_while_marks_are_hidden(session: Session, call: Call) -> None:
    assert commit_due_draws(MARKING) == 1
    assert commit_due_draws(MARKING) == 0
    (row,) = session.scalars(select(RankingDraw))
    assert (row.call_id, row.revealed_at) == (call.id, None)
    assert len(row.seed) == 64, "256 bits"
    assert row.commitment == commitment(row.seed)


@pytest.mark.usefixtures("drawing")
def test_it_is_too_late_once_marks_are_open(session: Session, call: Call, case: Application, people: People) -> None:
    mark(seat(session, call, "J1", 0, people.officer), case, even(4), people.officer)
    close_scoring(call, now=SCORING_END)
    assert commit_due_draws(SESSION) == 0
    with pytest.raises(ConflictError):
        reveal_draw(call, actor=people.officer, now=SESSION)


def test_the_seed_is_revealed_on_a_frozen_ranking_and_anybody_can_draw_again(
    session: Session, call: Call, drawing: CallVersion, people: People
) -> None:
    members = [seat(session, call, f"J{n}", 0, people.officer) for n in range(1, 4)]
    files = [make_file(session, drawing, people.stranger, 60 + n) for n in range(3)]
    for file in files:
        for member in members:
            mark(member, file, even(4), people.officer)
    commit_due_draws(MARKING)
    close_scoring(call, now=SCORING_END)
    assert {row.rank_overall for row in list_ranking(call.id)} == {1}
    row = reveal_draw(call, actor=people.officer, now=SESSION)
    (frozen,) = list_snapshots(call.id)
    assert (frozen.name, frozen.frozen_at) == ("Avant le tirage", SESSION)
    assert matches(row.seed, row.commitment)
    drawn = [one.reference for one in list_ranking(call.id)]
    assert drawn == list(draw_order(row.seed, [file.reference or "" for file in files]))
    assert [one.rank_overall for one in list_ranking(call.id)] == [1, 2, 3]
    assert all(one.drawn for one in list_ranking(call.id))
