"""Quotes joined to expenses before a person: from the line, and kept in place when scripts copy and remove rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Browser, Locator, expect

from aap.applications.service import start_application
from aap.calls.queries import current_version
from aap.calls.service import import_call
from aap.db import unit_of_work
from aap.demonstration.accounts import PASSWORD, create_accounts
from aap.demonstration.case.application import document
from aap.demonstration.stage import hour
from aap.demonstration.structures import CASE
from aap.referentials.service import load_referentials
from tests.browser.test_accessibility import AXE, NARROW, RUN_AXE, WIDE, WIDER
from tests.browser.thread.person import Person, arrive
from tests.browser.thread.site import Site, running_site
from tests.integration.applications.case import case_answers, write_answers
from tests.integration.pages.test_line_pieces import by_line

LEAD = f"porteur.{CASE}@demo.invalid"
TITLE = str(document()["project"]["title"])
PDF = b"%PDF-1.7 fictif"


@pytest.fixture
def site(migrated: Callable[[str], str], valkey: str, tmp_path: Path) -> Iterator[Site]:
    """The service where a call asks for quotes expense by expense, with a draft whose budget is written."""
    with running_site(migrated("postgresql"), valkey, tmp_path, hour("2023-08-25T09:00:00")) as running:
        tree = yaml.safe_load((files("aap.demonstration") / "data" / "call.yaml").read_bytes())
        by_line(tree)
        with running.within(), unit_of_work():
            load_referentials()
            people = create_accounts(running.clock.now())
            call = import_call(yaml.safe_dump(tree).encode(), None, hour("2023-09-01T09:00:00"), publish=True).call
            lead, now = people.lead_of(CASE), hour("2023-10-02T10:15:00")
            application = start_application(current_version(call), lead=lead, now=now, strand_key="B")
            write_answers(application, case_answers(), lead, now)
        running.at("2023-11-03T10:40")
        yield running


def row_of(person: Person, words: str) -> Locator:
    """Return the row of the expense that says these words."""
    rows = person.page.locator("[data-kind=expenses] [data-row]").all()
    return next(row for row in rows if row.locator("[data-name]").input_value() == words)


def arrived(chromium: Browser, site: Site, *, scripts: bool) -> Person:
    lead = arrive(chromium, site, None, scripts=scripts)
    lead.sign_in(LEAD, PASSWORD)
    lead.open("/dossiers")
    lead.follow(TITLE, exact=False)
    lead.follow("Budget et pérennité")
    return lead


def join(person: Person, words: str, name: str) -> None:
    """Press the button of an expense, then join a file on the page that opens."""
    row_of(person, words).get_by_role("button", name="Joindre un devis").click()
    expect(person.page.locator("main h2").first).to_contain_text(words)
    person.page.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/pdf", "buffer": PDF}
    )
    person.page.get_by_role("button", name="Joindre", exact=True).click()
    expect(person.page.locator("main h1")).to_have_text("Budget et pérennité")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_quote_is_joined_from_its_line(chromium: Browser, site: Site, *, scripts: bool) -> None:
    lead = arrived(chromium, site, scripts=scripts)
    row = row_of(lead, "Mallettes connectées")
    expect(row).to_contain_text("À joindre")
    row.locator("[data-name]").fill("Mallettes connectées, deux par site")
    join(lead, "Mallettes connectées, deux par site", "mallettes.pdf")
    lead.sees("Le fichier est joint.")
    row = row_of(lead, "Mallettes connectées, deux par site")
    expect(row.get_by_role("link", name="mallettes.pdf")).to_be_visible()
    expect(row).not_to_contain_text("À joindre")


def test_rows_changed_by_scripts_keep_quotes_where_they_belong(chromium: Browser, site: Site) -> None:
    lead = arrived(chromium, site, scripts=True)
    join(lead, "Mallettes connectées", "mallettes.pdf")
    rule = lead.page.locator('[data-rule="quotes-A10"]')
    expect(rule).not_to_contain_text("Mallettes")
    row_of(lead, "Mallettes connectées").get_by_role("button", name="Dupliquer").click()
    twin = lead.page.locator("[data-kind=expenses] [data-row]").nth(2)
    expect(twin.get_by_role("link")).to_have_count(0)  # a copy of the line is not a copy of its quote
    expect(rule).to_contain_text("Sans devis joint")
    expect(rule).to_contain_text("Mallettes")
    twin.locator("[data-name]").fill("Mallettes de secours")
    with lead.page.expect_response(lambda answer: answer.url.endswith("/brouillon") and answer.ok):
        row_of(lead, "Mallettes connectées").get_by_role("button", name="Retirer").click()
    lead.page.reload()
    lead.sees("Des fichiers ne seront pas déposés")
    expect(row_of(lead, "Mallettes de secours").get_by_role("link")).to_have_count(0)
    lead.follow("mallettes.pdf")
    lead.page.get_by_label("Rattacher").select_option(label="Mallettes de secours (L13)")
    lead.page.get_by_role("button", name="Rattacher", exact=True).click()
    lead.sees("Le fichier « mallettes.pdf » est rattaché.")
    lead.misses("Fichiers à rattacher")


def test_the_pages_of_quotes_are_clean(chromium: Browser, site: Site) -> None:
    lead = arrived(chromium, site, scripts=True)
    lead.page.add_init_script(path=AXE)
    join(lead, "Mallettes connectées", "mallettes.pdf")
    lead.page.get_by_role("button", name="Retirer ligne 2").first.click()
    lead.page.get_by_role("button", name="Enregistrer et rester ici").click()
    lead.sees("Des fichiers ne seront pas déposés")
    budget = lead.page.url
    lead.follow("mallettes.pdf")
    annex = lead.page.url.partition("#")[0]
    faults = []
    for address in (budget, annex, annex.rpartition("/")[0], f"{annex}?depense=L01&retour=S8"):
        lead.page.set_viewport_size(WIDE)
        lead.page.goto(address)
        faults += [f"{address}: {fault}" for fault in lead.page.evaluate(RUN_AXE)]
        lead.page.set_viewport_size(NARROW)
        faults += [f"{address}, wider than a phone: {part}" for part in lead.page.evaluate(WIDER)]
    assert faults == []
