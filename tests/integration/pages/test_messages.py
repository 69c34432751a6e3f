"""The thread on screen, on both sides: who opens it, what a double click does, what it costs."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import update

from aap.db import db
from aap.files.models import ScanState, StoredFile
from tests.integration.pages.office_case import INSTRUCTED, SCORING
from tests.integration.pages.office_stage import Browser, browser, stage

__all__ = ["browser", "stage"]

LEAD, AGENCY = "/dossiers/{case}/messages", "/agence/dossiers/{case}/messages"


def value_in(page: BeautifulSoup, name: str) -> str:
    return str(page.select(f'input[name="{name}"]')[0]["value"])


def file_in(page: BeautifulSoup) -> str:
    return str(page.select(".aap-thread a.aap-download")[0]["href"])


marked = pytest.mark.parametrize("stage", ["marked:2"], indirect=True)


@marked
def test_a_question_gets_its_answer(browser: Browser) -> None:
    browser.clock.set(INSTRUCTED)
    browser.sign_in("lead")
    assert "Aucun message" in browser.text(LEAD)
    key = value_in(browser.page(LEAD), "key")
    sent = {"key": key, "text": "Quand le jury se réunit-il ?"}
    browser.accepted(LEAD, **sent, file=(io.BytesIO(b"%PDF-1.7 fictif"), "note.pdf"))
    browser.accepted(LEAD, **sent)  # the second click of a double click
    page = browser.page(LEAD)
    assert len(page.select(".aap-thread__message")) == 1
    assert "note.pdf" in page.get_text()
    file_address = file_in(page)
    assert browser.client.get(file_address).status_code == 200
    browser.sign_in("officer")
    assert "1 dossier" in browser.text("/agence")
    assert "Quand" not in browser.text("/agence/messages")
    assert "AAP-TS-2023-01-0001" in browser.text("/agence/messages")
    assert "1 message sans réponse" in browser.text("/agence/appels/{call}/dossiers")
    assert "Nouveau" in browser.text(AGENCY)
    until = value_in(browser.page(AGENCY), "until")
    browser.accepted(f"{AGENCY}/lus", until=until)
    assert "Nouveau" not in browser.text(AGENCY)
    assert browser.client.get("/agence/messages/fichiers/" + file_address.rpartition("/")[2]).status_code == 200
    browser.clock.set(INSTRUCTED + timedelta(minutes=5))
    browser.accepted(AGENCY, text="Le 18 janvier.", key="k2")
    assert "Aucun message n'attend" in browser.text("/agence/messages")
    browser.clock.set(INSTRUCTED + timedelta(hours=1))
    browser.sign_in("lead")
    assert "1 message non lu" in browser.text("/dossiers")
    assert "Messages (1 non lu)" in browser.text("/dossiers/{case}")
    browser.accepted(f"{LEAD}/lus", until="n'importe quoi")
    assert "non lu" not in browser.text("/dossiers")


@marked
def test_a_refused_message_keeps_its_words(browser: Browser) -> None:
    browser.clock.set(INSTRUCTED)
    browser.sign_in("lead")
    page = browser.refused(LEAD, key="k3", text="Voici la note.", file=(io.BytesIO(b"MZ"), "note.exe"))
    assert "Ce type de fichier n'est pas accepté" in page.get_text()
    area = page.find("textarea")
    assert area is not None
    assert area.get_text().strip() == "Voici la note."
    assert "Écrivez votre message." in browser.refused(LEAD, key="k3", text="  ").get_text()


@marked
def test_a_file_that_waits_for_its_analysis_is_given_back_to_its_author_alone(browser: Browser) -> None:
    browser.clock.set(SCORING)
    browser.sign_in("lead")
    browser.accepted(LEAD, key="k7", text="Voici.", file=(io.BytesIO(b"%PDF-1.7 fictif"), "note.pdf"))
    mine = file_in(browser.page(LEAD))
    theirs = "/agence/messages/fichiers/" + mine.rpartition("/")[2]
    for state, virus, told in ((ScanState.PENDING, "", (200, 409)), (ScanState.INFECTED, "Eicar", (403, 403))):
        with browser.stage.app.app_context():
            sent = update(StoredFile).where(StoredFile.name == "note.pdf")
            db.session.execute(sent.values(scan_state=state, virus=virus, scanned_at=SCORING if virus else None))
            db.session.commit()
        browser.sign_in("lead")
        assert browser.client.get(mine).status_code == told[0], state
        browser.sign_in("officer")
        assert browser.client.get(theirs).status_code == told[1], state


@marked
def test_a_message_that_waits_is_counted_for_those_who_read_it(browser: Browser) -> None:
    browser.clock.set(SCORING)
    browser.sign_in("lead")
    browser.accepted(LEAD, key="k8", text="Quand ?")
    for name, told in (("officer", True), ("director", True), ("reader", False), ("dcgdr", False)):
        browser.sign_in(name)
        assert ("1 message sans réponse" in browser.text("/agence/appels/{call}/dossiers")) is told, name


@marked
def test_whoever_has_no_part_in_it_is_told_nothing(browser: Browser) -> None:
    browser.clock.set(SCORING)
    browser.sign_in("lead")
    browser.accepted(LEAD, key="k4", text="Bonjour.", file=(io.BytesIO(b"%PDF-1.7 fictif"), "note.pdf"))
    identifier = file_in(browser.page(LEAD)).rpartition("/")[2]
    for name in ("j1", "j4", "j5", "dd77", "dcgdr", "grades", "reader", "stranger"):
        browser.sign_in(name)
        for address in (LEAD, AGENCY, f"/agence/messages/fichiers/{identifier}", f"{LEAD}/fichiers/{identifier}"):
            browser.page(address, 404)
        assert browser.send(AGENCY, text="Bonjour", key="k5").status_code == 404
        assert browser.send(f"{AGENCY}/lus").status_code == 404
    for name in ("director", "finance"):
        browser.sign_in(name)
        assert "Bonjour." in browser.text(AGENCY)
        assert browser.send(AGENCY, text="Bonjour", key="k6").status_code in {403, 404}


@marked
def test_a_long_thread_costs_as_much_as_a_short_one(browser: Browser) -> None:
    browser.clock.set(SCORING)
    browser.sign_in("lead")
    browser.accepted(LEAD, key="n0", text="Message.", file=(io.BytesIO(b"%PDF-1.7 fictif"), "note.pdf"))
    few = (browser.queries(LEAD), browser.queries("/dossiers"))
    for number in range(1, 8):
        browser.accepted(LEAD, key=f"n{number}", text="Encore.", file=(io.BytesIO(b"%PDF-1.7 x"), "note.pdf"))
    browser.accepted(LEAD.replace("{case}", "{other}"), key="o", text="Un autre dossier.")
    assert (browser.queries(LEAD), browser.queries("/dossiers")) == few
    browser.sign_in("officer")
    assert "2 dossiers" in browser.text("/agence")
    listed = browser.queries("/agence/messages")
    browser.accepted(AGENCY, key="a", text="Réponse.")
    assert browser.queries("/agence/messages") == listed
