"""Scenarios: kept with their ranking, mended by their author, adopted once and for all, and closed to the recused."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, true
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aap.accounts.models import RoleName
from aap.applications.models import Application, ApplicationState
from aap.awards.models import Scenario, ScenarioLine
from aap.awards.queries import (
    find_scenario_in_force,
    granted_in_scenario,
    list_scenario_lines,
    list_scenarios,
    read_board,
    settings_of,
)
from aap.awards.service import (
    adopt_scenario,
    agree,
    delete_scenario,
    duplicate_scenario,
    mend_scenario,
    save_scenario,
)
from aap.awards.simulation import Board, RefusalReason, Settings, Sharing, base_settings, fingerprint, simulate
from aap.calls.models import Call, CallVersion
from aap.errors import ConflictError, InvalidError, StaleError
from aap.jury.models import JuryMember
from aap.jury.service import Agreement, close_scoring, plan_session, record_presence, recuse
from aap.policies import may, visible
from aap.policies.envelopes import visible_scenarios
from tests.integration.jury.scene import MARKING, SCORING_END, SESSION, People, even, make_file, make_user, mark, seat

NOW = SCORING_END + timedelta(hours=1)


@pytest.fixture
def members(session: Session, call: Call, people: People) -> list[JuryMember]:
    return [seat(session, call, f"J{n}", 0, people.officer) for n in range(1, 4)]


@pytest.fixture
def files(
    session: Session, call: Call, version: CallVersion, case: Application, members: list[JuryMember], people: People
) -> list[Application]:
    """The example, then a weaker file, marked by three members; scoring is closed."""
    other = make_file(session, version, people.stranger, 40, department_code="95")
    for member in members:
        mark(member, case, even(4), people.officer)
        mark(member, other, even(3), people.officer)
    close_scoring(call, now=SCORING_END)
    return [case, other]


@pytest.fixture
def board(version: CallVersion, files: list[Application]) -> Board:
    assert files
    return read_board(version, seen=true(), known=true())


@pytest.fixture
def settings(version: CallVersion) -> Settings:
    return replace(base_settings(version), envelope_eur=Decimal("120000.00"), sharing=Sharing.OPEN)


@pytest.fixture
def scenario(call: Call, settings: Settings, board: Board, people: People) -> Scenario:
    return keep(call, "Serré", settings, board, people)


def keep(call: Call, name: str, settings: Settings, board: Board, people: People) -> Scenario:
    return save_scenario(call, name, settings, board, simulate(board, settings), actor=people.officer, now=NOW)


def test_a_scenario_keeps_settings_proposal_author_and_ranking(
    scenario: Scenario, settings: Settings, board: Board, files: list[Application], people: People
) -> None:
    assert settings_of(scenario) == settings
    assert scenario.ranking_seal == fingerprint(board.files)
    lines = list_scenario_lines([scenario.id])[scenario.id]
    assert [(line.reference, line.rank, line.granted_eur) for line in lines] == [
        (files[0].reference, 1, files[0].requested_eur),
        (files[1].reference, 2, None),
    ]
    refused = lines[1].refusal
    assert refused is not None
    assert refused.reason is RefusalReason.ENVELOPE
    assert refused.missing_eur == files[1].requested_eur
    assert granted_in_scenario(lines) == {str(files[0].reference): Decimal(120000)}
    row = list_scenarios(scenario.call_id, seen=true())[0]
    assert (row.name, row.author_name, row.funded, row.granted_eur, row.in_force) == (
        "Serré",
        people.officer.display_name,
        1,
        Decimal(120000),
        False,
    )


def test_names_are_given_once_in_a_call(
    scenario: Scenario, call: Call, settings: Settings, board: Board, people: People
) -> None:
    assert scenario.name == "Serré"
    for name, told in ((" Serré ", "porte déjà ce nom"), ("  ", "Donnez un nom"), ("n" * 81, "80 caractères")):
        with pytest.raises(InvalidError, match=told) as caught:
            keep(call, name, settings, board, people)
        assert [problem.place for problem in caught.value.problems] == ["name"]


def test_a_draft_is_mended_and_a_stale_window_overwrites_nothing(
    scenario: Scenario, settings: Settings, board: Board, people: People
) -> None:
    wider = replace(settings, envelope_eur=Decimal(1500000))
    seen = scenario.lock_version
    mend_scenario(scenario, "Large", wider, board, simulate(board, wider), actor=people.officer, now=NOW)
    assert scenario.name == "Large"
    assert len(granted_in_scenario(list_scenario_lines([scenario.id])[scenario.id])) == 2
    with pytest.raises(StaleError):
        mend_scenario(
            scenario,
            "Autre",
            settings,
            board,
            simulate(board, settings),
            actor=people.officer,
            now=NOW,
            seen_version=seen,
        )
    assert settings_of(scenario) == wider


def test_whoever_does_not_read_every_file_keeps_nothing(
    call: Call, settings: Settings, board: Board, people: People
) -> None:
    part = Board(board.files[1:], board.groups)
    with pytest.raises(ConflictError, match="tous les dossiers"):
        keep(call, "Partiel", settings, part, people)


def test_a_copy_is_a_draft_of_its_own_and_outlives_its_model(
    session: Session, scenario: Scenario, people: People
) -> None:
    copy = duplicate_scenario(scenario, actor=people.director, now=NOW)
    again = duplicate_scenario(scenario, actor=people.director, now=NOW)
    assert (copy.name, again.name) == ("Copie de Serré", "Copie de Serré 2")
    assert (copy.author_id, copy.adopted_at, copy.ranking_seal) == (people.director.id, None, scenario.ranking_seal)
    before = list_scenario_lines([copy.id])[copy.id]
    delete_scenario(scenario, actor=people.officer, now=NOW)
    session.expire_all()
    assert copy.start_id is None
    assert list_scenario_lines([copy.id])[copy.id] == before
    assert session.scalars(select(ScenarioLine).where(ScenarioLine.scenario_id == scenario.id)).all() == []


def test_an_adopted_scenario_no_longer_moves_and_may_be_replaced(
    scenario: Scenario, call: Call, settings: Settings, board: Board, people: People
) -> None:
    adopt_scenario(scenario, board, actor=people.officer, now=NOW)
    assert find_scenario_in_force(call.id) == scenario
    with pytest.raises(ConflictError, match="ne change plus"):
        delete_scenario(scenario, actor=people.officer, now=NOW)
    with pytest.raises(ConflictError, match="ne change plus"):
        mend_scenario(scenario, "Autre", settings, board, simulate(board, settings), actor=people.officer, now=NOW)
    with pytest.raises(ConflictError, match="déjà été adopté"):
        adopt_scenario(scenario, board, actor=people.officer, now=NOW)
    second = keep(call, "Second", settings, board, people)
    adopt_scenario(second, board, actor=people.officer, now=NOW)
    assert find_scenario_in_force(call.id) == second
    assert scenario.replaced_at == NOW
    assert [(row.name, row.in_force) for row in list_scenarios(call.id, seen=true())] == [
        ("Second", True),
        ("Serré", False),
    ]


def test_a_scenario_of_another_ranking_is_not_adopted(
    scenario: Scenario, version: CallVersion, files: list[Application], people: People
) -> None:
    files[1].state = ApplicationState.WITHDRAWN
    today = read_board(version, seen=true(), known=true())
    with pytest.raises(ConflictError, match="Le classement a changé"):
        adopt_scenario(scenario, today, actor=people.officer, now=NOW)


def test_nothing_is_adopted_once_the_jury_has_begun(
    scenario: Scenario, call: Call, board: Board, members: list[JuryMember], people: People
) -> None:
    held = plan_session(call, held_at=SESSION, place="", actor=people.officer, now=NOW)
    record_presence(held, [member.id for member in members], actor=people.officer, now=SESSION)
    kind = next(one for one in call.versions[-1].decision_kinds if one.key == "favorable")
    said = Agreement(kind, amount_eur=Decimal(1000), motive="Solide.")
    agree(held.items[0], said, actor=people.officer, now=SESSION)
    with pytest.raises(ConflictError, match="a commencé à rendre ses avis"):
        adopt_scenario(scenario, board, actor=people.officer, now=SESSION)


def test_who_reads_and_mends_a_scenario(
    session: Session, scenario: Scenario, members: list[JuryMember], people: People, case: Application
) -> None:
    readers = {"officer", "administrator", "director"}
    everybody = {name: getattr(people, name) for name in ("lead", "dd", "finance", "reader", "stranger", *readers)}
    for name, person in everybody.items():
        shown = scenario in session.scalars(select(Scenario).where(visible(person, Scenario)))
        assert may(person, "scenario.read", scenario) is shown is (name in readers), name
    assert may(people.officer, "scenario.mend", scenario)
    assert not may(people.director, "scenario.mend", scenario)
    assert [may(everybody[name], "scenario.adopt", scenario) for name in sorted(readers)] == [True, False, True]
    juror = members[0].user
    assert not may(juror, "scenario.read", scenario)
    hats = make_user(session, "hats", RoleName.OFFICER)
    members[1].user_id = hats.id
    session.flush()
    assert may(hats, "scenario.read", scenario)
    recuse(members[1], case, reason="Lien", actor=hats, now=MARKING)
    assert not may(hats, "scenario.read", scenario)
    case.state = ApplicationState.WITHDRAWN
    session.flush()
    assert session.scalars(select(Scenario).where(visible_scenarios(hats))).all() == []
    assert may(people.officer, "scenario.read", scenario)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"ranking_seal": "court"},
        {"adopted_at": NOW},
        {"replaced_at": NOW},
        {"start_id": "itself"},
    ],
)
def test_the_database_keeps_scenarios_sound(session: Session, scenario: Scenario, wrong: dict[str, object]) -> None:
    for name, value in wrong.items():
        setattr(scenario, name, scenario.id if value == "itself" else value)
    with pytest.raises(IntegrityError), session.begin_nested():
        session.flush()


@pytest.mark.parametrize(
    "wrong",
    [
        {"position": 0},
        {"reason": RefusalReason.MINIMA},
        {"granted_eur": None},
        {"granted_eur": Decimal("120000.01")},
        {"granted_eur": Decimal(-1)},
        {"rank": 0},
    ],
)
def test_the_database_keeps_their_lines_sound(session: Session, scenario: Scenario, wrong: dict[str, object]) -> None:
    for name, value in wrong.items():
        setattr(scenario.lines[0], name, value)
    with pytest.raises(IntegrityError), session.begin_nested():
        session.flush()


def test_one_scenario_is_in_force(session: Session, scenario: Scenario, people: People) -> None:
    copy = duplicate_scenario(scenario, actor=people.officer, now=NOW)
    for one in (scenario, copy):
        one.adopted_at, one.adopted_by_id = NOW, people.officer.id
    with pytest.raises(IntegrityError, match=r"in_force|call_id"), session.begin_nested():
        session.flush()


def test_a_file_stands_once_in_a_scenario(session: Session, scenario: Scenario) -> None:
    scenario.lines[1].application_id = scenario.lines[0].application_id
    with pytest.raises(IntegrityError), session.begin_nested():
        session.flush()
