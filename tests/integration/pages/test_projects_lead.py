"""The lead follows a funded project: its board, its reports, its milestones, its corrections."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from aap.awards.models import Project
from aap.clock import FixedClock
from aap.evaluation.models import MeasureState, ReportState
from aap.evaluation.queries import find_current, get_milestone, get_report, list_notes
from tests.client import StrictClient
from tests.integration.evaluation.story import at, make_application, make_project
from tests.integration.pages.applicant_case import parsed, sent_by
from tests.integration.pages.followed_case import World, cells, counted, enter, one, standing, visited, words

Within = Callable[[], AbstractContextManager[Session]]
M12 = {
    "m-ACT-TLC": "318",
    "m-ACT-TLE": "87",
    "m-PAT-PART": "37",
    "m-DEL-AVIS": "19",
    "m-QUA-DMP": "58",
    "m-SAT-PAT": "7,9",
    "n-SAT-PAT": "61",
    "m-SAT-PRO": "7,1",
    "n-SAT-PRO": "42",
    "spent_eur": "96 400",
}


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
def lead(client: StrictClient, world: World) -> StrictClient:
    enter(client, world, "lead")
    return client


def test_the_board_says_what_was_granted_paid_and_reached(lead: StrictClient, world: World) -> None:
    page = lead.page(world.ended.mine)
    said = words(page)
    assert "112 500 €" in said
    assert "108 974,95 €" in said
    assert "14 sur 16" in said
    assert "Passages aux urgences pour 100 résidents et par an" in said
    badges = [tag.get_text() for tag in page.select("td .aap-badge")]
    assert badges.count("Non atteint") == 2
    assert badges.count("Atteint") == 14


def test_a_missing_baseline_and_a_target_of_zero_are_written_in_words(lead: StrictClient, world: World) -> None:
    rows = cells(lead.page(world.ended.mine), "Valeurs par période")
    harm = next(row for name, row in rows.items() if name.startswith("Événements indésirables"))
    assert harm[1] == "au plus 0"
    assert harm[-1] == "Atteint"
    happy = next(row for name, row in rows.items() if name.startswith("Satisfaction des résidents"))
    assert happy[0] == "non mesuré"
    assert happy[-2] == "8,4 (88 réponses)"


def test_the_three_instalments_are_paid_and_the_last_is_the_balance(lead: StrictClient, world: World) -> None:
    rows = cells(lead.page(world.ended.mine), "Versements de la subvention")
    assert [row[2] for row in rows.values()] == ["67 500 €", "33 750 €", "7 724,95 €"]


def test_the_board_counts_what_is_late(lead: StrictClient, world: World, clock: FixedClock) -> None:
    clock.set(at("2025-06-20"))
    page = lead.page(world.running.mine)
    assert "En retard" in words(page)
    assert page.find("a", href=f"/projets/rapports/{world.running.reports['R-M12']}")


def test_a_stranger_does_not_learn_that_the_project_exists(client: StrictClient, world: World) -> None:
    enter(client, world, "stranger")
    for path in (world.ended.mine, f"/projets/rapports/{world.ended.reports['R-M12']}"):
        assert client.get(path).status_code == 404


def test_a_wrong_number_is_said_on_its_field_and_nothing_typed_is_lost(
    lead: StrictClient, world: World, clock: FixedClock, within: Within
) -> None:
    clock.set(at("2025-05-05"))
    path = f"/projets/rapports/{world.running.reports['R-M12']}"
    wrong = {"m-PAT-PART": "environ 40", "m-DEL-AVIS": "-3", "highlights": "Le créneau tient."}
    answer = lead.post(path, data=sent_by(lead.page(path)).to_dict() | M12 | wrong)
    page = parsed(answer)
    assert answer.status_code == 400
    assert one(page, "#m-PAT-PART-error")
    assert "négative" in one(page, "#m-DEL-AVIS-error").get_text()
    assert one(page, "#m-PAT-PART")["value"] == "environ 40"
    assert one(page, "#highlights").get_text().strip() == "Le créneau tient."
    assert [link["href"] for link in page.select(".aap-error-summary a")] == ["#m-PAT-PART", "#m-DEL-AVIS"]
    with within():
        assert find_current(world.running.indicators["ACT-TLC"], "M12") is None


def fill_m12(lead: StrictClient, world: World, **changes: str) -> tuple[str, dict[str, str]]:
    path = f"/projets/rapports/{world.running.reports['R-M12']}"
    sent = sent_by(lead.page(path)).to_dict()
    return path, sent | M12 | changes


def test_a_submission_names_what_is_missing_and_keeps_the_draft(
    lead: StrictClient, world: World, clock: FixedClock, within: Within
) -> None:
    clock.set(at("2025-05-05"))
    path, sent = fill_m12(lead, world, **{"m-QUA-DMP": "", "action": "submit"})
    answer = lead.post(path, data=sent)
    assert answer.status_code == 400
    assert "n'a pas de valeur" in one(parsed(answer), "#m-QUA-DMP-error").get_text()
    with within():
        saved = find_current(world.running.indicators["ACT-TLC"], "M12")
        assert saved is not None
        assert saved.value == 318
        assert get_report(world.running.reports["R-M12"]).state is ReportState.DRAFT


def test_a_complete_report_is_handed_in_and_reaches_its_milestone(
    lead: StrictClient, world: World, clock: FixedClock, within: Within
) -> None:
    clock.set(at("2025-05-05"))
    path, sent = fill_m12(lead, world, action="submit")
    answer = lead.post(path, data=sent)
    assert answer.status_code == 303, words(parsed(answer))
    with within():
        assert get_report(world.running.reports["R-M12"]).state is ReportState.SUBMITTED
        reached = get_milestone(world.running.milestones["J6"])
        assert reached.done_on is not None
        assert reached.done_on.isoformat() == "2025-05-05"
    page = lead.page(path)
    assert "238,02" in words(page)
    assert page.find("textarea") is None


def test_the_final_report_asks_for_lines_that_make_the_expense(
    lead: StrictClient, world: World, clock: FixedClock
) -> None:
    clock.set(at("2026-05-20"))
    path = f"/projets/rapports/{world.running.reports['R-M24']}"
    sent = sent_by(lead.page(path)).to_dict()
    lines = [name for name in sent if name.startswith("line-")]
    assert len(lines) == 12
    numbers = {f"m-{code}": "9" for code in ("ACT-TLC", "ACT-TLE")} | {"spent_eur": "158900"}
    page = parsed(lead.post(path, data=sent | numbers | dict.fromkeys(lines, "10") | {"action": "submit"}))
    assert one(page, "#m-ACT-TLC-error"), "a running total never decreases"
    assert one(page, "#line-L01")["value"] == "10"


def test_a_returned_report_shows_the_remark(lead: StrictClient, world: World) -> None:
    said = words(lead.page(f"/projets/rapports/{world.ended.reports['R-M12']}"))
    assert "Dénominateur de PAT-PART à préciser." in said
    assert "7,9" in said


def test_a_milestone_wants_its_evidence_and_no_day_to_come(
    lead: StrictClient, world: World, clock: FixedClock, within: Within
) -> None:
    clock.set(at("2024-05-02"))
    path = f"/projets/jalons/{world.running.milestones['J2']}"
    sent = sent_by(lead.page(path)).to_dict()
    page = parsed(lead.post(path, data=sent | {"done_on": "2024-06-01", "evidence": "Plan v1"}))
    assert "futur" in one(page, "#done_on-error").get_text()
    assert one(page, "#evidence")["value"] == "Plan v1"
    assert one(parsed(lead.post(path, data=sent | {"evidence": ""})), "#evidence-error")
    assert lead.post(path, data=sent | {"done_on": "2024-05-02", "evidence": "Plan v1"}).status_code == 303
    with within():
        assert get_milestone(world.running.milestones["J2"]).evidence == "Plan v1"


def test_a_correction_needs_a_reason_and_waits_for_the_agency(lead: StrictClient, world: World, within: Within) -> None:
    show = f"/projets/indicateurs/{world.ended.indicators['TRA-URG']}"
    sent = sent_by(lead.page(show)).to_dict() | {"period": "M24", "value": "35,5"}
    page = parsed(lead.post(f"{show}/corriger", data=sent | {"reason": ""}))
    assert one(page, "#reason-error")
    assert one(page, "#value")["value"] == "35,5"
    assert lead.post(f"{show}/corriger", data=sent | {"reason": "Un double compte retiré."}).status_code == 303
    with within():
        measure = find_current(world.ended.indicators["TRA-URG"], "M24")
        assert measure is not None
        assert measure.state is MeasureState.SUBMITTED
    assert "À valider" in words(lead.page(show))


def test_notes_are_added_and_removed(lead: StrictClient, world: World, within: Within) -> None:
    path = f"{world.running.mine}/notes"
    sent = sent_by(lead.page(path)).to_dict() | {"kind": "lever", "text": "Un suppléant par site.", "month": "3"}
    assert lead.post(path, data=sent).status_code == 303
    with within():
        note = list_notes(world.running.id)[0]
    assert "Un suppléant par site." in words(lead.page(path))
    assert (
        lead.post(f"{path}/retirer", data=sent_by(lead.page(path)).to_dict() | {"note_id": str(note.id)}).status_code
        == 303
    )
    assert "Un suppléant par site." not in words(lead.page(path))


def test_my_list_costs_the_same_for_two_projects_and_for_nine(
    lead: StrictClient, world: World, told: tuple[Connection, World], within: Within
) -> None:
    lead.page("/projets")
    with counted(told[0]) as few:
        assert "2 projets" not in words(lead.page("/projets"))
    with within() as session:
        project = session.get(Project, world.running.id)
        assert project is not None
        for number in range(30, 37):
            application = make_application(session, project.call_version, project.application.lead, number=number)
            make_project(session, project.call_version, application, number=number)
        session.commit()
    with counted(told[0]) as many:
        page = lead.page("/projets")
    assert len(page.select(".aap-card")) == 9
    assert len(few) == len(many), "\n".join(many)
