"""Two people of one delegation write the same opinion: the second reads both before anything is replaced."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from tests.integration.pages.office_case import COMPLETED
from tests.integration.pages.office_stage import Browser, browser, stage, words

__all__ = ["browser", "stage"]

WRITE = "/agence/dossiers/{case}/avis/rediger?kind=dd"
pytestmark = pytest.mark.parametrize("stage", ["admitted:1"], indirect=True)


def seen(page: BeautifulSoup) -> str:
    field = page.select_one('input[name="seen"]')
    assert field is not None
    return str(field["value"])


def test_an_opinion_written_from_an_older_page_shows_both_and_replaces_nothing(browser: Browser) -> None:
    browser.clock.set(COMPLETED)
    browser.sign_in("dd77")
    shown = seen(browser.page(WRITE))
    browser.accepted(WRITE, value="favorable", text="Priorité locale.", seen=shown)
    answer = browser.send(WRITE, value="defavorable", text="Déjà couvert.", seen=shown)
    assert answer.status_code == 409
    page = BeautifulSoup(answer.get_data(as_text=True), "html5lib")
    said = words(page)
    assert "le sien qui est gardé" in said
    assert "Votre saisie, non enregistrée" in said
    assert "Priorité locale." in said
    assert [area.text.strip() for area in page.select("textarea[name=text]")] == ["Déjà couvert."]
    assert "Déjà couvert." not in browser.text("/agence/dossiers/{case}/avis")
    browser.accepted(WRITE, value="defavorable", text="Déjà couvert.", seen=seen(page))  # read, and sent again
    assert "Déjà couvert." in browser.text("/agence/dossiers/{case}/avis")


def test_the_same_opinion_sent_twice_is_written_once(browser: Browser) -> None:
    browser.clock.set(COMPLETED)
    browser.sign_in("dd77")
    shown = seen(browser.page(WRITE))
    for _ in range(2):
        browser.accepted(WRITE, value="favorable", text="Priorité locale.", seen=shown)
