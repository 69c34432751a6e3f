"""Each page of the jury puts forward what waits: the next file to mark, to examine, what the signature still needs."""

from __future__ import annotations

import pytest

from tests.integration.pages.office_case import DELIBERATED, NOTIFIED, SCORED, SCORING
from tests.integration.pages.office_stage import Browser, browser, stage, words

__all__ = ["browser", "stage"]

CALL, DESK = "/agence/appels/{call}", "/jury/{call}"


def primary(browser: Browser, address: str) -> list[str]:
    """Return the words of the buttons put forward on a page."""
    page = browser.page(address)
    return [
        button.get_text(" ", strip=True)
        for button in page.select("main .fr-btn")
        if not any(name.startswith("fr-btn--") for name in button["class"])
    ]


@pytest.mark.parametrize("stage", ["assigned:1"], indirect=True)
def test_a_member_goes_straight_to_the_next_file_to_mark(browser: Browser) -> None:
    browser.clock.set(SCORING)
    browser.sign_in("j1")
    link = browser.page(DESK).find("a", string="Noter le prochain dossier")
    assert link is not None
    assert "AAP-TS-2023-01-0001" in browser.text(str(link["href"]))
    browser.clock.set(SCORED)  # the hour is over: nothing can be marked
    assert "Noter le prochain dossier" not in browser.text(DESK)


@pytest.mark.parametrize("stage", ["scored"], indirect=True)
def test_the_session_puts_the_next_file_forward_then_its_end_then_the_signature(browser: Browser) -> None:
    browser.clock.set(SCORED)
    browser.sign_in("officer")
    browser.accepted(f"{CALL}/seance", held_at="2024-01-18T10:00", place="Salle 2")
    assert primary(browser, f"{CALL}/seance") == ["Ouvrir la séance"]
    form = browser.page(f"{CALL}/seance").select_one('form[action*="/presences"]')
    assert form is not None
    presences = str(form["action"])
    minutes = presences.replace("/presences", "/proces-verbal")
    members = [str(box["value"]) for box in form.select('input[name="present"]')]
    browser.accepted(presences, present=members)
    assert primary(browser, f"{CALL}/seance") == ["Examiner le dossier suivant"]
    assert "il reste 1 dossier à examiner, puis la séance à lever" in browser.text(minutes)
    link = browser.page(f"{CALL}/seance").find("a", string="Examiner le dossier suivant")
    assert link is not None
    bare = browser.refused(str(link["href"]), kind="favorable_sous_reserve", amount_eur="100 000", motive="Solide.")
    error = bare.select_one("#reservations-error")
    assert error is not None
    assert "à quelles réserves" in error.get_text()
    browser.accepted(str(link["href"]), kind="favorable", amount_eur="100 000", motive="Solide.")
    assert primary(browser, f"{CALL}/seance") == ["Lever la séance"]
    assert "levez d’abord la séance" in browser.text(minutes)
    assert browser.page(minutes).select_one('button[value="sign"]') is None
    browser.accepted(presences.replace("/presences", "/lever"))
    assert primary(browser, f"{CALL}/seance") == ["Relire et signer le procès-verbal"]
    assert browser.page(minutes).select_one('button[value="sign"]') is not None
    assert "Pour signer" not in words(browser.page(minutes))


AWARDS = ("Avis du jury et décisions", "Notifier les décisions", "Lever les réserves", "Signer les conventions")


@pytest.mark.parametrize("stage", ["notified"], indirect=True)
def test_nobody_is_shown_a_task_that_is_not_theirs(browser: Browser) -> None:
    browser.clock.set(NOTIFIED)
    for name in ("officer", "director", "finance", "reader"):
        browser.sign_in(name)
        home = browser.text("/agence")
        assert [title for title in AWARDS if title in home] == ["Lever les réserves"] * (name == "officer"), name


@pytest.mark.parametrize("stage", ["scored"], indirect=True)
def test_the_director_and_the_officer_are_shown_what_waits_for_a_decision(browser: Browser) -> None:
    browser.clock.set(DELIBERATED)
    for name, waits in {"officer": True, "director": True, "finance": False, "reader": False}.items():
        browser.sign_in(name)
        assert ("Avis du jury et décisions" in browser.text("/agence")) is waits, name
    assert "Rien ne vous attend sur cet appel" in browser.text("/agence")
