"""Answers saved while they are typed: what the browser is told, and that nothing typed is lost or overwritten."""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from aap.applications.queries import get_application
from aap.clock import FixedClock
from aap.extensions import storage
from aap.forms.queries import get_answers, list_revisions
from aap.forms.unread import unread_texts
from tests.client import StrictClient
from tests.integration.applications.case import CLOSING
from tests.integration.pages.applicant_case import (
    Scene,
    draft,
    fill,
    one,
    send,
    sent_by,
    set_scene,
    value_of,
    words_of,
)

Within = Callable[[], AbstractContextManager[Session]]
JSON = {"Accept": "application/json"}


@pytest.fixture
def scene(within: Within, client: StrictClient) -> Scene:
    """The lead has filled the file of the example, and is signed in."""
    with within() as session:
        lead, officer, stranger = set_scene(session)
        application = draft(lead)
        fill(application, lead, storage())
        session.commit()
        found = Scene(lead.fs_uniquifier, officer.fs_uniquifier, stranger.fs_uniquifier, application.id)
    sign_in(client, found.lead)
    return found


def sign_in(client: StrictClient, token: str) -> None:
    with client.session_transaction() as session:
        session.clear()
        session.update(_user_id=token, _fresh=True, fs_cc="set")


def post(
    client: StrictClient, path: str, sent: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> TestResponse:
    """Send a form with the token that a page left open asks for."""
    session = client.get("/compte/session", headers=JSON).get_json()
    return client.post(path, data={"csrf_token": session.get("csrf_token", ""), **sent}, headers=headers)


def autosave(client: StrictClient, scene: Scene, section: str, seen: str = "", **texts: str) -> TestResponse:
    """Send some fields as the script does: the versions the page was made from, and the inputs of these fields."""
    sent = {name.replace("__", "-"): value for name, value in texts.items()}
    only = sent.pop("only", None) or ",".join(name for name in sent if "-" not in name)
    path = f"{scene.path}/rubriques/{section}/brouillon"
    return post(client, path, {"only": only, "seen": seen, **sent}, JSON)


def file_of(scene: Scene) -> uuid.UUID:
    assert scene.file_id is not None
    return scene.file_id


def told(answer: TestResponse, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.get_data(as_text=True)[:2000]
    assert answer.mimetype == "application/json"
    found = answer.get_json()
    assert isinstance(found, dict)
    return found


def version(within: Within, scene: Scene, field: str) -> int:
    with within():
        return get_answers(get_application(file_of(scene)).sheet_id)[field].version


def stored(within: Within, scene: Scene, field: str) -> Any:
    with within():
        return get_answers(get_application(file_of(scene)).sheet_id)[field].value


def test_one_field_is_saved_and_the_others_stay(client: StrictClient, scene: Scene, within: Within) -> None:
    seen = version(within, scene, "title")
    said = told(autosave(client, scene, "S2", f"title={seen}", title="Un titre enregistré en écrivant"))
    assert said["at"] == "10\xa0h\xa015"
    assert said["versions"] == {"title": seen + 1}
    assert (said["problems"], said["conflicts"], said["refused"]) == ({}, [], [])
    assert stored(within, scene, "title") == "Un titre enregistré en écrivant"
    assert stored(within, scene, "need")  # absent from what was sent, hence not emptied
    assert value_of(client.page(f"{scene.path}/rubriques/S2"), "title") == "Un titre enregistré en écrivant"


def test_what_cannot_be_read_is_kept_as_typed_with_its_reason(
    client: StrictClient, scene: Scene, within: Within
) -> None:
    seen = version(within, scene, "population")
    said = told(autosave(client, scene, "S2", f"population={seen}", population="environ douze"))
    assert said["problems"] == {"population": {"population": "Écrivez un nombre, par exemple 1 234,56."}}
    assert said["versions"] == {"population": seen + 1}
    page = client.page(f"{scene.path}/rubriques/S2")
    assert value_of(page, "population") == "environ douze"
    assert "Écrivez un nombre" in one(page, "#population-error").get_text()
    assert "À corriger" in words_of(client.page(scene.path))
    said = told(autosave(client, scene, "S2", f"population={seen + 1}", population="1 200"))
    assert said["problems"] == {}
    assert stored(within, scene, "population") == "1200"


def test_the_budget_is_saved_whole_and_a_bad_cell_keeps_the_last_figures(
    client: StrictClient, scene: Scene, within: Within
) -> None:
    page = client.page(f"{scene.path}/rubriques/S8")

    cells = {name: value for name, value in sent_by(page).items() if name.startswith("budget_")}
    seen = version(within, scene, "budget")
    cells["budget_lines-5-unit_price"] = "trois mille"
    said = told(autosave(client, scene, "S8", f"budget={seen}", only="budget", **cells))
    assert said["problems"] == {"budget": {"budget_lines-5-unit_price": "Écrivez un nombre, par exemple 1 234,56."}}
    again = client.page(f"{scene.path}/rubriques/S8")
    assert value_of(again, "budget_lines-5-unit_price") == "trois mille"
    assert "164 040 €" in words_of(client.page(scene.path)).replace("\u202f", " ").replace("\xa0", " ")
    cells["budget_lines-5-unit_price"] = "3000,50"
    told(autosave(client, scene, "S8", f"budget={seen + 1}", only="budget", **cells))
    assert "164 040,50 €" in words_of(client.page(scene.path)).replace("\u202f", " ").replace("\xa0", " ")


def test_two_people_are_shown_both_texts_and_neither_is_lost(
    client: StrictClient, scene: Scene, within: Within
) -> None:
    seen = version(within, scene, "governance")
    told(autosave(client, scene, "S1", f"governance={seen}", governance="Le texte de la première fenêtre."))
    both = f"governance={seen},project_lead_role={version(within, scene, 'project_lead_role')}"
    said = told(autosave(client, scene, "S1", both, governance="Celui de la seconde.", project_lead_role="Directrice"))
    (conflict,) = said["conflicts"]
    assert conflict["field"] == "governance"
    assert (conflict["yours"], conflict["theirs"]) == ("Celui de la seconde.", "Le texte de la première fenêtre.")
    assert conflict["by"] == "vous, dans une autre fenêtre"
    assert stored(within, scene, "governance") == "Le texte de la première fenêtre."
    assert stored(within, scene, "project_lead_role") == "Directrice"  # the rest is saved
    said = told(autosave(client, scene, "S1", f"governance={conflict['version']}", governance="Celui de la seconde."))
    assert said["conflicts"] == []
    with within():
        texts = [one.value for one in list_revisions(get_application(file_of(scene)).sheet_id, "governance")]
    assert texts[:2] == ["Celui de la seconde.", "Le texte de la première fenêtre."]


def test_a_tab_restored_after_a_week_does_not_overwrite(
    client: StrictClient, scene: Scene, within: Within, clock: FixedClock
) -> None:
    old = version(within, scene, "need")
    told(autosave(client, scene, "S2", f"need={old}", need="Le diagnostic relu lundi."))
    clock.set(clock.now() + timedelta(days=7))
    said = told(autosave(client, scene, "S2", f"need={old}", need="Le brouillon de la semaine dernière."))
    assert said["conflicts"][0]["theirs"] == "Le diagnostic relu lundi."
    assert stored(within, scene, "need") == "Le diagnostic relu lundi."


@pytest.mark.parametrize(
    "text",
    [
        "é" * 10_000,
        "👩‍👩‍👧‍👦 e\u0301 et é",  # joined emoji, NFD and NFC
        "\u202eטקסט\u202c de droite à gauche",
        "Ångström \u212b ﬁ ½ ﷽",
    ],
)
def test_text_of_every_kind_is_kept(client: StrictClient, scene: Scene, within: Within, text: str) -> None:
    seen = version(within, scene, "pathway")
    said = told(autosave(client, scene, "S3", f"pathway={seen}", pathway=text))
    assert said["versions"] == {"pathway": seen + 1}

    assert stored(within, scene, "pathway") == unicodedata.normalize("NFC", text)
    page = client.page(f"{scene.path}/rubriques/S3")
    assert one(page, "#pathway").get_text().removeprefix("\n") == unicodedata.normalize("NFC", text)
    over = said["problems"].get("pathway", {}).get("pathway", "").replace("\u202f", " ")
    assert ("dépasse la limite de 5 000 caractères" in over) is (len(text) > 5_000)


@pytest.mark.parametrize("sign", ["\x00", "\x07", "\ufffe"])
def test_an_invisible_sign_is_told_and_the_text_around_it_kept(
    client: StrictClient, scene: Scene, within: Within, sign: str
) -> None:
    seen = version(within, scene, "pathway")
    said = told(autosave(client, scene, "S3", f"pathway={seen}", pathway=f"Un long texte{sign} collé."))
    assert "signe invisible" in said["problems"]["pathway"]["pathway"]
    assert unread_texts(stored(within, scene, "pathway")) == {"pathway": (f"Un long texte{sign} collé.",)}
    assert client.get(f"{scene.path}/lecture").status_code == 200
    assert client.get(f"{scene.path}/rubriques/S3/historique/pathway").status_code == 200


def test_a_text_beyond_reason_is_refused_and_said_so(client: StrictClient, scene: Scene, within: Within) -> None:
    before = stored(within, scene, "pathway")
    said = told(autosave(client, scene, "S3", "", pathway="x" * 250_000))
    assert said["refused"] == ["pathway"]
    assert "trop long" in said["problems"]["pathway"]["pathway"]
    assert stored(within, scene, "pathway") == before


def test_after_the_closing_nothing_is_saved_and_the_reason_is_told(
    client: StrictClient, scene: Scene, clock: FixedClock
) -> None:
    clock.set(CLOSING + timedelta(microseconds=1))
    said = told(autosave(client, scene, "S2", "", title="Trop tard"), 409)
    assert "clos depuis le lundi 6 novembre 2023 à 12 h" in said["message"].replace("\xa0", " ")


def test_an_expired_session_is_told_as_such(client: StrictClient, scene: Scene) -> None:
    assert told(client.get("/compte/session", headers=JSON))["person"]
    with client.session_transaction() as session:
        session.clear()
    assert told(client.get("/compte/session", headers=JSON), 401)["code"] == "non-connecte"
    answer = client.post(f"{scene.path}/rubriques/S2/brouillon", data={"only": "title", "title": "x"}, headers=JSON)
    assert told(answer, 400)["code"] == "jeton-perime"  # the script then asks for a token, and learns that it is 401


def test_nobody_else_saves_in_the_file(client: StrictClient, scene: Scene, within: Within) -> None:
    sign_in(client, scene.stranger)
    told(autosave(client, scene, "S2", "", title="Titre d'un autre"), 404)
    sign_in(client, scene.officer)
    told(autosave(client, scene, "S2", "", title="Titre de l'agence"), 404)
    assert "autre" not in stored(within, scene, "title")


def test_a_call_that_names_no_field_is_refused(client: StrictClient, scene: Scene) -> None:
    assert told(autosave(client, scene, "S2", only="inconnu"), 400)["code"] == "rien-a-enregistrer"
    assert told(autosave(client, scene, "S12", title="x"), 404)["code"] == "introuvable"


@contextmanager
def counted() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE")):
            statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)


MANY = tuple(f"note_{number}" for number in range(40))


@pytest.fixture
def long_form(within: Within, client: StrictClient) -> Scene:
    """A call like the example, with a section of four questions and one of forty."""
    with within() as session:
        lead, officer, stranger = set_scene(session, with_sections)
        application = draft(lead)
        session.commit()
        found = Scene(lead.fs_uniquifier, officer.fs_uniquifier, stranger.fs_uniquifier, application.id)
    sign_in(client, found.lead)
    return found


def with_sections(document: dict[str, Any]) -> None:
    """Add a section of four questions and one of forty."""
    for name, keys in (("few", ("a", "b", "c", "d")), ("many", MANY)):
        fields = [{"id": key, "type": "longtext", "label": f"Question {key}"} for key in keys]
        document["call"]["form"]["sections"].append({"id": name, "title": name, "fields": fields})


def test_a_section_of_forty_fields_costs_the_queries_of_one_of_four(client: StrictClient, long_form: Scene) -> None:
    def cost(section: str, keys: tuple[str, ...], text: str) -> int:
        with counted() as statements:
            told(autosave(client, long_form, section, "", **dict.fromkeys(keys, text)))
        return len(statements)

    told(autosave(client, long_form, "few", a="Une première réponse."))  # what the process reads once
    few, many = cost("few", ("b", "c", "d"), "Réponse."), cost("many", MANY, "Réponse.")
    assert many == few
    assert few <= 20


# -------------------------------------------------------------------------------------------------------- conditions
def with_conditions(document: dict[str, Any]) -> None:
    """Ask the number of a contract of those who have one, and a whole section of theirs."""
    held = {"field": "has_cpom", "op": "eq", "value": True}
    sections = document["call"]["form"]["sections"]
    first = sections[0]["fields"]
    place = next(rank for rank, field in enumerate(first) if field["id"] == "has_cpom")
    number = {"id": "cpom_number", "type": "text", "required": True, "label": "Numéro du CPOM"}
    first.insert(place + 1, {**number, "show_if": dict(held)})
    contact = {"id": "cpom_contact", "type": "repeat", "label": "Interlocuteurs", "max": 3}
    contact["columns"] = [
        {"id": "name", "type": "text", "label": "Fonction"},
        {"id": "phone", "type": "phone", "label": "Téléphone"},
        {"id": "rpps", "type": "rpps", "label": "RPPS"},
    ]
    note = {"id": "cpom_note", "type": "longtext", "label": "Objectifs du contrat", "max_words": 5}
    sections.insert(1, {"id": "CPOM", "title": "Votre contrat", "show_if": dict(held), "fields": [contact, note]})


@pytest.fixture
def conditional(within: Within, client: StrictClient) -> Scene:
    """A call whose form depends on an answer, and an empty draft."""
    with within() as session:
        lead, officer, stranger = set_scene(session, with_conditions)
        application = draft(lead)
        session.commit()
        found = Scene(lead.fs_uniquifier, officer.fs_uniquifier, stranger.fs_uniquifier, application.id)
    sign_in(client, found.lead)
    return found


def test_an_answer_shows_and_hides_questions_and_loses_none(
    client: StrictClient, conditional: Scene, within: Within
) -> None:
    path = f"{conditional.path}/rubriques/S1"
    assert client.page(path).find(id="cpom_number") is None
    client.page(f"{conditional.path}/rubriques/CPOM", 404)
    said = told(autosave(client, conditional, "S1", "", has_cpom="yes"))
    assert "cpom_number*" in said["layout"].split(",")
    assert client.page(path).find(id="cpom_number") is not None
    assert "Votre contrat" in words_of(client.page(conditional.path))
    told(autosave(client, conditional, "S1", "", cpom_number="CPOM-77-12"))
    said = told(autosave(client, conditional, "S1", "has_cpom=1", has_cpom="no"))
    assert "cpom_number*" not in said["layout"].split(",")
    assert client.page(path).find(id="cpom_number") is None
    assert "Votre contrat" not in words_of(client.page(conditional.path))
    assert stored(within, conditional, "cpom_number") == "CPOM-77-12"
    # a page opened before still shows the question: what is typed there is kept too
    told(autosave(client, conditional, "S1", "cpom_number=1", cpom_number="CPOM-77-13"))
    told(autosave(client, conditional, "S1", "has_cpom=2", has_cpom="yes"))
    assert value_of(client.page(path), "cpom_number") == "CPOM-77-13"


def test_a_repeated_block_and_a_text_counted_in_words(client: StrictClient, conditional: Scene, within: Within) -> None:
    told(autosave(client, conditional, "S1", "", has_cpom="yes"))
    path = f"{conditional.path}/rubriques/CPOM"
    page = client.page(path)
    assert words_of(one(page, "#cpom_note-words")) == "5 mots au plus"
    cells = {"cpom_contact-0-name": "Médecin", "cpom_contact-0-phone": "01 02 03 04 05", "cpom_contact-0-rpps": "123"}
    said = told(autosave(client, conditional, "CPOM", "", only="cpom_contact", **cells))
    assert said["problems"] == {}  # a row half written is not scolded while it is typed
    assert stored(within, conditional, "cpom_contact")[0]["phone"] == "+33102030405"
    assert "Un numéro RPPS compte 11 chiffres." in words_of(client.page(path))
    said = told(autosave(client, conditional, "CPOM", "", cpom_note="Réduire l'attente, former : deux de trop."))
    assert "limite de 5 mots : 1 mot en trop" in said["problems"]["cpom_note"]["cpom_note"].replace("\xa0", " ")


# ----------------------------------------------------------------------------------------------------------- history
def test_the_history_tells_who_changed_what_and_restores_it(
    client: StrictClient, scene: Scene, within: Within, clock: FixedClock
) -> None:
    first = stored(within, scene, "governance")
    clock.set(clock.now() + timedelta(hours=2))
    seen = version(within, scene, "governance")
    told(autosave(client, scene, "S1", f"governance={seen}", governance=f"{first} Un comité de plus."))
    clock.set(clock.now() + timedelta(minutes=1))
    told(autosave(client, scene, "S1", f"governance={seen + 1}", governance=f"{first} Un comité de plus, mensuel."))
    listing = client.page(f"{scene.path}/rubriques/S1/historique")
    assert "Instances, rythme, rôle de chacun" in words_of(listing)
    path = f"{scene.path}/rubriques/S1/historique/governance"
    page = client.page(path)
    assert len(page.select(".aap-version")) == 2  # two saves within ten minutes are one step
    newest = page.select(".aap-version")[0]
    assert "2 enregistrements" in words_of(newest)
    assert "Un comité de plus, mensuel." in " ".join(ins.get_text(" ", strip=True) for ins in newest.select("ins"))
    assert "Version actuelle" in words_of(newest)
    sent = {str(field["name"]): str(field["value"]) for field in page.select(".aap-version form input[type=hidden]")}
    answer = post(client, path, sent)
    assert answer.status_code == 303
    assert stored(within, scene, "governance") == first
    assert len(client.page(path).select(".aap-version")) == 2
    with within():
        assert len(list_revisions(get_application(file_of(scene)).sheet_id, "governance")) == seen + 3


def test_a_restored_budget_brings_its_figures_back(client: StrictClient, scene: Scene, within: Within) -> None:
    seen = version(within, scene, "budget")
    told(autosave(client, scene, "S8", f"budget={seen}", only="budget", budget_lines__0__label="Rien"))
    assert "164 040" not in words_of(client.page(scene.path)).replace("\u202f", " ")
    path = f"{scene.path}/rubriques/S8/historique/budget"
    assert post(client, path, {"version": seen, "seen": seen + 1}).status_code == 303
    assert "164 040" in words_of(client.page(scene.path)).replace("\u202f", " ")


def test_a_restore_made_from_an_old_page_changes_nothing(client: StrictClient, scene: Scene, within: Within) -> None:
    seen = version(within, scene, "title")
    told(autosave(client, scene, "S2", f"title={seen}", title="Titre écrit entre-temps"))
    path = f"{scene.path}/rubriques/S2/historique/title"
    post(client, path, {"version": 1, "seen": seen})
    assert "Quelqu'un d'autre a modifié ce champ" in words_of(client.page(path))
    assert stored(within, scene, "title") == "Titre écrit entre-temps"


def test_the_history_is_the_lead_s_alone(client: StrictClient, scene: Scene) -> None:
    sign_in(client, scene.stranger)
    client.page(f"{scene.path}/rubriques/S1/historique", 404)
    client.page(f"{scene.path}/rubriques/S1/historique/governance", 404)
    sign_in(client, scene.lead)
    client.page(f"{scene.path}/rubriques/S1/historique/inconnu", 404)
    client.page(f"{scene.path}/rubriques/S2/historique/zones", 404)  # computed: nobody writes it


def test_a_field_hidden_meanwhile_by_the_page_is_not_emptied(
    client: StrictClient, scene: Scene, within: Within
) -> None:
    """The button sends the fields of its page; an old page that says which it shows empties no other."""
    path = f"{scene.path}/rubriques/S1"
    page = client.page(path)
    one(page, "input[name=only]")["value"] = "governance"
    assert send(client, path, page, governance="Seul champ de la page.").status_code == 303
    assert stored(within, scene, "governance") == "Seul champ de la page."
    assert stored(within, scene, "applicant_name") == "EHPAD Résidence du Val Fleuri (fictif)"
