"""Questions on screen: asked in private, previewed with a warning, published for everybody."""

from __future__ import annotations

import pytest

from tests.integration.pages.office_case import PUBLISHED
from tests.integration.pages.office_stage import Browser, browser, stage

__all__ = ["browser", "stage"]
REF = "AAP-TS-2023-01"
ASK, PUBLIC, AGENCY = f"/appels/{REF}/questions", f"/appels/{REF}", "/agence/appels/{call}/questions"
deposited = pytest.mark.parametrize("stage", ["deposited"], indirect=True)
WORDS = "L'EHPAD Résidence du Val Fleuri peut-il louer un chariot ?"


@deposited
def test_a_question_is_reworded_then_published(browser: Browser) -> None:
    browser.clock.set(PUBLISHED)
    browser.sign_in("lead")
    assert "jusqu'au vendredi 27 octobre 2023 à 18 h" in browser.text(PUBLIC)
    browser.accepted(ASK, text=WORDS, key="q1")
    assert "En attente de réponse" in browser.text(ASK)
    browser.sign_in("officer")
    assert "1 question" in browser.text("/agence")
    address = str(browser.page(AGENCY).select("table a")[0]["href"])
    assert WORDS in browser.text(address)
    shown = browser.send(
        f"{address}/reponse", public_question=WORDS, answer="Oui, la location est admise.", do="preview"
    )
    assert shown.status_code == 200
    text = shown.get_data(as_text=True)
    assert "Ce texte dit peut-être encore qui a posé la question" in text
    assert "val fleuri" in text.lower()
    held = browser.refused(f"{address}/reponse", public_question=WORDS, answer="Oui.", do="publish")
    assert "confirmez qu'il ne désigne personne" in held.get_text()
    browser.accepted(f"{address}/reponse", public_question="La location est-elle admise ?", answer="Oui.", do="publish")
    assert "À répondre" not in browser.text(AGENCY)
    assert "Publiée" in browser.text(AGENCY)
    browser.sign_in("stranger")
    public = browser.text(PUBLIC)
    assert "La location est-elle admise ?" in public
    assert "Publié le lundi 4 septembre 2023" in public
    assert "Val Fleuri" not in browser.text(ASK)
    browser.sign_in("lead")
    assert WORDS in browser.text(ASK)


@deposited
def test_a_late_question_and_an_empty_one_are_refused(browser: Browser) -> None:
    browser.sign_in("lead")
    browser.clock.set(PUBLISHED)
    assert "Écrivez votre question." in browser.refused(ASK, text=" ", key="q2").get_text()
    browser.clock.set(PUBLISHED.replace(month=11))
    assert "closes depuis le vendredi 27 octobre 2023" in browser.text(ASK)
    late = browser.send(ASK, text=WORDS, key="q3")
    assert late.status_code == 409
    assert "qui n'a pas été envoyée" in late.get_data(as_text=True).replace("&#39;", "'")
    assert "louer un chariot" in late.get_data(as_text=True)


@deposited
def test_a_particular_answer_is_read_by_its_asker_alone(browser: Browser) -> None:
    browser.clock.set(PUBLISHED)
    browser.sign_in("lead")
    browser.accepted(ASK, text="Mon compte est bloqué.", key="q4")
    browser.sign_in("officer")
    address = str(browser.page(AGENCY).select("table a")[0]["href"])
    page = browser.refused(f"{address}/reponse-particuliere", private_answer="Il est rouvert.", reason="")
    assert "ne sert à aucun autre candidat" in page.get_text()
    assert "Il est rouvert." in page.get_text()
    browser.accepted(f"{address}/reponse-particuliere", private_answer="Il est rouvert.", reason="Panne de compte.")
    for name in ("stranger", "j1"):
        browser.sign_in(name)
        assert "rouvert" not in browser.text(ASK) + browser.text(PUBLIC)
        browser.page(address, 404)
        assert browser.client.get(browser.stage.address(AGENCY)).status_code in {403, 404}
    browser.sign_in("lead")
    assert "Il est rouvert." in browser.text(ASK)


@deposited
def test_many_answers_cost_as_much_as_one(browser: Browser) -> None:
    browser.clock.set(PUBLISHED)
    browser.sign_in("officer")
    add = f"{AGENCY}/ajout"
    browser.accepted(add, public_question="Question 0 ?", answer="Oui.", do="publish")
    few = [browser.queries(place) for place in (PUBLIC, ASK, AGENCY, "/agence")]
    for number in range(1, 6):
        browser.accepted(add, public_question=f"Question {number} ?", answer="Oui.", do="publish")
    assert [browser.queries(place) for place in (PUBLIC, ASK, AGENCY, "/agence")] == few


@deposited
def test_a_correction_is_dated_for_everybody(browser: Browser) -> None:
    browser.clock.set(PUBLISHED)
    browser.sign_in("officer")
    browser.accepted(f"{AGENCY}/ajout", public_question="L'occasion ?", answer="Oui.", do="publish")
    address = str(browser.page(AGENCY).select("table a")[0]["href"])
    page = browser.page(f"{address}/correction")
    assert "Oui." in page.get_text()
    sent = {"public_question": "L'occasion est-elle admise ?", "answer": "Non, sauf exception.", "seen": "0"}
    assert "Publier la correction" in browser.send(f"{address}/correction", **sent, do="preview").get_data(as_text=True)
    browser.accepted(f"{address}/correction", **sent, do="publish")
    assert "Publié jusqu'au lundi 4 septembre 2023" in browser.text(address)
    late = browser.send(f"{address}/correction", **{**sent, "answer": "Peut-être."}, do="publish")
    assert late.status_code == 409
    assert "Peut-être." in late.get_data(as_text=True)
    browser.sign_in("stranger")
    public = browser.text(PUBLIC)
    assert "Non, sauf exception." in public
    assert "Corrigé le lundi 4 septembre 2023" in public
    assert "Oui." not in public


@deposited
def test_an_answer_that_comes_second_is_given_back(browser: Browser) -> None:
    browser.clock.set(PUBLISHED)
    browser.sign_in("lead")
    browser.accepted(ASK, text="Peut-on louer ?", key="q9")
    browser.sign_in("officer")
    address = str(browser.page(AGENCY).select("table a")[0]["href"])
    browser.accepted(f"{address}/reponse-particuliere", private_answer="Non.", reason="Un seul dossier")
    second = browser.send(f"{address}/reponse", public_question="Loue-t-on ?", answer="Texte pesé.", do="publish")
    third = browser.send(
        f"{address}/reponse-particuliere", private_answer="Autre texte pesé.", reason="Un seul dossier"
    )
    for answer, typed in ((second, "Texte pesé."), (third, "Autre texte pesé.")):
        assert answer.status_code == 409
        said = answer.get_data(as_text=True)
        assert "Cette question a déjà sa réponse." in said
        assert typed in said
        assert "Non." in said
