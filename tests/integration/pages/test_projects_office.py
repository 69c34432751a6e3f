"""The agency follows funded projects: the list, the plan, the reports, the coverage, the cost, the conclusion."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from aap.accounts.models import User
from aap.awards.models import Project
from aap.awards.queries import get_project
from aap.clock import FixedClock
from aap.evaluation.models import MeasureState, ReportState
from aap.evaluation.queries import find_current, get_conclusion, get_indicator, get_plan, get_report
from aap.evaluation.service import submit_report
from tests.client import StrictClient
from tests.integration.evaluation.story import (
    Story,
    at,
    example,
    give_measures,
    make_application,
    make_project,
    report_until,
)
from tests.integration.pages.applicant_case import parsed, sent_by
from tests.integration.pages.followed_case import World, cells, counted, enter, one, standing, visited, words

Within = Callable[[], AbstractContextManager[Session]]
FORMULA = (
    "158 900 € dépensés × 112 500 € de subvention / 164 040 € de budget = 108 974,95 € dus, "
    "moins 101 250 € versés : 7 724,95 €."
)


@pytest.fixture(scope="module")
def told(_app: Flask) -> Iterator[tuple[Connection, World]]:
    with standing(_app) as both:
        yield both


@pytest.fixture
def app(_app: Flask, told: tuple[Connection, World], clock: FixedClock) -> Iterator[Flask]:
    clock.set(at("2026-11-20"))
    with visited(_app, told[0], clock) as app:
        yield app


@pytest.fixture
def world(told: tuple[Connection, World]) -> World:
    return told[1]


@pytest.fixture
def officer(client: StrictClient, world: World) -> StrictClient:
    enter(client, world, "officer")
    return client


def references(client: StrictClient, query: str) -> list[str]:
    return [tag.get_text() for tag in client.page(f"/agence/projets?{query}").select("tbody th a")]


def test_the_list_is_narrowed_by_what_officers_look_for(officer: StrictClient) -> None:
    assert references(officer, "vie=tous") == ["PRJ-2024-0005", "PRJ-2024-0004"]
    assert references(officer, "vie=tous&departement=77") == ["PRJ-2024-0004"]
    assert references(officer, "vie=tous&suivi=retard") == ["PRJ-2024-0005"]
    assert references(officer, "vie=tous&suivi=rapport") == []
    assert references(officer, "vie=tous&public=personnes_agees") == ["PRJ-2024-0005", "PRJ-2024-0004"]
    assert references(officer, "vie=tous&public=detenus") == []
    assert references(officer, "vie=tous&volet=Z") == []
    assert references(officer, "vie=tous&q=0005") == ["PRJ-2024-0005"]


def test_a_project_that_is_over_leaves_the_list(officer: StrictClient, world: World, within: Within) -> None:
    with within() as session:
        project = session.get(Project, world.ended.id)
        assert project is not None
        project.state = type(project.state).SETTLED
        session.commit()
    assert references(officer, "") == ["PRJ-2024-0005"]
    assert references(officer, "vie=clos") == ["PRJ-2024-0004"]


def test_a_correspondent_reads_only_the_department(client: StrictClient, world: World) -> None:
    enter(client, world, "dd")
    assert references(client, "vie=tous") == ["PRJ-2024-0004"]
    assert client.get(world.running.office).status_code == 404


def test_the_file_shows_money_and_delays(officer: StrictClient, world: World) -> None:
    said = words(officer.page(world.ended.office))
    for figure in ("112 500 €", "108 974,95 €", "158 900 €", "14 sur 16", "CAP-2026-003"):
        assert figure in said
    assert "33 jours de retard" in said, "the third milestone was reached on 2 August for 30 June"


def test_the_coverage_matrix_writes_its_empty_cells(officer: StrictClient, world: World) -> None:
    page = officer.page(f"{world.ended.office}/indicateurs")
    matrix = cells(page, "Indicateurs par macro-critère et point de vue")
    assert len(matrix) == 4
    assert {len(row) for row in matrix.values()} == {4}
    assert matrix["Accessibilité"][0] == "PAT-PART, DEL-AVIS, DEL-SPE"
    empty = sum(cell == "Aucun indicateur" for row in matrix.values() for cell in row)
    assert f"{empty} cases sur 16 sans indicateur" in words(page)
    assert empty > 0


def test_the_cost_of_an_act_is_computed(officer: StrictClient, world: World) -> None:
    rows = cells(officer.page(f"{world.ended.office}/indicateurs"), "Coût complet par acte réalisé")
    assert rows["M12"] == ["96 400 €", "405", "238,02 € par acte"]
    assert rows["M24"] == ["158 900 €", "1 185", "134,09 € par acte"]


def test_the_conclusion_names_the_missed_targets_and_does_the_sum_aloud(officer: StrictClient, world: World) -> None:
    said = words(officer.page(f"{world.ended.office}/conclusion"))
    assert "14 cibles atteintes sur 16." in said
    assert "Passages aux urgences pour 100 résidents et par an" in said
    assert "Comptes rendus versés à Mon espace santé" in said
    assert FORMULA in said
    for verdict in ("Atteint sous conditions", "Partiellement atteint", "Généraliser avec adaptations"):
        assert verdict in said


def test_a_new_version_of_the_plan_needs_its_reason(officer: StrictClient, world: World, within: Within) -> None:
    plan = f"{world.running.office}/plan"
    assert "TRA-URG précisée" in words(officer.page(plan))
    sent = sent_by(officer.page(plan)).to_dict()
    page = parsed(officer.post(f"{plan}/valider", data=sent | {"reason": " "}))
    assert one(page, "#reason-error")
    assert officer.post(f"{plan}/valider", data=sent | {"reason": "Un site de plus."}).status_code == 303
    with within():
        assert get_plan(world.running.id).version == 3


def test_a_goal_may_be_zero_and_a_baseline_unknown(officer: StrictClient, world: World, within: Within) -> None:
    path = f"/agence/indicateurs/{world.running.indicators['TEC-ECH']}"
    number = 1 if len(officer.page(path).select("main form")) > 1 else 0
    sent = sent_by(officer.page(path), number).to_dict()
    page = parsed(officer.post(f"{path}/cible", data=sent | {"target": "cinq"}))
    assert one(page, "#target")["value"] == "cinq"
    assert one(page, "#target-error")
    assert officer.post(f"{path}/cible", data=sent | {"target": "0", "baseline": ""}).status_code == 303
    with within():
        indicator = get_indicator(world.running.indicators["TEC-ECH"])
        assert indicator.baseline is None
        assert indicator.target == 0
    assert "Plan d'évaluation à valider" in words(officer.page(world.running.office))


@pytest.fixture
def waiting(within: Within, world: World, clock: FixedClock) -> str:
    """The interim report of the project under way, handed in; its address."""
    clock.set(at("2025-05-06"))
    with within() as session:
        story = story_of(session, world)
        give_measures(story, "M12", at("2025-05-06"))
        submit_report(story.report("R-M12"), actor=story.lead, now=at("2025-05-06"))
        session.commit()
    return f"/agence/rapports/{world.running.reports['R-M12']}"


def story_of(session: Session, world: World) -> Story:
    """Return the story of the project under way, its officer playing the agency."""
    project = session.get(Project, world.running.id)
    assert project is not None
    lead = project.application.lead
    agent = session.get(User, project.call_version.call.team[0].user_id)
    assert agent is not None
    return Story(project, lead, agent, agent, agent, agent, agent, example("evaluation.yaml")["evaluation"])


def test_a_report_is_returned_with_a_remark_or_not_at_all(
    officer: StrictClient, world: World, waiting: str, within: Within
) -> None:
    page = officer.page(waiting)
    assert cells(page, "Mesures de la période")["Téléconsultations assistées réalisées"] == [
        "0 (2023)",
        "au moins 900",
        "96",
        "318",
    ]
    sent = sent_by(page, 1).to_dict()
    assert one(parsed(officer.post(f"{waiting}/renvoyer", data=sent | {"remark": ""})), "#remark-error")
    assert officer.post(f"{waiting}/renvoyer", data=sent | {"remark": "Précisez le dénominateur."}).status_code == 303
    with within():
        report = get_report(world.running.reports["R-M12"])
        assert (report.state, report.remark) == (ReportState.RETURNED, "Précisez le dénominateur.")
    enter(officer, world, "lead")
    assert "Précisez le dénominateur." in words(officer.page(world.running.mine))


def test_validating_a_report_validates_its_measures_and_opens_its_instalment(
    officer: StrictClient, world: World, waiting: str, within: Within
) -> None:
    sent = sent_by(officer.page(waiting)).to_dict()
    assert officer.post(f"{waiting}/valider", data=sent).status_code == 303
    with within():
        measure = find_current(world.running.indicators["ACT-TLC"], "M12")
        assert measure is not None
        assert measure.state is MeasureState.VALIDATED
        assert get_project(world.running.id).instalments[1].unlocked_at is not None
    assert "À payer avant le 5 juillet 2025" in words(officer.page(world.running.office))


def test_a_reader_of_the_agency_validates_nothing(client: StrictClient, world: World, waiting: str) -> None:
    enter(client, world, "finance")
    page = client.page(waiting)
    assert not page.select("main form")
    token = sent_by(client.page("/compte/modifier"))["csrf_token"]
    assert client.post(f"{waiting}/valider", data={"csrf_token": token}).status_code == 403


def test_verdicts_are_kept_one_by_one_and_motivated(
    officer: StrictClient, world: World, clock: FixedClock, within: Within
) -> None:
    path = f"{world.running.office}/conclusion"
    clock.set(at("2026-06-05"))
    with within() as session:
        report_until(story_of(session, world), "M24")
        session.commit()
    sent = sent_by(officer.page(path)).to_dict()
    page = parsed(officer.post(f"{path}/appreciations", data=sent | {"Q1": "atteint", "Q1_text": ""}))
    assert one(page, "#Q1_text-error")
    assert one(page, "input[name=Q1][checked]")["value"] == "atteint"
    given = {"Q1": "atteint", "Q1_text": "Stable sur trois sites."}
    assert officer.post(f"{path}/appreciations", data=sent | given).status_code == 303
    with within():
        assert [row.question for row in get_conclusion(world.running.id).verdicts] == ["Q1"]


def test_a_decision_waits_for_the_verdicts_and_loses_nothing(
    officer: StrictClient, world: World, clock: FixedClock, within: Within
) -> None:
    path = f"{world.running.office}/conclusion"
    clock.set(at("2026-06-25"))
    with within() as session:
        report_until(story_of(session, world), "M24")
        session.commit()
    number = len(officer.page(path).select("main form")) - 1
    sent = sent_by(officer.page(path), number).to_dict()
    typed = {"body": "COPIL", "decided_on": "2026-06-25", "outcome": "prolonger", "text": "Un an de plus."}
    answer = officer.post(f"{path}/suites", data=sent | typed)
    page = parsed(answer)
    assert answer.status_code == 400
    assert "Répondez à la question Q1." in words(page)
    assert one(page, "#text").get_text().strip() == "Un an de plus."


def test_the_balance_is_estimated_until_it_is_computed(
    officer: StrictClient, world: World, clock: FixedClock, within: Within
) -> None:
    clock.set(at("2026-06-25"))
    with within() as session:
        report_until(story_of(session, world), "M24")
        session.commit()
    page = officer.page(f"{world.running.office}/conclusion")
    assert "Estimation sur la dernière dépense déclarée : 158 900 € dépensés" in words(page)
    assert page.find("a", string="Calculer le solde")


def test_the_list_costs_the_same_for_two_projects_and_for_sixty(
    officer: StrictClient, world: World, told: tuple[Connection, World], within: Within
) -> None:
    officer.page("/agence/projets")
    with counted(told[0]) as few:
        officer.page("/agence/projets?vie=tous")
    with within() as session:
        project = session.get(Project, world.running.id)
        assert project is not None
        for number in range(30, 90):
            application = make_application(session, project.call_version, project.application.lead, number=number)
            make_project(session, project.call_version, application, number=number)
        session.commit()
    with counted(told[0]) as many:
        page = officer.page("/agence/projets?vie=tous")
    assert len(page.select("tbody tr")) == 50
    assert "62 projets" in words(page)
    assert len(few) == len(many), "\n".join(many)


def test_a_verdict_written_from_an_older_page_shows_both_and_replaces_nothing(
    officer: StrictClient, world: World, clock: FixedClock, within: Within
) -> None:
    path = f"{world.running.office}/conclusion"
    clock.set(at("2026-06-05"))
    with within() as session:
        report_until(story_of(session, world), "M24")
        session.commit()
    sent = sent_by(officer.page(path)).to_dict()
    first = {"Q1": "atteint", "Q1_text": "Stable sur trois sites.", "Q2": "atteint", "Q2_text": "Cibles tenues."}
    assert officer.post(f"{path}/appreciations", data=sent | first).status_code == 303
    late = {"Q1": "non_atteint", "Q1_text": "Un site a fermé.", "Q3": "atteint", "Q3_text": "Un guide existe."}
    answer = officer.post(f"{path}/appreciations", data=sent | late)
    assert answer.status_code == 409
    page = parsed(answer)
    assert "Stable sur trois sites." in words(page)
    assert one(page, "textarea[name=Q1_text]").text.strip() == "Un site a fermé."

    def told() -> dict[str, str]:
        with within():
            return {row.question: row.text for row in get_conclusion(world.running.id).verdicts}

    assert told() == {"Q1": "Stable sur trois sites.", "Q2": "Cibles tenues."}
    assert officer.post(f"{path}/appreciations", data=sent_by(page).to_dict() | late).status_code == 303
    assert told() == {"Q1": "Un site a fermé.", "Q2": "Cibles tenues.", "Q3": "Un guide existe."}
