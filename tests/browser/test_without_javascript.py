"""What must work on a machine that runs no script, and what a hurried hand must not do twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from sqlalchemy import func, select

from aap.accounts.models import User
from aap.applications.models import Application, Submission
from aap.applications.queries import get_application
from aap.calls.models import Call
from aap.db import unit_of_work
from aap.demonstration.accounts import PASSWORD, People, create_accounts
from aap.demonstration.case.application import document, play_admissibility, play_deposit, play_draft, play_opinions
from aap.demonstration.case.call import play_call
from aap.demonstration.case.jury import play_members
from aap.demonstration.stage import hour
from aap.demonstration.structures import CASE
from aap.jury.service import assign
from tests.browser.thread.person import Person, arrive
from tests.browser.thread.site import Site, running_site

LEAD = f"porteur.{CASE}@demo.invalid"
TITLE = str(document()["project"]["title"])


@pytest.fixture
def site(stocked: Callable[[str], str], valkey: str, tmp_path: Path) -> Iterator[Site]:
    """The service where the call is open and the draft of the example is complete."""
    with running_site(stocked("postgresql"), valkey, tmp_path, hour("2023-08-25T09:00:00")) as running:
        with running.within():
            with unit_of_work():
                people = create_accounts(running.clock.now())
            call = play_call(running.clock, people)
            play_draft(running.clock, people, call)
        running.at("2023-11-03T16:40")
        yield running


@pytest.fixture
def hand(chromium: Browser, site: Site) -> Person:
    """Somebody whose browser runs no script."""
    return arrive(chromium, site, None, scripts=False)


def test_a_section_is_filled_and_its_rows_added_and_removed_by_the_server(hand: Person) -> None:
    hand.sign_in(LEAD, PASSWORD)
    hand.open("/dossiers")
    hand.follow(TITLE, exact=False)
    hand.follow("Besoin, territoire et publics")
    hand.fill("Acronyme", "VAL-TLM 78")
    hand.press("Ajouter un site")
    hand.fill("Nom du site, site 4", "EHPAD Le Clos (fictif)")
    assert hand.page.get_by_label("Acronyme").input_value() == "VAL-TLM 78"
    hand.press("Retirer site 2")
    assert hand.page.get_by_label("Nom du site, site 3").input_value() == "EHPAD Le Clos (fictif)"
    hand.fill("Commune, site 3", "Commune-Est-D (fictive)")
    hand.fill("Département, site 3", "77")
    hand.fill("Capacité, site 3", "40")
    hand.press("Enregistrer et rester ici")
    hand.sees("Vos réponses sont enregistrées.")
    assert hand.page.get_by_label("Acronyme").input_value() == "VAL-TLM 78"
    names = [hand.page.get_by_label(f"Nom du site, site {number}").input_value() for number in (1, 2, 3)]
    assert names[-1] == "EHPAD Le Clos (fictif)"
    assert "EHPAD Les Grands Prés (fictif)" not in names


def test_the_server_adds_up_the_budget(hand: Person) -> None:
    hand.sign_in(LEAD, PASSWORD)
    hand.open("/dossiers")
    hand.follow(TITLE, exact=False)
    hand.follow("Budget et pérennité")
    hand.sees("164 040 €", within="[data-total=expenses]")
    hand.fill("Prix unitaire en euros, ligne 6", "3000,50")
    hand.press("Enregistrer et rester ici")
    hand.sees("164 040,50 €", within="[data-total=expenses]")
    hand.sees("Il manque 0,50 € de financement")


def test_a_juror_marks_and_submits_the_grid(hand: Person, site: Site) -> None:
    _instruct(site)
    site.at("2023-12-18T21:15")
    hand.sign_in("jury1@demo.invalid", PASSWORD)
    hand.open("/jury")
    hand.follow("Télésanté au plus près", exact=False)
    hand.follow("AAP-TS-2023-01-0001")
    notes = next(row["notes"] for row in document()["review"]["scores"] if row["juror"] == "J1")
    for key, value in list(notes.items())[1:]:
        hand.page.locator(f"input[name=mark-{key}][value='{value}']").press("Space")
    hand.press("Rendre la grille")
    hand.sees("Indiquez une note.")
    first, value = next(iter(notes.items()))
    hand.page.locator(f"input[name=mark-{first}][value='{value}']").press("Space")
    hand.press("Enregistrer le brouillon")
    hand.sees("80,00")
    hand.press("Rendre la grille")
    hand.sees("Votre grille du dossier AAP-TS-2023-01-0001 est rendue.")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_double_click_deposits_once(chromium: Browser, site: Site, scripts: bool) -> None:  # noqa: FBT001  # a case
    lead = arrive(chromium, site, None, scripts=scripts)
    lead.sign_in(LEAD, PASSWORD)
    lead.open("/dossiers")
    lead.follow(TITLE, exact=False)
    lead.follow("Vérifier et déposer")
    lead.tick("J'atteste sur l'honneur")
    lead.page.get_by_role("button", name="Déposer le dossier").dblclick()
    lead.page.wait_for_url("**/recepisse")
    lead.sees("Votre dossier est déposé", "AAP-TS-2023-01-0001")
    with site.within() as session:
        assert session.scalar(select(func.count()).select_from(Submission)) == 1
    site.work()
    assert len([one for one in site.mails.to(LEAD) if "AAP-TS-2023-01-0001" in one.text]) == 1


def _instruct(site: Site) -> None:
    """Play the deposit, the instruction and the jury's declarations, then give the file to a juror."""
    with site.within() as session:
        application = get_application(session.scalars(select(Application.id)).one())
        call = session.scalars(select(Call)).one()
        people = People({one.email.partition("@")[0]: one for one in session.scalars(select(User))}, {})
        play_deposit(site.clock, people, application)
        play_admissibility(site.clock, people, application)
        play_opinions(site.clock, people, application)
        members = play_members(site.clock, people, call)
        with unit_of_work():
            assign(members["J1"], application, actor=people.officer, now=hour("2023-12-13T10:00:00"))
