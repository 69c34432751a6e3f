"""The ranking board: fifty a page, filters, what is missing by name, ties in words, and a cost that does not grow."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, text

from aap.jury.models import RankingDraw
from aap.scoring.draw import commitment
from tests.architecture.multiply import Press
from tests.architecture.statements import listening
from tests.architecture.test_queries import APART
from tests.integration.pages.office_case import SCORED, SCORING
from tests.integration.pages.office_stage import Browser, browser, stage, words

__all__ = ["browser", "stage"]

PAGE = "/agence/appels/{call}/classement"
scored = pytest.mark.parametrize("stage", ["scored:3"], indirect=True)


@pytest.fixture
def officer(browser: Browser) -> Browser:
    browser.clock.set(SCORED)
    browser.sign_in("officer")
    return browser


@scored
def test_the_board_says_ranks_gaps_and_what_is_missing_by_name(officer: Browser) -> None:
    page = officer.page(PAGE)
    said = words(page)
    heads = [cell.get_text(strip=True) for cell in page.select("table thead th")]
    assert heads[:7] == ["Dossier", "Rang", "Porteur", "Volet", "Total", "De – à", "Écart"]
    assert len(page.select("table tbody tr")) == 4
    assert "Un dossier incomplet n’entre dans aucune moyenne" in said
    officer.stage.connection.execute(
        text("UPDATE reviews SET state = 'draft', submitted_at = NULL WHERE application_id = :file"),
        {"file": officer.stage.case},
    )
    said = officer.text(PAGE)  # the stored results no longer agree with the reviews: the marks are read instead
    assert "Incomplet" in said
    assert "0 évaluation comptée sur 3 ; manque J1, J2" in said
    assert "manque J1" not in officer.text(f"{PAGE}?etat=ranked")
    assert "AAP-TS-2023-01-0001" in officer.text(f"{PAGE}?etat=incomplete")


@scored
def test_it_is_filtered_sorted_and_says_so_when_nothing_is_left(officer: Browser) -> None:
    assert "Aucun dossier ne correspond" in officer.text(f"{PAGE}?q=introuvable")
    whole = [row.get_text() for row in officer.page(f"{PAGE}?tri=-reference").select("tbody th[scope=row]")]
    assert whole == sorted(whole, reverse=True)
    assert len(whole) == 4
    assert officer.page(f"{PAGE}?tri=n'importe&volet=Z&etat=rien&page=99").select("tbody tr")


@scored
def test_it_costs_the_same_with_hundreds_of_files(officer: Browser) -> None:
    press = Press(officer.stage.connection, "answer_sheets", apart=APART)
    press.copy(15)
    officer.page(PAGE)
    measured = []
    for _ in range(2):
        with listening(officer.stage.connection) as heard:
            page = officer.page(PAGE)
        assert len(page.select("tbody tr")) == 50
        measured.append((heard.count, heard.rows))
        press.copy(60)
    (few, few_rows), (many, many_rows) = measured
    assert many == few
    assert many_rows <= few_rows


@scored
def test_the_draw_is_committed_in_public_then_revealed_by_an_officer(officer: Browser) -> None:
    connection, seed = officer.stage.connection, "ab" * 32
    connection.execute(
        text(
            "UPDATE call_versions SET fingerprint = :mark, "
            "document = jsonb_set(document, '{rubric,ranking,order}', :order)"
        ),
        {"mark": "f" * 64, "order": '["total_desc", "C2_desc", "draw"]'},
    )
    assert "Le tirage n’a pas été engagé avant la clôture" in officer.text(PAGE)
    connection.execute(
        insert(RankingDraw).values(
            call_id=officer.stage.call, seed=seed, commitment=commitment(seed), committed_at=SCORING
        )
    )
    public = "/appels/AAP-TS-2023-01"
    for address in (PAGE, public):
        said = officer.text(address)
        assert commitment(seed) in said
        assert seed not in said
        assert "Secrète jusqu’à" in said
    officer.accepted("/agence/appels/{call}/tirage")
    for address in (PAGE, public):
        assert seed in officer.text(address)
    assert f"aap scoring draw --seed {seed}" in officer.text(PAGE)
    assert "Avant le tirage" in officer.text("/agence/appels/{call}/classements-figes")
