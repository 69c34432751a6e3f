"""The simulator under the hand: a slider moves, the page says who enters and who leaves; without scripts, a button."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from aap.calls.models import Call
from aap.db import db, unit_of_work
from aap.demonstration.accounts import PASSWORD, create_accounts
from aap.demonstration.case.application import play_admissibility, play_deposit, play_draft, play_opinions
from aap.demonstration.case.call import play_call
from aap.demonstration.case.jury import play_closing, play_marks, play_members
from aap.demonstration.stage import hour
from tests.browser.thread.person import Person, arrive
from tests.browser.thread.site import Site, running_site

OFFICER = "instruction@demo.invalid"
CASE = "AAP-TS-2023-01-0001"
SETTLE = 5_000  # milliseconds for the pause, the request and the drawing


@pytest.fixture(scope="module")
def site(stocked: Callable[[str], str], valkey: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The service once the jury has marked the file of the example."""
    folder: Path = tmp_path_factory.mktemp("simulation")
    with running_site(stocked("postgresql"), valkey, folder, hour("2023-08-25T09:00:00")) as running:
        with running.within():
            with unit_of_work():
                people = create_accounts(running.clock.now())
            call = play_call(running.clock, people)
            application = play_draft(running.clock, people, call)
            play_deposit(running.clock, people, application)
            play_admissibility(running.clock, people, application)
            play_opinions(running.clock, people, application)
            play_marks(running.clock, people, application, play_members(running.clock, people, call))
            play_closing(running.clock)
        running.at("2024-01-10T09:00")
        yield running


def simulator(site: Site) -> str:
    with site.within():
        return f"/agence/appels/{db.session.scalars(select(Call.id)).one()}/simulateur"


def officer(chromium: Browser, site: Site, *, scripts: bool = True) -> Person:
    person = arrive(chromium, site, None, scripts=scripts)
    person.sign_in(OFFICER, PASSWORD)
    person.open(simulator(site))
    return person


def test_a_slider_says_at_once_who_leaves_and_who_comes_back(chromium: Browser, site: Site) -> None:
    person = officer(chromium, site)
    page = person.page
    person.sees("1 sur 1", "C’est la proposition de base")
    slider, amount = page.get_by_label("Enveloppe de l’appel – curseur"), page.locator("#enveloppe")
    result, said = page.locator('[data-live="resultats"]'), page.locator("[data-announce]")
    expect(slider).to_be_visible()
    expect(slider).to_have_value("1500000")
    slider.focus()
    slider.press("Home")
    for _ in range(3):
        slider.press("ArrowRight")
    expect(amount).to_have_value("3 000")
    expect(result).to_contain_text("il manque", timeout=SETTLE)
    expect(said).to_have_text(f"0 dossier financé, 0 € sur 3 000 €. Sortent : {CASE}.", use_inner_text=False)
    expect(result.locator(".aap-changes .aap-badge")).to_have_text("Sort")
    assert page.evaluate("document.activeElement.id") == "enveloppe-curseur"
    assert "enveloppe=3+000" in page.url
    amount.fill("120000,01")
    expect(result).to_contain_text("0,01", timeout=SETTLE)
    expect(result).to_contain_text("Financé")
    expect(slider).to_have_value("120000")
    amount.blur()
    expect(amount).to_have_value("120 000,01")
    amount.fill("cent")
    expect(page.locator("#enveloppe-error")).to_contain_text("Écrivez un nombre", timeout=SETTLE)
    expect(amount).to_have_attribute("aria-invalid", "true")
    expect(amount).to_have_value("cent")
    amount.fill("119 999,99")
    expect(result).to_contain_text("il manque 0,01", timeout=SETTLE)
    expect(page.locator("#enveloppe-error")).to_have_text("")
    page.reload()
    expect(page.locator("#enveloppe")).to_have_value("119 999,99".replace(" ", "\u202f"))
    assert not person.faults
    page.context.close()


def test_quotas_are_added_set_and_removed_live(chromium: Browser, site: Site) -> None:
    person = officer(chromium, site)
    page = person.page
    page.locator("summary", has_text="Quotas").click()
    page.locator("#add-q").click()
    choice = page.locator("#q-0-sur")
    expect(choice).to_be_focused(timeout=SETTLE)
    choice.select_option("departement:77")
    result = page.locator('[data-live="resultats"]')
    expect(result).to_contain_text("Ce que les quotas atteignent", timeout=SETTLE)
    most = page.get_by_label("Au plus – quota 1 – curseur")
    expect(most).to_have_attribute("max", "1")
    most.focus()
    most.press("Home")
    expect(page.locator("#q-0-max")).to_have_value("0")
    expect(result).to_contain_text("Plafond déjà plein", timeout=SETTLE)
    page.get_by_role("button", name="Retirer le quota 1").click()
    expect(page.locator("#q-0-sur")).to_have_count(0, timeout=SETTLE)
    expect(result).to_contain_text("C’est la proposition de base", timeout=SETTLE)
    expect(page.locator("#add-q")).to_be_focused()
    assert not person.faults
    page.context.close()


def test_without_scripts_the_button_does_the_same(chromium: Browser, site: Site) -> None:
    person = officer(chromium, site, scripts=False)
    page = person.page
    expect(page.locator("#enveloppe-curseur")).to_be_hidden()
    page.locator("#enveloppe").fill("3000")
    page.get_by_role("button", name="Actualiser").last.click()
    person.sees("Non financé", "il manque", "Sort")
    page.context.close()
