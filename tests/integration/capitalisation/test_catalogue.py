"""The public catalogue: what is found, what is counted, what it costs."""

from __future__ import annotations

from sqlalchemy.orm import Session

from aap.capitalisation.body import Body
from aap.capitalisation.models import Sheet, SheetKind, SheetState
from aap.capitalisation.queries import CatalogueFilter, list_catalogue, list_latest_sheets
from aap.capitalisation.service import create_sheet, publish_sheet
from tests.integration.capitalisation.writing import Desk, publish
from tests.integration.evaluation.counting import counted
from tests.integration.evaluation.story import at

NOW = at("2026-10-01")


def publish_one(desk: Desk, title: str, *publics: str) -> Sheet:
    """Publish a sheet without its circuit, which other tests follow."""
    body = Body.model_validate({"metadata": {"target_publics": publics, "departements": ["93"]}})
    sheet = create_sheet("IDF", SheetKind.USE_CASE, title, body=body, hook="Court.", actor=desk.editor, now=NOW)
    sheet.state, sheet.version = SheetState.VALIDATED, 1
    publish_sheet(sheet, actor=desk.editor, now=NOW)
    return sheet


def titles(text: str = "", **facets: tuple[str, ...]) -> set[str]:
    return {row.title for row in list_catalogue(CatalogueFilter(text, facets)).rows}


def test_words_are_found_without_accents_in_any_order(desk: Desk) -> None:
    publish(desk)
    publish_one(desk, "Télésoin en orthophonie")
    assert titles("TELESOIN orthophonie") == {"Télésoin en orthophonie"}
    assert titles("geriatrie ehpad") == {desk.text["title"]}  # the words of the codes are looked in
    assert titles("CAP-2026-003") == {desk.text["title"]}
    assert titles("orthophonie ehpad") == set()
    assert titles("t%l_soin") == set()


def test_facets_are_counted_over_what_is_found(desk: Desk) -> None:
    publish(desk)
    publish_one(desk, "Cas d'usage A", "personnes_agees")
    publish_one(desk, "Cas d'usage B", "detenus")
    page = list_catalogue(CatalogueFilter(facets={"target_publics": ("personnes_agees",)}))
    assert page.total == 2
    facets = {facet.key: {value.value: value.count for value in facet.values} for facet in page.facets}
    assert facets["target_publics"]["personnes_agees"] == 2
    assert "detenus" not in facets["target_publics"]
    assert facets["departements"] == {"77": 1, "93": 1}
    labels = {value.label for facet in page.facets if facet.key == "departements" for value in facet.values}
    assert labels == {"Seine-et-Marne (77)", "Seine-Saint-Denis (93)"}
    assert titles(target_publics=("personnes_agees", "detenus")) == {
        "Cas d'usage A", "Cas d'usage B", desk.text["title"],
    }  # fmt: skip
    assert titles(target_publics=("personnes_agees",), kind=("cas_usage",)) == {"Cas d'usage A"}


def test_a_draft_is_nowhere(desk: Desk) -> None:
    create_sheet("IDF", SheetKind.GUIDE, "Brouillon secret", actor=desk.editor, now=NOW)
    page = list_catalogue(CatalogueFilter())
    assert (page.total, page.facets) == (0, ())
    assert list_latest_sheets() == ()


def test_a_page_costs_the_same_queries_whatever_the_number_of_sheets(desk: Desk, session: Session) -> None:
    publish_one(desk, "Première")
    with counted(session) as few:
        assert list_catalogue(CatalogueFilter(), per_page=3).total == 1
    for number in range(8):
        publish_one(desk, f"Suivante {number}")
    with counted(session) as many:
        page = list_catalogue(CatalogueFilter(), per_page=3)
    assert (page.total, len(page.rows)) == (9, 3)
    assert len(many) == len(few) == 5, many
