"""From the jury set up on screen to the last payment: advice, decision, reservations, contract, each by its people."""

from __future__ import annotations

import pytest

from tests.integration.pages.office_case import DECIDED, DELIBERATED, LIFTED, NOTIFIED, SCORING, SIGNED
from tests.integration.pages.office_stage import Browser, browser, stage, words

__all__ = ["browser", "stage"]

CALL, FILE = "/agence/appels/{call}", "/agence/dossiers/{case}"


@pytest.mark.parametrize("stage", ["assigned:1"], indirect=True)
class TestJury:
    def test_a_candidate_link_is_confirmed_or_set_aside_with_its_reason(self, browser: Browser) -> None:
        browser.clock.set(SCORING)
        browser.sign_in("officer")
        page = browser.page(f"{CALL}/jury")
        keys = [str(field["value"]) for field in page.select('input[name="conflict"]')]
        assert len(keys) == 2
        refused = browser.refused(f"{CALL}/jury/liens", conflict=keys[0], reason=" ", action="confirm")
        assert refused.select_one(f'[id="motif-{keys[0]}-error"]') is not None
        browser.accepted(f"{CALL}/jury/liens", conflict=keys[0], reason="Praticien attaché.", action="confirm")
        browser.accepted(f"{CALL}/jury/liens", conflict=keys[1], reason="Homonyme.", action="dismiss")
        text = browser.text(f"{CALL}/jury")
        assert "Praticien attaché." in text
        assert "Liens à examiner 0" in text
        assert "Déport" in browser.text(f"{CALL}/jury/repartition")

    def test_members_join_by_their_account(self, browser: Browser) -> None:
        browser.clock.set(SCORING)
        browser.sign_in("officer")
        college = str(browser.page(f"{CALL}/jury").select("#college option")[0]["value"])
        page = browser.refused(f"{CALL}/jury", email="personne@", college=college)
        assert page.select_one("#email-error") is not None
        assert page.select_one('#email[value="personne@"]') is not None
        again = browser.refused(f"{CALL}/jury", email="j1@j1.invalid", college=college)
        assert "déjà membre" in words(again)
        browser.accepted(f"{CALL}/jury", email="stranger@exemple.invalid", college=college)
        assert "J6" in browser.text(f"{CALL}/jury")

    def test_boxes_give_files_and_take_them_back(self, browser: Browser) -> None:
        browser.clock.set(SCORING)
        browser.sign_in("officer")
        page = browser.page(f"{CALL}/jury/repartition")
        ticked = [str(box["value"]) for box in page.select('input[name="pairs"][checked]')]
        assert len(ticked) == 8
        browser.accepted(f"{CALL}/jury/repartition", pairs=ticked[:6])
        after = browser.page(f"{CALL}/jury/repartition").select('input[name="pairs"][checked]')
        assert [str(box["value"]) for box in after] == ticked[:6]


@pytest.mark.parametrize("stage", ["scored"], indirect=True)
class TestAdvice:
    def test_the_advice_of_the_jury_is_recorded_once(self, browser: Browser) -> None:
        browser.clock.set(DELIBERATED)
        browser.sign_in("officer")
        address = f"{FILE}/avis-du-jury"
        page = browser.refused(address, kind="favorable_sous_reserve", amount_eur="130 000", motive="Effort.")
        assert "ne peut pas dépasser le montant demandé" in words(page)
        assert page.select_one('#amount_eur[value="130 000"]') is not None
        unread = browser.refused(address, kind="favorable", amount_eur="cent", motive="")
        assert unread.select_one("#amount_eur-error") is not None
        browser.accepted(address, kind="favorable_sous_reserve", amount_eur="112 500,00 €", motive="Effort.")
        assert "112 500 €" in browser.text(f"{FILE}/decision")
        assert browser.send(address, kind="favorable").status_code in {400, 403, 409}

    def test_the_director_does_not_advise_in_the_place_of_the_jury(self, browser: Browser) -> None:
        browser.clock.set(DELIBERATED)
        browser.sign_in("director")
        browser.page(f"{FILE}/avis-du-jury", 403)


@pytest.mark.parametrize("stage", ["deliberated"], indirect=True)
class TestDecision:
    DATA = {  # noqa: RUF012  # never changed
        "kind": "favorable_sous_reserve",
        "granted_eur": "112500",
        "motive": "Projet solide.",
        "reservations-0-text": "Plan de financement révisé.",
        "reservations-0-deadline": "2024-03-08",
    }

    def test_a_decision_comes_with_what_its_kind_asks(self, browser: Browser) -> None:
        browser.clock.set(DECIDED)
        browser.sign_in("director")
        bare = {"kind": "favorable_sous_reserve", "granted_eur": "112500", "motive": "Projet solide."}
        page = browser.refused(f"{FILE}/decision/prendre", **bare)
        assert "Indiquez au moins une réserve." in words(page)
        assert "Projet solide." in words(page)
        undated = browser.refused(f"{FILE}/decision/prendre", **{**self.DATA, "reservations-0-deadline": ""})
        assert undated.select_one("#reservations-0-deadline-error") is not None
        read_again = browser.send(f"{FILE}/decision/prendre", **self.DATA)
        assert "Rien n’est encore enregistré" in read_again.get_data(as_text=True)
        assert "112 500 € sur 120 000 € demandés" not in browser.text(f"{FILE}/decision")
        changed = browser.send(f"{FILE}/decision/prendre", **self.DATA, change="yes")
        assert "Plan de financement révisé." in changed.get_data(as_text=True)
        browser.accepted(f"{FILE}/decision/prendre", **self.DATA, confirmed="yes")
        text = browser.text(f"{FILE}/decision")
        assert "112 500 € sur 120 000 € demandés" in text
        assert "R1 – Plan de financement révisé." in text

    def test_a_divergence_is_motivated_and_shown(self, browser: Browser) -> None:
        browser.clock.set(DECIDED)
        browser.sign_in("director")
        other = {"kind": "defavorable", "granted_eur": "", "motive": "Coût trop élevé."}
        page = browser.refused(f"{FILE}/decision/prendre", **other)
        assert page.select_one("#divergence_motive-error") is not None
        browser.accepted(
            f"{FILE}/decision/prendre", **other, divergence_motive="Enveloppe réservée ailleurs.", confirmed="yes"
        )
        text = browser.text(f"{FILE}/decision")
        assert "La décision s’écarte de l’avis du jury" in text
        assert "Enveloppe réservée ailleurs." in text

    @pytest.mark.parametrize("name", ["officer", "finance", "administrator", "lead", "j1"])
    def test_only_the_direction_decides(self, browser: Browser, name: str) -> None:
        browser.clock.set(DECIDED)
        browser.sign_in(name)
        assert browser.send(f"{FILE}/decision/prendre", **self.DATA).status_code in {403, 404}


