"""The agency's pages: who opens them, what they say of the case, and what they cost."""

from __future__ import annotations

import pytest

from tests.integration.pages.office_case import ASKED, COMPLETED, SCORED, SCORING, SIGNED
from tests.integration.pages.office_stage import Browser, browser, stage, words

__all__ = ["browser", "stage"]

AGENCY = ("administrator", "officer", "director", "finance", "reader", "dd77", "dd95", "grades")
PEOPLE = (*AGENCY, "lead", "stranger", "j1")
CALL, FILE = "/agence/appels/{call}", "/agence/dossiers/{case}"
# Who opens each page of a contracted file; the others are told that it does not exist, or is not theirs.
OPEN = {
    "/agence": "administrator officer director finance reader dd77 dd95 grades",
    "/agence/appels": "administrator officer director finance reader dd77 dd95 grades",
    CALL: "administrator officer director finance reader dd77 dd95 grades",
    f"{CALL}/dossiers": "administrator officer director finance reader dd77 dd95 grades",
    f"{CALL}/jury": "administrator officer",
    f"{CALL}/jury/repartition": "administrator officer",
    f"{CALL}/jury/notation": "administrator officer",
    f"{CALL}/classement": "administrator officer director j1",
    f"{CALL}/decisions": "administrator officer director finance reader",
    FILE: "administrator officer director finance reader dd77 grades",
    f"{FILE}/recevabilite": "administrator officer director finance reader dd77 grades",
    f"{FILE}/avis": "administrator officer director finance reader dd77 grades",
    f"{FILE}/historique": "administrator officer director finance reader dd77 grades",
    f"{FILE}/notation": "administrator officer director",
    f"{FILE}/decision": "administrator officer director finance reader",
    "/agence/conventions/{project}": "administrator officer director finance reader dd77",
    "/agence/versements": "administrator officer finance",
    "/agence/avis": "administrator officer director finance reader dd77 dd95 grades",
}
signed = pytest.mark.parametrize("stage", ["signed:1"], indirect=True)
instructed = pytest.mark.parametrize("stage", ["assigned:1"], indirect=True)


@signed
@pytest.mark.parametrize("name", PEOPLE)
def test_pages_open_to_those_who_work_on_the_file(browser: Browser, name: str) -> None:
    browser.clock.set(SIGNED)
    browser.sign_in(name)
    opened = {}
    for address, names in OPEN.items():
        status = browser.client.get(browser.stage.address(address)).status_code
        opened[address] = (status == 200, name in names.split(), status)
    assert {place: seen for place, seen in opened.items() if seen[0] != seen[1]} == {}
    assert {seen[2] for seen in opened.values()} <= {200, 403, 404}


@signed
def test_a_contract_shows_its_instalments(browser: Browser) -> None:
    browser.clock.set(SIGNED)
    browser.sign_in("finance")
    page = browser.text("/agence/conventions/{project}")
    for figure in ("112 500 €", "67 500 €", "33 750 €", "11 250 €", "164 040 €", "31 décembre 2027", "21 540 €"):
        assert figure in page
    assert "Avenant au contrat pluriannuel" in page
    assert "26/05/2024" in page  # sixty days after the signature


@signed
def test_the_marks_of_the_case_are_exact(browser: Browser) -> None:
    browser.clock.set(SIGNED)
    browser.sign_in("director")
    page = browser.text(f"{FILE}/notation")
    for figure in ("80,00", "74,00", "76,00", "76,67", "6,00", "respectés"):
        assert figure in page
    ranking = browser.text(f"{CALL}/classement")
    assert "76,67" in ranking
    assert ranking.index("AAP-TS-2023-01-0001") < ranking.index("AAP-TS-2023-01-0002")
    assert "AAP-TS-2023-01-0002" not in browser.text(f"{CALL}/classement?volet=B")


@signed
def test_the_decision_stands_beside_the_advice(browser: Browser) -> None:
    browser.clock.set(SIGNED)
    browser.sign_in("officer")
    page = browser.text(f"{FILE}/decision")
    assert page.count("Favorable sous réserve") == 2
    assert "112 500 € sur 120 000 € demandés" in page
    assert page.count("Levée le 06/03/2024") == 2


