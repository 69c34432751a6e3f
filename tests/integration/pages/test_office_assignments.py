"""The table of who marks which file: two officers at once, refusals that keep the boxes, figures a script follows."""

from __future__ import annotations

import pytest

from tests.integration.pages.office_case import DELIBERATED, SCORING
from tests.integration.pages.office_stage import Browser, browser, stage, words

__all__ = ["browser", "stage"]

TABLE = "/agence/appels/{call}/jury/repartition"
pytestmark = pytest.mark.parametrize("stage", ["assigned:1"], indirect=True)


def ticked(browser: Browser) -> list[str]:
    return [str(box["value"]) for box in browser.page(TABLE).select('input[name="pairs"][checked]')]


def test_an_older_table_takes_back_nothing_that_another_officer_gave(browser: Browser) -> None:
    browser.clock.set(SCORING)
    browser.sign_in("officer")
    before = ticked(browser)
    seen = [str(field["value"]) for field in browser.page(TABLE).select('input[name="seen"]')]
    assert seen == before
    browser.accepted(TABLE, pairs=before[1:], seen=seen, knows="1")  # one officer takes the first back
    browser.accepted(TABLE, pairs=before[:-1], seen=seen, knows="1")  # the other, the last, from the same table
    assert ticked(browser) == before[1:-1]


def test_a_refused_table_says_which_box_and_keeps_the_others_as_they_were_ticked(browser: Browser) -> None:
    browser.clock.set(SCORING)
    browser.sign_in("officer")
    before = ticked(browser)
    browser.accepted(TABLE, pairs=before[1:], seen=before, knows="1")
    browser.clock.set(DELIBERATED)  # individual scoring is over: nobody is added without an hour of their own
    page = browser.refused(TABLE, pairs=before[:-1], seen=before[1:], knows="1")
    assert "Rien n’est enregistré" in words(page)
    assert "J1 note AAP-TS-2023-01-0001 : La notation est close" in words(page)
    assert [str(box["value"]) for box in page.select('input[name="pairs"][checked]')] == before[:-1]
    assert ticked(browser) == before[1:]


def test_each_load_and_each_file_says_what_the_page_does_not_show(browser: Browser) -> None:
    browser.clock.set(SCORING)
    browser.sign_in("officer")
    page = browser.page(TABLE)
    heads = {str(head["data-name"]): head for head in page.select("[data-load]")}
    assert heads["J1 j1"].text == "2"
    assert heads["J1 j1"]["data-elsewhere"] == "0"
    assert [cell["data-elsewhere"] for cell in page.select("[data-readers]")] == ["0", "0"]
    assert words(page).count("Évaluateurs") == 1
