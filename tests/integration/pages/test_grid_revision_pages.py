"""The grid revised on screen: read before it is published, dated for everybody, answered file by file."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from tests.integration.pages.office_case import SCORED, SCORING
from tests.integration.pages.office_stage import Browser, browser, stage, words

__all__ = ["browser", "stage"]

GRID = "/agence/appels/{call}/grille"
ANSWER = "/jury/dossiers/{case}/grille-revisee"
WHY = "Le besoin pesait trop peu."
marked = pytest.mark.parametrize("stage", ["marked:1"], indirect=True)


def inputs(officer: Browser) -> dict[str, str]:
    """Return what the page of the revision sends when nothing is touched."""
    form = officer.page(f"{GRID}/reviser").select_one("main form")
    assert form is not None
    sent = {str(row["name"]): str(row.get("value", "")) for row in form.select("input[type=text], input[type=hidden]")}
    sent |= {str(row["name"]): row.get_text().removeprefix("\n") for row in form.select("textarea")}
    sent |= {str(row["name"]): "y" for row in form.select("input[type=checkbox][checked]")}
    sent.pop("csrf_token", None)
    return sent


def publish(officer: Browser, **changes: str) -> None:
    sent = {**inputs(officer), **changes, "reason": WHY}
    page = officer.send(f"{GRID}/reviser", **sent, action="check")
    assert page.status_code == 200
    checked = page.get_data(as_text=True).split('name="checked" value="')[1].split('"')[0]
    assert officer.accepted(f"{GRID}/reviser", **sent, action="publish", checked=checked).endswith("/grille")


@pytest.fixture
def officer(browser: Browser) -> Browser:
    browser.clock.set(SCORING)
    browser.sign_in("officer")
    return browser


@marked
def test_nothing_is_published_before_what_changes_was_read(officer: Browser) -> None:
    sent = {**inputs(officer), "C1-weight": "10", "C2-weight": "30", "reason": WHY}
    blind = officer.send(f"{GRID}/reviser", **sent, action="publish")
    assert blind.status_code == 200
    said = words(BeautifulSoup(blind.get_data(as_text=True), "html5lib"))
    assert "Différences avec la version 1" in said
    assert "évaluations rendues : chaque juré dira s’il la garde ou s’il renote" in said
    assert "Gardée, elle compte avec les nouveaux poids." in said
    assert "Version 2" not in officer.text(GRID)
    publish(officer, **{"C1-weight": "10", "C2-weight": "30"})
    said = officer.text(GRID)
    assert "Version 2" in said
    assert WHY in said
    assert "Révisée par" in said


@marked
def test_an_untouched_grid_changes_nothing_and_a_wrong_one_keeps_what_was_typed(officer: Browser) -> None:
    same = officer.refused(f"{GRID}/reviser", **inputs(officer), action="check")
    assert "Rien ne change dans cette grille." in words(same)
    sent = {**inputs(officer), "C1-weight": "trente", "C3-descriptors": "cinq étoiles", "C4-label": ""}
    page = officer.refused(f"{GRID}/reviser", **sent, action="check")
    for place in ("C1-weight", "C3-descriptors", "C4-label"):
        assert page.select_one(f"#{place}-error") is not None, place
    kept = page.select_one("#C1-weight")
    assert kept is not None
    assert kept["value"] == "trente"
    light = officer.refused(f"{GRID}/reviser", **{**inputs(officer), "C1-weight": "10"}, action="check")
    assert "Les poids totalisent 90 au lieu de 100." in words(light)
    mute = {**inputs(officer), "C1-weight": "10", "C2-weight": "30"}
    page_text = officer.send(f"{GRID}/reviser", **mute, action="check").get_data(as_text=True)
    checked = page_text.split('name="checked" value="')[1].split('"')[0]
    page = officer.refused(f"{GRID}/reviser", **mute, action="publish", checked=checked)
    assert page.select_one("#reason-error") is not None


@marked
def test_a_criterion_is_added_another_removed_and_the_public_page_dates_it(officer: Browser) -> None:
    publish(
        officer,
        **{
            "C8-remove": "y",
            "nouveau-1-label": "Le territoire est-il prioritaire ?",
            "nouveau-1-weight": "10",
            "nouveau-1-descriptors": "0 : non\n5 : oui",
        },
    )
    said = officer.text(GRID)
    assert "Critère ajouté : « Le territoire est-il prioritaire ? »" in said
    assert "Critère retiré" in said
    public = officer.text("/appels/AAP-TS-2023-01")
    assert "Grille de notation révisée le" in public
    assert WHY in public
    assert "Le territoire est-il prioritaire ?" in public


@marked
def test_a_juror_reads_what_changes_keeps_a_review_then_marks_it_again(browser: Browser) -> None:
    browser.clock.set(SCORING)
    browser.sign_in("officer")
    publish(browser, **{"C1-weight": "10", "C2-weight": "30", "C3-guidance": "Regardez la file active."})
    browser.sign_in("j1")
    assert "Pour 2 dossiers, dites" in browser.text("/jury/{call}")
    assert "La grille a été révisée" in browser.text("/jury/dossiers/{case}")
    page = browser.page(ANSWER)
    said = words(page)
    assert WHY in said
    assert "poids" in said
    assert "à noter de nouveau" in said
    assert [row["value"] for row in page.select("input[name=choice]")] == ["keep", "remark"]
    silent = browser.refused(ANSWER, seen="2")
    assert "Dites si vous gardez" in words(silent)
    assert browser.send(ANSWER, seen="1", choice="keep").status_code == 409
    browser.accepted(ANSWER, seen="2", choice="keep")
    assert "Pour 1 dossier, dites" in browser.text("/jury/{call}")
    assert "Vous l’avez gardée" in browser.text("/jury/dossiers/{case}")
    again = browser.page(ANSWER)
    assert [row["value"] for row in again.select("input[name=choice]")] == ["remark"]
    browser.accepted(ANSWER, seen="2", choice="remark")
    page = browser.page("/jury/dossiers/{case}")
    assert page.select_one('input[name="mark-C1"][checked]') is not None
    assert page.select_one('input[name="mark-C3"][checked]') is None
    assert browser.client.get(browser.stage.address(ANSWER)).status_code == 404, "nothing is asked any more"


@marked
def test_the_ranking_says_which_files_were_marked_under_two_grids(browser: Browser) -> None:
    browser.clock.set(SCORING)
    browser.sign_in("officer")
    publish(browser, **{"C1-weight": "10", "C2-weight": "30"})
    browser.clock.set(SCORED)
    browser.send("/agence/appels/{call}/jury/notation/clore")
    said = browser.text("/agence/appels/{call}/classement")
    assert "Deux grilles" in said
    assert "version 2 en vigueur" in said
    assert "Notes données avec une version antérieure" in browser.text("/agence/dossiers/{case}/notation")
    assert browser.client.get(browser.stage.address(f"{GRID}/reviser")).status_code == 409
    assert "La notation individuelle est terminée" in browser.text(GRID)


@marked
def test_only_those_who_run_the_call_revise_its_grid(browser: Browser) -> None:
    browser.clock.set(SCORING)
    for name in ("j1", "lead"):
        browser.sign_in(name)
        assert browser.client.get(browser.stage.address(f"{GRID}/reviser")).status_code in {403, 404}