@instructed
def test_nothing_is_ranked_before_the_closure(browser: Browser) -> None:
    browser.clock.set(SCORING)
    browser.sign_in("officer")
    page = browser.text(f"{CALL}/classement")
    assert "Le classement s’ouvre à la fin de la notation" in page
    assert "AAP-TS-2023-01-0001" not in page
    browser.page(f"{FILE}/notation", 403)


@instructed
def test_the_home_says_what_waits_for_whom(browser: Browser) -> None:
    browser.clock.set(SCORING)
    browser.sign_in("officer")
    page = browser.text("/agence")
    assert "Composer le jury" in page
    assert "1 déclaration attendue" in page
    assert "0 grilles sur 8" in page
    browser.sign_in("director")
    assert "Composer le jury" not in browser.text("/agence")


@instructed
def test_filters_and_order_keep_what_is_asked(browser: Browser) -> None:
    browser.clock.set(SCORING)
    browser.sign_in("officer")
    assert "2 dossiers" in browser.text(f"{CALL}/dossiers")
    assert "1 dossier" in browser.text(f"{CALL}/dossiers?volet=B")
    assert "Aucun dossier ne correspond" in browser.text(f"{CALL}/dossiers?etat=decided")
    assert "1 dossier" in browser.text(f"{CALL}/dossiers?q=bocage")
    page = browser.page(f"{CALL}/dossiers?tri=-requested&volet=B")
    assert page.select_one('th[aria-sort="descending"]') is not None
    hidden = page.select_one('input[name="tri"]')
    assert hidden is not None
    assert hidden["value"] == "-requested"


@pytest.mark.parametrize("stage", ["scored:1", "scored:4"], indirect=True)
def test_lists_cost_the_same_whatever_the_files(browser: Browser) -> None:
    """The figures are those of the two files; with five they must not grow."""
    browser.clock.set(SCORED)
    browser.sign_in("officer")
    limits = {
        "/agence": 40,
        f"{CALL}/dossiers": 30,
        f"{CALL}/jury/repartition": 45,
        f"{CALL}/jury/notation": 35,
        f"{CALL}/classement": 35,
        f"{CALL}/decisions": 30,
    }
    costs = {address: browser.queries(address) for address in limits}
    known = _COSTS.setdefault("costs", costs)
    assert costs == known
    assert {address: cost for address, cost in costs.items() if cost > limits[address]} == {}


_COSTS: dict[str, dict[str, int]] = {}


@pytest.mark.parametrize("stage", ["deposited"], indirect=True)
class TestAdmissibility:
    def test_a_manual_rule_is_answered_with_its_reason(self, browser: Browser) -> None:
        browser.clock.set(ASKED)
        browser.sign_in("officer")
        page = browser.refused(f"{FILE}/recevabilite", rule="E12", answer="yes", because="")
        assert page.select_one("#E12-because-error") is not None
        assert page.select_one("#E12-answer[checked]") is not None
        browser.accepted(f"{FILE}/recevabilite", rule="E12", answer="yes", because="Aucun financement connu.")
        assert "Aucun financement connu." in browser.text(f"{FILE}/recevabilite")

    def test_a_blocking_rule_keeps_the_file_out(self, browser: Browser) -> None:
        browser.clock.set(ASKED)
        browser.sign_in("officer")
        page = browser.refused(f"{FILE}/recevabilite/decision", outcome="recevable", motive="Complet.")
        assert "E12" in page.get_text()
        assert page.select_one("#outcome[checked]") is not None
        assert "Complet." in page.get_text()
        silent = browser.refused(f"{FILE}/recevabilite/decision", outcome="irrecevable_incomplet", motive="")
        assert silent.select_one("#motive-error") is not None

    def test_only_named_items_are_asked_again(self, browser: Browser) -> None:
        browser.clock.set(ASKED)
        browser.sign_in("officer")
        page = browser.refused(f"{FILE}/complements", message="Il manque une pièce.")
        assert page.select_one("#items-error") is not None
        assert "Il manque une pièce." in page.get_text()
        sent = {"items": ["annex:A09", "field:need"], "note-annex-A09": "Lettre non signée.", "message": "Merci."}
        browser.accepted(f"{FILE}/complements", **sent)
        page_text = browser.text(f"{FILE}/recevabilite")
        assert "Lettre d'engagement de chaque partenaire : Lettre non signée." in page_text
        browser.page(f"{FILE}/complements", 403)

    @pytest.mark.parametrize("name", ["dd77", "director", "lead", "stranger"])
    def test_others_change_nothing(self, browser: Browser, name: str) -> None:
        browser.clock.set(ASKED)
        browser.sign_in(name)
        for address in ("recevabilite", "recevabilite/decision", "complements", "instruction/clore"):
            assert browser.send(f"{FILE}/{address}", rule="E12").status_code in {403, 404}


