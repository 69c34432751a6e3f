"""The project leader never loses a word: lines cut, sessions expired, two people at once, closed tabs, no scripts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask_security.utils import hash_password
from playwright.sync_api import Browser, Route
from sqlalchemy import select

from aap.applications.models import Application
from aap.db import unit_of_work
from aap.demonstration.accounts import PASSWORD, create_accounts
from aap.demonstration.case.application import play_draft
from aap.demonstration.case.call import play_call
from aap.demonstration.stage import hour
from aap.demonstration.structures import CASE
from aap.forms.queries import get_answers
from tests.browser.thread.person import Person, arrive
from tests.browser.thread.site import Site, running_site
from tests.integration.pages.applicant_case import draft, set_scene
from tests.integration.pages.test_autosave import with_conditions

LEAD = f"porteur.{CASE}@demo.invalid"
STATE = "[data-autosave-line]"
LINE = "[data-autosave-text]"


@pytest.fixture
def site(stocked: Callable[[str], str], valkey: str, tmp_path: Path) -> Iterator[Site]:
    """The service where the call is open and the draft of the example is complete."""
    with running_site(stocked("postgresql"), valkey, tmp_path, hour("2023-08-25T09:00:00")) as running:
        with running.within():
            with unit_of_work():
                people = create_accounts(running.clock.now())
            play_draft(running.clock, people, play_call(running.clock, people))
        running.at("2023-11-03T14:02")
        yield running


@pytest.fixture
def lead(chromium: Browser, site: Site) -> Iterator[Person]:
    """The lead, before the second section of the file."""
    person = arrive(chromium, site, None)
    person.sign_in(LEAD, PASSWORD)
    person.open(section_path(site, "S2"))
    yield person
    person.page.context.close()


@pytest.fixture
def conditional(stocked: Callable[[str], str], valkey: str, tmp_path: Path) -> Iterator[Site]:
    """The service where the form of the call depends on an answer, with an empty draft."""
    with running_site(stocked("postgresql"), valkey, tmp_path, hour("2023-10-20T09:00:00")) as running:
        with running.within(), unit_of_work() as session:
            lead, _, _ = set_scene(session, with_conditions)
            lead.email, lead.password = LEAD, hash_password(PASSWORD)
            lead.confirmed_at = running.clock.now()
            draft(lead)
        yield running


def test_a_question_appears_with_the_answer_that_calls_it(chromium: Browser, conditional: Site) -> None:
    person = arrive(chromium, conditional, None)
    person.sign_in(LEAD, PASSWORD)
    person.open(section_path(conditional, "S1"))
    assert person.page.locator("#cpom_number").count() == 0
    person.page.locator("[name=has_cpom][value=yes]").check(force=True)
    person.page.wait_for_selector("#cpom_number")
    write(person, "cpom_number", "CPOM-77-12")
    leave(person, "cpom_number")
    person.page.wait_for_selector("[data-field=cpom_number][data-version='1']")
    person.page.locator("[name=has_cpom][value=no]").check(force=True)
    person.page.wait_for_selector("#cpom_number", state="detached")
    assert stored(conditional, "cpom_number") == "CPOM-77-12"
    person.page.locator("[name=has_cpom][value=yes]").check(force=True)
    person.page.wait_for_selector("#cpom_number")
    assert person.page.locator("#cpom_number").input_value() == "CPOM-77-12"
    waits_for(person, "saved")
    assert not person.faults
    person.page.context.close()


def section_path(site: Site, section: str) -> str:
    with site.within() as session:
        return f"/dossiers/{session.scalars(select(Application.id)).one()}/rubriques/{section}"


def stored(site: Site, field: str) -> object:
    with site.within() as session:
        return get_answers(session.scalars(select(Application.sheet_id)).one())[field].value


def write(person: Person, name: str, text: str) -> None:
    """Type in a field, key after key as far as the page can tell."""
    person.page.locator(f"[name='{name}']").first.fill(text)


def leave(person: Person, name: str) -> None:
    """Leave a field as the Tab key does."""
    person.page.locator(f"[name='{name}']").first.press("Tab")


def waits_for(person: Person, state: str) -> None:
    person.page.wait_for_selector(f"{STATE}[data-state={state}]", timeout=20_000)


def test_a_field_is_saved_after_typing_and_on_leaving(lead: Person, site: Site) -> None:
    write(lead, "acronym", "VAL-TLM 2")
    waits_for(lead, "saved")  # nobody left the field
    lead.sees("Enregistré à 14 h 02", within=LINE)
    assert stored(site, "acronym") == "VAL-TLM 2"
    write(lead, "need", "Un diagnostic réécrit.")
    leave(lead, "need")
    lead.page.wait_for_selector("[data-field=need][data-version='2']", timeout=2_000)
    assert stored(site, "need") == "Un diagnostic réécrit."
    assert lead.page.locator("[data-autosave-spoken][aria-live=polite]").count() == 1
    lead.press("Enregistrer et rester ici")
    lead.sees("Vos réponses sont enregistrées.")
    assert stored(site, "acronym") == "VAL-TLM 2"
    assert not lead.faults


def test_the_button_waits_for_what_was_typed_on_a_slow_line(lead: Person, site: Site) -> None:
    """The button is pressed while a first answer is on its way and a second one still waits."""

    def slowly(route: Route) -> None:
        lead.page.wait_for_timeout(700)
        route.continue_()

    lead.page.route("**/brouillon", slowly)
    with lead.page.expect_request("**/brouillon"):
        write(lead, "acronym", "VAL-LENT")
        leave(lead, "acronym")
    write(lead, "need", "Un diagnostic tapé pendant l'envoi.")
    lead.press("Enregistrer et continuer")
    lead.page.wait_for_url("**/rubriques/S3")
    assert stored(site, "acronym") == "VAL-LENT"
    assert stored(site, "need") == "Un diagnostic tapé pendant l'envoi."
    assert not lead.faults


def test_rows_and_budgets_are_saved_whole(lead: Person, site: Site) -> None:
    lead.page.get_by_role("button", name="Ajouter un site").click()
    write(lead, "sites-3-name", "EHPAD Le Clos (fictif)")
    leave(lead, "sites-3-name")
    waits_for(lead, "saved")
    assert len(stored(site, "sites")) == 4  # type: ignore[arg-type]  # a JSON list
    lead.open(section_path(site, "S8"))
    write(lead, "budget_lines-5-unit_price", "3000,50")
    leave(lead, "budget_lines-5-unit_price")
    waits_for(lead, "saved")
    lead.open(section_path(site, "S8").rpartition("/rubriques")[0])
    lead.sees("164 040,50 €")


def test_what_cannot_be_read_is_kept_and_told_at_its_field(lead: Person, site: Site) -> None:
    write(lead, "population", "environ mille")
    leave(lead, "population")
    lead.page.wait_for_selector("#population-error")
    lead.sees("Écrivez un nombre", within="#population-error")
    assert lead.page.locator("#population").get_attribute("aria-invalid") == "true"
    lead.page.reload()
    assert lead.page.locator("#population").input_value() == "environ mille"
    write(lead, "population", "1 000")
    leave(lead, "population")
    lead.page.wait_for_selector("#population-error", state="detached")
    waits_for(lead, "saved")
    assert stored(site, "population") == "1000"


def test_a_cut_line_keeps_the_words_here_and_sends_them_later(lead: Person, site: Site) -> None:
    context = lead.page.context
    context.set_offline(True)
    write(lead, "need", "Écrit dans le train.")
    leave(lead, "need")
    waits_for(lead, "offline")
    lead.sees("Hors connexion : conservé sur cet appareil", within=LINE)
    lead.page.get_by_role("button", name="Enregistrer et continuer").click()  # the page does not leave
    lead.page.wait_for_timeout(300)
    assert lead.page.url.endswith("/rubriques/S2")
    assert stored(site, "need") != "Écrit dans le train."
    context.set_offline(False)
    waits_for(lead, "saved")
    assert stored(site, "need") == "Écrit dans le train."
    assert lead.page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('aap:')).length") == 0


def test_words_typed_offline_outlive_the_tab(lead: Person, site: Site) -> None:
    context = lead.page.context
    context.set_offline(True)
    write(lead, "need", "Écrit, puis la machine s'éteint.")
    leave(lead, "need")
    waits_for(lead, "offline")
    lead.page.on("dialog", lambda dialog: dialog.accept())
    lead.page.close()
    context.set_offline(False)
    lead.page = context.new_page()
    lead.open(section_path(site, "S2"))
    waits_for(lead, "saved")
    assert lead.page.locator("#need").input_value() == "Écrit, puis la machine s'éteint."
    assert stored(site, "need") == "Écrit, puis la machine s'éteint."


def test_signing_out_erases_what_the_browser_kept(lead: Person, site: Site) -> None:
    lead.page.route("**/brouillon", lambda route: route.abort())
    write(lead, "need", "À ne pas laisser sur une machine partagée.")
    leave(lead, "need")
    waits_for(lead, "resend")
    assert "machine partagée" in lead.page.evaluate("JSON.stringify(localStorage)")
    lead.page.on("dialog", lambda dialog: dialog.accept())
    lead.page.get_by_role("button", name="Se déconnecter").click()
    lead.page.wait_for_url(re.compile(r"/(connexion.*)?$"))
    assert "machine partagée" not in lead.page.evaluate("JSON.stringify(localStorage)")
    assert stored(site, "need") != "À ne pas laisser sur une machine partagée."


def test_an_expired_session_asks_to_sign_in_elsewhere_then_saves(lead: Person, site: Site) -> None:
    context = lead.page.context
    context.clear_cookies()
    write(lead, "need", "Écrit pendant que la session expirait.")
    leave(lead, "need")
    waits_for(lead, "expired")
    lead.sees("Votre session a expiré : conservé sur cet appareil", within=LINE)
    with context.expect_page() as opening:
        lead.page.get_by_role("link", name="Se reconnecter (nouvel onglet)").click()
    other = Person(site, opening.value, None)
    other.fill("Adresse électronique", LEAD)
    other.fill("Mot de passe", PASSWORD)
    other.page.get_by_role("button", name="Se connecter").click()
    other.page.wait_for_url("**/rubriques/S2")
    waits_for(other, "saved")
    lead.page.bring_to_front()
    lead.page.evaluate("window.dispatchEvent(new Event('focus'))")
    waits_for(lead, "saved")
    assert stored(site, "need") == "Écrit pendant que la session expirait."
    assert lead.page.locator("#need").input_value() == "Écrit pendant que la session expirait."
    other.page.close()


def test_two_people_at_once_see_both_texts_and_choose(chromium: Browser, lead: Person, site: Site) -> None:
    other = arrive(chromium, site, None)
    other.sign_in(LEAD, PASSWORD)
    other.open(section_path(site, "S2"))
    write(other, "need", "Le texte de Camille.")
    leave(other, "need")
    waits_for(other, "saved")
    write(lead, "need", "Le texte de Dominique.")
    leave(lead, "need")
    waits_for(lead, "disputed")
    lead.sees(
        "Deux versions de cette réponse", "Le texte de Camille.", "Le texte de Dominique.", within="[data-versions]"
    )
    assert stored(site, "need") == "Le texte de Camille."
    lead.page.get_by_role("button", name="Garder ma réponse").click()
    waits_for(lead, "saved")
    assert stored(site, "need") == "Le texte de Dominique."
    write(other, "need", "Camille insiste.")
    leave(other, "need")
    waits_for(other, "disputed")
    other.page.get_by_role("button", name="Garder l’autre réponse").click()
    waits_for(other, "saved")
    assert other.page.locator("#need").input_value() == "Le texte de Dominique."
    assert stored(site, "need") == "Le texte de Dominique."
    other.page.context.close()


def test_a_tab_found_again_after_a_week_overwrites_nothing(chromium: Browser, lead: Person, site: Site) -> None:
    lead.page.route("**/brouillon", lambda route: route.abort())
    write(lead, "need", "La phrase oubliée dans un onglet.")
    leave(lead, "need")
    waits_for(lead, "resend")
    other = arrive(chromium, site, None)
    other.sign_in(LEAD, PASSWORD)
    other.open(section_path(site, "S2"))
    write(other, "need", "La réponse relue depuis.")
    leave(other, "need")
    waits_for(other, "saved")
    other.page.context.close()
    site.clock.set(site.clock.now() + timedelta(days=2))
    lead.page.unroute("**/brouillon")
    lead.page.on("dialog", lambda dialog: dialog.accept())
    lead.page.reload()
    waits_for(lead, "disputed")
    assert stored(site, "need") == "La réponse relue depuis."
    lead.sees("La phrase oubliée dans un onglet.", "La réponse relue depuis.", within="[data-versions]")
    lead.page.get_by_role("button", name="Garder ma réponse").click()
    waits_for(lead, "saved")
    assert lead.page.locator("#need").input_value() == "La phrase oubliée dans un onglet."
    assert stored(site, "need") == "La phrase oubliée dans un onglet."


def test_without_scripts_the_button_saves_and_two_texts_are_shown(chromium: Browser, site: Site) -> None:
    hands = []
    for _ in range(2):
        hand = arrive(chromium, site, None, scripts=False)
        hand.sign_in(LEAD, PASSWORD)
        hand.open(section_path(site, "S2"))
        hands.append(hand)
    first, second = hands
    assert not first.page.locator(STATE).is_visible()
    write(first, "need", "Le premier texte.")
    first.press("Enregistrer et rester ici")
    first.sees("Vos réponses sont enregistrées.")
    write(second, "need", "Le second texte.")
    second.page.get_by_role("button", name="Enregistrer et rester ici").click()
    second.sees("Deux versions de la même réponse", "Le premier texte.", "Le second texte.")
    second.press("Enregistrer ma réponse")
    assert stored(site, "need") == "Le second texte."
    second.open(section_path(site, "S2") + "/historique/need?detail=oui")
    second.sees("premier", "second", "Version actuelle")
    second.press("Rétablir cette version")
    second.sees("La version choisie est rétablie")
    assert stored(site, "need") == "Le premier texte."
    for hand in hands:
        hand.page.context.close()
