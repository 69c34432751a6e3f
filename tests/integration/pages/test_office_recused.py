"""An officer who also sits on the jury and stood back from a file: the pages about the jury name it no more."""

from __future__ import annotations

import pytest

from tests.integration.pages.office_case import SCORING
from tests.integration.pages.office_stage import Browser, browser, stage

__all__ = ["browser", "stage"]

FILE = "AAP-TS-2023-01-0001"


@pytest.mark.parametrize("stage", ["assigned:1"], indirect=True)
def test_a_recused_officer_reads_the_file_on_no_page_of_the_jury(browser: Browser) -> None:
    browser.clock.set(SCORING)
    browser.sign_in("officer")
    pages = ("/agence/appels/{call}/jury", "/agence/appels/{call}/jury/notation")
    assert FILE in browser.text(pages[0])
    assert FILE in browser.text(pages[1])
    link = browser.page(pages[0]).select_one('input[name="conflict"]')
    assert link is not None

    college = browser.page(pages[0]).select("select[name=college] option[value]")[-1]["value"]
    browser.accepted(pages[0], email="officer@exemple.invalid", college=str(college))
    browser.accepted("/jury/dossiers/{case}/deport", reason="Ancien employeur.")

    assert FILE not in browser.text(pages[0])
    assert FILE not in browser.text(pages[1])
    settled = browser.send(
        "/agence/appels/{call}/jury/liens", conflict=str(link["value"]), action="dismiss", reason="Rien de commun."
    )
    assert settled.status_code == 404
