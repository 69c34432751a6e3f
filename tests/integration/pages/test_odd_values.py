"""What no field refuses and no column holds: far pages, null characters, years of antiquity. Never a 500."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from aap.assembly.typography import set_words
from tests.integration.pages.office_case import SCORED
from tests.integration.pages.office_stage import Browser, browser, stage, words

__all__ = ["browser", "stage"]

FAR = "99999999999999999999"
SESSION = "/agence/appels/{call}/seance"
scored = pytest.mark.parametrize("stage", ["scored:3"], indirect=True)


@pytest.fixture
def officer(browser: Browser) -> Browser:
    browser.clock.set(SCORED)
    browser.sign_in("officer")
    return browser


@scored
@pytest.mark.parametrize(
    "address",
    [
        f"/agence/appels/{{call}}/classement?page={FAR}",
        f"/agence/dossiers?page={FAR}",
        f"/agence/envois?page={FAR}",
        f"/agence/appels/{{call}}/affectations?page={FAR}",
        "/agence/appels/{call}/classement?q=%00",
        "/agence/appels/{call}/simulateur?enveloppe=%00",
        "/appels?q=%00",
        "/fiches?q=val%00fleuri",
    ],
)
def test_an_address_that_means_nothing_is_answered(officer: Browser, address: str) -> None:
    assert officer.client.get(officer.stage.address(address)).status_code in {200, 400, 404}


@scored
def test_the_page_after_the_last_is_the_last(officer: Browser) -> None:
    assert len(officer.page(f"/agence/appels/{{call}}/classement?page={FAR}").select("table tbody tr")) == 4


@scored
@pytest.mark.parametrize("hour", ["0001-01-01T00:00", "0024-01-18T10:00", "hier"])
def test_a_year_that_cannot_be_meant_is_refused_at_its_field(officer: Browser, hour: str) -> None:
    page = officer.refused(SESSION, held_at=hour, place="Salle 2")
    field = page.select_one("input[name=held_at]")
    assert field is not None
    assert field["value"] == hour
    assert ("Vérifiez l'année." if hour != "hier" else "Cette date n'est pas valide.") in page.get_text()
    place = page.select_one("input[name=place]")
    assert place is not None
    assert place["value"] == "Salle 2"


@scored
def test_a_null_character_is_left_out_of_what_is_kept(officer: Browser) -> None:
    officer.accepted(SESSION, held_at="2024-01-18T10:00", place="Salle\x002")
    assert officer.stage.connection.scalar(text("SELECT place FROM jury_sessions")) == "Salle2"


@scored
def test_a_rank_without_end_is_refused_at_its_field(officer: Browser) -> None:
    officer.accepted(SESSION, held_at="2024-01-18T10:00", place="Salle 2")
    connection = officer.stage.connection
    item = connection.scalar(text("SELECT id FROM session_items ORDER BY position LIMIT 1"))
    page = officer.refused(f"/agence/seances/dossiers/{item}", kind="favorable", rank="99999999999")
    assert "Indiquez un rang." in words(page)


def test_a_page_with_a_null_character_is_drawn() -> None:
    assert set_words("<p>un\0deux : <b>trois</b></p>") == "<p>un\ufffddeux\u00a0: <b>trois</b></p>"
