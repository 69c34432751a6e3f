"""The board reads stored results: they say what the marks say, through every change, for every reader."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import ColumnElement, delete, select, text, true
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aap.applications.models import Application
from aap.calls.models import Call, CallVersion
from aap.jury.grid import read_board_terms
from aap.jury.models import JuryMember, Standing
from aap.jury.queries import Board, BoardFilters, get_board, is_stored, list_ranking
from aap.jury.queries.ranking import compute_ranking, read_rules
from aap.jury.service import (
    assign,
    close_scoring,
    commit_draw,
    recuse,
    refresh_stale_standings,
    reopen_review,
    reveal_draw,
    submit_review,
)
from aap.policies.marks import others_marks
from aap.scoring.aggregation import Status
from aap.scoring.ties import Separator
from tests.integration.jury.scene import MARKING, NAMED, SCORING_END, SESSION, People, even, make_file, mark, seat

WHOLE = Decimal(10**9)


@pytest.fixture
def members(session: Session, call: Call, people: People) -> list[JuryMember]:
    return [seat(session, call, f"J{n}", 0, people.officer) for n in range(1, 4)]


@pytest.fixture
def played(session: Session, version: CallVersion, people: People, members: list[JuryMember]) -> list[Application]:
    """Seven files: two exactly equal, two told apart by a criterion, an eliminated, an incomplete, an unread one."""
    files = [make_file(session, version, people.stranger, 50 + n, strand="AB"[n % 2]) for n in range(7)]
    marks: list[dict[str, Any]] = [even(4), even(4), {**even(4), "C2": 5}, {**even(4), "C1": 5}, even(1)]
    for file, notes in zip(files, marks, strict=False):
        for member in members:
            mark(member, file, notes, people.officer)
    mark(members[0], files[5], even(5), people.officer)
    assign(members[1], files[5], actor=people.officer, now=NAMED)
    return files


def board(
    call: Call, seen: ColumnElement[bool] | None = None, filters: BoardFilters | None = None, **kwargs: Any
) -> Board:
    terms = read_board_terms(call.versions[-1])
    rules = read_rules(call.id, terms)[1]
    known: dict[str, Any] = {"envelope_eur": WHOLE, "reader": {}, **kwargs}
    return get_board(call.id, filters or BoardFilters(), seen=true() if seen is None else seen, rules=rules, **known)


def check_same(call: Call, seen: ColumnElement[bool] | None = None) -> None:
    """The stored results and the marks tell the same, file by file, overall and in each strand."""
    assert is_stored(call.id)
    expected = {row.application_id: row for row in list_ranking(call.id, seen=seen)}
    rows = {row.application_id: row for row in board(call, seen).rows}
    assert list(rows) == list(expected)
    for key, row in rows.items():
        live = expected[key]
        assert (row.rank, row.tied, row.drawn) == (live.rank_overall, live.tied, live.drawn), live.reference
        assert (row.status, row.total, row.counted) == (live.status, live.total, live.counted)
        assert (row.minimum, row.maximum, row.divergence) == (live.minimum, live.maximum, live.divergence)
        assert (row.divergence_over, row.under_floor) == (live.divergence_over, live.under_floor)
    for strand in ("A", "B"):
        ranks = {row.application_id: row.rank for row in board(call, seen, BoardFilters(strand=strand)).rows}
        assert ranks == {key: live.rank_strand for key, live in expected.items() if live.strand_key == strand}


def test_stored_results_follow_every_change_of_the_marks(
    session: Session, call: Call, played: list[Application], members: list[JuryMember], people: People
) -> None:
    check_same(call)
    review = mark(members[2], played[5], even(5), people.officer)
    check_same(call)
    reopen_review(review, reason="Erreur", actor=members[2].user, now=MARKING)
    check_same(call)
    submit_review(review, actor=members[2].user, now=MARKING)
    recuse(members[0], played[2], reason="Lien", actor=members[0].user, now=MARKING)
    check_same(call)
    close_scoring(call, now=SCORING_END)
    check_same(call)
    check_same(call, others_marks(members[0].user))
    assert session.scalar(select(Standing.given).where(Standing.application_id == played[2].id)) == 2


def test_a_recused_member_counts_ranks_without_the_file(
    call: Call, played: list[Application], members: list[JuryMember]
) -> None:
    best = board(call).rows[0]
    recuse(
        members[0],
        next(file for file in played if file.id == best.application_id),
        reason="Lien",
        actor=members[0].user,
        now=MARKING,
    )
    close_scoring(call, now=SCORING_END)
    seen = board(call, others_marks(members[0].user))
    assert best.application_id not in {row.application_id for row in seen.rows}
    assert seen.rows[0].rank == 1
    assert seen.ranked + seen.others == len(played) - 1


def test_equal_totals_say_what_separated_them(call: Call, played: list[Application]) -> None:
    rows = board(call).rows
    told = [(row.rank, row.tied, row.separated.by if row.separated else None) for row in rows if row.rank]
    assert told[0][2] is None
    tied = [row for row in rows if row.tied]
    assert {row.application_id for row in tied} == {played[0].id, played[1].id}
    assert tied[1].separated is not None
    assert tied[1].separated.by is Separator.NOTHING


def test_the_revealed_draw_separates_them_and_says_so(
    session: Session, call: Call, played: list[Application], people: People
) -> None:
    version = call.versions[-1]
    rubric = dict(version.document["rubric"])
    rubric["ranking"] = {**rubric["ranking"], "order": [*rubric["ranking"]["order"], "draw"]}
    version.document = {**version.document, "rubric": rubric}
    version.fingerprint = "d" * 64  # what a process keeps in memory goes by it
    session.flush()
    commit_draw(call, actor=people.officer, now=MARKING)
    close_scoring(call, now=SCORING_END)
    assert sum(row.tied for row in board(call).rows) == 2
    reveal_draw(call, actor=people.officer, now=SESSION)
    check_same(call)
    rows = board(call).rows
    assert not any(row.tied for row in rows)
    (second,) = [row for row in rows if row.separated and row.separated.by is Separator.DRAW]
    assert second.drawn
    assert {second.application_id} < {played[0].id, played[1].id}


def test_filters_sorts_and_the_line_of_the_envelope(call: Call, played: list[Application]) -> None:
    found = board(call, envelope_eur=played[0].requested_eur * 2)
    assert (found.ranked, found.others, found.total) == (4, 3, 7)
    assert found.line == 3
    assert [row.cumulated_eur for row in found.rows[:2]] == [played[0].requested_eur, played[0].requested_eur * 2]
    by_status = {status: board(call, filters=BoardFilters(status=status)) for status in Status}
    assert [by_status[status].total for status in (Status.RANKED, Status.ELIMINATED, Status.INCOMPLETE)] == [4, 1, 2]
    assert by_status[Status.ELIMINATED].rows[0].under_floor
    words = board(call, filters=BoardFilters(text="projet 53"))
    assert [row.title for row in words.rows] == ["Projet 53"]
    assert words.rows[0].rank == next(row.rank for row in found.rows if row.title == "Projet 53")
    best_first = [row.total for row in board(call, sort="-total").rows if row.total is not None]
    assert best_first == sorted(best_first, reverse=True)
    assert [row.reference for row in board(call, sort="-reference").rows] == sorted(
        (row.reference for row in found.rows), reverse=True
    )


def test_results_not_stored_yet_are_computed_from_the_marks_then_stored_by_the_sweep(
    session: Session, call: Call, played: list[Application]
) -> None:
    before = board(call, filters=BoardFilters(status=Status.RANKED))
    session.execute(delete(Standing))
    assert not is_stored(call.id)
    live = board(call, filters=BoardFilters(status=Status.RANKED))
    assert [replace(row, merit="") for row in live.rows] == [replace(row, merit="") for row in before.rows]
    assert (live.ranked, live.others, live.line) == (before.ranked, before.others, before.line)
    assert refresh_stale_standings(SESSION) == len(played)
    assert refresh_stale_standings(SESSION) == 0
    check_same(call)


@pytest.mark.parametrize(
    ("changed", "constraint"),
    [
        ("counted = given + 1", "counted_among_given"),
        ("counted = 0", "total_of_what_counts"),
        ("total = NULL, counted = 0, merit_key = ''", "ranked_by_a_total"),
        ("merit_key = ''", "total_with_its_key"),
    ],
)
@pytest.mark.usefixtures("played")
def test_its_constraints(session: Session, changed: str, constraint: str) -> None:
    session.flush()
    with pytest.raises(IntegrityError, match=constraint), session.begin_nested():
        session.execute(text(f"UPDATE standings SET {changed} WHERE status = 'ranked'"))  # noqa: S608  # our own text


@pytest.mark.usefixtures("played")
def test_one_result_a_file(session: Session) -> None:
    row = session.scalars(select(Standing)).first()
    assert row is not None
    columns = {column.key: getattr(row, column.key) for column in Standing.__table__.columns if column.key != "id"}
    session.add(Standing(**columns))
    with pytest.raises(IntegrityError):
        session.flush()


def test_a_file_under_the_floors_of_a_very_long_grid_is_read_from_its_marks(
    session: Session,
    version: CallVersion,
    call: Call,
    people: People,
    members: list[JuryMember],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def very_long(*args: Any, **options: Any) -> Any:
        found = compute_ranking(*args, **options)
        assert found is not None
        return replace(found, rows=tuple(replace(row, under_floor=("c" * 40,) * 12) for row in found.rows))

    monkeypatch.setattr("aap.jury.service.standings.compute_ranking", very_long)
    file = make_file(session, version, people.stranger, 70)
    mark(members[0], file, even(1), people.officer)
    assert session.scalars(select(Standing)).all() == []
    assert not is_stored(call.id)
