"""Saying no on screen: from the link of an invitation without an account, and from a file not marked yet."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from tests.integration.pages.office_case import SCORING
from tests.integration.pages.office_stage import Browser, browser, stage, words
from tests.integration.pages.test_jury_invitations import ADDRESS, invite, sign_out

__all__ = ["browser", "stage"]

pytestmark = pytest.mark.parametrize("stage", ["assigned:1"], indirect=True)
JURY = "/agence/appels/{call}/jury"
BACK = "/jury/dossiers/{case}/rendre-sans-noter"
WHY = "Je suis en congé jusqu'en février."


@pytest.fixture(autouse=True)
def _officer(browser: Browser) -> None:
    browser.clock.set(SCORING)
    browser.sign_in("officer")


def test_whoever_is_invited_declines_without_an_account(browser: Browser) -> None:
    link = invite(browser)
    sign_out(browser)
    page = browser.client.page(link)
    field = page.select_one('form[action$="/refus"] input[name="csrf_token"]')
    assert field is not None
    token = str(field["value"])
    mute = browser.client.post(f"{link}/refus", data={"csrf_token": token, "reason": " "})
    assert mute.status_code == 400
    assert "Indiquez le motif." in words(BeautifulSoup(mute.get_data(as_text=True), "html5lib"))
    assert browser.client.post(f"{link}/refus", data={"csrf_token": token, "reason": WHY}).status_code == 303
    again = browser.client.get(link)
    assert again.status_code == 410
    assert "Vous avez décliné cette invitation" in again.get_data(as_text=True)
    assert browser.client.post(f"{link}/refus", data={"csrf_token": token, "reason": WHY}).status_code == 410
    browser.sign_in("officer")
    said = browser.text(JURY)
    assert "Invitations sans réponse" not in said
    assert f"{ADDRESS} Siéger au jury" in said
    assert "en congé" in said


def test_a_member_gives_a_file_back_and_the_officer_reads_why(browser: Browser) -> None:
    browser.sign_in("j1")
    assert "Rendre sans noter" in browser.text("/jury/dossiers/{case}")
    assert "Indiquez le motif." in words(browser.refused(BACK, reason=""))
    browser.accepted(BACK, reason=WHY)
    assert browser.client.get(browser.stage.address(BACK)).status_code in {403, 404}
    browser.page("/jury/dossiers/{case}")  # still readable
    browser.sign_in("officer")
    said = browser.text(JURY)
    assert "Proposer des remplaçants" in said
    assert "Noter AAP-TS-2023-01-0001" in said


def test_a_marked_file_is_not_given_back(browser: Browser) -> None:
    browser.sign_in("j1")
    browser.accepted("/jury/dossiers/{case}/notation", **{"mark-C1": "3", "action": "save"})
    assert "Rendre sans noter" not in browser.text("/jury/dossiers/{case}")
    assert "Vous avez commencé à noter ce dossier" in words(browser.refused(BACK, reason=WHY))
