"""A partner signs its commitment letter on a machine that runs no script, from the mail, without an account."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select

from aap.applications.models import Application, CommitmentSignature
from aap.db import unit_of_work
from aap.demonstration.accounts import PASSWORD, create_accounts
from aap.demonstration.case.application import document, play_draft
from aap.demonstration.case.call import play_call
from aap.demonstration.stage import hour
from aap.demonstration.structures import CASE
from tests.browser.thread.person import arrive
from tests.browser.thread.site import Site, running_site

LEAD = f"porteur.{CASE}@demo.invalid"
PARTNER = "partenaire@demo.invalid"
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
        running.at("2023-11-03T10:00")
        yield running


def test_a_partner_signs_from_the_mail_without_scripts_nor_account(chromium: Browser, site: Site) -> None:
    with site.within() as session:
        name = session.scalars(select(Application)).one().partners[0].name
    lead = arrive(chromium, site, None, scripts=False)
    lead.sign_in(LEAD, PASSWORD)
    lead.open("/dossiers")
    lead.follow(TITLE, exact=False)
    lead.follow("Les personnes", exact=False)
    lead.sees(name)
    lead.page.get_by_role("link", name=f"Demander la signature à {name}").click()
    lead.fill("Adresse électronique de la personne qui engage le partenaire", PARTNER)
    lead.press("Envoyer le lien")
    lead.sees(f"Le lien de signature part à {PARTNER}.", "Envoyée, à signer")
    site.work()
    (mail,) = site.mails.to(PARTNER)
    found = re.search(r"/engagements/\S+", mail.text)
    assert found, mail.text
    partner = arrive(chromium, site, None, scripts=False)
    partner.open(found.group())
    partner.sees("Signer votre lettre d'engagement", name, TITLE)
    partner.fill("Prénom et nom", "Camille Essai")
    partner.press("Signer la lettre")
    partner.sees("Indiquez votre fonction dans la structure.")
    assert partner.page.get_by_label("Prénom et nom").input_value() == "Camille Essai"
    partner.fill("Fonction", "Directrice")
    partner.tick("J'ai lu cette lettre")
    partner.press("Signer la lettre")
    partner.sees("Cette lettre d'engagement est signée", "Camille Essai", "Directrice")
    with site.within() as session:
        signature = session.scalars(select(CommitmentSignature)).one()
        digest = signature.letter_sha256
    partner.sees(digest)
    partner.open(found.group())
    partner.sees("Ce lien ne sert plus à signer.")
    assert partner.page.get_by_role("button", name="Signer la lettre").count() == 0
    lead.open(lead.page.url)
    lead.sees("Signée en ligne", "Camille Essai, Directrice")
