"""One juror, two tabs, one private note: the later save shows both texts, on the page, and the juror chooses."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from aap.db import db
from aap.jury.models import Review
from tests.browser.test_marking import FIRST, SAVED, _blank, file_of, juror, site
from tests.browser.thread.site import Site

__all__ = ["_blank", "site"]


def save_note(page: Page, text: str) -> None:
    """Type in the note and leave it."""
    page.locator("#private_note").fill(text)
    page.locator("#mark-C1-comment").focus()


def notes(site: Site) -> list[str]:
    """Return the notes that the service keeps."""
    with site.within():
        found = list(db.session.scalars(select(Review.private_note)))
        db.session.remove()
    return found


def test_the_second_tab_shows_both_notes_and_the_juror_keeps_one(chromium: Browser, site: Site) -> None:
    person = juror(chromium, site)
    first = person.page
    second = first.context.new_page()
    second.goto(f"{site.url}/jury/dossiers/{file_of(site, FIRST)}")
    with first.expect_response(lambda answer: answer.request.method == "POST"):  # saved before the other tab writes
        save_note(first, "Écrite sur la tablette.")
    expect(first.locator("[data-autosave-text]")).to_contain_text("Enregistré à", timeout=SAVED)
    save_note(second, "Écrite sur le portable.")
    panel = second.locator("[data-field=private_note] [data-versions]")
    expect(panel).to_contain_text("Écrite sur la tablette.", timeout=SAVED)
    expect(panel).to_contain_text("Écrite sur le portable.")
    assert notes(site) == ["Écrite sur la tablette."]
    expect(second.locator("#private_note")).to_have_value("Écrite sur le portable.")
    second.locator("#private_note").fill("Écrite sur la tablette. Écrite sur le portable.")
    panel.get_by_role("button", name="Garder ma réponse").click()
    expect(second.locator("[data-autosave-text]")).to_contain_text("Enregistré à", timeout=SAVED)
    expect(panel).to_have_count(0)
    assert notes(site) == ["Écrite sur la tablette. Écrite sur le portable."]
    save_note(first, "Encore la tablette.")
    other = first.locator("[data-field=private_note] [data-versions]")
    expect(other).to_contain_text("Écrite sur la tablette. Écrite sur le portable.", timeout=SAVED)
    other.get_by_role("button", name="Garder l’autre réponse").click()
    expect(first.locator("#private_note")).to_have_value("Écrite sur la tablette. Écrite sur le portable.")
    first.context.close()
