"""Loading the reference data, and reading it."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aap.errors import NotFoundError
from aap.referentials import queries
from aap.referentials.models import Commune, Department, IndicatorDefinition, Region, ZoningClass
from aap.referentials.service import load_referentials
from aap.referentials.territory import places

pytestmark = pytest.mark.sqlite
ZONING = ("zonage-medecins-idf", date(2022, 3, 30))


@pytest.fixture
def loaded(session: Session) -> Session:
    load_referentials()
    return session


def test_loading_twice_changes_nothing(loaded: Session) -> None:
    before = [loaded.scalar(select(func.count()).select_from(table)) for table in (Region, Department, ZoningClass)]
    assert before == [3, 23, 10]
    again = load_referentials()
    assert (again.created, again.changed) == (0, 0)


def test_loading_mends_a_label_and_keeps_the_rows_of_the_agency(loaded: Session) -> None:
    region = queries.get_region("GE")
    region.agency_name = "Ancien nom"
    loaded.add(Commune(code="77999", name="Commune ajoutée (fictive)", department_code="77", postcodes=[]))
    loaded.flush()
    assert load_referentials().changed == 1
    assert region.agency_name == "Agence régionale de santé Grand Est"
    assert [row.name for row in places.list_communes(["77999"])] == ["Commune ajoutée (fictive)"]


@pytest.mark.usefixtures("loaded")
def test_each_region_has_its_departments_and_its_words() -> None:
    assert [region.code for region in queries.list_regions()] == ["GE", "HDF", "IDF"]
    assert [row.code for row in queries.list_departments("IDF")] == ["75", "77", "78", "91", "92", "93", "94", "95"]
    assert len(queries.list_departments("HDF")) == 5
    assert len(queries.list_departments("GE")) == 10
    assert queries.get_region("GE").delegation_word == "délégation territoriale"
    with pytest.raises(NotFoundError):
        queries.get_region("XX")


@pytest.mark.usefixtures("loaded")
def test_a_commune_has_the_zone_of_the_dated_zoning() -> None:
    zones = queries.zones_of(*ZONING, ["77991", "77993", "77994", "93991", "00000"])
    assert dict(zones) == {
        "77991": "ZIP",
        "77993": "ZAC",
        "77994": "hors_zone",
        "93991": "ZIP_PLUS",
        "00000": "non_calculee",
    }
    with pytest.raises(NotFoundError, match="01/01/2019"):
        queries.zones_of("zonage-medecins-idf", date(2019, 1, 1), ["77991"])


@pytest.mark.usefixtures("loaded")
def test_communes_are_found_by_name_or_code_within_a_region() -> None:
    assert [row.code for row in places.search_communes("commune-est")] == ["77991", "77992", "77993"]
    assert [row.code for row in places.search_communes("7799")] == ["77991", "77994", "77992", "77993"]  # by population
    assert [row.code for row in places.search_communes("Commune", region_code="HDF")] == ["59991", "02991"]
    assert places.search_communes("  ") == ()
    assert places.search_communes("%") == ()


def test_the_library_keeps_its_order_and_only_the_cost_per_act_is_computed(loaded: Session) -> None:
    rows = queries.list_indicator_definitions()
    assert [row.code for row in rows[:3]] == ["ACT-TLC", "ACT-TLE", "PAT-PART"]
    assert [row.code for row in rows if row.computed] == ["COU-ACTE"]
    assert [row.code for row in queries.list_indicator_definitions(["SAT-PRO", "ACT-TLC"])] == ["ACT-TLC", "SAT-PRO"]
    assert loaded.get(IndicatorDefinition, "EXT-EVI") is not None


@pytest.mark.usefixtures("loaded")
def test_the_roadmap_is_read_from_axis_to_action() -> None:
    actions = queries.list_roadmap_actions("IDF")
    assert len(actions) == 33
    action = next(row for row in actions if row.code == "2B-3")
    assert (action.axis_number, action.sheet_code, action.label) == (2, "2B", "Évaluer et capitaliser")
    assert queries.list_roadmap_actions("HDF") == ()
    origins = [row.origin.value for row in queries.list_roadmap_indicators("IDF")]
    assert [origins.count(name) for name in ("computed", "partial", "imported")] == [9, 5, 8]
