"""Reusing a file on screen: the open call chosen, then the report."""

from __future__ import annotations

import pytest

from tests.integration.pages.office_case import DEPOSITED, SIGNED
from tests.integration.pages.office_stage import Browser, browser, stage

__all__ = ["browser", "stage"]
deposited = pytest.mark.parametrize("stage", ["deposited"], indirect=True)


@deposited
def test_a_lead_starts_a_draft_from_a_file(browser: Browser) -> None:
    browser.clock.set(DEPOSITED)
    browser.sign_in("lead")
    assert "Réutiliser ce dossier" in browser.text("/dossiers/{case}")
    assert "Choisissez un appel ouvert." in browser.refused("/dossiers/{case}/reutilisation").get_text()
    report = browser.accepted("/dossiers/{case}/reutilisation", call="AAP-TS-2023-01")
    text = browser.text(report)
    assert "Pièces à joindre de nouveau" in text
    assert "Un engagement se donne de nouveau." in text or "Non copié" in text
    assert "Copié" in text
    draft = report.removesuffix("/copie")
    assert "Voir ce qui a été repris" in browser.text(draft)
    browser.sign_in("officer")
    browser.page("/dossiers/{case}/reutilisation", 404)
    browser.page(report, 404)


@deposited
def test_without_an_open_call_the_page_says_so(browser: Browser) -> None:
    browser.clock.set(SIGNED)
    browser.sign_in("lead")
    assert "Aucun appel n'est ouvert" in browser.text("/dossiers/{case}/reutilisation")
    browser.page("/dossiers/{case}/copie", 404)
