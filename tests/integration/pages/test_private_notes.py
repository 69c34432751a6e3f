"""A juror's private note in two windows: the second save shows both texts and loses neither, whatever else is wrong."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup

from tests.integration.pages.office_case import SCORING
from tests.integration.pages.office_stage import Browser, browser, stage, words

__all__ = ["browser", "stage"]

pytestmark = pytest.mark.parametrize("stage", ["assigned"], indirect=True)

FILE, GRID = "/jury/dossiers/{case}", "/jury/dossiers/{case}/notation"


@pytest.fixture
def juror(browser: Browser) -> Browser:
    """J1, while individual scoring is open."""
    browser.clock.set(SCORING)
    browser.sign_in("j1")
    return browser


def seen_by(page: BeautifulSoup) -> str:
    """Return the revisions that a page knows."""
    field = page.select_one('input[name="seen"]')
    assert field is not None
    return str(field["value"])


def note_of(page: BeautifulSoup) -> str:
    """Return what stands in the private note of a page."""
    field = page.select_one("#private_note")
    assert field is not None
    return field.get_text().strip("\n")


def autosaved(browser: Browser, note: str, seen: int) -> Any:
    """Save the note as the page does while it is typed."""
    answer = browser.send(f"{GRID}/brouillon", only="private_note", seen=f"private_note={seen}", private_note=note)
    assert answer.status_code == 200
    return answer.get_json()


def sent(browser: Browser, status: int, **typed: str) -> BeautifulSoup:
    """Press the button of a page; return what comes back."""
    answer = browser.send(GRID, action="save", **typed)
    assert answer.status_code == status
    return BeautifulSoup(answer.get_data(as_text=True), "html5lib")


def test_two_windows_typing_a_note_each_show_both_texts(juror: Browser) -> None:
    assert autosaved(juror, "Premier.", 0)["versions"] == {"private_note": 1}
    late = autosaved(juror, "Second.", 0)
    (conflict,) = late["conflicts"]
    assert (conflict["field"], conflict["label"], conflict["version"]) == ("private_note", "Note privée", 1)
    assert (conflict["yours"], conflict["theirs"]) == ("Second.", "Premier.")
    assert note_of(juror.page(FILE)) == "Premier."
    assert autosaved(juror, "Premier.\nSecond.", 1)["versions"] == {"private_note": 2}  # both, reunited by hand
    assert note_of(juror.page(FILE)) == "Premier.\nSecond."


def test_a_note_said_twice_the_same_is_no_conflict(juror: Browser) -> None:
    autosaved(juror, "Une ligne.\nUne autre.", 0)
    same = autosaved(juror, "Une ligne.\r\nUne autre.", 0)
    assert (same["conflicts"], same["versions"]) == ([], {"private_note": 1})
    assert autosaved(juror, "", 1)["versions"] == {"private_note": 2}  # a note can be emptied by who read it
    assert [one["theirs"] for one in autosaved(juror, "Une ligne.", 1)["conflicts"]] == [""]


def test_the_button_of_an_older_page_writes_over_no_note(juror: Browser) -> None:
    older = seen_by(juror.page(FILE))
    autosaved(juror, "Tapée sur la tablette.", 0)
    page = sent(juror, 409, seen=older, private_note="Tapée sur le portable.", **{"mark-C1": "4"})
    assert "Tapée sur la tablette." in words(page)
    assert note_of(page) == "Tapée sur le portable."
    assert page.select_one("#private_note-error") is not None
    assert page.select_one('a[href="#private_note"]') is not None
    assert note_of(juror.page(FILE)) == "Tapée sur la tablette."
    juror.accepted(GRID, action="save", seen=seen_by(page), private_note="Les deux.", **{"mark-C1": "4"})
    assert note_of(juror.page(FILE)) == "Les deux."


def test_a_mark_and_a_note_changed_elsewhere_are_told_together(juror: Browser) -> None:
    older = seen_by(juror.page(FILE))
    juror.accepted(GRID, action="save", seen=older, private_note="Là-bas.", **{"mark-C1": "5"})
    page = sent(juror, 409, seen=older, private_note="Ici.", **{"mark-C1": "2"})
    assert page.select_one("#mark-C1-error") is not None
    assert page.select_one("#private_note-error") is not None


def test_a_page_refused_for_another_reason_goes_on_knowing_what_it_knew(juror: Browser) -> None:
    """A mark off its scale refuses the whole page: pressing again must not write over the other window unseen."""
    older = seen_by(juror.page(FILE))
    juror.accepted(GRID, action="save", seen=older, private_note="Là-bas.", **{"mark-C1": "5"})
    refused = sent(juror, 400, seen=older, private_note="Ici.", **{"mark-C1": "2", "mark-C2": "9"})
    assert note_of(refused) == "Ici."
    page = sent(juror, 409, seen=seen_by(refused), private_note="Ici.", **{"mark-C1": "2", "mark-C2": "3"})
    assert "Là-bas." in words(page)
    assert "note 5" in words(page)


def test_a_note_of_ten_thousand_characters_is_kept_and_one_more_is_refused_whole(juror: Browser) -> None:
    longest = "à" * 10_000
    autosaved(juror, longest, 0)
    assert note_of(juror.page(FILE)) == longest
    over = autosaved(juror, longest + "é", 1)
    assert (over["refused"], over["versions"]) == (["private_note"], {"private_note": 1})
    page = sent(juror, 400, seen="private_note=1", private_note=longest + "é", **{"mark-C1": "4"})
    assert note_of(page) == longest + "é"
    assert "Ce texte compte 10001 caractères" in words(page)
    assert note_of(juror.page(FILE)) == longest


def test_a_comment_too_long_is_refused_by_the_button_as_it_is_while_typed(juror: Browser) -> None:
    typed = {"mark-C1": "4", "mark-C1-comment": "x" * 5001}
    page = sent(juror, 400, seen="", private_note="", **typed)
    error, kept = page.select_one("#mark-C1-comment-error"), page.select_one("#mark-C1-comment")
    assert error is not None
    assert kept is not None
    assert "5001 caractères" in " ".join(error.get_text().split())
    assert kept.get_text().strip() == "x" * 5001
    juror.accepted(GRID, action="save", seen="", private_note="", **{**typed, "mark-C1-comment": "x" * 5000})


def test_a_form_without_its_note_leaves_the_note_alone(juror: Browser) -> None:
    autosaved(juror, "À garder.", 0)
    juror.accepted(GRID, action="save", seen="private_note=1", **{"mark-C1": "4"})
    assert note_of(juror.page(FILE)) == "À garder."
