"""The budget before a person: rules that follow the typing, rows by the keyboard alone, a table pasted into a cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from aap.db import unit_of_work
from aap.demonstration.accounts import PASSWORD, create_accounts
from aap.demonstration.case.application import document, play_draft
from aap.demonstration.case.call import play_call
from aap.demonstration.stage import hour
from aap.demonstration.structures import CASE
from tests.browser.thread.person import Person, arrive
from tests.browser.thread.site import Site, running_site

LEAD = f"porteur.{CASE}@demo.invalid"
TITLE = str(document()["project"]["title"])
PASTED = "Poste\tIntitulé\tQté\tPrix unitaire\tRemarque\nFormation\tAtelier de rentrée\t2\t1 250,50 €\tà dater\n"
PASTE = """(cell, text) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  cell.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""


@pytest.fixture
def site(stocked: Callable[[str], str], valkey: str, tmp_path: Path) -> Iterator[Site]:
    """The service where the call is open and the draft of the example is complete."""
    with running_site(stocked("postgresql"), valkey, tmp_path, hour("2023-08-25T09:00:00")) as running:
        with running.within():
            with unit_of_work():
                people = create_accounts(running.clock.now())
            call = play_call(running.clock, people)
            play_draft(running.clock, people, call)
        running.at("2023-11-03T16:40")
        yield running


def arrived(chromium: Browser, site: Site, *, scripts: bool) -> Person:
    lead = arrive(chromium, site, None, scripts=scripts)
    lead.sign_in(LEAD, PASSWORD)
    lead.open("/dossiers")
    lead.follow(TITLE, exact=False)
    lead.follow("Budget et pérennité")
    return lead


def labels(person: Person) -> list[str]:
    return [cell.input_value() for cell in person.page.locator("[data-kind=expenses] [data-name]").all()]


def test_rules_follow_what_is_typed(chromium: Browser, site: Site) -> None:
    lead = arrived(chromium, site, scripts=True)
    rule = lead.page.locator('[data-rule="rate"]')
    expect(rule).to_contain_text("Respectée")
    lead.fill("Prix unitaire en euros, ligne 1", "1 000,00")
    expect(rule).to_contain_text("Non respectée")
    expect(rule).to_contain_text("86,62 % (120 000 € sur 138 540 €")
    expect(lead.page.locator("[data-balance]")).to_contain_text("dépassent les dépenses de 25 500 €")
    expect(lead.page.locator('[data-rule="quotes-A10"]')).not_to_contain_text("Chariots")


@pytest.mark.parametrize("scripts", [True, False])
def test_rows_are_copied_moved_and_removed_by_the_keyboard(chromium: Browser, site: Site, scripts: bool) -> None:  # noqa: FBT001  # a case
    lead = arrived(chromium, site, scripts=scripts)
    before = labels(lead)

    def press(name: str) -> None:
        button = lead.page.locator("[data-kind=expenses]").get_by_role("button", name=name, exact=True)
        button.focus()
        button.press("Enter")
        lead.page.wait_for_load_state()

    press("Descendre ligne 1")
    assert labels(lead)[:2] == [before[1], before[0]]
    press("Dupliquer ligne 2")
    assert labels(lead)[:4] == [before[1], before[0], before[0], before[2]]
    press("Retirer ligne 3")
    press("Monter ligne 2")
    assert labels(lead) == before
    press("Ajouter une dépense")
    assert labels(lead) == [*before, ""]
    assert lead.page.locator("[data-kind=expenses] .aap-budget__key").count() == len(before)


def test_a_table_pasted_into_a_cell_is_understood_in_front_of_the_person(chromium: Browser, site: Site) -> None:
    lead = arrived(chromium, site, scripts=True)
    before = labels(lead)
    lead.page.get_by_label("Intitulé, ligne 1", exact=True).evaluate(PASTE, PASTED)
    preview = lead.page.locator("#budget_lines_preview")
    expect(preview).to_contain_text("1 ligne comprise, rien n’est encore repris")
    expect(preview).to_contain_text("« à dater » n’est pas repris")
    assert labels(lead) == before
    lead.page.get_by_role("button", name="Ajouter ces dépenses").click()
    expect(lead.page.locator("[data-kind=expenses] [data-name]")).to_have_count(len(before) + 1)
    assert labels(lead) == [*before, "Atelier de rentrée"]
    lead.sees("166 541 €", within="[data-total=expenses]")


def test_a_workbook_is_taken_and_brought_back_without_a_script(chromium: Browser, site: Site, tmp_path: Path) -> None:
    lead = arrived(chromium, site, scripts=False)
    before = labels(lead)
    lead.page.get_by_text("Échanger avec un classeur").click()
    with lead.page.expect_download() as taking:
        lead.page.get_by_role("link", name="ODS (LibreOffice)").click()
    kept = tmp_path / "budget.ods"
    taking.value.save_as(kept)
    lead.page.locator("#budget_workbook").set_input_files(kept)
    lead.page.get_by_role("button", name="Lire le classeur").click()
    expect(lead.page.locator("#budget_lines_preview")).to_contain_text("12 lignes comprises")
    lead.page.get_by_role("button", name="Remplacer mes dépenses par celles-ci").click()
    assert labels(lead) == before
