"""The lead's pages: start a file, fill every section, join pieces, read the conditions."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from aap.applications.asked_form import form_of
from aap.applications.queries import get_application
from aap.clock import FixedClock
from aap.extensions import storage
from aap.forms.entries import typed_values
from aap.forms.queries import get_answers, json_values, versions_of
from tests.client import StrictClient
from tests.integration.applications.case import CLOSING
from tests.integration.pages.applicant_case import (
    REF,
    Scene,
    draft,
    fill,
    link_of,
    one,
    parsed,
    send,
    sent_by,
    set_scene,
    value_of,
    words_of,
)

Within = Callable[[], AbstractContextManager[Session]]
PDF = b"%PDF-1.7 fictif"


@pytest.fixture
def scene(within: Within, client: StrictClient) -> Scene:
    """The call is open and the lead is signed in."""
    with within() as session:
        lead, officer, stranger = set_scene(session)
        session.commit()
        scene = Scene(lead.fs_uniquifier, officer.fs_uniquifier, stranger.fs_uniquifier)
    sign_in(client, scene.lead)
    return scene


@pytest.fixture
def filled(within: Within, client: StrictClient) -> Scene:
    """The lead has filled the file of the example."""
    with within() as session:
        lead, officer, stranger = set_scene(session)
        application = draft(lead)
        fill(application, lead, storage())
        session.commit()
        scene = Scene(lead.fs_uniquifier, officer.fs_uniquifier, stranger.fs_uniquifier, application.id)
    sign_in(client, scene.lead)
    return scene


@pytest.fixture
def empty(within: Within, client: StrictClient) -> Scene:
    """The lead has just started a file, without a strand."""
    with within() as session:
        lead, officer, stranger = set_scene(session)
        application = draft(lead, None)
        session.commit()
        scene = Scene(lead.fs_uniquifier, officer.fs_uniquifier, stranger.fs_uniquifier, application.id)
    sign_in(client, scene.lead)
    return scene


def sign_in(client: StrictClient, token: str) -> None:
    with client.session_transaction() as session:
        session.update({"_user_id": token, "_fresh": True, "fs_cc": "set", "fs_paa": 2**31})


def answers_of(within: Within, scene: Scene) -> tuple[dict[str, object], dict[str, int]]:
    assert scene.file_id is not None
    with within():
        answers = get_answers(get_application(scene.file_id).sheet_id)
        return json_values(answers), dict(versions_of(answers))


def values_of(within: Within, scene: Scene) -> dict[str, Any]:
    assert scene.file_id is not None
    with within():
        application = get_application(scene.file_id)
        return typed_values(form_of(application.call_version), json_values(get_answers(application.sheet_id)))


# ------------------------------------------------------------------------------------------------------------- starting
@pytest.mark.usefixtures("scene")
def test_a_person_without_file_is_told_what_to_do(client: StrictClient) -> None:
    page = client.page("/dossiers")
    assert "Vous n'avez pas encore de dossier" in page.get_text()
    calls = page.select("main a.fr-btn")
    assert [(link["href"], link.get_text()) for link in calls] == [("/appels", "Voir les appels ouverts")]


@pytest.mark.usefixtures("scene")
def test_a_file_starts_with_its_strand_and_my_structure(client: StrictClient) -> None:
    path = f"/dossiers/nouveau/{REF}"
    answer = send(client, path, client.page(path), strand="B")
    assert answer.status_code == 303
    page = client.page(answer.headers["Location"])
    assert "Ce dossier n'est pas déposé" in page.get_text()
    section = client.page(f"{answer.headers['Location']}/rubriques/S1")
    assert value_of(section, "applicant_name") == "EHPAD Résidence du Val Fleuri (fictif)"
    assert "Ce dossier n'est pas déposé" in client.page("/dossiers").get_text()


@pytest.mark.usefixtures("scene")
def test_a_wrong_start_keeps_what_was_typed_and_tells_where(client: StrictClient) -> None:
    path = f"/dossiers/nouveau/{REF}"
    answer = send(
        client, path, client.page(path), organisation="nouvelle", name="CPTS (fictive)", siret="12345678900012"
    )
    assert answer.status_code == 400
    page = parsed(answer)
    told = [str(link["href"]) for link in page.select("[role=alert] a")]
    assert told == ["#strand", "#kind", "#siret", "#department"], "in the order of the page"
    assert all(page.find(id=place.removeprefix("#")) is not None for place in told)
    assert value_of(page, "siret") == "12345678900012"
    assert value_of(page, "name") == "CPTS (fictive)"


@pytest.mark.usefixtures("scene")
def test_a_new_structure_may_carry_the_project(client: StrictClient) -> None:
    path = f"/dossiers/nouveau/{REF}"
    answer = send(
        client,
        path,
        client.page(path),
        strand="A",
        organisation="nouvelle",
        name="CPTS du Bocage (fictive)",
        kind="cpts",
        siret="99990000400014",
        department="77",
    )
    assert answer.status_code == 303, parsed(answer).get_text()


@pytest.mark.usefixtures("scene")
def test_nobody_starts_a_file_after_the_closing(client: StrictClient, clock: FixedClock) -> None:
    clock.set(CLOSING + timedelta(microseconds=1))
    assert "clos depuis le lundi 6 novembre 2023 à 12 h" in words_of(client.page(f"/dossiers/nouveau/{REF}", 409))


# ------------------------------------------------------------------------------------------------------------- sections
SECTIONS = ("S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8", "S9")


def test_each_section_shows_every_field_of_the_call(client: StrictClient, filled: Scene, within: Within) -> None:
    assert filled.file_id is not None
    with within():
        form = form_of(get_application(filled.file_id).call_version)
    for section in form.sections:
        page = client.page(f"{filled.path}/rubriques/{section.id}")
        told = page.get_text()
        zones = "Communes, zones et APL des sites enregistrés"  # the table that stands for the computed zones
        names = {str(control.get("name", "")) for control in page.find_all(["input", "select", "textarea"])}
        for spec in section.fields:
            shown = any(name == spec.id or name.startswith((f"{spec.id}-", f"{spec.id}_")) for name in names)
            computed = spec.label in told or (spec.id == "zones" and zones in told)
            assert shown or (spec.type == "computed" and computed), spec.id


def test_sending_a_section_back_as_it_is_changes_nothing(client: StrictClient, filled: Scene, within: Within) -> None:
    """Choices come back in the order of the list and amounts with their cents: the same values, written once."""
    before = values_of(within, filled)
    send_all_back(client, filled)
    after = values_of(within, filled)
    assert {key for key in before if before[key] != after[key]} <= {"target_publics"}
    assert set(before["target_publics"].codes) == set(after["target_publics"].codes)
    stored = answers_of(within, filled)
    send_all_back(client, filled)
    assert answers_of(within, filled) == stored


def send_all_back(client: StrictClient, scene: Scene) -> None:
    for section in SECTIONS:
        path = f"{scene.path}/rubriques/{section}"
        answer = send(client, path, client.page(path), action="stay")
        assert answer.status_code == 303, words_of(parsed(answer))


def test_the_budget_shows_its_totals_and_its_balance(client: StrictClient, filled: Scene) -> None:
    text = words_of(client.page(f"{filled.path}/rubriques/S8"))
    assert "Dépenses et financements sont équilibrés : 164 040 €." in text
    assert "120 000 €" in text


def test_zones_are_told_once_the_sites_are_known(client: StrictClient, filled: Scene) -> None:
    text = client.page(f"{filled.path}/rubriques/S2").get_text()
    assert "Zone d'intervention prioritaire (ZIP)" in text


def test_a_row_is_added_and_removed_without_javascript_and_nothing_typed_is_lost(
    client: StrictClient, filled: Scene, within: Within
) -> None:
    path = f"{filled.path}/rubriques/S2"
    before = answers_of(within, filled)
    added = send(client, path, client.page(path), title="Titre tapé à l'instant", add="sites")
    assert added.status_code == 200
    page = parsed(added)
    assert value_of(page, "sites-3-name") == ""
    assert value_of(page, "title") == "Titre tapé à l'instant"
    removed = parsed(send(client, path, page, remove="sites-0"))
    assert value_of(removed, "sites-0-name") == "EHPAD Les Grands Prés (fictif)"
    assert removed.find(id="sites-3-name") is None
    assert value_of(removed, "title") == "Titre tapé à l'instant"
    assert answers_of(within, filled) == before


def test_budget_lines_and_blocks_grow_too(client: StrictClient, filled: Scene) -> None:
    budget = f"{filled.path}/rubriques/S8"
    page = parsed(send(client, budget, client.page(budget), add="budget_lines"))
    assert value_of(page, "budget_lines-12-label") == ""
    page = parsed(send(client, budget, page, remove="budget_income-3"))
    assert page.find(id="budget_income-3-funder") is None
    assert "Il manque" in page.get_text()
    solutions = f"{filled.path}/rubriques/S6"
    page = parsed(send(client, solutions, client.page(solutions), add="solutions"))
    assert value_of(page, "solutions-2-label") == ""


def test_what_cannot_be_read_is_told_at_its_field_and_stays_typed(
    client: StrictClient, filled: Scene, within: Within
) -> None:
    path = f"{filled.path}/rubriques/S2"
    answer = send(client, path, client.page(path), duration_months="deux ans", title="Un autre titre")
    assert answer.status_code == 400
    page = parsed(answer)
    assert one(page, "title").get_text().startswith("Erreur : ")
    assert page.select_one('[role=alert] a[href="#duration_months"]') is not None
    assert value_of(page, "duration_months") == "deux ans"
    assert one(page, "#duration_months")["aria-invalid"] == "true"
    values, _ = answers_of(within, filled)
    assert values["title"] == "Un autre titre"  # what could be read is saved
    assert "duration_months" not in values_of(within, filled)  # kept as typed, and no answer until it is mended
    assert value_of(client.page(path), "duration_months") == "deux ans"


def test_a_wrong_cell_is_told_at_the_cell(client: StrictClient, filled: Scene) -> None:
    path = f"{filled.path}/rubriques/S8"
    page = parsed(send(client, path, client.page(path), budget_lines__0__requested="99999"))
    assert page.select_one('[role=alert] a[href="#budget_lines-0-requested"]') is not None
    assert "dépasse le montant de la ligne" in one(page, '[id="budget_lines-0-requested-error"]').get_text()


def test_two_windows_lose_neither_text(client: StrictClient, filled: Scene, within: Within) -> None:
    path = f"{filled.path}/rubriques/S1"
    first, second = client.page(path), client.page(path)
    assert send(client, path, first, governance="Texte de la première fenêtre.").status_code == 303
    answer = send(client, path, second, governance="Texte de la seconde fenêtre.", project_lead_role="Directrice")
    assert answer.status_code == 409
    page = parsed(answer)
    assert "Texte de la première fenêtre." in page.get_text()
    assert "Texte de la seconde fenêtre." in page.get_text()
    values, _ = answers_of(within, filled)
    assert values["governance"] == "Texte de la première fenêtre."
    assert values["project_lead_role"] == "Directrice"
    assert send(client, path, page, governance="Les deux textes réunis.").status_code == 303
    values, _ = answers_of(within, filled)
    assert values["governance"] == "Les deux textes réunis."
    assert values["applicant_name"] == "EHPAD Résidence du Val Fleuri (fictif)"  # the other fields are not erased


def test_the_task_list_says_where_each_section_stands(client: StrictClient, empty: Scene) -> None:
    path = f"{empty.path}/rubriques/S1"
    assert send(client, path, client.page(path), siret="12345678900012").status_code == 400
    page = client.page(empty.path)
    states = [item.get_text(" ", strip=True) for item in page.select("main ol li")]
    assert any(line.startswith("Porteur et gouvernance") and "À corriger" in line for line in states)
    assert any(line.startswith("Partenaires") and "À commencer" in line for line in states)
    assert any(line.startswith("Volet de l'appel") and "À choisir" in line for line in states)


def test_the_strand_is_chosen_later(client: StrictClient, empty: Scene) -> None:
    path = f"{empty.path}/volet"
    assert send(client, path, client.page(path), strand="Z").status_code == 400
    assert send(client, path, client.page(path), strand="C").status_code == 303
    assert "Patients en ALD" in client.page(empty.path).get_text()


# ------------------------------------------------------------------------------------------- conditions and pieces
def test_conditions_say_which_holds_and_why(client: StrictClient, filled: Scene) -> None:
    text = words_of(client.page(f"{filled.path}/conditions"))
    assert "120 000 €) ne dépasse pas le plafond de 200 000 €" in text
    assert "Examinée par l’agence" in text
    path = f"{filled.path}/rubriques/S2"
    send(client, path, client.page(path), duration_months="36")
    text = words_of(client.page(f"{filled.path}/conditions"))
    assert "1 condition n'est pas respectée" in text
    assert "n'est pas compris entre 12 et 24" in text


def test_pieces_are_asked_by_situation(client: StrictClient, filled: Scene) -> None:
    text = words_of(client.page(f"{filled.path}/pieces"))
    assert "Toutes les pièces demandées sont jointes" in text
    assert "Demandée parce que « Catégorie de porteur »" in text
    assert "Non demandée parce que « Catégorie de porteur » n'est pas Association" in text


def test_a_letter_is_joined_for_each_partner(client: StrictClient, filled: Scene) -> None:
    page = client.page(f"{filled.path}/pieces/A09")
    assert len(page.find_all("input", type="file")) == 5
    assert "MSP du Plateau briard (fictive)" in page.get_text()


def test_a_piece_is_joined_read_replaced_and_removed(client: StrictClient, empty: Scene) -> None:
    path = f"{empty.path}/pieces/A01"
    refused = client.post(path, data={**sent_by(client.page(path)), "file": (io.BytesIO(b"MZ"), "lettre.pdf")})
    assert refused.status_code == 400
    assert "n'est pas un vrai fichier .pdf" in one(parsed(refused), '[id="file--error"]').get_text()
    none = client.post(path, data=sent_by(client.page(path)))
    assert "Choisissez un fichier" in parsed(none).get_text()
    sent = {**sent_by(client.page(path)), "file": (io.BytesIO(PDF), "Lettre signée.pdf")}
    assert client.post(path, data=sent).status_code == 303
    page = client.page(path)
    link = link_of(page, "Lettre signée.pdf")
    answer = client.get(link)
    assert answer.data == PDF
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    replace = link_of(page, "Remplacer")
    sent = {**sent_by(client.page(replace)), "file": (io.BytesIO(PDF + b"2"), "Nouvelle lettre.pdf")}
    assert client.post(replace, data=sent).status_code == 303
    page = client.page(path)
    assert page.find("a", string="Lettre signée.pdf") is None
    assert "Remplacé par Nouvelle lettre.pdf" in words_of(page)
    remove = link_of(page, "Retirer")
    asked = client.page(remove)
    assert "reste dans l'historique" in words_of(asked)
    assert client.post(remove, data=sent_by(asked)).status_code == 303
    page = client.page(path)
    assert page.find("a", string="Nouvelle lettre.pdf") is None
    assert "2 fichiers remplacés ou retirés" in words_of(page)


def test_a_letter_per_partner_waits_for_partners(client: StrictClient, empty: Scene) -> None:
    letters = next(
        row
        for row in client.page(f"{empty.path}/pieces").select(".aap-tasks > li")
        if "chaque partenaire" in row.get_text()
    )
    assert "Selon vos réponses" in letters.get_text()
    assert "Facultative" not in letters.get_text()


def test_the_pages_of_a_file_have_titles_of_their_own(client: StrictClient, filled: Scene) -> None:
    titles = []
    for place in (
        "",
        "/rubriques/S1",
        "/rubriques/S2",
        "/pieces",
        "/pieces/A01",
        "/conditions",
        "/volet",
        "/personnes",
        "/lecture",
        "/verification",
    ):
        title = client.page(f"{filled.path}{place}").title
        assert title is not None
        titles.append(title.get_text())
    assert len(set(titles)) == len(titles)
    label = titles[0].removesuffix(" – aap")
    assert all(label in title for title in titles)


def test_an_unknown_annex_or_section_does_not_exist(client: StrictClient, empty: Scene) -> None:
    client.page(f"{empty.path}/pieces/A99", 404)
    client.page(f"{empty.path}/rubriques/S99", 404)


PAGES = (
    "",
    "/conditions",
    "/lecture",
    "/volet",
    "/rubriques/S1",
    "/pieces",
    "/pieces/A01",
    "/verification",
    "/retrait",
)


@pytest.mark.parametrize("who", ["stranger", "officer"])
def test_a_draft_is_its_lead_s_alone(client: StrictClient, filled: Scene, who: str) -> None:
    sign_in(client, getattr(filled, who))
    for page in PAGES:
        client.page(f"{filled.path}{page}", 404)


def test_the_pieces_of_others_cannot_be_read(client: StrictClient, filled: Scene) -> None:
    link = link_of(client.page(f"{filled.path}/pieces/A01"), "A01-0.pdf")
    assert client.get(link).status_code == 200
    sign_in(client, filled.stranger)
    assert client.get(link).status_code == 404


def test_my_list_costs_the_same_for_one_file_or_ten(
    client: StrictClient, app: Flask, empty: Scene, within: Within
) -> None:
    def cost() -> int:
        seen: list[str] = []
        with app.app_context():
            connection = next(iter(app.extensions["sqlalchemy"].engines.values()))
        event.listen(connection, "before_cursor_execute", lambda *args: seen.append(args[2]))
        client.page("/dossiers")
        return len(seen)

    client.page("/dossiers")
    one = cost()
    with within() as session:
        application = get_application(empty.file_id)  # type: ignore[arg-type]  # the fixture made it
        for _ in range(9):
            draft(application.lead)
        session.commit()
    assert cost() <= one
