"""The frame of every page, the pages of errors, and the living page of components."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from tests.client import check_html

Page = Callable[..., str]

ROOT = Path(__file__).resolve().parents[3]
ERRORS = ["400", "401", "403", "404", "409", "413", "429", "500", "503"]


def test_the_living_page_keeps_the_rules_of_every_page(page: Page) -> None:
    check_html(page("office/ui.html"), "office/ui.html")


@pytest.mark.parametrize("code", ERRORS)
def test_an_error_page_says_what_to_do_next(page: Page, code: str) -> None:
    html = page(f"errors/{code}.html")
    check_html(html, code)
    soup = BeautifulSoup(html, "html5lib")
    assert f"Erreur {code}" in soup.select_one("main").get_text()  # type: ignore[union-attr]  # every page has a main
    assert soup.select("main a.fr-btn"), "no way out of the page"


def test_a_conflict_shows_both_texts(page: Page) -> None:
    html = page("errors/409.html", yours="Le besoin par commune", theirs="Le besoin par établissement")
    check_html(html, "409")
    assert "Le besoin par commune" in html
    assert "Le besoin par établissement" in html


@pytest.mark.parametrize("code", ["500", "503"])
def test_the_last_resort_pages_need_neither_session_nor_database(code: str) -> None:
    source = (ROOT / "templates" / "errors" / f"{code}.html").read_text(encoding="utf-8")
    assert "extends" not in source
    assert "current_user" not in source


def test_a_page_begins_with_skip_links_to_places_that_exist(page: Page) -> None:
    soup = BeautifulSoup(page("errors/404.html"), "html5lib")
    links = [str(link["href"]) for link in soup.select("nav")[0].select("a")]
    assert links == ["#contenu", "#navigation", "#pied"]
    assert all(soup.select(link) for link in links)


def test_the_menu_says_where_the_reader_is(page: Page) -> None:
    soup = BeautifulSoup(page("errors/404.html"), "html5lib")
    assert [link.get_text() for link in soup.select("#navigation [aria-current]")] == ["Dossiers"]


def test_messages_of_unknown_category_are_shown_as_information(page: Page) -> None:
    soup = BeautifulSoup(page("errors/404.html"), "html5lib")
    assert [tag.get_text(strip=True) for tag in soup.select("[role=status]")] == ["La clôture approche", "Bonjour"]
    assert soup.select(".aap-alert--info")[0].get_text(strip=True) == "Bonjour"


def test_the_demonstration_says_that_it_is_one(page: Page) -> None:
    assert "Démonstration" in page("errors/404.html")


def test_every_page_states_its_accessibility(page: Page) -> None:
    soup = BeautifulSoup(page("errors/404.html"), "html5lib")
    assert "Accessibilité\u00a0: non conforme" in soup.select("footer")[0].get_text()


def test_the_marks_of_the_state_are_off(page: Page) -> None:
    html = page("office/ui.html")
    sheets = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "static" / "css").glob("*.css"))
    assert "République française" not in html
    assert not re.search("marianne", html + sheets, re.IGNORECASE)


def test_our_pages_and_files_call_no_other_host() -> None:
    ours = [*ROOT.glob("templates/_*/*.html"), *ROOT.glob("static/css/*"), *ROOT.glob("static/js/*")]
    found = {
        match
        for path in ours
        for match in re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}", path.read_text(encoding="utf-8"))
    }
    assert found <= {"http://www.w3.org"}


def test_signs_are_drawn_beside_colours() -> None:
    css = (ROOT / "static" / "css" / "aap.css").read_text(encoding="utf-8")
    for tone in ("info", "success", "warning", "error"):
        assert re.search(rf"\.aap-badge--{tone}, [^{{]*{{ --sign: url", css), tone
