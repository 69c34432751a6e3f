"""The session: agenda, quorum without the recused, agreements mended until the signature, minutes that are frozen."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, true
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aap.applications.models import Application, ApplicationState
from aap.awards.models import JuryOpinion
from aap.awards.service import agree, sign
from aap.calls.models import Call, CallVersion
from aap.documents.minutes import render_minutes
from aap.errors import ConflictError, ForbiddenError, InvalidError, StaleError
from aap.jury.minutes import read_minutes, without
from aap.jury.models import JuryMember, JurySession, SessionItem
from aap.jury.queries import draft_minutes, list_agenda, list_read
from aap.jury.queries.quorum import count_quorum
from aap.jury.service import (
    Agreement,
    Profile,
    close_scoring,
    close_session,
    describe_member,
    end_membership,
    move_session,
    place_item,
    plan_session,
    record_presence,
    recuse,
    resume_session,
    schedule_hearing,
    write_minutes,
)
from aap.outbox import Promise
from aap.policies.marks import minuted, others_marks
from aap.policies.sessions import VERBS, VISIBLE
from aap.referentials.queries import get_region
from tests.integration.jury.scene import MARKING, SCORING_END, SESSION, People, even, make_file, mark, seat
from tests.unit.documents.reading import read

LATER = SESSION + timedelta(hours=1)


@pytest.fixture
def members(session: Session, call: Call, people: People) -> list[JuryMember]:
    return [seat(session, call, f"J{n}", 0, people.officer) for n in range(1, 4)]


@pytest.fixture
def other(session: Session, version: CallVersion, people: People) -> Application:
    return make_file(session, version, people.stranger, 40, department_code="95")


@pytest.fixture
def held(call: Call, case: Application, other: Application, members: list[JuryMember], people: People) -> JurySession:
    """A session planned on two files: the jury agrees on ``case``, and is far apart on ``other``. J3 stood back."""
    for member, low in zip(members, (5, 1, 5), strict=True):
        mark(member, case, even(4), people.officer)
        mark(member, other, even(low), people.officer)
    recuse(members[2], case, reason="Lien", actor=members[2].user, now=MARKING)
    close_scoring(call, now=SCORING_END + timedelta(minutes=1))
    return plan_session(call, held_at=SESSION, place="Salle 2", actor=people.officer, now=SCORING_END)


def item_of(held: JurySession, application: Application) -> SessionItem:
    return next(item for item in held.items if item.application_id == application.id)


def favorable(application: Application, **changes: object) -> Agreement:
    kind = next(one for one in application.call_version.decision_kinds if one.key == "favorable")
    values: dict[str, object] = {"amount_eur": Decimal(100000), "motive": "Solide."}
    return Agreement(kind=kind, **{**values, **changes})  # type: ignore[arg-type]  # a test builds it by name


def open_with(held: JurySession, members: list[JuryMember], people: People) -> None:
    record_presence(held, [member.id for member in members], actor=people.officer, now=SESSION)


def test_divergent_files_are_discussed_first(held: JurySession, case: Application, other: Application) -> None:
    assert [row.application.id for row in list_agenda(held, seen=true())] == [other.id, case.id]
    assert [row.ranked.divergence_over for row in list_agenda(held, seen=true())] == [True, False]


@pytest.mark.usefixtures("held")
def test_a_session_is_planned_once(call: Call, people: People) -> None:
    with pytest.raises(ConflictError, match="déjà prévue"):
        plan_session(call, held_at=SESSION, place="", actor=people.officer, now=SESSION)


@pytest.mark.usefixtures("case")
def test_no_session_while_members_mark(call: Call, people: People) -> None:
    with pytest.raises(ConflictError, match="notation est close"):
        plan_session(call, held_at=SESSION, place="", actor=people.officer, now=MARKING)


def test_members_are_told_once_per_change(session: Session, held: JurySession, people: People) -> None:
    def told() -> int:
        session.flush()
        return sum(1 for row in session.scalars(select(Promise)) if "jury-session:" in row.key)

    assert told() == 3
    move_session(held, held_at=SESSION, place="Salle 2", actor=people.officer, now=SCORING_END)
    assert told() == 3
    move_session(held, held_at=SESSION, place="Salle 3", actor=people.officer, now=SCORING_END)
    assert told() == 6
    move_session(held, held_at=SESSION + timedelta(days=1), place="Salle 3", actor=people.officer, now=SCORING_END)
    assert told() == 9
    move_session(held, held_at=SESSION, place="Salle 3", actor=people.officer, now=SCORING_END)
    assert told() == 12  # back to a date already told: whoever read the last mail would come on the wrong day


def test_the_quorum_of_a_file_leaves_the_recused_out(
    held: JurySession, case: Application, other: Application, members: list[JuryMember], people: People
) -> None:
    open_with(held, [members[0], members[2]], people)
    quorums = {row.application.id: row.quorum for row in list_agenda(held, seen=true())}
    assert (quorums[case.id].present, quorums[case.id].seated, quorums[case.id].needed) == (1, 2, 1)
    assert (quorums[other.id].present, quorums[other.id].seated, quorums[other.id].needed) == (2, 3, 2)
    assert [row.away for row in list_agenda(held, seen=true()) if row.application.id == case.id] == [("J3",)]


def test_neither_a_consultative_voice_nor_a_waiting_substitute_makes_the_quorum(
    session: Session, call: Call, held: JurySession, other: Application, members: list[JuryMember], people: People
) -> None:
    adviser = seat(session, call, "J4", 4, people.officer)
    waiting = seat(session, call, "J5", 0, people.officer)
    describe_member(waiting, Profile(substitute=True), actor=people.officer, now=MARKING)
    assert not adviser.voting
    record_presence(held, [members[0].id, adviser.id], actor=people.officer, now=SESSION)
    with pytest.raises(InvalidError, match="ne siège pas"):
        record_presence(held, [waiting.id], actor=people.officer, now=SESSION)
    with pytest.raises(ConflictError, match=r"1.membre présent sur 3, il en faut 2"):
        agree(item_of(held, other), favorable(other), actor=people.officer, now=LATER)
    quorums = {row.application.id: row.quorum for row in list_agenda(held, seen=true())}
    assert (quorums[other.id].present, quorums[other.id].seated, quorums[other.id].needed) == (1, 3, 2)


def test_who_left_the_room_no_longer_counts_and_somebody_must_be_there(
    held: JurySession, other: Application, members: list[JuryMember], people: People
) -> None:
    open_with(held, members, people)
    record_presence(held, [members[0].id], actor=people.officer, now=LATER)
    with pytest.raises(ConflictError, match=r"1.membre présent sur 3, il en faut 2"):
        agree(item_of(held, other), favorable(other), actor=people.officer, now=LATER)
    nobody = count_quorum({member.id for member in members}, set(), Decimal(0))
    assert (nobody.needed, nobody.reached) == (1, False)


def test_an_open_session_is_not_signed(
    held: JurySession, case: Application, other: Application, members: list[JuryMember], people: People
) -> None:
    open_with(held, members, people)
    for file in (case, other):
        agree(item_of(held, file), favorable(file), actor=people.officer, now=LATER)
    with pytest.raises(ConflictError, match="Levez d'abord"):
        sign(held, draft_minutes(held, seen=true()), actor=people.officer, now=LATER)
    assert held.signed_at is None


def test_without_a_quorum_nothing_is_recorded(
    held: JurySession, other: Application, members: list[JuryMember], people: People
) -> None:
    open_with(held, members[:1], people)
    with pytest.raises(ConflictError, match=r"1.membre présent sur 3, il en faut 2"):
        agree(item_of(held, other), favorable(other), actor=people.officer, now=LATER)
    assert item_of(held, other).recorded_at is None


def test_a_session_closed_without_a_quorum_is_resumed_another_day(
    held: JurySession, case: Application, other: Application, members: list[JuryMember], people: People
) -> None:
    open_with(held, members, people)
    agree(item_of(held, case), favorable(case), actor=people.officer, now=LATER)
    close_session(held, actor=people.officer, now=LATER)
    tomorrow = LATER + timedelta(days=1)
    resume_session(held, actor=people.officer, now=tomorrow)
    with pytest.raises(ConflictError, match="Le quorum n'est pas atteint"):  # nobody was noted again yet
        agree(item_of(held, other), favorable(other), actor=people.officer, now=tomorrow)
    record_presence(held, [member.id for member in members], actor=people.officer, now=tomorrow)
    agree(item_of(held, other), favorable(other), actor=people.officer, now=tomorrow)
    with pytest.raises(ConflictError, match="n'est pas levée"):
        resume_session(held, actor=people.officer, now=tomorrow)
    close_session(held, actor=people.officer, now=tomorrow)
    sign(held, draft_minutes(held, seen=true()), actor=people.officer, now=tomorrow)
    with pytest.raises(ConflictError, match="signé"):
        resume_session(held, actor=people.officer, now=tomorrow)


def test_before_anybody_is_there_nothing_is_recorded(held: JurySession, other: Application, people: People) -> None:
    with pytest.raises(ConflictError, match="Ouvrez d'abord"):
        agree(item_of(held, other), favorable(other), actor=people.officer, now=LATER)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"consensus_mark": Decimal(101)}, "consensus_mark"),
        ({"consensus_mark": Decimal(70), "motive": ""}, "motive"),
        ({"votes_for": 2, "votes_against": 2}, "votes_for"),
        ({"rank": 1}, "rank"),
        ({"amount_eur": Decimal(10**9)}, "amount_eur"),
    ],
)
def test_an_agreement_is_checked_at_its_fields(
    held: JurySession,
    other: Application,
    members: list[JuryMember],
    people: People,
    changes: dict[str, object],
    place: str,
) -> None:
    open_with(held, members, people)
    with pytest.raises(InvalidError) as caught:
        agree(item_of(held, other), favorable(other, **changes), actor=people.officer, now=LATER)
    assert place in [problem.place for problem in caught.value.problems]


def test_two_officers_do_not_overwrite_each_other(
    held: JurySession, other: Application, members: list[JuryMember], people: People
) -> None:
    open_with(held, members, people)
    item = item_of(held, other)
    seen = item.lock_version
    agree(item, favorable(other), actor=people.officer, now=LATER, seen_version=seen)
    with pytest.raises(StaleError) as caught:
        agree(item, favorable(other, motive="Fragile."), actor=people.administrator, now=LATER, seen_version=seen)
    theirs = " ".join(str(caught.value.theirs).split())
    assert theirs == "Avis : Favorable Montant : 100 000 € Motif : Solide."
    assert "Motif : Fragile." in str(caught.value.yours)
    assert item.motive == "Solide."


def test_the_same_agreement_sent_twice_is_recorded_once(
    held: JurySession, other: Application, members: list[JuryMember], people: People
) -> None:
    open_with(held, members, people)
    item = item_of(held, other)
    seen = item.lock_version
    for hour in (LATER, LATER + timedelta(minutes=1)):
        agree(item, favorable(other), actor=people.officer, now=hour, seen_version=seen)
    assert item.recorded_at == LATER
    assert item.lock_version == seen + 1


def test_a_new_order_of_the_agenda_is_no_conflict_for_whoever_writes_an_opinion(
    held: JurySession, case: Application, other: Application, members: list[JuryMember], people: People
) -> None:
    open_with(held, members, people)
    item = item_of(held, other)
    seen = item.lock_version
    place_item(item_of(held, case), 1, actor=people.administrator, now=LATER)
    assert [row.application.id for row in list_agenda(held, seen=true())] == [case.id, other.id]
    agree(item, favorable(other), actor=people.officer, now=LATER, seen_version=seen)


def test_two_officers_who_tick_at_once_do_not_undo_each_other(
    held: JurySession, members: list[JuryMember], people: People
) -> None:
    first, second, third = (member.id for member in members)
    record_presence(held, [first], actor=people.officer, now=SESSION, seen=[])
    record_presence(held, [second], actor=people.administrator, now=SESSION, seen=[])
    record_presence(held, [third], actor=people.officer, now=LATER, seen=[first])
    there = {row.jury_member_id for row in held.presences if row.left_at is None}
    assert there == {second, third}


def test_who_leaves_the_jury_during_the_session_no_longer_counts_and_stays_in_the_minutes(
    session: Session, held: JurySession, other: Application, members: list[JuryMember], people: People
) -> None:
    open_with(held, members[:2], people)
    end_membership(members[0], reason="Démission", actor=people.officer, now=LATER)
    session.expire_all()
    quorums = {row.application.id: row.quorum for row in list_agenda(held, seen=true())}
    assert (quorums[other.id].present, quorums[other.id].seated, quorums[other.id].needed) == (1, 2, 1)
    stale = [member.id for member in members]
    record_presence(held, stale, actor=people.officer, now=LATER, seen=stale[:2])
    close_session(held, actor=people.officer, now=LATER + timedelta(minutes=5))
    told = draft_minutes(held, seen=true())
    hours = {row["code"]: (row["arrived_at"], row["left_at"]) for row in told["present"]}
    assert hours["J1"] == (SESSION.isoformat(), LATER.isoformat())
    assert set(hours) == {"J1", "J2", "J3"}
    assert told["absent"] == []


def test_a_file_withdrawn_after_the_agenda_holds_nobody_back(
    session: Session,
    held: JurySession,
    case: Application,
    other: Application,
    members: list[JuryMember],
    people: People,
) -> None:
    open_with(held, members, people)
    agree(item_of(held, case), favorable(case), actor=people.officer, now=LATER)
    other.state = ApplicationState.WITHDRAWN
    session.flush()
    close_session(held, actor=people.officer, now=LATER)
    sign(held, draft_minutes(held, seen=others_marks(people.officer)), actor=people.officer, now=LATER)
    assert held.signed_at == LATER
    assert {row.application_id for row in session.scalars(select(JuryOpinion))} == {case.id}
    case.state = ApplicationState.WITHDRAWN
    session.flush()
    assert list_read(held, seen=minuted(people.officer)) == {str(case.id), str(other.id)}
    assert list_read(held, seen=minuted(members[2].user)) == {str(other.id)}


def test_the_recused_records_and_reads_nothing_of_the_file(
    session: Session, held: JurySession, case: Application, members: list[JuryMember], people: People
) -> None:
    open_with(held, members, people)
    item, away = item_of(held, case), members[2].user
    with pytest.raises(ForbiddenError):
        agree(item, favorable(case), actor=away, now=LATER)
    assert not VERBS["session_item.read"](away, item)
    assert item not in session.scalars(select(SessionItem).where(VISIBLE[SessionItem](away)))
    told = draft_minutes(held, seen=others_marks(away))
    assert str(case.reference) not in str(told)
    assert str(case.reference) in str(draft_minutes(held, seen=others_marks(members[0].user)))


def test_rules_and_sql_twins_agree_on_sessions(
    session: Session, held: JurySession, members: list[JuryMember], people: People
) -> None:
    everybody = [people.lead, people.officer, people.director, people.reader, people.finance, people.stranger]
    for person in (None, *everybody, *(member.user for member in members)):
        assert VERBS["session.read"](person, held) == (
            held in session.scalars(select(JurySession).where(VISIBLE[JurySession](person)))
        )
        for item in held.items:
            assert VERBS["session_item.read"](person, item) == (
                item in session.scalars(select(SessionItem).where(VISIBLE[SessionItem](person)))
            )


def test_a_hearing_is_told_to_the_lead_and_needs_both(
    session: Session, held: JurySession, case: Application, people: People
) -> None:
    item = item_of(held, case)
    with pytest.raises(InvalidError) as caught:
        schedule_hearing(item, SESSION, None, actor=people.officer, now=SCORING_END)
    assert [problem.place for problem in caught.value.problems] == ["hearing_minutes"]
    schedule_hearing(item, SESSION, 20, actor=people.officer, now=SCORING_END)
    schedule_hearing(item, None, None, actor=people.officer, now=SCORING_END)
    session.flush()
    told = [row.payload["template"] for row in session.scalars(select(Promise)) if "jury-hearing:" in row.key]
    assert sorted(told) == ["jury-hearing", "jury-hearing-cancelled"]


def test_the_signature_freezes_the_minutes_and_gives_the_advice(
    session: Session,
    held: JurySession,
    case: Application,
    other: Application,
    members: list[JuryMember],
    people: People,
) -> None:
    open_with(held, members, people)
    agree(item_of(held, other), favorable(other), actor=people.officer, now=LATER)
    close_session(held, actor=people.officer, now=LATER)
    with pytest.raises(ConflictError, match=r"1.dossier n'a pas été examiné"):
        sign(held, draft_minutes(held, seen=true()), actor=people.officer, now=LATER)
    agree(
        item_of(held, case),
        favorable(case, consensus_mark=Decimal("76.5"), votes_for=2, reservations="Devis à jour."),
        actor=people.officer,
        now=LATER,
    )
    write_minutes(held, "Un membre excusé.", "", actor=people.officer, now=LATER)
    told = draft_minutes(held, seen=others_marks(people.officer))
    sign(held, told, actor=people.officer, now=LATER)
    assert {row.application_id for row in session.scalars(select(JuryOpinion))} == {case.id, other.id}
    assert case.state is ApplicationState.SCORED
    for change in (
        lambda: agree(item_of(held, case), favorable(case), actor=people.officer, now=LATER),
        lambda: write_minutes(held, "Autre", "", actor=people.officer, now=LATER),
        lambda: place_item(item_of(held, case), 1, actor=people.officer, now=LATER),
    ):
        with pytest.raises(ConflictError, match="signé"):
            change()
    region = get_region("IDF")
    minutes = read_minutes(held.minutes or {}, region, signed_at=held.signed_at, seal=held.seal or "")
    text = read(render_minutes(minutes)).document.text
    for words in ("Un membre excusé.", "76,5", "2 pour", "Devis à jour.", "J3, sortis de la séance", held.seal or "?"):
        assert words in " ".join(text.split())
    kept = without(held.minutes or {}, frozenset({str(other.id)}))
    assert str(case.reference) not in str(kept)


def test_who_stood_back_from_a_file_does_not_sign_the_whole(
    held: JurySession, case: Application, other: Application, members: list[JuryMember], people: People
) -> None:
    open_with(held, members, people)
    for file in (case, other):
        agree(item_of(held, file), favorable(file), actor=people.officer, now=LATER)
    close_session(held, actor=people.officer, now=LATER)
    with pytest.raises(ConflictError, match="une autre personne doit signer"):
        sign(held, draft_minutes(held, seen=others_marks(members[2].user)), actor=members[2].user, now=LATER)
    assert held.signed_at is None


def close_before_opening(held: JurySession) -> None:
    held.opened_at, held.closed_at = LATER, SESSION


@pytest.mark.parametrize(
    "wrong",
    [
        close_before_opening,
        lambda held: setattr(held, "signed_at", SESSION),
        lambda held: setattr(held.items[0], "position", 0),
        lambda held: setattr(held.items[0], "hearing_at", SESSION),
        lambda held: setattr(held.items[0], "recorded_at", SESSION),
        lambda held: setattr(held.items[0], "consensus_mark", Decimal(3)),
        lambda held: setattr(held.items[0], "votes_for", -1),
    ],
)
def test_the_database_keeps_sessions_sound(session: Session, held: JurySession, wrong: object) -> None:
    assert callable(wrong)
    wrong(held)
    with pytest.raises(IntegrityError), session.begin_nested():
        session.flush()
