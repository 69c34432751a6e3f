"""The session over HTTP: prepared, held, told; members read what they may and nothing more."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from tests.integration.pages.office_case import SCORED
from tests.integration.pages.office_stage import Browser, browser, stage, words

__all__ = ["browser", "stage"]

CALL = "/agence/appels/{call}"
scored = pytest.mark.parametrize("stage", ["scored"], indirect=True)


def item_address(browser: Browser) -> str:
    link = browser.page(f"{CALL}/seance").select_one('a[href*="/seances/dossiers/"]')
    assert link is not None
    return str(link["href"])


@scored
def test_a_session_is_held_from_its_date_to_its_signature(browser: Browser) -> None:
    browser.clock.set(SCORED)
    browser.sign_in("officer")
    refused = browser.refused(f"{CALL}/seance", place="Salle 2", held_at="")
    assert refused.select_one("#held_at-error") is not None
    assert refused.select_one('input[name="place"][value="Salle 2"]') is not None
    browser.accepted(f"{CALL}/seance", held_at="2024-01-18T10:00", place="Salle 2")
    page = browser.page(f"{CALL}/seance")
    assert "jeudi 18 janvier 2024 à 10 h" in words(page)
    calendar = browser.client.get(browser.stage.address(f"{CALL}/seance.ics")).get_data(as_text=True)
    assert "DTSTART;TZID=Europe/Paris:20240118T100000" in calendar
    address = item_address(browser)
    early = browser.refused(address, kind="favorable", amount_eur="100000", motive="Solide.")
    assert "Ouvrez d'abord la séance" in words(early)
    assert "Solide." in words(early)
    form = page.select_one('form[action*="/presences"]')
    assert form is not None
    members = [str(box["value"]) for box in form.select('input[name="present"]')]
    presences = str(form["action"])
    browser.refused(presences, present=["nobody"])
    browser.accepted(presences, present=members)
    browser.accepted(address, kind="favorable", amount_eur="100 000", motive="Solide.", votes_for="3")
    assert "1 sur " in browser.text(f"{CALL}/seance")
    for other in browser.page(f"{CALL}/seance").select('a[href*="/seances/dossiers/"]'):
        browser.accepted(str(other["href"]), kind="favorable", amount_eur="1000", motive="Solide.")
    minutes = browser.accepted(presences.replace("/presences", "/lever"))
    unsigned = browser.text(minutes)
    assert "Projet" in unsigned
    browser.accepted(minutes, opening_text="Un membre excusé.", closing_text="", action="sign")
    signed = browser.text(minutes)
    assert "Procès-verbal signé" in signed
    assert "Un membre excusé." in signed
    late = browser.send(address, kind="favorable", amount_eur="1", motive="Trop tard.")
    assert late.status_code == 400
    assert "signé" in late.get_data(as_text=True)
    browser.sign_in("j1")
    assert "Solide." in browser.text(minutes)
    browser.sign_in("j4")
    hidden = browser.text(minutes)
    assert "AAP-TS-2023-01-0001" not in hidden
    assert "n’apparaissent pas dans ce texte" in hidden
    assert "AAP-TS-2023-01-0001" not in browser.text(f"{CALL}/seance")
    browser.page(address, 404)


@scored
def test_members_follow_the_session_live_and_never_a_file_they_stood_back_from(browser: Browser) -> None:
    browser.clock.set(SCORED)
    browser.sign_in("officer")
    browser.accepted(f"{CALL}/seance", held_at="2024-01-18T10:00", place="Salle 2")
    form = browser.page(f"{CALL}/seance").select_one('form[action*="/presences"]')
    assert form is not None
    members = [str(box["value"]) for box in form.select('input[name="present"]')]
    browser.accepted(str(form["action"]), present=members)
    told = {"consensus_mark": "71,5", "motive": "Très solide.", "reservations": "Former l'équipe."}
    browser.accepted(item_address(browser), kind="favorable", amount_eur="100 000", **told)
    assert browser.page(f"{CALL}/seance").select_one("[data-refresh]") is None  # whoever types is not interrupted
    browser.sign_in("j1")
    live = browser.page(f"{CALL}/seance")
    assert live.select_one("[data-refresh]") is not None
    assert "Note de consensus : 71,5 Très solide. Réserves : Former l'équipe." in words(live)
    browser.sign_in("j4")
    assert "Très solide." not in browser.text(f"{CALL}/seance")


@scored
def test_the_lead_reads_the_hearing_and_adds_it_to_an_agenda(browser: Browser) -> None:
    browser.clock.set(SCORED)
    browser.sign_in("lead")
    assert "Aucune audition n’est prévue" in browser.text("/dossiers/{case}/audition")
    assert browser.client.get(browser.stage.address("/dossiers/{case}/audition.ics")).status_code == 404
    browser.sign_in("officer")
    browser.accepted(f"{CALL}/seance", held_at="2024-01-18T10:00", place="Salle 2")
    link = next(
        one
        for one in browser.page(f"{CALL}/seance").select('a[href*="/seances/dossiers/"]')
        if one.get_text().strip() == "AAP-TS-2023-01-0001"
    )
    address = f"{link['href']}/audition"
    refused = browser.refused(address, hearing_at="2024-01-18T10:20", hearing_minutes="")
    assert refused.select_one("#hearing_minutes-error") is not None
    browser.accepted(address, hearing_at="2024-01-18T10:20", hearing_minutes="20")
    browser.sign_in("lead")
    text = browser.text("/dossiers/{case}/audition")
    assert "jeudi 18 janvier 2024 à 10 h 20" in text
    calendar = browser.client.get(browser.stage.address("/dossiers/{case}/audition.ics")).get_data(as_text=True)
    assert "DTSTART;TZID=Europe/Paris:20240118T102000" in calendar
    browser.sign_in("stranger")
    browser.page("/dossiers/{case}/audition", 404)


@scored
def test_two_officers_at_once_read_both_and_keep_what_they_typed(browser: Browser) -> None:
    browser.clock.set(SCORED)
    browser.sign_in("officer")
    browser.accepted(f"{CALL}/seance", held_at="2024-01-18T10:00", place="Salle 2")
    form = browser.page(f"{CALL}/seance").select_one('form[action*="/presences"]')
    assert form is not None
    members = [str(box["value"]) for box in form.select('input[name="present"]')]
    presences = str(form["action"])
    browser.accepted(presences, knows="1", present=members[:2])
    refused = browser.refused(presences, knows="1", there=members[:2], present=[*members[:1], "nobody"])
    assert [box["value"] for box in refused.select('input[name="present"][checked]')] == members[:1]
    browser.accepted(presences, knows="1", present=members[2:])
    assert len(browser.page(f"{CALL}/seance").select('input[name="there"]')) == len(members)
    early = browser.accepted(presences.replace("/presences", "/lever"))
    assert "reprenez la séance" in browser.text(early)
    resumed = presences.replace("/presences", "/reprendre")
    assert browser.page(f"{CALL}/seance").select_one(f'form[action$="{resumed}"]') is not None
    browser.accepted(resumed)
    browser.accepted(presences, knows="1", present=members)
    address = item_address(browser)
    seen = number_of(browser.page(address))
    typed = {"kind": "favorable", "amount_eur": "1000", "seen_version": seen}
    browser.accepted(address, **typed, motive="Solide.")
    browser.accepted(address, **typed, motive="Solide.")
    answer = browser.send(address, **typed, motive="Fragile.", votes_for="2")
    assert answer.status_code == 409
    page = BeautifulSoup(answer.get_data(as_text=True), "html5lib")
    assert [part.get_text("|") for part in page.select(".aap-compare .aap-pre")] == [
        "Avis : Favorable\nMontant : 1\u202f000\u00a0€\nMotif : Fragile.\nPour : 2",
        "Avis : Favorable\nMontant : 1\u202f000\u00a0€\nMotif : Solide.",
    ]
    assert [area.get_text().strip() for area in page.select('[name="motive"]')] == ["Fragile."]
    assert page.select_one('[name="votes_for"][value="2"]') is not None
    browser.accepted(address, **{**typed, "seen_version": number_of(page)}, motive="Fragile.")
    for other in browser.page(f"{CALL}/seance").select('a[href*="/seances/dossiers/"]'):
        browser.accepted(str(other["href"]), kind="favorable", amount_eur="1000", motive="Solide.")
    for _click in range(2):
        minutes = browser.accepted(presences.replace("/presences", "/lever"))
    for _click in range(2):
        browser.accepted(minutes, opening_text="Un membre excusé.", closing_text="", action="sign")
    late = browser.send(minutes, opening_text="Deux membres excusés.", closing_text="", action="sign")
    assert late.status_code == 409
    told = words(BeautifulSoup(late.get_data(as_text=True), "html5lib"))
    assert "Deux membres excusés." in told
    assert "il ne change plus" in told


def number_of(page: BeautifulSoup) -> str:
    found = page.select_one('input[name="seen_version"]')
    assert found is not None
    return str(found["value"])


@pytest.mark.parametrize("stage", ["marked"], indirect=True)
def test_nothing_is_prepared_while_members_mark(browser: Browser) -> None:
    browser.sign_in("officer")
    assert "La séance se prépare quand la notation est close" in browser.text(f"{CALL}/seance")
