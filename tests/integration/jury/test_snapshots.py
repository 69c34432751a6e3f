"""Frozen rankings: sealed, verified, never changed; made on request and where the ranking starts to serve."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select, text, true
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aap import audit
from aap.applications.models import Application
from aap.awards.inputs import DecisionInput, OpinionInput
from aap.awards.service import agree, decide, record_jury_opinion, sign
from aap.calls.models import Call, CallVersion
from aap.errors import ConflictError, InvalidError
from aap.jury.models import JuryMember, RankingSnapshot, SnapshotOccasion
from aap.jury.queries import (
    draft_minutes,
    freeze_ranking_of,
    list_snapshots,
    read_snapshot,
    verify_snapshots,
)
from aap.jury.service import (
    Agreement,
    assign,
    close_scoring,
    close_session,
    freeze_ranking,
    plan_session,
    record_presence,
    recuse,
    submit_review,
)
from aap.policies.marks import others_marks
from aap.policies.sessions import VERBS, VISIBLE
from aap.scoring.changes import Cause, compare
from aap.scoring.frozen import digest, read_frozen
from tests.integration.jury.scene import (
    DECISION,
    MARKING,
    SCORING_END,
    SESSION,
    People,
    even,
    fill,
    make_file,
    mark,
    seat,
)

HOUR = timedelta(hours=1)


@pytest.fixture
def members(session: Session, call: Call, people: People) -> list[JuryMember]:
    return [seat(session, call, f"J{n}", 0, people.officer) for n in range(1, 4)]


@pytest.fixture
def other(session: Session, version: CallVersion, people: People) -> Application:
    return make_file(session, version, people.stranger, 40, department_code="95")


@pytest.fixture
def marked(case: Application, other: Application, members: list[JuryMember], people: People, call: Call) -> Call:
    """Two files marked by three members, marks open: ``case`` first, ``other`` second."""
    for member in members:
        mark(member, case, even(5), people.officer)
        mark(member, other, even(4), people.officer)
    close_scoring(call, now=SCORING_END)
    return call


def freeze(call: Call, people: People, name: str = "Avant la séance") -> RankingSnapshot:
    return freeze_ranking(call, name=name, reason="Préparer l'ordre du jour", actor=people.officer, now=SESSION)


def test_an_officer_freezes_the_ranking_and_the_journal_seals_it(
    session: Session, marked: Call, people: People
) -> None:
    row = freeze(marked, people)
    found = read_frozen(row.content.encode())
    assert found == freeze_ranking_of(marked.id)
    assert row.sha256 == digest(found)
    assert [(file.rank, file.status.value) for file in found.files] == [(1, "ranked"), (2, "ranked")]
    advice = json.loads(row.advice or "")
    assert [line["rank"] for line in advice["files"]] == [1, 2]
    assert freeze(marked, people, "Encore").number == 2
    session.commit()
    assert audit.verify().ok
    report = verify_snapshots()
    assert (report.checked, report.broken) == (2, ())


@pytest.mark.parametrize(
    ("name", "reason", "field"), [("", "x", "name"), ("x" * 201, "x", "name"), ("x", " ", "reason")]
)
def test_a_name_and_a_reason_are_asked(marked: Call, people: People, name: str, reason: str, field: str) -> None:
    with pytest.raises(InvalidError) as refused:
        freeze_ranking(marked, name=name, reason=reason, actor=people.officer, now=SESSION)
    assert [problem.place for problem in refused.value.problems] == [field]


@pytest.mark.usefixtures("case")
def test_nothing_is_frozen_before_marks_are_open(call: Call, people: People) -> None:
    with pytest.raises(ConflictError):
        freeze(call, people)


@pytest.mark.parametrize("statement", ["UPDATE ranking_snapshots SET name = 'Autre'", "DELETE FROM ranking_snapshots"])
def test_the_database_itself_refuses_to_change_or_remove_one(
    session: Session, marked: Call, people: People, statement: str
) -> None:
    freeze(marked, people)
    session.flush()
    with pytest.raises(IntegrityError, match="append-only"), session.begin_nested():
        session.execute(text(statement))
    assert session.scalars(select(RankingSnapshot.name)).all() == ["Avant la séance"]


@pytest.mark.parametrize(
    "changed",
    [
        {"number": 0},
        {"number": 1},
        {"name": ""},
        {"sha256": "abc"},
        {"advice_sha256": None},
        {"frozen_by_id": None},
        {"number": 3, "occasion": SnapshotOccasion.OPENING},
    ],
)
def test_its_constraints(session: Session, marked: Call, people: People, changed: dict[str, object]) -> None:
    row = freeze(marked, people)
    columns = {
        column.key: getattr(row, column.key) for column in RankingSnapshot.__table__.columns if column.key != "id"
    }
    session.add(RankingSnapshot(**{**columns, "number": 2, "occasion": SnapshotOccasion.OPENING}))
    session.flush()
    again = {**columns, "number": 3, **changed}
    session.add(RankingSnapshot(**again))
    with pytest.raises(IntegrityError):
        session.flush()


def test_a_seal_that_does_not_hold_is_named(session: Session, marked: Call, people: People) -> None:
    row = freeze(marked, people)
    columns = {
        column.key: getattr(row, column.key) for column in RankingSnapshot.__table__.columns if column.key != "id"
    }
    session.add(RankingSnapshot(**{**columns, "number": 2, "name": "Glissé"}))
    session.add(
        RankingSnapshot(**{**columns, "number": 3, "name": "Retouché", "content": row.content.replace("1", "2")})
    )
    session.commit()
    broken = {one.name: one.reason for one in verify_snapshots().broken}
    assert broken == {
        "Glissé": "le journal ne connaît pas ce classement",
        "Retouché": "le contenu conservé ne correspond plus à son sceau",
    }


def test_the_session_and_its_minutes_say_which_ranking_they_used(
    marked: Call, members: list[JuryMember], people: People, version: CallVersion
) -> None:
    held = plan_session(marked, held_at=SESSION, place="", actor=people.officer, now=SCORING_END)
    assert list_snapshots(marked.id) == ()
    record_presence(held, [member.id for member in members], actor=people.officer, now=SESSION)
    record_presence(held, [member.id for member in members], actor=people.officer, now=SESSION + HOUR)
    (opening,) = list_snapshots(marked.id)
    assert (opening.occasion, opening.name) == (SnapshotOccasion.OPENING, "Ouverture de la séance")
    favourable = next(kind for kind in version.decision_kinds if kind.key == "favorable")
    for item in held.items:
        agree(item, Agreement(favourable), actor=people.officer, now=SESSION + HOUR)
    close_session(held, actor=people.officer, now=SESSION + HOUR)
    sign(held, draft_minutes(held, seen=true()), actor=people.officer, now=SESSION + HOUR)
    assert held.minutes is not None
    named = held.minutes["rankings"]
    assert [(row["number"], row["name"]) for row in named] == [
        (1, "Ouverture de la séance"),
        (2, "Signature du procès-verbal"),
    ]
    assert {row["sha256"] for row in named} == {opening.sha256}, "no mark changed meanwhile"


def test_the_first_decision_freezes_the_ranking_it_had_before_it(
    marked: Call, case: Application, other: Application, people: People, version: CallVersion
) -> None:
    favourable = next(kind for kind in version.decision_kinds if kind.key == "favorable")
    for application in (case, other):
        amount = application.requested_eur / 2
        record_jury_opinion(application, OpinionInput(favourable, amount, None, ""), actor=people.officer, now=SESSION)
        decide(application, DecisionInput(favourable, amount), actor=people.director, now=DECISION)
    (row,) = list_snapshots(marked.id)
    assert (row.occasion, row.name, row.frozen_at) == (SnapshotOccasion.DECISION, "Première décision", DECISION)


def test_what_moved_between_two_and_why(
    session: Session, marked: Call, case: Application, other: Application, members: list[JuryMember], people: People
) -> None:
    before = read_frozen(freeze(marked, people).content.encode())
    late = seat(session, marked, "J4", 1, people.officer)
    until = SESSION + timedelta(days=2)
    assign(late, other, actor=people.officer, now=SESSION, open_until=until)
    now = SESSION + HOUR
    submit_review(fill(late, other, even(5), now=now, comment="Oui."), actor=late.user, now=now)
    recuse(members[2], case, reason="Lien", actor=members[2].user, now=SESSION)
    found = compare(before, freeze_ranking_of(marked.id))
    causes = {change.present.ref: [(one.cause, one.juror) for one in change.reasons] for change in found.changes}
    assert causes[case.reference or ""] == [(Cause.REVIEW_REMOVED, "J3")]
    assert causes[other.reference or ""] == [(Cause.REVIEW_ADDED, "J4")]
    assert found.same == 0


def test_who_stood_back_reads_it_without_the_file_nor_a_gap(
    marked: Call, case: Application, other: Application, members: list[JuryMember], people: People
) -> None:
    row = freeze(marked, people)
    recuse(members[2], case, reason="Lien", actor=members[2].user, now=MARKING)
    view = read_snapshot(row, seen=others_marks(members[2].user))
    assert not view.whole
    assert not view.calibrated
    assert [(file.ref, file.rank, file.rank_in_group) for file in view.ranking.files] == [(other.reference, 1, 1)]
    whole = read_snapshot(row, seen=others_marks(people.officer))
    assert [file.rank for file in whole.ranking.files] == [1, 2]
    assert set(whole.calibrated) == {str(case.id), str(other.id)}


def test_who_may_read_it_twice_told(session: Session, marked: Call, members: list[JuryMember], people: People) -> None:
    row = freeze(marked, people)
    persons = (people.officer, people.director, people.reader, people.finance, people.lead, people.stranger, people.dd)
    for person in (*persons, *(member.user for member in members), None):
        listed = bool(session.scalar(select(RankingSnapshot.id).where(VISIBLE[RankingSnapshot](person))))
        assert listed == VERBS["snapshot.read"](person, row), person
    assert VERBS["snapshot.read"](members[0].user, row)
    assert not VERBS["snapshot.read"](people.stranger, row)
