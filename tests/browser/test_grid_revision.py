"""A juror meets a revised grid: reads what changes, keeps a review, then marks it again, without losing anything."""

from __future__ import annotations

from decimal import Decimal

from playwright.sync_api import Browser, expect
from sqlalchemy import select

from aap.accounts.models import User
from aap.applications.models import Application
from aap.calls.document.composing import compose_rubric
from aap.db import db, unit_of_work
from aap.demonstration.stage import hour
from aap.jury.models import MarkRevision, Review, ReviewState
from aap.jury.service import revise_grid
from tests.browser.test_marking import FIRST, file_of, juror, mark_all, site
from tests.browser.thread.site import Site

__all__ = ["site"]


def revise(site: Site) -> None:
    """Revise the grid as the officer does: two weights, and the wording of a criterion."""
    with site.within(), unit_of_work():
        call = db.session.scalars(select(Application).where(Application.reference == FIRST)).one().call_version.call
        tree = compose_rubric(call.versions[-1]) or {}
        tree["criteria"][0]["weight"], tree["criteria"][1]["weight"] = Decimal(10), Decimal(30)
        tree["criteria"][2]["guidance"] = "Regardez aussi la file active."
        officer = next(row for row in call.team if row.role.value == "officer").user_id
        revise_grid(
            call,
            tree,
            reason="Le besoin pesait trop peu.",
            seen=1,
            actor=db.session.get_one(User, officer),
            now=hour("2023-12-21T10:00:00"),
        )


def test_a_juror_keeps_a_review_then_marks_it_again(chromium: Browser, site: Site) -> None:
    site.at("2023-12-20T10:00")
    person = juror(chromium, site)
    page = person.page
    mark_all(person, "4")
    page.locator("input[name=mark-C1][value='2']").press("Space")
    person.press("Rendre la grille")
    revise(site)

    person.open(f"/jury/dossiers/{file_of(site, FIRST)}")
    person.sees("La grille a été révisée", "version 1 de la grille")
    person.follow("Voir ce qui change et répondre")
    person.sees("Le besoin pesait trop peu.", "à noter de nouveau", "reprise telle quelle", "72,00", "76,00")
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), width
    page.set_viewport_size({"width": 1280, "height": 900})
    page.locator("input[name=choice][value=keep]").press("Space")
    person.press("Enregistrer ma réponse")
    person.sees("est gardée telle quelle")

    person.open(f"/jury/dossiers/{file_of(site, FIRST)}")
    person.follow("Revoir mon choix")
    page.locator("input[name=choice][value=remark]").press("Space")
    person.press("Enregistrer ma réponse")
    expect(page.locator("input[name=mark-C1][value='2']")).to_be_checked()
    expect(page.locator("input[name=mark-C3]:checked")).to_have_count(0)
    page.locator("input[name=mark-C3][value='5']").press("Space")
    person.press("Rendre la grille")
    person.sees("est rendue")
    with site.within():
        review = db.session.scalars(select(Review).where(Review.state == ReviewState.SUBMITTED)).one()
        assert review.grid_number == 2
        values = db.session.scalars(select(MarkRevision.value).where(MarkRevision.review_id == review.id)).all()
        assert values.count(Decimal(5)) == 1
        assert len(values) >= 16, "the marks of the first grid are still there"
    assert not person.faults
    page.context.close()
