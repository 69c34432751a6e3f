"""Text of every kind, typed by jurors and by the agency or put in an address: an answer in words, never a fault."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.integration.pages.office_case import SCORING
from tests.integration.pages.office_stage import Browser, browser, stage

__all__ = ["browser", "stage"]

pytestmark = pytest.mark.parametrize("stage", ["assigned"], indirect=True)

FILE, GRID = "/jury/dossiers/{case}", "/jury/dossiers/{case}/notation"
KEPT = (
    "e\u0301 et é",  # NFD and NFC
    "👩‍👩‍👧‍👦 🏳️‍🌈",  # joined emoji
    "\u202eטקסט\u202c مرحبا",
    "zéro\u200blargeur\u2060 \ufeff",
    "½ ﬁ Å ﷽ \U0001f468\U0001f3fd",
    "<script>alert(1)</script> {{ 7*7 }} ' \" % \\",
)
LEFT_OUT = ("un\x00signe", "un\x07signe", "un\x1bsigne", "un\ufffesigne")


@pytest.fixture
def juror(browser: Browser) -> Browser:
    """J1, while individual scoring is open."""
    browser.clock.set(SCORING)
    browser.sign_in("j1")
    return browser


@pytest.mark.parametrize("text", KEPT)
def test_a_juror_writes_in_every_script(juror: Browser, text: str) -> None:
    typed = {"mark-C1": "4", "mark-C1-comment": text, "private_note": text}
    juror.accepted(GRID, action="save", seen="", **typed)
    page = juror.page(FILE)
    for field in ("#mark-C1-comment", "#private_note"):
        found = page.select_one(field)
        assert found is not None
        assert found.get_text().strip("\n") == text.strip()


@pytest.mark.parametrize("text", LEFT_OUT)
def test_a_sign_nobody_can_type_or_see_is_left_out_and_the_text_around_it_kept(juror: Browser, text: str) -> None:
    juror.accepted(GRID, action="save", seen="", private_note=text, **{"mark-C1": "4", "mark-C1-comment": text})
    page = juror.page(FILE)
    for field in ("#mark-C1-comment", "#private_note"):
        found = page.select_one(field)
        assert found is not None
        assert found.get_text().strip("\n") == "unsigne"
    saved = juror.send(
        f"{GRID}/brouillon",
        only="C2,private_note",
        seen="private_note=1",
        **{"mark-C2": "3", "mark-C2-comment": text, "private_note": f"{text} relu"},
    )
    assert saved.status_code == 200
    assert saved.get_json()["versions"] == {"C2": 1, "private_note": 2}


@pytest.mark.parametrize("text", LEFT_OUT)
@pytest.mark.parametrize(
    ("who", "address", "field"),
    [
        ("j1", "/jury/dossiers/{case}/deport", "reason"),
        ("officer", "/agence/dossiers/{case}/messages", "text"),
        ("officer", "/agence/dossiers/{case}/retrait", "reason"),
    ],
)
def test_a_reason_with_an_invisible_sign_is_no_fault(
    browser: Browser, who: str, address: str, field: str, text: str
) -> None:
    browser.clock.set(SCORING)
    browser.sign_in(who)
    assert browser.send(address, **{field: text}).status_code in {200, 303, 404}


@pytest.mark.parametrize("text", [*LEFT_OUT, "\ud800", "a" * 5000])
def test_an_address_of_any_kind_is_answered(browser: Browser, text: str) -> None:
    browser.clock.set(SCORING)
    browser.sign_in("officer")
    asked = quote(text, errors="surrogatepass")
    for address in (
        f"/agence/dossiers?q={asked}",
        f"/agence/appels/{{call}}/classement?q={asked}&volet={asked}",
        f"/agence/appels/{{call}}/decisions?decision={asked}",
        f"/appels?q={asked}",
        f"/fiches?q={asked}",
        f"/agence/envois?q={asked}",
        f"/appels/{asked}",
        f"/fiches/{asked}",
    ):
        answer = browser.client.get(browser.stage.address(address))
        assert answer.status_code < 500, address