@pytest.mark.parametrize("stage", ["decided"], indirect=True)
def test_the_letter_is_read_before_it_leaves(browser: Browser) -> None:
    browser.clock.set(NOTIFIED)
    browser.sign_in("officer")
    page = browser.text(f"{FILE}/notification")
    assert "76,67 / 100" in page
    assert "112 500 €" in page
    assert "80,00" not in page  # a member's own total never leaves the jury
    browser.accepted(f"{FILE}/notification")
    assert "Notifiée le mercredi 7 février 2024" in browser.text(f"{FILE}/decision")
    browser.page(f"{FILE}/notification", 403)


@pytest.mark.parametrize("stage", ["notified"], indirect=True)
def test_reservations_are_lifted_on_evidence_before_the_contract(browser: Browser) -> None:
    browser.clock.set(LIFTED)
    browser.sign_in("officer")
    assert "2 réserves" in browser.text("/agence")
    links = [str(link["href"]) for link in browser.page(f"{FILE}/decision").select("a[href$='/lever']")]
    assert len(links) == 2
    assert browser.refused(links[0], evidence=" ").select_one("#evidence-error") is not None
    for link in links:
        browser.accepted(link, evidence="Pièce reçue.")
    assert browser.text(f"{FILE}/decision").count("Levée le 06/03/2024") == 2
    assert "Signer les conventions" in browser.text("/agence")


@pytest.mark.parametrize("stage", ["lifted"], indirect=True)
def test_a_contract_is_signed_on_a_balanced_plan(browser: Browser) -> None:
    browser.clock.set(SIGNED)
    browser.sign_in("finance")
    page = browser.text(f"{FILE}/convention")
    assert "Avenant au contrat pluriannuel" in page
    assert "parce que : établissement de santé ou ESMS sous CPOM" in page
    days = {"signed_on": "2024-03-27", "starts_on": "2024-04-01", "ends_on": "2026-03-31"}
    plan = {"number": "FIR-2024-77-0012", **days}
    refused = browser.refused(f"{FILE}/convention", **plan)
    assert "120 000 € au lieu de 112 500 €" in words(refused)
    assert refused.select_one('#number[value="FIR-2024-77-0012"]') is not None
    address = browser.accepted(f"{FILE}/convention", **plan, **{"lines-L07-granted_share_eur": "47 700"})
    text = browser.text(address)
    for figure in ("67 500 €", "33 750 €", "11 250 €", "À payer, 60 jours restants"):
        assert figure in text


@pytest.mark.parametrize("stage", ["signed"], indirect=True)
class TestPayments:
    def test_an_instalment_is_paid_within_what_is_due(self, browser: Browser) -> None:
        browser.clock.set(SIGNED)
        browser.sign_in("finance")
        link = browser.page("/agence/versements").select_one("a[href$='/payer']")
        assert link is not None
        address = str(link["href"])
        page = browser.refused(address, amount_eur="70 000", paid_on="2024-03-27")
        assert page.select_one("#amount_eur-error") is not None
        browser.accepted(address, amount_eur="67 500", paid_on="2024-03-27")
        assert "reste 45 000 €" in browser.text("/agence/conventions/{project}")
        assert "Aucun versement à payer" in browser.text("/agence/versements")

    def test_the_officer_does_not_pay(self, browser: Browser) -> None:
        browser.clock.set(SIGNED)
        browser.sign_in("officer")
        link = browser.page("/agence/versements").select_one("a[href$='/payer']")
        assert link is not None
        browser.page(str(link["href"]), 403)

    def test_an_amendment_moves_the_end_for_a_reason(self, browser: Browser) -> None:
        browser.clock.set(SIGNED)
        browser.sign_in("officer")
        address = "/agence/conventions/{project}/avenant-de-duree"
        page = browser.refused(address, ends_on="2026-09-30", signed_on="2024-03-27", reason="")
        assert page.select_one("#reason-error") is not None
        browser.accepted(address, ends_on="2026-09-30", signed_on="2024-03-27", reason="Retard du lot réseau.")
        text = browser.text("/agence/conventions/{project}")
        assert "31 mars 2026 → 30 septembre 2026" in text
        assert "Retard du lot réseau." in text
