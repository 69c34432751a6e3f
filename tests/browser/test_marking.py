"""Marking under the hand: keyboard, what is asked, what is left, from file to file, on three widths of screen."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from aap.applications.models import Application, ApplicationState
from aap.calls.models import CallVersion
from aap.db import db, unit_of_work
from aap.demonstration.accounts import PASSWORD, create_accounts
from aap.demonstration.case.application import play_admissibility, play_deposit, play_draft, play_opinions
from aap.demonstration.case.call import play_call
from aap.demonstration.case.jury import play_members
from aap.demonstration.stage import hour
from aap.forms.models import AnswerSheet
from aap.jury.models import FrozenRubric, Mark, MarkRevision, Review
from aap.jury.service import assign
from tests.browser.thread.person import Person, arrive
from tests.browser.thread.site import Site, running_site

JUROR = "jury1@demo.invalid"
FIRST, SECOND = "AAP-TS-2023-01-0001", "AAP-TS-2023-01-0002"
SAVED = 8_000  # milliseconds for a pause, a request and its answer


@pytest.fixture(scope="module")
def site(stocked: Callable[[str], str], valkey: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The service while the jury marks: two files are confided to J1."""
    folder: Path = tmp_path_factory.mktemp("marking")
    with running_site(stocked("postgresql"), valkey, folder, hour("2023-08-25T09:00:00")) as running:
        with running.within():
            with unit_of_work():
                people = create_accounts(running.clock.now())
            call = play_call(running.clock, people)
            application = play_draft(running.clock, people, call)
            play_deposit(running.clock, people, application)
            play_admissibility(running.clock, people, application)
            play_opinions(running.clock, people, application)
            members = play_members(running.clock, people, call)
            with unit_of_work():
                other = _another(application)
                for file in (application, other):
                    assign(members["J1"], file, actor=people.officer, now=hour("2023-12-13T10:00:00"))
        yield running


def _another(known: Application) -> Application:
    """Add a file beside a known one, with little to read."""
    sheet = AnswerSheet()
    db.session.add(sheet)
    db.session.flush()
    row = Application(
        call_version_id=known.call_version_id,
        strand_id=known.strand_id,
        region_code=known.region_code,
        sheet_id=sheet.id,
        lead_id=known.lead_id,
        requested_eur=known.requested_eur,
        created_at=known.created_at,
        title="Télésoin de proximité",
        applicant_name="Maison de santé du Bocage (fictive)",
        total_expenses=known.total_expenses,
        total_income=known.total_income,
        department_code="77",
        state=ApplicationState.INSTRUCTED,
        reference=SECOND,
        submitted_at=known.submitted_at,
    )
    db.session.add(row)
    db.session.flush()
    return row


@pytest.fixture(autouse=True)
def _blank(site: Site) -> None:
    """Each test starts from grids nobody touched, in the middle of the marking."""
    site.at("2023-12-20T10:00")
    with site.within(), unit_of_work():
        for model in (FrozenRubric, MarkRevision, Mark):
            for row in db.session.scalars(select(model)):
                db.session.delete(row)
        db.session.flush()
        for review in db.session.scalars(select(Review)):
            db.session.delete(review)


def file_of(site: Site, reference: str) -> uuid.UUID:
    with site.within():
        return db.session.scalars(select(Application.id).where(Application.reference == reference)).one()


def juror(chromium: Browser, site: Site, reference: str = FIRST, width: int = 1280) -> Person:
    person = arrive(chromium, site, None)
    person.page.set_viewport_size({"width": width, "height": 900})
    person.sign_in(JUROR, PASSWORD)
    person.open(f"/jury/dossiers/{file_of(site, reference)}")
    return person


def mark_all(person: Person, value: str) -> None:
    """Choose the same mark on every criterion, by the digits of the keyboard."""
    for number in range(1, 9):
        person.page.locator(f"input[name=mark-C{number}]").first.focus()
        person.page.keyboard.press(value)
        expect(person.page.locator(f"input[name=mark-C{number}][value='{value}']")).to_be_checked()


def test_digits_choose_and_arrows_change_the_mark(chromium: Browser, site: Site) -> None:
    person = juror(chromium, site)
    page = person.page
    person.sees("Dossier 1 sur 2", "2 grilles à rendre", "À rendre avant", "encore 20 jours")
    page.locator("input[name=mark-C1]").first.focus()
    page.keyboard.press("3")
    expect(page.locator("input[name=mark-C1][value='3']")).to_be_checked()
    page.keyboard.press("ArrowRight")
    expect(page.locator("input[name=mark-C1][value='4']")).to_be_checked()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("input[name=mark-C1][value='2']")).to_be_checked()
    expect(page.locator("[data-marking-left]")).to_have_text("7 critères restent à noter")
    page.locator("#mark-C1-comment").focus()
    page.keyboard.type("5 sites sur 7")
    expect(page.locator("input[name=mark-C1][value='2']")).to_be_checked()  # digits of a comment are no mark
    expect(page.locator("[data-autosave-state], .aap-saving").first).to_contain_text("Enregistr", timeout=SAVED)
    page.reload()
    expect(page.locator("#mark-C1-comment")).to_have_value("5 sites sur 7")
    assert not person.faults
    page.context.close()


