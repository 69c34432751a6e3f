"""The analysis of a call's marks: what the agency reads, and what jurors, the recused and the impatient do not."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, update

from aap.applications.models import Application
from aap.calls.models import CallVersion
from aap.jury.queries import analysis
from tests.integration.pages.office_case import SCORED, SCORING
from tests.integration.pages.office_stage import Browser, browser, stage, words

__all__ = ["browser", "stage"]

RANKING = "/agence/appels/{call}/classement"
PAGE = f"{RANKING}/analyse"
FILE = "AAP-TS-2023-01-0001"
scored = pytest.mark.parametrize("stage", ["scored:3"], indirect=True)


@scored
def test_the_agency_reads_agreement_ranks_and_members(browser: Browser) -> None:
    browser.clock.set(SCORED)
    browser.sign_in("officer")
    assert browser.page(RANKING).select_one('a[href$="/classement/analyse"]') is not None
    page = browser.page(PAGE)
    said = words(page)
    assert "Le classement officiel reste celui de la règle écrite dans l’appel" in said
    assert "alpha de Krippendorff" in said
    assert "W de Kendall" in said
    assert "Fiabilité de la moyenne de" in said
    for number in range(1, 5):
        assert f"AAP-TS-2023-01-000{number}" in said
    table = page.find("caption", string=lambda text: bool(text) and "classement calibré" in str(text))
    assert table is not None
    assert len(table.find_parent("table").select("tbody tr")) == 4  # type: ignore[union-attr]  # a caption has a table
    assert len(page.select(".aap-ranks svg .aap-ranks__narrow")) == 4
    assert page.select("[style]") == []
    assert "J1 –" in said
    assert "Sévérité" in said
    assert browser.page(PAGE).select_one("main").get_text() == page.select_one("main").get_text()  # type: ignore[union-attr]  # every page has a main


@scored
def test_the_line_of_the_envelope_crosses_the_picture_and_the_table(browser: Browser) -> None:
    browser.clock.set(SCORED)
    browser.sign_in("officer")
    assert "aucune ligne de financement à franchir" in browser.text(PAGE)
    assert browser.page(PAGE).select_one(".aap-ranks__limit") is None
    asked = browser.stage.connection.execute(select(func.max(Application.requested_eur))).scalar_one()
    browser.stage.connection.execute(update(CallVersion).values(envelope_eur=2 * asked))
    page = browser.page(PAGE)
    assert "paie les 2 premiers dossiers à ce qu’ils demandent : la ligne de financement passe après le rang 2" in (
        words(page)
    )
    line = page.select_one(".aap-ranks__limit")
    assert line is not None
    assert float(str(line["x1"])) == pytest.approx(50)
    chances = [cell.get_text(strip=True) for cell in page.select('td[data-label="Au-dessus de la ligne"]')]
    assert len(chances) == 4
    assert all("%" in chance for chance in chances)
    browser.stage.connection.execute(update(CallVersion).values(envelope_eur=1))
    assert "ne paie pas le premier dossier" in browser.text(PAGE)


@scored
def test_too_many_reviews_are_left_to_the_analysts(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis, "MOST_REVIEWS", 3)
    browser.clock.set(SCORED)
    browser.sign_in("officer")
    said = browser.text(PAGE)
    assert "aap scoring calibrate" in said
    assert "AAP-TS-2023-01" not in said.replace("AAP-TS-2023-01 –", "")


@scored
def test_a_strand_ranks_its_own_files(browser: Browser) -> None:
    browser.clock.set(SCORED)
    browser.sign_in("director")
    figure = browser.page(f"{PAGE}?volet=A").select_one(".aap-ranks")
    assert figure is not None
    assert FILE not in figure.get_text()  # it is on strand B
    assert "du rang 1 au rang 3" in figure.get_text()


@scored
def test_neither_jurors_nor_strangers_open_it(browser: Browser) -> None:
    browser.clock.set(SCORED)
    for name in ("j1", "j4", "lead", "stranger", "dd77", "finance"):
        browser.sign_in(name)
        assert browser.client.get(browser.stage.address(PAGE)).status_code in {403, 404}, name
    browser.sign_in("j1")
    assert "Analyser la notation" not in browser.text(RANKING)


@pytest.mark.parametrize("stage", ["marked"], indirect=True)
def test_nothing_is_read_before_the_closure(browser: Browser) -> None:
    browser.sign_in("officer")
    said = browser.text(PAGE)
    assert "L’analyse s’ouvre à la fin de la notation" in said
    assert FILE not in said
    assert "J1" not in said


@pytest.mark.parametrize("stage", ["assigned:2"], indirect=True)
def test_before_any_mark_the_page_is_closed_too(browser: Browser) -> None:
    browser.clock.set(SCORING)
    browser.sign_in("administrator")
    assert "L’analyse s’ouvre à la fin de la notation" in browser.text(PAGE)


@scored
def test_an_officer_of_the_jury_reads_no_file_stood_back_from_and_no_colleague(browser: Browser) -> None:
    browser.clock.set(SCORED)
    browser.sign_in("officer")
    college = browser.page("/agence/appels/{call}/jury").select("select[name=college] option[value]")[-1]["value"]
    browser.accepted("/agence/appels/{call}/jury", email="officer@exemple.invalid", college=str(college))
    browser.accepted("/jury/dossiers/{case}/deport", reason="Ancien employeur.")
    page = browser.page(PAGE)
    said = words(page)
    assert FILE not in page.get_text()
    assert "AAP-TS-2023-01-0002" in said
    assert "du rang 1 au rang 3" in said
    assert "Vous siégez ou avez siégé à ce jury" in said
    assert "J1 –" not in said
    assert "Au plafond" not in said
    browser.sign_in("administrator")
    assert "du rang 1 au rang 4" in browser.text(PAGE)


@scored
def test_one_file_or_four_cost_the_same_queries(browser: Browser) -> None:
    browser.clock.set(SCORED)
    browser.sign_in("officer")
    browser.page(PAGE)
    one, all_of_them = browser.queries(f"{PAGE}?volet=B"), browser.queries(PAGE)
    assert one == all_of_them
