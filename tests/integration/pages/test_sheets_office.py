"""Writing, reviewing, validating and publishing a sheet on screen, by several people in turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from aap.accounts.models import User
from aap.capitalisation.body import read_body
from aap.capitalisation.grid import REVIEW_GRID
from aap.capitalisation.models import Sheet, SheetState
from aap.capitalisation.queries import get_sheet
from aap.capitalisation.service import edit_head, edit_section
from aap.clock import FixedClock
from tests.client import StrictClient
from tests.integration.capitalisation.writing import sections_of
from tests.integration.evaluation.story import at, example
from tests.integration.pages.applicant_case import parsed, sent_by
from tests.integration.pages.followed_case import World, cells, counted, enter, one, standing, visited, words

Within = Callable[[], AbstractContextManager[Session]]


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
def editor(client: StrictClient, world: World) -> StrictClient:
    enter(client, world, "editor")
    return client


@pytest.fixture
def written(within: Within, world: World) -> str:
    """The draft, every part written; its address."""
    with within() as session:
        sheet, text = get_sheet(world.draft_id), example("capitalisation.yaml")["sheet"]
        writer = session.get(User, sheet.writer_id)
        assert writer is not None
        now = at("2026-11-01")
        edit_head(sheet, title=text["title"], hook=text["hook"], summary=text["summary"], seen=0, actor=writer, now=now)
        for key, content in sections_of(text).items():
            edit_section(sheet, key, content, seen=0, actor=writer, now=now)
        session.commit()
    return f"/agence/fiches/{world.draft_id}"


def part(world: World, key: str) -> str:
    return f"/agence/fiches/{world.draft_id}/parties/{key}"


def body_of(within: Within, world: World) -> dict[str, object]:
    with within():
        return get_sheet(world.draft_id).body


def test_the_draft_is_prefilled_and_says_what_is_left_to_write(editor: StrictClient, world: World) -> None:
    page = editor.page(f"/agence/fiches/{world.draft_id}")
    assert "164 040 €" in words(page)
    status = {
        row.select("a")[0].get_text(): row.select(".aap-badge")[0].get_text() for row in page.select(".aap-tasks li")
    }
    assert len(status) == 21
    assert status["Carte d'identité"] == "Rempli"
    assert status["Objectifs"] == "À écrire"
    assert status["Titre, accroche et résumé"] == "À compléter"


def test_a_submission_names_the_parts_to_complete(editor: StrictClient, world: World) -> None:
    path = f"/agence/fiches/{world.draft_id}"
    page = editor.page(path)
    sent = sent_by(page).to_dict()
    answer = editor.post(f"{path}/envoyer", data=sent)
    page = parsed(answer)
    assert answer.status_code == 400
    assert "Écrivez aussi ce qui n'a pas marché." in words(page)
    assert "Écrivez l'accroche. Écrivez le résumé." in words(page)


@pytest.mark.parametrize(
    ("key", "typed", "kept"),
    [
        ("context", {"content": "Deux médecins sur cinq."}, "Deux médecins sur cinq."),
        ("objectives", {"content": "Un avis dans la journée.\n\n Un avis spécialisé. "}, [
            "Un avis dans la journée.", "Un avis spécialisé.",
        ]),
    ],
)  # fmt: skip
def test_a_text_is_saved_in_its_part(
    editor: StrictClient, world: World, within: Within, key: str, typed: dict[str, str], kept: object
) -> None:
    sent = sent_by(editor.page(part(world, key))).to_dict()
    assert editor.post(part(world, key), data=sent | typed).status_code == 303
    assert body_of(within, world)[key] == kept


@pytest.mark.parametrize(
    "key",
    ["metadata", "roadmap-links", "identity-card", "steps", "numerique", "transferability", "technical-comparison",
     "verbatims", "toolbox", "figures", "head", "success-factors", "results-limits"],
)  # fmt: skip
def test_saving_a_part_as_it_stands_changes_nothing(
    editor: StrictClient, world: World, written: str, within: Within, key: str
) -> None:
    assert written
    before = body_of(within, world)
    answer = editor.post(part(world, key), data=sent_by(editor.page(part(world, key))))
    assert answer.status_code == 303, words(parsed(answer))
    assert read_body(body_of(within, world)) == read_body(before)


def test_rows_are_added_without_script_and_faults_point_to_their_cell(editor: StrictClient, world: World) -> None:
    path = part(world, "steps")
    sent = sent_by(editor.page(path)).to_dict() | {"rows-0-when": "M0", "rows-0-title": "Cadrer"}
    page = parsed(editor.post(path, data=sent | {"add": "rows"}))
    assert one(page, "#rows-0-title")["value"] == "Cadrer"
    assert one(page, "#rows-1-title")["value"] == ""
    page = parsed(editor.post(path, data=sent | {"rows-1-when": "M3", "rows-1-title": "", "rows-1-text": "Former."}))
    assert one(page, "#rows-1-title-error")
    assert "Former." in one(page, "#rows-1-text").get_text()


def test_an_amount_that_is_no_number_is_said_and_kept(editor: StrictClient, world: World) -> None:
    path = part(world, "identity-card")
    sent = sent_by(editor.page(path)).to_dict() | {"budget_eur": "beaucoup"}
    page = parsed(editor.post(path, data=sent))
    assert one(page, "#budget_eur-error")
    assert one(page, "#budget_eur")["value"] == "beaucoup"
    assert editor.post(path, data=sent | {"budget_eur": "164 040,50 €"}).status_code == 303


def test_a_brand_is_refused_in_the_comparison(editor: StrictClient, world: World) -> None:
    path = part(world, "technical-comparison")
    sent = sent_by(editor.page(path)).to_dict() | {"solutions": "A, Marque"}
    page = parsed(editor.post(path, data=sent))
    assert "lettre" in one(page, "#solutions-error").get_text()
    assert one(page, "#solutions")["value"] == "A, Marque"


def test_two_people_on_one_part_lose_neither_text(editor: StrictClient, world: World) -> None:
    path = part(world, "context")
    first = sent_by(editor.page(path)).to_dict()
    assert editor.post(path, data=first | {"content": "Le texte de l'une."}).status_code == 303
    answer = editor.post(path, data=first | {"content": "Le texte de l'autre."})
    page = parsed(answer)
    assert answer.status_code == 409
    said = words(page)
    assert "Le texte de l'une." in said
    assert "Le texte de l'autre." in said
    merged = sent_by(page).to_dict() | {"content": "Les deux."}
    assert editor.post(path, data=merged).status_code == 303


def review(client: StrictClient, path: str, **changes: str) -> tuple[int, BeautifulSoup]:
    sent = sent_by(client.page(f"{path}/relecture")).to_dict()
    answers = {f"answer-{point.key}": "oui" for point in REVIEW_GRID} | {"outcome": "ok"}
    answer = client.post(f"{path}/relecture", data=sent | answers | changes)
    return answer.status_code, parsed(answer)


def press(client: StrictClient, path: str, action: str, **changes: str) -> int:
    page = client.page(path)
    form = next(one for one in page.select("main form") if str(one["action"]).endswith(action))
    token = form.select("input[name=csrf_token]")[0]["value"]
    return client.post(str(form["action"]), data={"csrf_token": token, **changes}).status_code


def test_the_whole_circuit_is_played_on_screen(
    client: StrictClient, world: World, written: str, within: Within, clock: FixedClock
) -> None:
    enter(client, world, "editor")
    assert press(client, written, "/envoyer") == 303
    enter(client, world, "reviewer")
    status, page = review(client, written, **{"answer-G7": ""})
    assert status == 400
    assert one(page, "#answer-G7-error")
    status, page = review(client, written, **{"answer-G5": "non", "comment-G5": "Où sont les échecs ?"})
    assert status == 400
    assert one(page, "#comment-G5")["value"] == "Où sont les échecs ?"
    assert review(client, written, outcome="changes_requested", note="")[0] == 400
    assert review(client, written, outcome="changes_requested", note="Écrire les limites.")[0] == 303
    enter(client, world, "editor")
    assert "Écrire les limites." in words(client.page(written))
    assert press(client, written, "/envoyer") == 303
    lead_page = f"/projets/fiches/{world.draft_id}"
    enter(client, world, "lead")
    page_before = client.page(lead_page)
    assert press(client, lead_page, "/valider") == 409
    assert "aap-tasks" not in str(page_before)
    enter(client, world, "reviewer")
    assert review(client, written)[0] == 303
    enter(client, world, "lead")
    assert press(client, lead_page, "/valider") == 303
    enter(client, world, "editor")
    assert press(client, written, "/valider") == 303
    clock.set(at("2026-11-21"))
    assert press(client, written, "/publier") == 303
    with within():
        sheet = get_sheet(world.draft_id)
        assert sheet.state is SheetState.PUBLISHED
        slug = sheet.slug
    assert "2 fiches trouvées" in words(client.page("/fiches"))
    assert "96 actes" in words(client.page(f"/fiches/{slug}"))
    assert "en préparation" in words(client.page(written))


def test_a_reason_is_asked_at_its_field(editor: StrictClient, world: World, within: Within) -> None:
    path = f"/agence/fiches/{world.sheet_id}"
    page = editor.page(path)
    form = next(one for one in page.select("main form") if str(one["action"]).endswith("/mise-a-jour"))
    token = str(form.select("input[name=csrf_token]")[0]["value"])
    answer = editor.post(f"{path}/mise-a-jour", data={"csrf_token": token, "reason": "  "})
    assert answer.status_code == 400
    assert one(parsed(answer), "#reason-flag-error")
    assert press(editor, path, "/mise-a-jour", reason="Le tarif a changé.") == 303
    with within():
        assert get_sheet(world.sheet_id).state is SheetState.TO_UPDATE
    assert editor.get(f"/fiches/{world.slug}").status_code == 200


def test_the_writer_cannot_review_and_a_stranger_sees_nothing(client: StrictClient, world: World, written: str) -> None:
    enter(client, world, "editor")
    press(client, written, "/envoyer")
    enter(client, world, "writer")
    assert not client.page(f"{written}/relecture").select("main form")
    enter(client, world, "stranger")
    assert client.get(written).status_code == 404
    assert client.get(f"/projets/fiches/{world.draft_id}").status_code == 404


def test_the_list_is_by_state_and_warns_of_corrected_figures(editor: StrictClient) -> None:
    rows = cells(editor.page("/agence/fiches"), "Fiches")
    assert len(rows) == 2
    assert sorted(row[3] for row in rows.values()) == ["Brouillon", "Publiée"]
    assert len(cells(editor.page("/agence/fiches?etat=published"), "Fiches")) == 1
    assert "Aucune fiche ne correspond" in words(editor.page("/agence/fiches?suivi=corrigee"))


def test_the_published_sheet_shows_its_circuit(editor: StrictClient, world: World) -> None:
    said = words(editor.page(f"/agence/fiches/{world.sheet_id}"))
    for step in (
        "Relecture : corrections demandées",
        "Validation par le porteur : accord",
        "Publication : publication",
    ):
        assert step in said
    assert "en préparation" in said
    reviews = editor.page(f"/agence/fiches/{world.sheet_id}/relecture")
    assert "Décrite en gouvernance, peu en conception." in words(reviews)


def test_a_sheet_without_project_is_started_by_editors_only(client: StrictClient, world: World) -> None:
    enter(client, world, "editor")
    sent = sent_by(client.page("/agence/fiches/nouvelle")).to_dict()
    page = parsed(client.post("/agence/fiches/nouvelle", data=sent | {"title": ""}))
    assert one(page, "#title-error")
    answer = client.post("/agence/fiches/nouvelle", data=sent | {"title": "Guide de la visite", "kind": "guide"})
    assert answer.status_code == 303
    assert "Guide de la visite" in words(client.page(str(answer.location)))
    enter(client, world, "reviewer")
    assert client.get("/agence/fiches/nouvelle").status_code == 403


def test_the_list_costs_the_same_for_two_sheets_and_for_sixty(
    editor: StrictClient, world: World, told: tuple[Connection, World], within: Within
) -> None:
    editor.page("/agence/fiches")
    with counted(told[0]) as few:
        editor.page("/agence/fiches")
    with within() as session:
        model = get_sheet(world.draft_id)
        session.add_all(
            Sheet(
                region_code="IDF",
                kind=model.kind,
                slug=f"fiche-{number}",
                licence=model.licence,
                title=f"Fiche {number}",
                body=model.body,
                section_versions={},
                created_at=at("2026-11-02"),
            )
            for number in range(60)
        )
        session.commit()
    with counted(told[0]) as many:
        page = editor.page("/agence/fiches")
    assert len(page.select("tbody tr")) == 50
    assert len(few) == len(many)
