"""The lead's pages from the last check to the decision: obstacles, deposit, receipt, completion, withdrawal, award."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from urllib.parse import urldefrag

import pytest
from sqlalchemy.orm import Session

from aap.applications.models import CompletionItemKind
from aap.applications.queries import get_application
from aap.applications.service import ItemAsked, request_completion, save_section, submit
from aap.clock import FixedClock
from aap.extensions import storage
from aap.forms.queries import get_answers
from tests.client import StrictClient
from tests.integration.applications.case import CLOSING, DEPOSITED
from tests.integration.pages.applicant_case import (
    Scene,
    draft,
    fill,
    link_of,
    parsed,
    send,
    sent_by,
    set_scene,
    words_of,
)
from tests.integration.pages.office_case import NOTIFIED, play

Within = Callable[[], AbstractContextManager[Session]]
PDF = b"%PDF-1.7 fictif"


@pytest.fixture
def filled(within: Within, client: StrictClient, clock: FixedClock) -> Scene:
    """The file of the example is ready, on the day of its deposit."""
    clock.set(DEPOSITED)
    return prepared(within, client)


@pytest.fixture
def empty(within: Within, client: StrictClient) -> Scene:
    """A file that has just been started, without a strand."""
    return prepared(within, client, ready=False)


@pytest.fixture
def asked(within: Within, client: StrictClient, clock: FixedClock) -> Scene:
    """Deposited, then asked for a text and a piece."""
    scene = prepared(within, client)
    with within() as session:
        application = get_application(scene.file_id)  # type: ignore[arg-type]  # the fixture made it
        submit(application, actor=application.lead, now=DEPOSITED)
        officer = next(member.user_id for member in application.call_version.call.team)
        items = [
            ItemAsked(CompletionItemKind.FIELD, "governance", "Précisez le rythme du comité de suivi."),
            ItemAsked(CompletionItemKind.ANNEX, "A01", "La lettre n'est pas signée."),
        ]
        person = session.get(type(application.lead), officer)
        assert person is not None
        request_completion(application, items, "Deux points à revoir.", actor=person, now=DEPOSITED + timedelta(days=7))
        session.commit()
    clock.set(DEPOSITED + timedelta(days=8))
    return scene


def prepared(within: Within, client: StrictClient, *, ready: bool = True) -> Scene:
    with within() as session:
        lead, officer, stranger = set_scene(session)
        application = draft(lead, "B" if ready else None)
        if ready:
            fill(application, lead, storage())
        session.commit()
        scene = Scene(lead.fs_uniquifier, officer.fs_uniquifier, stranger.fs_uniquifier, application.id)
    with client.session_transaction() as cookies:
        cookies.update({"_user_id": scene.lead, "_fresh": True, "fs_cc": "set", "fs_paa": 2**31})
    return scene


def deposit(client: StrictClient, scene: Scene) -> str:
    path = f"{scene.path}/verification"
    answer = send(client, path, client.page(path), honour="y")
    assert answer.status_code == 303, words_of(parsed(answer))
    return str(answer.headers["Location"])


# ---------------------------------------------------------------------------------------------------- checking
def test_every_obstacle_leads_to_the_place_to_mend(client: StrictClient, empty: Scene) -> None:
    page = client.page(f"{empty.path}/verification")
    box = next(part for part in page.select("main div") if part.h2 and "points sont à régler" in part.h2.get_text())
    links = [str(link["href"]) for link in box.find_all("a", href=True)]
    assert len(links) > 30
    for address, anchor in {urldefrag(link) for link in links}:
        target = client.page(address)
        assert not anchor or target.find(id=anchor) is not None, f"{address}#{anchor}"


def test_obstacles_name_each_question_and_are_counted_once(client: StrictClient, empty: Scene) -> None:
    path = f"{empty.path}/verification"
    page = client.page(path)
    refused = parsed(send(client, path, page))
    for shown in (page, refused):
        box = next(
            part for part in shown.select("main div") if part.h2 and "points sont à régler" in part.h2.get_text()
        )
        told = [words_of(link) for link in box.find_all("a")]
        assert {"Intitulé", "Diagnostic chiffré du besoin", "SIRET"} <= set(told)
        assert not [line for line in told if "Ce champ est obligatoire" in line]
        assert len(set(told)) > len(told) * 0.9
        assert str(len(told)) in words_of(box.h2 or box)
        assert sum(int(words_of(title).rpartition("(")[2].rstrip(")")) for title in box.find_all("h3")) == len(told)
    assert "à corriger" not in words_of(refused)  # one count, not two
    assert words_of(refused.title or refused).startswith("Erreur : ")


def test_an_empty_draft_breaks_no_condition_yet(client: StrictClient, empty: Scene) -> None:
    page = client.page(f"{empty.path}/conditions")
    states = [words_of(state).removesuffix(" :") for state in page.select(".aap-rules__state")]
    assert "Non respectée" not in states
    assert "À compléter" in states
    text = words_of(page)
    assert "n'est pas connu" not in text
    assert "aucun montant n'est encore demandé" in text.lower()
    assert "La somme demandée, 0 €" not in text
    assert "non respectée" not in words_of(client.page(empty.path))


def test_a_ready_file_says_so_and_shows_every_answer(client: StrictClient, filled: Scene) -> None:
    text = words_of(client.page(f"{filled.path}/verification"))
    assert "Le dossier est complet" in text
    for answer in ("999 771 017 00012", "Médecin coordonnateur", "Chariots de téléconsultation équipés", "A01-0.pdf"):
        assert answer in text


def test_the_honour_statement_is_asked_for(client: StrictClient, filled: Scene) -> None:
    path = f"{filled.path}/verification"
    answer = send(client, path, client.page(path))
    assert answer.status_code == 400
    page = parsed(answer)
    assert page.select_one('[role=alert] a[href="#honour"]') is not None
    client.page(f"{filled.path}/recepisse", 404)


def test_an_incomplete_file_is_refused_with_its_obstacles(client: StrictClient, empty: Scene) -> None:
    path = f"{empty.path}/verification"
    answer = send(client, path, client.page(path), honour="y")
    assert answer.status_code == 400
    assert "Choisissez le volet" in words_of(parsed(answer))
    client.page(f"{empty.path}/recepisse", 404)


# ---------------------------------------------------------------------------------------------------- depositing
def test_the_receipt_is_shown_at_once(client: StrictClient, filled: Scene) -> None:
    page = client.page(deposit(client, filled))
    text = words_of(page)
    assert "AAP-TS-2023-01-0001" in text
    assert "vendredi 3 novembre 2023 à 16 h 42, heure de Paris" in text
    assert "en préparation" in text
    hashes = re.findall(r"\b[0-9a-f]{64}\b", text)
    assert len(hashes) == 1 + 22  # the seal, and each piece
    assert "CPTS Brie-Est (fictive)" in text


def test_a_double_click_is_one_deposit(client: StrictClient, filled: Scene) -> None:
    path = f"{filled.path}/verification"
    sent = sent_by(client.page(path))
    sent["honour"] = "y"
    first, second = client.post(path, data=sent), client.post(path, data=sent)
    assert first.status_code == second.status_code == 303
    assert first.headers["Location"] == second.headers["Location"]
    assert words_of(client.page(f"{filled.path}/recepisse")).count("Récépissé du dépôt n°") <= 1
    assert "Dossier déposé" in words_of(client.page(filled.path))


def test_the_hour_is_strict(client: StrictClient, filled: Scene, clock: FixedClock) -> None:
    path = f"{filled.path}/verification"
    page = client.page(path)
    clock.set(CLOSING + timedelta(microseconds=1))
    answer = send(client, path, page, honour="y")
    assert answer.status_code == 409
    assert "Ce brouillon n'a pas été déposé" in words_of(client.page(filled.path))
    clock.set(CLOSING)
    deposit(client, filled)


def test_a_deposited_file_is_read_and_no_longer_written(client: StrictClient, filled: Scene) -> None:
    section = f"{filled.path}/rubriques/S1"
    page = client.page(section)
    deposit(client, filled)
    assert client.get(section).status_code == 302
    assert send(client, section, page, governance="Autre texte").status_code == 403
    assert "Comité de pilotage trimestriel" in client.page(f"{filled.path}/lecture").get_text()
    assert client.page(f"{filled.path}/pieces/A01").find("input", type="file") is None


# ---------------------------------------------------------------------------------------------------- completing
def test_only_what_was_asked_opens_again(client: StrictClient, asked: Scene) -> None:
    page = client.page(f"{asked.path}/complements")
    assert "Deux points à revoir." in page.get_text()
    assert {words_of(link) for link in page.select("main ol li a")} >= {
        "Instances, rythme, rôle de chacun",
        "Lettre de candidature signée du représentant légal",
    }
    section = client.page(f"{asked.path}/rubriques/S1")
    names = {str(control.get("name")) for control in section.find_all(["input", "textarea", "select"])}
    assert names & {"governance", "applicant_name", "siret"} == {"governance"}
    assert "999 771 017 00012" in words_of(section)  # the rest is read
    assert client.get(f"{asked.path}/rubriques/S3").status_code == 302
    assert client.page(f"{asked.path}/pieces/A01").find("input", type="file") is not None
    assert client.page(f"{asked.path}/pieces/A02").find("input", type="file") is None


def test_the_completed_file_is_sent_back(client: StrictClient, asked: Scene) -> None:
    path = f"{asked.path}/rubriques/S1"
    assert send(client, path, client.page(path), governance="Comité de suivi chaque mois.").status_code == 303
    piece = f"{asked.path}/pieces/A01"
    forms = client.page(piece).select("main form[method=post]")
    upload = next(number for number, form in enumerate(forms) if form.select("[type=file]"))
    sent = {**sent_by(client.page(piece), upload), "file": (io.BytesIO(PDF), "Lettre signée.pdf")}
    assert client.post(piece, data=sent).status_code == 303
    text = words_of(client.page(deposit(client, asked)))
    assert "Vos compléments sont reçus" in text
    assert "Premier dépôt vendredi 3 novembre 2023 à 16 h 42" in text
    assert "Compléments reçus" in words_of(client.page(asked.path))


def test_the_delay_of_a_completion_is_strict(client: StrictClient, asked: Scene, clock: FixedClock) -> None:
    clock.set(DEPOSITED + timedelta(days=60))
    assert "Le délai est passé" in words_of(client.page(f"{asked.path}/complements"))


# ---------------------------------------------------------------------------------------------------- withdrawing
def test_a_draft_is_given_up(client: StrictClient, empty: Scene) -> None:
    path = f"{empty.path}/retrait"
    assert send(client, path, client.page(path)).status_code == 303
    assert "Retiré" in words_of(client.page("/dossiers"))


def test_a_deposited_file_is_withdrawn_with_a_reason(client: StrictClient, filled: Scene) -> None:
    deposit(client, filled)
    path = f"{filled.path}/retrait"
    refused = send(client, path, client.page(path), reason=" ")
    assert refused.status_code == 400
    assert parsed(refused).select_one('[role=alert] a[href="#reason"]') is not None
    assert send(client, path, client.page(path), reason="Le partenaire hospitalier renonce.").status_code == 303
    assert "Le partenaire hospitalier renonce." in words_of(client.page(filled.path))


def test_a_decision_is_not_shown_before_it_is_notified(client: StrictClient, filled: Scene) -> None:
    deposit(client, filled)
    client.page(f"{filled.path}/decision", 404)
    assert client.page(filled.path).find("a", string="Lire la décision") is None


def test_the_notified_decision_shows_my_marks_and_my_reservations(
    client: StrictClient, within: Within, clock: FixedClock
) -> None:
    with within() as session:
        scene = play(session, storage(), "notified")
        path, token = f"/dossiers/{scene.case.id}", scene.people["lead"].fs_uniquifier
    clock.set(NOTIFIED + timedelta(hours=1))
    with client.session_transaction() as cookies:
        cookies.update({"_user_id": token, "_fresh": True, "fs_cc": "set", "fs_paa": 2**31})
    assert link_of(client.page(path), "Lire la décision") == f"{path}/decision"
    text = words_of(client.page(f"{path}/decision"))
    for said in ("112 500 €", "demandé : 120 000 €", "76,67 sur 100", "À lever avant le 8 mars 2024", "Recours"):
        assert said in text
    assert "80,00" not in text  # the totals of each juror stay with the jury


# ------------------------------------------------------------------------------------- around the deposit
def test_every_page_of_a_draft_says_that_it_is_not_deposited(client: StrictClient, filled: Scene) -> None:
    for part in ("", "/rubriques/S1", "/pieces", "/pieces/A01", "/verification", "/apercu", "/lecture", "/conditions"):
        assert "Ce dossier n'est pas déposé" in words_of(client.page(f"{filled.path}{part}")), part
    deposit(client, filled)
    assert "n'est pas déposé" not in words_of(client.page(f"{filled.path}/lecture"))


def test_the_rule_of_the_closing_is_told_before_with_the_hour_of_the_server(
    client: StrictClient, filled: Scene
) -> None:
    page = client.page(f"{filled.path}/verification")
    assert "même si sa réponse vient après" in words_of(page)
    countdown = page.select_one("[data-countdown]")
    assert countdown is not None
    assert (countdown["data-countdown"], countdown["data-now"]) == (CLOSING.isoformat(), DEPOSITED.isoformat())


def test_a_request_begun_in_time_counts_even_if_it_ends_after(
    client: StrictClient, filled: Scene, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"{filled.path}/verification"
    page = client.page(path)
    clock.set(CLOSING)
    told = iter([CLOSING])
    monkeypatch.setattr(type(clock), "now", lambda _self: next(told, CLOSING + timedelta(seconds=5)))
    assert send(client, path, page, honour="y").status_code == 303


def test_the_jury_preview_hides_what_the_jury_does_not_read(client: StrictClient, filled: Scene) -> None:
    text = words_of(client.page(f"{filled.path}/apercu"))
    assert "A01-0.pdf" in text
    assert "A02-0.pdf" not in text


def test_a_social_security_number_is_a_warning_and_nothing_more(
    client: StrictClient, filled: Scene, within: Within
) -> None:
    assert "sécurité sociale" not in words_of(client.page(f"{filled.path}/verification"))
    with within() as session:
        application = get_application(filled.file_id)  # type: ignore[arg-type]  # the fixture made it
        version = get_answers(application.sheet_id)["abstract"].version
        values = {"abstract": "Suivi de 2 69 05 49 588 157 80 à domicile."}
        save_section(application, "S2", values, {"abstract": version}, actor=application.lead, now=DEPOSITED)
        session.commit()
    path = f"{filled.path}/verification"
    page = client.page(path)
    assert "semble contenir un numéro de sécurité sociale" in words_of(page)
    assert send(client, path, page, honour="y").status_code == 303


def test_the_dossier_is_asked_once_and_told_without_script(client: StrictClient, filled: Scene) -> None:
    client.page(f"{filled.path}/dossier-pdf", 404)
    deposit(client, filled)
    path = f"{filled.path}/dossier-pdf"
    asked = client.page(path)
    for _double_click in range(2):
        assert send(client, path, asked).status_code == 303
    page = client.page(path)
    assert "Actualiser cette page" in words_of(page)
    client.page(f"{filled.path}/dossier.pdf", 404)
