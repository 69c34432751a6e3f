"""What a juror sees and does: nothing before the declaration, a grid that loses nothing, silence on others."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup

from tests.integration.pages.office_case import SCORED, SCORING
from tests.integration.pages.office_stage import Browser, browser, stage, words

__all__ = ["browser", "stage"]

MARKS = {"C1": "5", "C2": "4", "C3": "4", "C4": "4", "C5": "3", "C6": "4", "C7": "3", "C8": "4"}
assigned = pytest.mark.parametrize("stage", ["assigned:1"], indirect=True)
marked = pytest.mark.parametrize("stage", ["marked"], indirect=True)
scored = pytest.mark.parametrize("stage", ["scored"], indirect=True)


def grid(**changes: str) -> dict[str, str]:
    return {**{f"mark-{key}": value for key, value in MARKS.items()}, "private_note": "", "action": "submit", **changes}


@assigned
def test_nothing_of_any_file_shows_before_the_declaration(browser: Browser) -> None:
    browser.clock.set(SCORING)
    browser.sign_in("j5")
    home = browser.text("/jury")
    assert "Déclaration à signer" in home
    assert "AAP-TS-2023-01-00" not in home
    assert "dossier noté" not in home
    answer = browser.client.get(browser.stage.address("/jury/{call}"))
    assert answer.status_code == 303
    assert answer.location == browser.stage.address("/jury/{call}/declaration")
    for page in ("", "/notes"):
        assert browser.client.get(browser.stage.address("/jury/dossiers/{case}") + page).status_code == 404


@assigned
def test_a_declaration_keeps_what_was_typed_and_opens_the_files(browser: Browser) -> None:
    browser.clock.set(SCORING)
    browser.sign_in("j5")
    typed = {"has_interests": "yes", "links-0-nature": "Mandat", "links-0-siren": "", "links-0-organisation_name": ""}
    page = browser.refused("/jury/{call}/declaration", **typed)
    kept = page.select_one('input[name="links-0-nature"]')
    assert kept is not None
    assert kept["value"] == "Mandat"
    assert "Cet engagement est demandé à chaque membre du jury." in words(page)
    added = browser.send("/jury/{call}/declaration", **typed, add="links").get_data(as_text=True)
    assert added.count('name="links-1-nature"') == 1
    unnamed = browser.refused("/jury/{call}/declaration", **typed, confidentiality="y")
    assert unnamed.select_one("#links-0-organisation_name-error") is not None
    named = {**typed, "links-0-organisation_name": "Centre hospitalier fictif"}
    assert browser.accepted("/jury/{call}/declaration", **named, confidentiality="y").endswith(str(browser.stage.call))
    browser.page("/jury/dossiers/{case}")
    assert "Centre hospitalier fictif" in browser.text("/jury/{call}/declaration")


@assigned
def test_a_grid_gives_its_exact_total_and_counts_once_given(browser: Browser) -> None:
    browser.clock.set(SCORING)
    browser.sign_in("j1")
    assert browser.accepted("/jury/dossiers/{case}/notation", **grid()).endswith(str(browser.stage.call))
    page = browser.text("/jury/dossiers/{case}")
    assert "Votre grille compte" in page
    assert "80,00" in page
    assert "1 sur 2" in browser.text("/jury/{call}")


@assigned
def test_a_draft_is_kept_and_does_not_count(browser: Browser) -> None:
    browser.clock.set(SCORING)
    browser.sign_in("j1")
    browser.accepted("/jury/dossiers/{case}/notation", **grid(action="save"))
    assert browser.page("/jury/dossiers/{case}").select_one('input[name="mark-C1"][value="5"][checked]') is not None
    assert "0 sur 2" in browser.text("/jury/{call}")


@assigned
def test_a_missing_mark_is_asked_at_its_criterion_and_nothing_is_lost(browser: Browser) -> None:
    browser.clock.set(SCORING)
    browser.sign_in("j1")
    changes = {"mark-C3": "", "mark-C2-comment": "Parcours clair.", "private_note": "À relire."}
    page = browser.refused("/jury/dossiers/{case}/notation", **grid(**changes))
    assert page.select_one("#mark-C3-error") is not None
    assert page.select_one("#mark-C2-error") is None
    again = browser.page("/jury/dossiers/{case}")
    assert again.select_one('input[name="mark-C2"][value="4"][checked]') is not None
    texts = words(again)
    assert "Parcours clair." in texts
    assert "À relire." in texts


@assigned
def test_a_low_mark_is_justified_in_writing(browser: Browser) -> None:
    browser.clock.set(SCORING)
    browser.sign_in("j1")
    page = browser.refused("/jury/dossiers/{case}/notation", **grid(**{"mark-C1": "1"}))
    assert page.select_one("#mark-C1-comment-error") is not None
    browser.accepted("/jury/dossiers/{case}/notation", **grid(**{"mark-C1": "1", "mark-C1-comment": "Sans donnée."}))


@assigned
def test_two_tabs_do_not_overwrite_each_other(browser: Browser) -> None:
    browser.clock.set(SCORING)
    browser.sign_in("j1")
    field = browser.page("/jury/dossiers/{case}").select_one('input[name="seen"]')
    assert field is not None
    older = str(field["value"])
    browser.accepted("/jury/dossiers/{case}/notation", **grid(action="save", **{"mark-C1": "4"}), seen=older)
    typed = {"mark-C1": "3", "mark-C1-comment": "À nuancer.", "private_note": "Revoir."}
    late = browser.send("/jury/dossiers/{case}/notation", **grid(**typed), seen=older)
    assert late.status_code == 409
    page = BeautifulSoup(late.get_data(as_text=True), "html5lib")
    problem = page.select_one("#mark-C1-error")
    assert problem is not None
    assert "une autre fenêtre : note 4. Enregistrez pour remplacer." in " ".join(problem.get_text().split())
    assert page.select_one('input[name="mark-C1"][value="3"][checked]') is not None
    assert "À nuancer." in words(page)
    assert "Revoir." in words(page)
    now_seen = page.select_one('input[name="seen"]')
    assert now_seen is not None
    browser.accepted("/jury/dossiers/{case}/notation", **grid(action="save", **typed), seen=str(now_seen["value"]))
    browser.accepted("/jury/dossiers/{case}/notation", **grid(**typed), seen=older)


@assigned
def test_a_recused_member_sees_the_file_nowhere(browser: Browser) -> None:
    browser.clock.set(SCORING)
    browser.sign_in("j4")
    assert "AAP-TS-2023-01-0001" in browser.text("/jury/{call}")
    browser.refused("/jury/dossiers/{case}/deport", reason=" ")
    browser.accepted("/jury/dossiers/{case}/deport", reason="Praticien attaché d'un partenaire.")
    desk = browser.text("/jury/{call}")
    assert "AAP-TS-2023-01-0001" not in desk
    assert "sur 1 dossier" in desk
    for page in ("", "/notes", "/deport"):
        browser.page("/jury/dossiers/{case}" + page, 404)
    assert browser.send("/jury/dossiers/{case}/notation", **grid()).status_code == 404


@assigned
@pytest.mark.parametrize("name", ["stranger", "lead", "officer"])
def test_who_does_not_sit_has_no_desk(browser: Browser, name: str) -> None:
    browser.clock.set(SCORING)
    browser.sign_in(name)
    browser.page("/jury/{call}", 404)
    assert browser.send("/jury/dossiers/{case}/notation", **grid()).status_code in {403, 404}


@marked
def test_marks_stay_hidden_while_scoring_is_open(browser: Browser) -> None:
    browser.clock.set(SCORING)
    browser.sign_in("j1")
    browser.page("/jury/dossiers/{case}/notes", 403)
    page = browser.text("/jury/dossiers/{case}")
    assert "76,67" not in page
    assert "74,00" not in page


@marked
def test_a_given_grid_is_taken_back_for_a_reason(browser: Browser) -> None:
    browser.clock.set(SCORING)
    browser.sign_in("j1")
    browser.refused("/jury/dossiers/{case}/reprendre", reason="")
    browser.accepted("/jury/dossiers/{case}/reprendre", reason="Erreur de lecture du budget.")
    assert browser.page("/jury/dossiers/{case}").select_one('input[name="mark-C1"]') is not None
    page = browser.refused("/jury/dossiers/{case}/reprendre", reason="Un motif déjà écrit.")  # from another window
    area = page.select_one("textarea[name=reason]")
    assert area is not None
    assert "Un motif déjà écrit." in area.get_text()


@scored
def test_marks_of_all_open_together_after_the_closure(browser: Browser) -> None:
    browser.clock.set(SCORED)
    browser.sign_in("j1")
    page = browser.text("/jury/dossiers/{case}/notes")
    for figure in ("80,00", "74,00", "76,00", "76,67", "6,00", "respectés"):
        assert figure in page
    assert browser.send("/jury/dossiers/{case}/notation", **grid()).status_code == 400
    browser.sign_in("j4")
    browser.page("/jury/dossiers/{case}/notes", 404)


@scored
def test_the_ranking_is_at_hand_once_the_scoring_is_closed(browser: Browser) -> None:
    browser.clock.set(SCORED)
    browser.sign_in("j1")
    address = browser.stage.address("/agence/appels/{call}/classement")
    assert browser.page("/jury/{call}").select_one(f'main a[href="{address}"]') is not None
    assert "AAP-TS-2023-01-0001" in browser.text(address)


@marked
def test_no_ranking_is_offered_while_members_mark(browser: Browser) -> None:
    browser.clock.set(SCORING)
    browser.sign_in("j1")
    assert browser.page("/jury/{call}").select_one('main a[href$="/classement"]') is None


@assigned
def test_a_file_says_where_it_stands_and_leads_to_the_next_one_to_mark(browser: Browser) -> None:
    browser.clock.set(SCORING)
    browser.sign_in("j1")
    page = browser.page("/jury/dossiers/{case}")
    turn = page.select_one(".aap-turn")
    assert turn is not None
    assert "Dossier 1 sur 2 2 grilles à rendre" in words(page)
    following = turn.select_one('a[rel="next"]')
    assert following is not None
    assert browser.accepted("/jury/dossiers/{case}/notation", **grid(then="next")) == following["href"]
    assert "Dossier 2 sur 2 1 grille à rendre" in words(browser.page(str(following["href"])))


@marked
def test_my_marks_stand_side_by_side_and_nobody_elses(browser: Browser) -> None:
    browser.clock.set(SCORING)
    browser.sign_in("j1")
    text = browser.text("/jury/{call}/mes-notes")
    assert "Moyenne de mes totaux 80,00" in text
    assert "74,00" not in text
    browser.sign_in("j2")
    assert "Moyenne de mes totaux 74,00" in browser.text("/jury/{call}/mes-notes")


@assigned
def test_without_marks_the_comparison_says_what_to_do(browser: Browser) -> None:
    browser.clock.set(SCORING)
    browser.sign_in("j1")
    assert "Vous n’avez encore noté aucun dossier" in browser.text("/jury/{call}/mes-notes")
    browser.sign_in("stranger")
    browser.page("/jury/{call}/mes-notes", 404)


def saved(browser: Browser, **sent: str) -> Any:
    answer = browser.send("/jury/dossiers/{case}/notation/brouillon", **sent)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()


@assigned
def test_a_mark_is_saved_alone_while_it_is_typed(browser: Browser) -> None:
    browser.clock.set(SCORING)
    browser.sign_in("j1")
    first = saved(browser, only="C1", seen="C1=0", **{"mark-C1": "4", "mark-C1-comment": "Solide."})
    assert (first["versions"], first["conflicts"], first["refused"]) == ({"C1": 1}, [], [])
    assert first["at"].split() == ["10", "h"]
    second = saved(browser, only="C2,private_note", seen="C2=0", **{"mark-C2": "3", "private_note": "Revoir."})
    assert second["versions"] == {"C2": 1, "private_note": 1}
    page = browser.page("/jury/dossiers/{case}")
    assert page.select_one('input[name="mark-C1"][value="4"][checked]') is not None
    assert page.select_one('input[name="mark-C2"][value="3"][checked]') is not None
    assert "Revoir." in words(page)


@assigned
def test_the_same_mark_saved_elsewhere_shows_both_and_writes_neither(browser: Browser) -> None:
    browser.clock.set(SCORING)
    browser.sign_in("j1")
    saved(browser, only="C1", seen="C1=0", **{"mark-C1": "4", "mark-C1-comment": "Premier."})
    late = saved(
        browser, only="C1,C2", seen="C1=0,C2=0", **{"mark-C1": "2", "mark-C1-comment": "Second.", "mark-C2": "5"}
    )
    (conflict,) = late["conflicts"]
    assert (conflict["field"], conflict["version"]) == ("C1", 1)
    assert ("Second." in conflict["yours"], "Premier." in conflict["theirs"]) == (True, True)
    page = browser.page("/jury/dossiers/{case}")
    assert page.select_one('input[name="mark-C1"][value="4"][checked]') is not None
    assert page.select_one('input[name="mark-C2"][value="5"][checked]') is not None
    kept = saved(browser, only="C1", seen="C1=1", **{"mark-C1": "2", "mark-C1-comment": "Second."})
    assert kept["versions"] == {"C1": 2}


@assigned
def test_what_cannot_be_saved_says_so_at_its_criterion(browser: Browser) -> None:
    browser.clock.set(SCORING)
    browser.sign_in("j1")
    wrong = saved(browser, only="C1,C2", seen="", **{"mark-C1": "9", "mark-C2": "3"})
    assert list(wrong["problems"]) == ["C1"]
    assert wrong["versions"]["C2"] == 1
    long = saved(browser, only="C3", seen="", **{"mark-C3": "3", "mark-C3-comment": "x" * 5001})
    assert long["refused"] == ["C3"]
    browser.sign_in("j4")
    browser.accepted("/jury/dossiers/{case}/deport", reason="Lien.")
    answer = browser.send("/jury/dossiers/{case}/notation/brouillon", only="C1", **{"mark-C1": "4"})
    assert answer.status_code == 404
