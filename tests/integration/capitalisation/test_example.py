"""The sheet of the example: prefilled, reviewed, validated, published with the figures of the project."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from aap.capitalisation.body import read_body
from aap.capitalisation.models import Sheet, SheetFacet, SheetPublication, SheetState, SheetVersion
from aap.capitalisation.printing import printed_sheet
from aap.capitalisation.queries import as_document, get_public_sheet, list_figures, list_history
from aap.documents.sheet import render_sheet
from aap.evaluation.models import ReportState
from aap.evaluation.queries.reading import list_milestones
from aap.outbox import Promise
from tests.integration.capitalisation.writing import Desk, draft, publish
from tests.integration.evaluation.story import at

pytestmark = pytest.mark.sqlite

SLUG = "teleconsultation-assistee-trois-ehpad-est-seine-et-marne"


@dataclass(frozen=True, slots=True)
class Published:
    """The example sheet once published, for tests that only read it."""

    desk: Desk
    sheet: Sheet
    publication: SheetPublication


@pytest.fixture(scope="module")
def published(furnished: Desk) -> Published:
    return Published(furnished, *publish(furnished))


def test_the_draft_is_prefilled_with_the_facts_of_the_project(desk: Desk) -> None:
    sheet = draft(desk)
    body = read_body(sheet.body)
    card = body.identity_card
    assert (card.budget_eur, card.spent_eur, card.ars_eur) == (
        Decimal(164040),
        Decimal(158900),
        Decimal("108974.95"),
    )
    assert (card.period.start, card.period.end) == ("2024-04", "2026-03")
    assert card.cofunders == ("Conseil régional (exemple)",)
    assert body.metadata.departements == ("77",)
    assert body.metadata.zones == ("ZIP", "ZAC")
    assert body.metadata.maturity == "generalisation_avec_adaptations"
    assert {link.action for link in body.roadmap_links} >= {"2B-3"}
    assert "Pas de groupe témoin" in body.results_limits
    assert len(list_figures(sheet)) == 16


def test_the_published_figures_are_the_validated_measures(published: Published) -> None:
    shown = {figure.label: figure for figure in get_public_sheet(SLUG).figures}
    for row in published.desk.text["results"]:
        figure = shown[row["label"]]
        assert (figure.baseline, figure.target, figure.final) == (row["baseline"], row["target"], row["final"])
        assert figure.missed is row.get("missed", False)
        assert figure.unit == row["unit"]
    assert len(shown) == len(published.desk.text["results"]) == 10


def test_the_publication_has_its_reference_its_licence_and_its_review_day(published: Published) -> None:
    sheet, publication = published.sheet, published.publication
    assert sheet.state is SheetState.PUBLISHED
    assert (publication.reference, publication.version) == ("CAP-2026-003", 2)
    assert publication.licence == "Licence Ouverte 2.0"
    assert publication.review_due == date(2028, 9, 15)
    page = get_public_sheet(SLUG)
    assert page.title == published.desk.text["title"]
    assert "généraliser avec adaptations" in page.evaluation
    assert len(page.body.technical_comparison.rows) == 19
    assert not page.to_update


def test_the_report_and_the_milestone_of_the_sheet_follow_its_circuit(published: Published) -> None:
    report = published.desk.story.report("R-CAP")
    assert report.state is ReportState.VALIDATED
    assert (report.submitted_at, report.validated_at) == (at("2026-07-24"), at("2026-09-09"))
    assert report.validated_by_id == published.desk.lead.id
    last = list_milestones(published.desk.project.id)[-1]
    assert (last.done_on, last.evidence) == (date(2026, 9, 15), "Fiche CAP-2026-003")


def test_the_history_tells_the_circuit_by_role(published: Published, shelf: Session) -> None:
    sheet = published.sheet
    told = [(row.step, row.at.date().isoformat(), row.version) for row in list_history(sheet)]
    assert told == [
        ("redaction", "2026-06-29", None),
        ("redaction", "2026-07-24", 1),
        ("relecture", "2026-08-27", None),
        ("redaction", "2026-09-02", 2),
        ("relecture", "2026-09-07", None),
        ("validation_porteur", "2026-09-09", None),
        ("validation_agence", "2026-09-14", None),
        ("publication", "2026-09-15", None),
    ]
    names = {published.desk.writer.email, published.desk.reviewer.email, published.desk.lead.email}
    assert not any(name in str(row) for name in names for row in list_history(sheet))
    assert len(shelf.scalars(select(SheetVersion)).all()) == 2


def test_the_facets_are_those_of_the_example(published: Published, shelf: Session) -> None:
    rows = shelf.execute(select(SheetFacet.facet, SheetFacet.value)).all()
    found: dict[str, set[str]] = {}
    for facet, value in rows:
        found.setdefault(facet, set()).add(value)
    for facet, values in published.desk.text["metadata"].items():
        assert found[facet] == ({values} if isinstance(values, str) else set(values))
    assert found["action"] == {"2B-3", "1A-4"}


def test_a_publication_promises_its_pdf_once(published: Published, shelf: Session) -> None:
    publication = published.publication
    promises = shelf.scalars(select(Promise).where(Promise.kind == "sheet-pdf")).all()
    assert [row.payload for row in promises] == [{"publication_id": str(publication.id)}]


def test_the_pdf_says_what_the_page_says(published: Published) -> None:
    publication = published.publication
    printed = printed_sheet(publication, "https://exemple.invalid")
    assert printed.reference == "CAP-2026-003"
    assert printed.url == f"https://exemple.invalid/fiches/{SLUG}"
    results = {row.label: row for row in printed.results}
    assert results["Coût complet par acte"].final == Decimal("134.09")
    assert results["Coût complet par acte"].baseline is None
    assert results["Comptes rendus versés à Mon espace santé"].reached is False
    assert len(printed.dimensions) == 6
    assert render_sheet(printed).startswith(b"%PDF-")


@pytest.mark.usefixtures("published")
def test_the_open_document_carries_the_same_figures() -> None:
    document = as_document(get_public_sheet(SLUG))
    assert document["reference"] == "CAP-2026-003"
    assert {"label": "Délai médian, avis non programmé", "unit": "heures", "baseline": "52", "target": "12",
            "final": "11", "missed": False} in document["results"]  # fmt: skip
