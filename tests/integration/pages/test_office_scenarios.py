"""Scenarios over HTTP: kept from the simulator, read again, duplicated, deleted, adopted."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import update

from aap.applications.models import Application, ApplicationState
from tests.integration.pages.office_case import SCORED
from tests.integration.pages.office_stage import Browser, browser, stage, words

__all__ = ["browser", "stage"]

LIST = "/agence/appels/{call}/scenarios"
PAGE = "/agence/appels/{call}/simulateur"
TRIED = "enveloppe=250000&partage=fongibles&volet-A=1&volet-B=1&volet-C=1&volet-D=1"
scored = pytest.mark.parametrize("stage", ["scored:3"], indirect=True)
CASE, FIRST, SECOND, THIRD = (f"AAP-TS-2023-01-000{number}" for number in range(1, 5))


def plain(text: str) -> str:
    return re.sub(r"[\s\u00a0\u202f]+", " ", text)


def arrive(browser: Browser, name: str = "officer") -> None:
    browser.clock.set(SCORED)
    browser.sign_in(name)


def keep(browser: Browser, name: str, tried: str = TRIED) -> str:
    return browser.accepted(LIST, nom=name, reglages=tried)


@scored
def test_a_scenario_is_kept_listed_and_read_again(browser: Browser) -> None:
    arrive(browser)
    assert "Aucun scénario enregistré" in browser.text(LIST)
    page = browser.page(f"{PAGE}?{TRIED}")
    hidden = page.select_one("#reglages-gardes")
    assert hidden is not None
    address = keep(browser, "Enveloppe réduite", str(hidden["value"]))
    said = plain(browser.text(address))
    assert "Enveloppe réduite" in said
    assert "2 sur 4" in said
    assert "240 000 €" in said
    assert "il manque 110 000 €" in said
    assert "Les volets partagent toute l'enveloppe" in said
    assert "Ligne de financement : 240 000 € proposés, 10 000 € restent" in said
    listed = plain(browser.text(LIST))
    assert "Enveloppe réduite Brouillon" in listed
    assert "Inchangé" in listed


@scored
def test_a_name_is_asked_and_taken_once_and_nothing_typed_is_lost(browser: Browser) -> None:
    arrive(browser)
    keep(browser, "Serré")
    for name, told in (("", "Donnez un nom"), ("Serré", "porte déjà ce nom"), ("n" * 81, "80 caractères")):
        page = browser.refused(LIST, nom=name, reglages=TRIED)
        error = page.select_one("#nom-error")
        assert error is not None
        assert told in plain(error.get_text())
        field, envelope = page.select_one("#nom"), page.select_one("#enveloppe")
        assert field is not None
        assert envelope is not None
        assert field["value"] == name
        assert plain(str(envelope["value"])) == "250 000"


@scored
@pytest.mark.parametrize(
    "settings",
    ["", "enveloppe=abc", "enveloppe=1&q-0-sur=public:personnes_agees&q-0-min=9", "%%%", "enveloppe=" + "9" * 5000],
)
def test_settings_that_propose_nothing_are_not_kept(browser: Browser, settings: str) -> None:
    arrive(browser)
    answer = browser.send(LIST, nom="Essai", reglages=settings)
    assert answer.status_code == (303 if settings in {"", "%%%"} else 400)
    if answer.status_code == 400:
        assert "Aucun scénario enregistré" in browser.text(LIST)


@scored
def test_the_simulator_starts_from_a_scenario_and_mends_ones_own_draft(browser: Browser) -> None:
    arrive(browser)
    address = keep(browser, "Départ")
    identifier = address.rstrip("/").rpartition("/")[2]
    page = browser.page(f"{PAGE}?depuis={identifier}")
    assert "Vous partez du scénario « Départ »." in words(page)
    assert "Les mêmes dossiers, aux mêmes montants." in words(page)
    wider = TRIED.replace("250000", "480000")
    changed = browser.page(f"{PAGE}?depuis={identifier}&{wider}")
    first = changed.select_one(".aap-changes")
    assert first is not None
    assert "Par rapport au scénario « Départ »" in first.get_text()
    assert [badge.get_text(strip=True) for badge in first.select(".aap-badge")] == ["Entre", "Entre"]
    browser.accepted(LIST, nom="", reglages=wider, depuis=identifier, action="mend")
    assert "4 sur 4" in browser.text(address)
    browser.sign_in("director")
    other = browser.page(f"{PAGE}?depuis={identifier}")
    assert "Mettre à jour" not in words(other)
    browser.refused(LIST, nom="", reglages=TRIED, depuis=identifier, action="mend")
    assert "4 sur 4" in browser.text(address)
    assert browser.send(f"{address}/supprimer").status_code in {403, 404}


@scored
def test_a_copy_is_mine_to_delete(browser: Browser) -> None:
    arrive(browser)
    address = keep(browser, "Modèle")
    browser.sign_in("director")
    copy = browser.accepted(f"{address}/dupliquer")
    assert "Copie de Modèle" in browser.text(copy)
    browser.accepted(f"{copy}/supprimer")
    browser.page(copy, 404)
    assert "Copie de Modèle" not in browser.page(LIST).select_one("table").get_text()  # type: ignore[union-attr]  # one scenario is left


@scored
def test_the_start_of_the_session_is_adopted_by_who_runs_the_call(browser: Browser) -> None:
    arrive(browser, "director")
    address = keep(browser, "De la direction")
    assert "Adopter comme point de départ" not in browser.text(address)
    assert browser.send(f"{address}/adopter").status_code in {403, 404}
    browser.sign_in("officer")
    browser.accepted(f"{address}/adopter")
    said = browser.text(address)
    assert "Point de départ de la séance" in said
    assert "Supprimer ce brouillon" not in said
    assert browser.send(f"{address}/adopter").status_code == 409
    assert "Point de départ" in browser.text(LIST)


@scored
def test_a_changed_ranking_is_told_and_not_adopted(browser: Browser) -> None:
    arrive(browser)
    address = keep(browser, "Ancien")
    gone = update(Application).where(Application.reference == THIRD).values(state=ApplicationState.WITHDRAWN)
    browser.stage.connection.execute(gone)
    said = browser.text(address)
    assert "Le classement a changé depuis" in said
    assert "Adopter comme point de départ" not in said
    answer = browser.send(f"{address}/adopter")
    assert answer.status_code == 409
    assert "refaites-le avant de l&#39;adopter" in answer.get_data(as_text=True)
    assert "A changé depuis" in browser.text(LIST)


@scored
def test_neither_jurors_nor_the_recused_read_a_scenario(browser: Browser) -> None:
    arrive(browser)
    address = keep(browser, "Réservé")
    for name in ("j1", "j4", "lead", "stranger", "dd77", "finance", "reader"):
        browser.sign_in(name)
        for path in (LIST, address):
            assert browser.client.get(browser.stage.address(path)).status_code in {403, 404}, (name, path)
    browser.sign_in("officer")
    college = browser.page("/agence/appels/{call}/jury").select("select[name=college] option[value]")[-1]["value"]
    browser.accepted("/agence/appels/{call}/jury", email="officer@exemple.invalid", college=str(college))
    browser.accepted("/jury/dossiers/{case}/deport", reason="Ancien employeur.")
    browser.page(address, 404)
    assert "Réservé" not in browser.text(LIST)
    identifier = address.rstrip("/").rpartition("/")[2]
    started = browser.text(f"{PAGE}?depuis={identifier}")
    assert "Vous partez du scénario" not in started
    assert CASE not in started
    refused = browser.refused(LIST, nom="Partiel", reglages=TRIED)
    assert "une autre personne doit garder ses scénarios" in words(refused)


@scored
def test_lists_ask_a_constant_number_of_questions(browser: Browser) -> None:
    arrive(browser)
    keep(browser, "Un")
    one = browser.queries(LIST)
    for number in range(4):
        keep(browser, f"Autre {number}")
    assert browser.queries(LIST) == one


def open_session(browser: Browser) -> None:
    browser.accepted("/agence/appels/{call}/seance", held_at="2024-01-18T10:00", place="Salle 2")
    form = browser.page("/agence/appels/{call}/seance").select_one('form[action*="/presences"]')
    assert form is not None
    browser.accepted(str(form["action"]), present=[str(box["value"]) for box in form.select('input[name="present"]')])


def item_of(browser: Browser, reference: str) -> str:
    links = browser.page("/agence/appels/{call}/seance").select('a[href*="/seances/dossiers/"]')
    return next(str(link["href"]) for link in links if link.get_text(strip=True) == reference)


@scored
def test_the_session_starts_from_the_scenario_and_each_departure_is_motivated(browser: Browser) -> None:
    arrive(browser)
    address = keep(browser, "Serré")
    browser.accepted(f"{address}/adopter")
    open_session(browser)
    said = plain(browser.text("/agence/appels/{call}/seance"))
    assert "Les avis partent du scénario Serré" in said
    assert "Proposé : Favorable, 120 000 €" in said
    assert "Proposé : Liste complémentaire" in said
    item = item_of(browser, CASE)
    page = browser.page(item)
    assert "Le scénario « Serré » propose : Favorable, 120 000 €" in plain(words(page))
    checked, amount = page.select_one('input[name="kind"][checked]'), page.select_one('input[name="amount_eur"]')
    assert checked is not None
    assert amount is not None
    assert checked["value"] == "favorable"
    assert plain(str(amount["value"])) == "120 000"
    page = browser.refused(item, kind="favorable", amount_eur="112 500", motive="Solide.")
    error = page.select_one("#departure-error")
    assert error is not None
    assert "indiquez pourquoi le jury s'en écarte" in error.get_text()
    kept = page.select_one('input[name="amount_eur"]')
    assert kept is not None
    assert kept["value"] == "112 500"
    browser.accepted(item, kind="favorable", amount_eur="112 500", motive="Solide.", departure="Effort demandé.")
    browser.accepted(item_of(browser, SECOND), kind="liste_complementaire", rank="1", motive="À suivre.")
    assert "Écart motivé Proposé : Favorable, 120 000 €" in plain(browser.text("/agence/appels/{call}/seance"))
    form = browser.page("/agence/appels/{call}/seance").select_one('form[action$="/lever"]')
    assert form is not None
    minutes = browser.accepted(str(form["action"]))
    told = plain(browser.text(minutes))
    assert f"La séance part du scénario « Serré ». Le jury s'en écarte sur 1 dossier : {CASE}." in told
    assert "Effort demandé." in told
    browser.sign_in("j4")  # stood back from this file
    hidden = plain(browser.text(minutes))
    assert "Effort demandé." not in hidden
    assert CASE not in hidden
    assert "120 000 €, " not in hidden
    assert "s'en écarte sur" not in hidden
    browser.sign_in("officer")
    late = keep(browser, "Trop tard")
    assert browser.send(f"{late}/adopter").status_code == 409


@scored
def test_nothing_can_be_adopted_once_the_jury_began_to_give_its_opinions(browser: Browser) -> None:
    arrive(browser)
    address = keep(browser, "Trop tard")
    assert browser.page(address).find("button", string="Adopter comme point de départ de la séance") is not None
    browser.accepted("/agence/appels/{call}/seance", held_at="2024-01-18T10:00", place="Salle 2")
    form = browser.page("/agence/appels/{call}/seance").select_one('form[action*="/presences"]')
    assert form is not None
    browser.accepted(str(form["action"]), present=[str(box["value"]) for box in form.select('input[name="present"]')])
    link = browser.page("/agence/appels/{call}/seance").find("a", string="Examiner le dossier suivant")
    assert link is not None
    browser.accepted(str(link["href"]), kind="favorable", amount_eur="1 000", motive="Solide.")
    page = browser.page(address)
    assert page.find("button", string="Adopter comme point de départ de la séance") is None
    assert "la séance ne peut plus partir de ce scénario" in plain(browser.text(address))


@scored
def test_a_draft_mended_in_another_window_is_not_written_over(browser: Browser) -> None:
    arrive(browser)
    identifier = keep(browser, "Serré").rpartition("/")[2]
    field = browser.page(f"{PAGE}?depuis={identifier}").select_one("#garder input[name=seen_version]")
    assert field is not None
    seen = str(field["value"])
    wider = TRIED.replace("250000", "300000")
    browser.accepted(LIST, nom="", reglages=wider, depuis=identifier, action="mend", seen_version=seen)
    page = browser.refused(LIST, nom="Autre", reglages=TRIED, depuis=identifier, action="mend", seen_version=seen)
    assert "modifié dans une autre fenêtre" in plain(page.get_text())
    assert "300 000" in plain(browser.text(f"/agence/scenarios/{identifier}"))
