"""More time to mark, on screen: the hour moved, an additional reviewer named, and what waits for them."""

from __future__ import annotations

import pytest

from tests.integration.pages.office_case import SCORED, SCORING
from tests.integration.pages.office_stage import Browser, browser, stage, words

__all__ = ["browser", "stage"]

EXTEND = "/agence/appels/{call}/jury/notation/prolonger"
REVIEWER = "/agence/dossiers/{case}/evaluateur-supplementaire"
marked = pytest.mark.parametrize("stage", ["marked"], indirect=True)
scored = pytest.mark.parametrize("stage", ["scored"], indirect=True)


@marked
def test_an_officer_extends_the_marking_and_is_named(browser: Browser) -> None:
    browser.clock.set(SCORING)
    browser.sign_in("officer")
    refused = browser.refused(EXTEND, moved_to="2023-12-21T10:00", reason="")
    assert "Indiquez le motif." in words(refused)
    kept = refused.select_one("input[name=moved_to]")
    assert kept is not None
    assert kept["value"] == "2023-12-21T10:00"
    earlier = browser.refused(EXTEND, moved_to="2023-12-21T10:00", reason="Panne")
    assert "La nouvelle date doit être plus tardive." in words(earlier)
    disordered = browser.refused(EXTEND, moved_to="2024-06-01T10:00", reason="Panne")
    assert "Le calendrier ne serait plus dans l'ordre" in words(disordered).replace("’", "'")
    browser.accepted(EXTEND, moved_to="2024-01-11T18:00", reason="Deux membres sont souffrants.")
    said = browser.text("/agence/appels/{call}/jury/notation")
    assert "Notation prolongée par" in said
    assert "Deux membres sont souffrants." in said
    assert "Deux membres sont souffrants." in browser.text("/appels/AAP-TS-2023-01")
    browser.sign_in("j1")
    assert "11 janvier 2024" in browser.text("/jury/{call}")
    assert browser.client.get(browser.stage.address(EXTEND)).status_code in {403, 404}


@scored
def test_a_closed_marking_is_not_extended(browser: Browser) -> None:
    browser.clock.set(SCORED)
    browser.sign_in("officer")
    assert "elle ne se prolonge plus" in browser.text(EXTEND)
    page = browser.refused(EXTEND, moved_to="2024-01-11T18:00", reason="Panne")
    assert "les notes sont lisibles" in words(page)


@scored
def test_an_additional_reviewer_is_named_and_the_ranking_says_it_waits(browser: Browser) -> None:
    browser.clock.set(SCORED)
    browser.sign_in("officer")
    assert "Nommer un évaluateur supplémentaire" in browser.text("/agence/dossiers/{case}/notation")
    assert "Personne ne peut être nommé" in browser.text(REVIEWER), "all have the file, stood back, or did not declare"
    browser.sign_in("j5")
    browser.accepted("/jury/{call}/declaration", has_interests="no", confidentiality="y")
    browser.sign_in("officer")
    free = [row["value"] for row in browser.page(REVIEWER).select("select[name=member] option") if row["value"]]
    assert len(free) == 1
    refused = browser.refused(REVIEWER, member=str(free[0]), open_until="2023-01-01T10:00")
    assert refused.select_one("#open_until-error") is not None
    browser.accepted(REVIEWER, member=str(free[0]), open_until="2024-01-12T18:00")
    assert "Des évaluations supplémentaires ne sont pas rendues" in browser.text("/agence/appels/{call}/classement")
    assert "ce classement peut encore changer" in browser.text("/agence/appels/{call}/classements-figes")
