"""The documents of the coherent case say its figures, and only what they may say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from aap.documents.contract import render_contract
from aap.documents.letter import Outcome, render_letter
from aap.documents.receipt import render_receipt
from aap.documents.sheet import render_sheet
from tests.unit.documents import samples
from tests.unit.documents.reading import Element, read

RENDERINGS: dict[str, Callable[[], bytes]] = {
    "receipt": lambda: render_receipt(samples.receipt()),
    "letter": lambda: render_letter(samples.letter()),
    "contract": lambda: render_contract(samples.contract()),
    "sheet": lambda: render_sheet(samples.sheet()),
}


def rows(element: Element, heading: str) -> list[list[str]]:
    """Return the cells of the first table after a heading."""
    siblings = element.children
    start = next(index for index, each in enumerate(siblings) if each.role == "H2" and each.text == heading)
    table = next(each for each in siblings[start:] if each.role == "Table")
    return [[cell.text for cell in row.children] for row in table.children]


@pytest.mark.parametrize("name", RENDERINGS)
def test_every_document_is_tagged_reproducible_and_has_one_first_heading(name: str) -> None:
    content = RENDERINGS[name]()
    assert content == RENDERINGS[name]()
    reading = read(content)
    assert reading.language == "fr-FR"
    assert reading.marked
    assert len(reading.document.all("H1")) == 1
    assert reading.unmarked.strip() == ""
    assert all(cell.scope in {"Row", "Column"} for cell in reading.document.all("TH"))
    assert f"page {reading.pages} sur {reading.pages}" in reading.artifacts[-1]


def test_the_receipt_proves_hour_pieces_and_fingerprints() -> None:
    receipt = samples.receipt()
    reading = read(render_receipt(receipt))
    assert "vendredi 3 novembre 2023 à 16 h 42 min 07 s (heure de Paris)" in reading.text
    for fact in ("AAP-TS-2023-01-0017", "120 000 €", "8 pièces", receipt.service_address, receipt.seal_sha256):
        assert fact in reading.text
    listed = rows(reading.document, "Pièces reçues")
    assert listed[0] == ["Pièce", "Fichier et empreinte SHA-256", "Taille"]
    assert listed[1] == [receipt.pieces[0].label, f"lettre-candidature.pdf {'a0' * 32}", "184 ko"]
    assert len(listed) == 1 + len(receipt.pieces)
    assert receipt.legal_notice[0] in reading.text


def test_the_receipt_of_a_file_without_pieces_says_so() -> None:
    reading = read(render_receipt(replace(samples.receipt(), pieces=(), legal_notice=())))
    assert "Aucune pièce n'est jointe" in reading.text


def test_the_letter_tells_decision_reservations_and_the_applicants_own_marks() -> None:
    reading = read(render_letter(samples.letter()))
    assert "Favorable sous réserve" in reading.text
    assert "112 500 €" in reading.text
    assert "120 000 €" in reading.text
    assert [row[2] for row in rows(reading.document, "Réserves à lever")[1:]] == ["8 mars 2024", "8 mars 2024"]
    marks = rows(reading.document, "Notes obtenues par votre projet")
    assert marks[1] == ["Besoin et ciblage (territoire, public, égalité d'accès)", "20", "4,67", "5"]
    assert marks[-1] == ["Total pondéré", "100", "76,67", "100"]
    assert "tribunal administratif" in reading.text


@pytest.mark.parametrize(
    ("outcome", "sentence"),
    [
        (Outcome.FAVORABLE, "a retenu votre projet et vous accorde une subvention de 112 500 €"),
        (Outcome.WAITING_LIST, "liste complémentaire, au rang 4"),
        (Outcome.UNFAVORABLE, "n'a pas retenu votre projet"),
        (Outcome.CLOSED, "classé sans suite"),
    ],
)
def test_each_decision_has_its_words_and_no_amount_when_nothing_is_granted(outcome: Outcome, sentence: str) -> None:
    letter = samples.letter(outcome)
    text = read(render_letter(letter)).text
    assert sentence in text
    assert ("Montant accordé" in text) is (letter.granted_eur is not None)


def test_the_agency_may_write_its_own_words() -> None:
    text = read(render_letter(replace(samples.letter(), body=("Nos mots à nous.",)))).text
    assert "Nos mots à nous." in text
    assert "Par décision du" not in text


def test_the_contract_annex_shows_instalments_their_sum_and_the_reports_owed() -> None:
    reading = read(render_contract(samples.contract()))
    payments = rows(reading.document, "Montant et versements")
    assert [row[2:] for row in payments[1:]] == [
        ["60 %", "67 500 €"],
        ["30 %", "33 750 €"],
        ["10 %", "11 250 €"],
        ["100 %", "112 500 €"],
    ]
    assert "68,58 %" in reading.text
    assert "31 décembre 2027" in reading.text
    owed = rows(reading.document, "Comptes rendus attendus")
    assert owed[2] == ["Rapport intermédiaire : indicateurs et dépenses (M12)", "30 avril 2025", "versement n° 2"]
    assert "SIRET 999 771 017 00012" in reading.text


def test_the_sheet_shows_missed_targets_missing_baselines_and_every_answer_of_the_comparison() -> None:
    sheet = samples.sheet()
    reading = read(render_sheet(sheet))
    results = {row[0]: row[1:] for row in rows(reading.document, "Résultats")}
    assert results["Passages aux urgences pour 100 résidents (par an)"] == ["46", "35", "36", "non"]
    assert results["Coût complet par acte (€)"] == ["non mesuré", "140", "134,09", "oui"]
    compared = rows(reading.document, "Comparaison des points techniques")
    assert compared[0] == ["Point technique", "Solution A", "Solution B", "Solution C"]
    assert compared[1] == ["Sécurité et conformité"]
    assert ["Utilisable par une personne malvoyante", "partiel", "inconnu", "non"] in compared
    assert "108 974,95 €" in reading.text
    assert len(reading.document.all("BlockQuote")) == len(sheet.verbatims)
    assert reading.document.all("Link")[0].links == [sheet.url]
    sections = ["Résumé", "Carte d'identité", "Contexte", "Objectifs", "Étapes", "Organisation"]
    assert [heading.text for heading in reading.document.all("H2")][:6] == sections
    assert reading.bookmarks[0] == sheet.title


def test_a_sheet_with_only_a_summary_is_still_a_sheet() -> None:
    bare = replace(
        samples.sheet(),
        objectives=(),
        steps=(),
        dimensions=(),
        results=(),
        comparison=None,
        success_factors=(),
        barriers=(),
        transferability=None,
        verbatims=(),
        toolbox=(),
        evaluation="",
        url="",
        keywords=(),
        review_due=None,
    )
    headings = [each.text for each in read(render_sheet(bare)).document.all("H2")]
    assert headings == ["Résumé", "Carte d'identité", "Contexte", "À propos de cette fiche"]
