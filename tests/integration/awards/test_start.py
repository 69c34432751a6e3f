"""The session starts from a scenario: opinions and amounts are proposed, and each departure says why."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, true
from sqlalchemy.orm import Session

from aap.applications.models import Application
from aap.awards.inputs import OpinionInput
from aap.awards.models import JuryOpinion
from aap.awards.queries import find_proposal, find_start, read_board, tell_start
from aap.awards.service import adopt_scenario, agree, record_jury_opinion, save_scenario, sign
from aap.awards.simulation import Sharing, base_settings, simulate
from aap.calls.models import Call, CallVersion, DecisionEffect, DecisionKind
from aap.documents.minutes import render_minutes
from aap.errors import InvalidError
from aap.jury.minutes import read_minutes, without
from aap.jury.models import JuryMember, JurySession, SessionItem
from aap.jury.queries import draft_minutes
from aap.jury.service import Agreement, close_scoring, close_session, plan_session, record_presence
from aap.referentials.queries import get_region
from tests.integration.jury.scene import SCORING_END, SESSION, People, even, make_file, mark, seat
from tests.unit.documents.reading import read

NOW = SCORING_END + timedelta(hours=1)
LATER = SESSION + timedelta(hours=1)


@pytest.fixture
def members(session: Session, call: Call, people: People) -> list[JuryMember]:
    return [seat(session, call, f"J{n}", 0, people.officer) for n in range(1, 4)]


@pytest.fixture
def other(session: Session, version: CallVersion, people: People) -> Application:
    return make_file(session, version, people.stranger, 40, department_code="95")


@pytest.fixture
def weak(session: Session, version: CallVersion, people: People) -> Application:
    return make_file(session, version, people.stranger, 41, department_code="95")


@pytest.fixture
def held(
    call: Call,
    version: CallVersion,
    case: Application,
    other: Application,
    weak: Application,
    members: list[JuryMember],
    people: People,
) -> JurySession:
    """A session open on three files: the scenario funds the example, makes the second wait, refuses the third."""
    for member in members:
        for file, value in ((case, 4), (other, 3), (weak, 2)):
            mark(member, file, even(value), people.officer)
    close_scoring(call, now=SCORING_END)
    board = read_board(version, seen=true(), known=true())
    settings = replace(
        base_settings(version), envelope_eur=case.requested_eur, sharing=Sharing.OPEN, least_total=Decimal(50)
    )
    kept = save_scenario(call, "Serré", settings, board, simulate(board, settings), actor=people.officer, now=NOW)
    adopt_scenario(kept, board, actor=people.officer, now=NOW)
    session = plan_session(call, held_at=SESSION, place="Salle 2", actor=people.officer, now=NOW)
    record_presence(session, [member.id for member in members], actor=people.officer, now=SESSION)
    return session


def kind(application: Application, key: str) -> DecisionKind:
    return next(one for one in application.call_version.decision_kinds if one.key == key)


def item_of(held: JurySession, application: Application) -> SessionItem:
    return next(item for item in held.items if item.application_id == application.id)


def said(application: Application, key: str, **changes: object) -> Agreement:
    values: dict[str, object] = {"motive": "Au vu des notes.", **changes}
    return Agreement(kind(application, key), **values)  # type: ignore[arg-type]  # a test builds it by name


def test_each_file_starts_with_an_opinion_and_an_amount(
    held: JurySession, case: Application, other: Application, weak: Application
) -> None:
    start = find_start(held.call_id)
    assert start is not None
    assert start.name == "Serré"
    for file, effect, amount in (
        (case, DecisionEffect.FUND, case.requested_eur),
        (other, DecisionEffect.WAIT, None),
        (weak, DecisionEffect.REFUSE, None),
    ):
        proposal = find_proposal(file)
        assert proposal is not None
        assert (proposal.kind.effect, proposal.amount_eur) == (effect, amount)
        assert start.proposal_for(file) == proposal


def test_what_follows_the_scenario_needs_no_other_motive(
    held: JurySession, case: Application, other: Application, weak: Application, people: People
) -> None:
    for file, data in (
        (case, said(case, "favorable", amount_eur=case.requested_eur, motive="")),
        (other, said(other, "liste_complementaire", rank=1, motive="")),
        (weak, said(weak, "defavorable")),
    ):
        assert agree(item_of(held, file), data, actor=people.officer, now=LATER).departure is None


@pytest.mark.parametrize(
    ("key", "changes"),
    [
        ("favorable", {"amount_eur": Decimal("119999.99")}),
        ("favorable", {"amount_eur": None}),
        ("favorable_sous_reserve", {"amount_eur": Decimal(120000), "reservations": "Former l'équipe."}),
        ("liste_complementaire", {"rank": 1}),
        ("defavorable", {}),
    ],
)
def test_another_opinion_or_amount_says_why_at_its_field(
    held: JurySession, case: Application, people: People, key: str, changes: dict[str, object]
) -> None:
    assert case.requested_eur == Decimal(120000)
    item = item_of(held, case)
    with pytest.raises(InvalidError, match="propose « Favorable, 120") as caught:
        agree(item, said(case, key, **changes), actor=people.officer, now=LATER)
    assert [problem.place for problem in caught.value.problems] == ["departure"]
    assert item.recorded_at is None
    agree(item, said(case, key, departure=" Effort demandé. ", **changes), actor=people.officer, now=LATER)
    assert item.departure == "Effort demandé."


def test_minutes_and_advice_tell_each_departure_with_its_motive(
    session: Session,
    held: JurySession,
    case: Application,
    other: Application,
    weak: Application,
    people: People,
) -> None:
    why = "Effort demandé sur le temps infirmier."
    reduced = said(case, "favorable", amount_eur=Decimal(112500), departure=why)
    agree(item_of(held, case), reduced, actor=people.officer, now=LATER)
    agree(item_of(held, other), said(other, "liste_complementaire", rank=1), actor=people.officer, now=LATER)
    agree(item_of(held, weak), said(weak, "defavorable"), actor=people.officer, now=LATER)
    draft = tell_start(draft_minutes(held, seen=true()), held)
    by_file = {row["application_id"]: row for row in draft["files"]}
    assert by_file[str(case.id)]["departure"] == why
    assert by_file[str(other.id)]["departure"] is None
    close_session(held, actor=people.officer, now=LATER)
    sign(held, draft_minutes(held, seen=true()), actor=people.officer, now=LATER)
    assert held.minutes is not None
    minutes = read_minutes(held.minutes, get_region("IDF"), signed_at=held.signed_at, seal=held.seal or "")
    text = " ".join(read(render_minutes(minutes)).document.text.split())
    assert f"La séance part du scénario « Serré ». Le jury s'en écarte sur 1 dossier : {case.reference}." in text
    assert "Pourquoi le jury s'en écarte" in text
    assert why in text
    assert why not in str(without(held.minutes, frozenset({str(other.id)})))
    advice = session.scalars(select(JuryOpinion).where(JuryOpinion.application_id == case.id)).one()
    assert advice.motive == f"Au vu des notes.\n{why}"


def test_an_advice_recorded_without_the_session_says_why_too(
    held: JurySession, case: Application, people: People
) -> None:
    assert held.signed_at is None
    bare = OpinionInput(kind(case, "favorable"), Decimal(112500))
    with pytest.raises(InvalidError) as caught:
        record_jury_opinion(case, bare, actor=people.officer, now=LATER)
    assert [problem.place for problem in caught.value.problems] == ["motive"]
    record_jury_opinion(case, replace(bare, motive="Effort demandé."), actor=people.officer, now=LATER)


def test_without_a_scenario_nothing_is_asked(call: Call, case: Application) -> None:
    assert find_start(call.id) is None
    assert find_proposal(case) is None