@pytest.mark.parametrize("stage", ["admitted:1"], indirect=True)
class TestOpinions:
    def test_a_delegation_owes_the_opinions_of_its_department(self, browser: Browser) -> None:
        browser.clock.set(COMPLETED)
        browser.sign_in("dd95")
        assert "Aucun avis à rendre" in browser.text("/agence/avis")
        browser.sign_in("dd77")
        assert "2 dossiers attendent votre avis" in browser.text("/agence/avis")
        page = browser.refused(f"{FILE}/avis/rediger?kind=dd", value="defavorable", text="")
        assert page.select_one("#text-error") is not None
        browser.accepted(f"{FILE}/avis/rediger?kind=dd", value="favorable", text="Priorité locale.")
        assert "1 dossier attend votre avis" in browser.text("/agence/avis")
        assert "Priorité locale." in browser.text(f"{FILE}/avis")

    def test_nobody_speaks_for_another_body(self, browser: Browser) -> None:
        browser.clock.set(COMPLETED)
        browser.sign_in("dd77")
        browser.page(f"{FILE}/avis/rediger?kind=grades", 404)
        browser.sign_in("dd95")
        browser.page(f"{FILE}/avis/rediger?kind=dd", 404)

    def test_the_instruction_waits_for_required_opinions(self, browser: Browser) -> None:
        browser.clock.set(COMPLETED)
        browser.sign_in("officer")
        assert "Des avis obligatoires sont attendus" in browser.text(f"{FILE}/avis")
        assert browser.send(f"{FILE}/instruction/clore").status_code == 409


completed = pytest.mark.parametrize("stage", ["completed"], indirect=True)


@completed
def test_the_officer_reads_what_the_completion_changed(browser: Browser) -> None:
    browser.clock.set(COMPLETED)
    browser.sign_in("officer")
    page = browser.page(f"{FILE}/recevabilite")
    link = next(a for a in page.find_all("a") if "ont changé" in a.get_text())
    read = browser.text(str(link["href"]))
    assert "Dépôt n° 1 du vendredi 3 novembre 2023 à 16 h 42, comparé au dépôt n° 2" in read
    assert "Lettre d'engagement de la MSP non signée." in read
    assert "Inchangé" in read
    assert "Rien n'a changé" in read
    browser.sign_in("j1")
    browser.page(str(link["href"]), 404)
    browser.sign_in("lead")
    browser.page(str(link["href"]), 404)
    assert "Rien n'a changé" in browser.text("/dossiers/{case}/depots/2/differences")
    browser.page("/dossiers/{case}/depots/1/differences", 404)


@instructed
def test_a_members_profile_keeps_what_was_typed_and_shows_the_load(browser: Browser) -> None:
    browser.clock.set(SCORING)
    browser.sign_in("officer")
    link = browser.page(f"{CALL}/jury").select_one('a[href*="/jury/membres/"]:not([href$="/fin"])')
    assert link is not None
    address = str(link["href"])
    page = browser.refused(address, publics=["ald"], capacity="-3")
    assert page.select_one("#capacity-error") is not None
    assert page.select_one('input[name="publics"][value="ald"][checked]') is not None
    browser.accepted(address, publics=["ald"], departments=["77"], capacity="12")
    again = browser.page(address)
    assert again.select_one('input[name="departments"][value="77"][checked]') is not None
    assert "sur 12 au plus" in browser.text(f"{CALL}/jury")
    seen = page.select_one('input[name="seen"]')
    assert seen is not None
    late = browser.refused(address, publics=["ald"], acts=["teleexpertise"], capacity="9", seen=str(seen["value"]))
    assert "Départements : Seine-et-Marne (77) ; dossiers au plus : 12 ; titulaire" in words(late)
    assert late.select_one('input[name="acts"][value="teleexpertise"][checked]') is not None
    assert late.select_one('input[name="capacity"][value="9"]') is not None
    known = late.select_one('input[name="seen"]')
    assert known is not None
    browser.accepted(address, publics=["ald"], acts=["teleexpertise"], capacity="9", seen=str(known["value"]))
    browser.sign_in("director")
    browser.page(address, 404)