def test_a_low_mark_asks_for_its_comment_and_nothing_is_lost(chromium: Browser, site: Site) -> None:
    person = juror(chromium, site)
    page = person.page
    mark_all(person, "4")
    page.locator("input[name=mark-C3][value='1']").press("Space")
    person.sees("Obligatoire sous la note 2")
    page.locator("#private_note").fill("Revoir le budget avec J2.")
    person.press("Rendre la grille")
    person.sees("Justifiez cette note.")
    expect(page.locator("#mark-C3-comment-error")).to_be_visible()
    expect(page.locator("input[name=mark-C3][value='1']")).to_be_checked()
    expect(page.locator("#private_note")).to_have_value("Revoir le budget avec J2.")
    page.locator("#mark-C3-comment").fill("Aucun remplacement prévu.")
    person.press("Rendre la grille")
    person.sees("est rendue", "Dossier 2 sur 2", "1 grille à rendre")  # the next one to mark opens by itself
    person.follow("Précédent", exact=False)
    person.sees("Votre grille compte", "Revoir le budget avec J2.")
    person.follow("Suivant", exact=False)
    person.sees("Dossier 2 sur 2")
    page.context.close()


def test_a_grid_is_reopened_for_a_reason_before_the_closing_only(chromium: Browser, site: Site) -> None:
    person = juror(chromium, site)
    mark_all(person, "3")
    person.press("Rendre la grille")
    person.open(f"/jury/dossiers/{file_of(site, FIRST)}")
    person.follow("Reprendre ma grille")
    person.page.locator("form [type=submit]").last.click()
    person.sees("Indiquez le motif.")
    person.page.locator("textarea[name=reason]").fill("Erreur de lecture du budget.")
    person.page.locator("form [type=submit]").last.click()
    person.sees("Votre grille est rouverte", "2 grilles à rendre")
    person.page.locator("input[name=mark-C2][value='5']").press("Space")
    person.press("Rendre la grille")
    with site.within():
        trail = select(MarkRevision.reason).where(MarkRevision.value == 5)
        assert db.session.scalars(trail).all() == ["Erreur de lecture du budget."]
    site.clock.set(hour("2024-01-09T18:00:00") + timedelta(seconds=1))
    person.open(f"/jury/dossiers/{file_of(site, FIRST)}")
    person.misses("Reprendre ma grille")
    person.page.context.close()


def test_a_private_note_is_its_author_s_alone(chromium: Browser, site: Site) -> None:
    person = juror(chromium, site)
    mark_all(person, "3")
    person.page.locator("#private_note").fill("Entre nous : à revoir.")
    person.press("Rendre la grille")
    reader = arrive(chromium, site, None)
    reader.sign_in("instruction@demo.invalid", PASSWORD)
    file = file_of(site, FIRST)
    for address in (f"/agence/dossiers/{file}", f"/agence/dossiers/{file}/notes"):
        answer = reader.page.request.get(site.url + address)
        assert "Entre nous" not in answer.text()
    for one in (person, reader):
        one.page.context.close()


@pytest.mark.parametrize("width", [1280, 768, 360])
def test_the_file_and_the_grid_fit_the_screen(chromium: Browser, site: Site, width: int) -> None:
    person = juror(chromium, site, width=width)
    page = person.page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width == 1280:  # both sides are on screen: nowhere to go
        expect(page.get_by_role("link", name="Aller à la grille")).to_be_hidden()
    else:
        person.follow("Aller à la grille")
    grid = page.locator("#grille")
    expect(grid).to_be_in_viewport()
    file = page.locator("#dossier").bounding_box()
    box = grid.bounding_box()
    assert file is not None
    assert box is not None
    if width == 1280:
        assert box["x"] > file["x"] + 300  # side by side
    else:
        assert abs(box["x"] - file["x"]) < 40  # one under the other
    mark = page.locator(".aap-mark label").first.bounding_box()
    assert mark is not None
    assert mark["height"] >= 24  # a finger's target
    person.sees("Dossier 1 sur 2")
    page.context.close()


@pytest.mark.parametrize("width", [1280, 768, 360])
def test_the_page_of_the_jury_fits_the_screen(chromium: Browser, site: Site, width: int) -> None:
    """Wide tables scroll on their own, with what they say to screen readers alone."""
    with site.within():
        call = db.session.scalars(select(Application.call_version_id)).first()
        address = f"/agence/appels/{db.session.get_one(CallVersion, call).call_id}/jury"
    person = arrive(chromium, site, None)
    person.page.set_viewport_size({"width": width, "height": 900})
    person.sign_in("instruction@demo.invalid", PASSWORD)
    person.open(address)
    person.sees("Membres par collège", "Ajouter ou inviter un membre")
    assert person.page.evaluate("document.documentElement.scrollWidth") <= width
    person.page.context.close()


def test_loads_and_readers_follow_the_boxes_before_anything_is_saved(chromium: Browser, site: Site) -> None:
    officer = arrive(chromium, site, None)
    officer.sign_in("instruction@demo.invalid", PASSWORD)
    with site.within():
        call_id = db.session.scalars(select(CallVersion.call_id)).one()
    officer.open(f"/agence/appels/{call_id}/jury/repartition")
    page = officer.page
    head, readers = page.locator("[data-load]").nth(1), page.locator("[data-readers]").first
    expect(readers).to_contain_text("1 sur")
    before = int(head.inner_text().split()[0])
    page.locator("tbody tr").first.locator("input[name=pairs]").nth(1).check()
    expect(head).to_contain_text(str(before + 1))
    expect(readers).to_contain_text("2")
    expect(page.locator("[data-loads-said]")).to_contain_text("J2")
    page.reload()
    expect(readers).to_contain_text("1 sur")
