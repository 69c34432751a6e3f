"""The blank form of a call, as a page and as a tagged document: every question, choice, table, annex and criterion."""

from __future__ import annotations

import io

import pikepdf
import pytest

from tests.integration.pages.office_case import PUBLISHED
from tests.integration.pages.office_stage import Browser, browser, stage
from tests.unit.documents.reading import read

__all__ = ["browser", "stage"]
PAGE = "/appels/AAP-TS-2023-01/formulaire"
deposited = pytest.mark.parametrize("stage", ["deposited"], indirect=True)
SAID = (
    "Porteur et gouvernance",
    "Intitulé",
    "caractères au plus",
    "Plan de financement",
    "Quand la joindre",
    "A09",
    "Ce que le jury regarde",
    "heure de Paris",
)


@deposited
def test_the_page_shows_everything_to_anybody(browser: Browser) -> None:
    browser.clock.set(PUBLISHED)
    text = browser.text(PAGE)
    for words in SAID:
        assert words in text, words
    page = browser.page(PAGE)
    assert len(page.select(".aap-boxes li")) > 30
    assert len(page.select("table")) > 6
    assert "formulaire.pdf" in str(browser.page("/appels/AAP-TS-2023-01"))


@deposited
def test_the_document_is_tagged_and_says_the_same(browser: Browser) -> None:
    browser.clock.set(PUBLISHED)
    answer = browser.client.get(f"{PAGE}.pdf")
    assert answer.mimetype == "application/pdf"
    content = answer.get_data()
    with pikepdf.open(io.BytesIO(content)) as document:
        assert document.Root.MarkInfo.Marked
        assert str(document.Root.Lang).startswith("fr")
        assert len(document.pages) >= 4
    text = read(content).text.replace("\xa0", " ")
    for words in SAID:
        assert words in text, words
    assert "[ ]" in " ".join(text.split())
    assert browser.client.get(f"{PAGE}.pdf").get_data() == content  # kept by the process


@deposited
def test_a_draft_of_a_call_is_nobody_s(browser: Browser) -> None:
    browser.page("/appels/AUCUN-APPEL/formulaire", 404)
