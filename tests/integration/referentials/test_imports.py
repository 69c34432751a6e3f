"""Importing official files: what fits, what does not, what is refused whole, and what no import may change."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aap.audit import AuditEntry
from aap.errors import ConflictError, InvalidError
from aap.referentials.models import (
    Accessibility,
    AccessibilityFigure,
    Commune,
    ImportOutcome,
    TerritoryImport,
    Zoning,
    ZoningClass,
)
from aap.referentials.service import load_referentials
from aap.referentials.territory import places
from aap.referentials.territory.importing import Report, Source, import_accessibility, import_zoning
from aap.referentials.territory.official import import_communes, read_official
from aap.referentials.territory.overview import list_coverage, list_import_lines, list_vintages
from tests.workbook_files import ods, xlsx

pytestmark = pytest.mark.sqlite
NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
HEADERS: list[Any] = ["Code commune INSEE ", "Commune", "APL aux médecins généralistes", "Population standardisée 2023"]
TITLES: list[list[Any]] = [["Accessibilité potentielle localisée"], [], ["Source : figures inventées"], []]
UNITS: list[Any] = [None, None, "consultations par an", "habitants"]


def _commune(code: str, name: str, postcodes: Sequence[str], population: int, **more: Any) -> dict[str, Any]:
    kind = {"type": "commune-actuelle", "departement": code[:2], "region": "11"}
    return {"code": code, "nom": name, "codesPostaux": list(postcodes), "population": population, **kind, **more}


COMMUNES = [
    _commune("75956", "Paname", ["75901", "75902"], 2_000_000),
    _commune("75901", "Paname 1er Arrondissement", ["75901"], 900, type="arrondissement-municipal", commune="75956"),
    _commune("75902", "Paname 2e Arrondissement", ["75902"], 90_000, type="arrondissement-municipal", commune="75956"),
    _commune("93966", "Saint-Denis-lès-Essais", ["93980", "93910"], 110_000),
    _commune("77910", "L'Haÿ-aux-Œufs", ["77910"], 3_000, anciensCodes=["77911", "77912"]),
    _commune("77920", "Saint-Denis-le-Petit", ["77920"], 300),
    {"code": "77913", "nom": "Œufs-Dessus", "type": "commune-deleguee", "chefLieu": "77910"},
]


@pytest.fixture
def official(tmp_path: Path, session: Session) -> Path:
    load_referentials()
    tables = {
        "communes": COMMUNES,
        "departements": [
            {"code": code, "nom": f"Dép. {code}", "region": region}
            for code, region in (("75", "11"), ("77", "11"), ("93", "11"), ("01", "84"))
        ],
        "epci": [{"code": "200099991", "nom": "CC des Essais", "type": "CC", "membres": [{"code": "77910"}]}],
        "ept": [{"code": "200099992", "nom": "Plaine d'essai", "type": "EPT", "membres": [{"code": "93966"}]}],
    }
    for name, rows in tables.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(rows), encoding="utf-8")
    (tmp_path / "package.json").write_text('{"version": "9.9.9"}', encoding="utf-8")
    import_communes(read_official(tmp_path), now=NOW)
    session.expire_all()
    return tmp_path


def source(content: bytes, **more: Any) -> Source:
    given: dict[str, Any] = {"dataset": "apl-essai", "valid_on": date(2023, 12, 31), "source": "Essai"} | more
    return Source(file_name="classeur.xlsx", content=content, **given)


def apl(rows: Sequence[Sequence[Any]], **more: Any) -> Report:
    content = xlsx({"Lisez-moi": [["Bonjour"]], "APL 2023": [*TITLES, HEADERS, UNITS, *rows]})
    return import_accessibility(source(content, **more), now=NOW, cited=more.pop("cited", {}))


def figures(session: Session) -> dict[str, Decimal]:
    rows = session.execute(
        select(AccessibilityFigure.commune_code, AccessibilityFigure.apl)
        .join(Accessibility, Accessibility.id == AccessibilityFigure.accessibility_id)
        .where(Accessibility.dataset == "apl-essai")
    )
    return {code: value for code, value in rows}  # noqa: C416  # a Row is not a pair for mypy


GOOD: list[list[Any]] = [
    ["75901", "x", 3.42, 800.5],
    ["75902", "x", "2,5", 100],
    ["93966", "x", 1.1, 10],
    ["77910", "x", 4, 20],
]


@pytest.mark.usefixtures("official")
def test_an_apl_workbook_is_read_below_its_titles_and_exactly(session: Session) -> None:
    report = apl(GOOD)
    assert (report.outcome, report.read, report.kept, report.unmatched) == (ImportOutcome.LOADED, 4, 4, 0)
    assert figures(session)["75901"] == Decimal("3.42")
    assert figures(session)["75902"] == Decimal("2.5")
    vintage = next(row for row in list_vintages() if row.dataset == "apl-essai")
    assert (vintage.source, vintage.communes, vintage.valid_on) == ("Essai", 4, date(2023, 12, 31))
    assert session.scalar(select(func.count()).where(AuditEntry.verb == "territory.loaded")) is not None


@pytest.mark.usefixtures("official")
@pytest.mark.parametrize(
    "headers",
    [
        ["CODE COMMUNE", "Nom", "APL AUX INFIRMIÈRES", "x"],
        ["codgeo", "libgeo", "Apl  aux   chirurgiens-dentistes", "x"],
        ["Commune", "Libellé", "APL 2019", "x"],
    ],
)
def test_headers_are_known_whatever_their_case_and_year(session: Session, headers: list[str]) -> None:
    moved = [[row[3], row[2], row[1], row[0]] for row in [headers, *GOOD]]
    import_accessibility(source(ods({"Données": moved})), now=NOW, cited={})
    assert len(figures(session)) == 4


@pytest.mark.usefixtures("official")
def test_the_figure_of_all_doctors_is_read_not_a_variant_by_age(session: Session) -> None:
    rows: list[list[Any]] = [
        ["Code commune", "APL aux médecins de 62 ans ou moins", "APL aux médecins"],
        ["75901", 1, 2],
    ]
    import_accessibility(source(xlsx({"A": rows})), now=NOW, cited={})
    assert figures(session) == {"75901": Decimal(2)}


@pytest.mark.usefixtures("official")
def test_codes_taken_for_numbers_get_their_zero_back(session: Session) -> None:
    session.add(Commune(code="01999", name="Ain-Essai", department_code="01", postcodes=[]))
    session.flush()
    apl([[1999, "x", 2, 1], [1999.0, "x", 2, 1], *GOOD])
    assert figures(session)["01999"] == 2


@pytest.mark.usefixtures("official")
def test_every_line_that_matches_nothing_is_told_with_its_place() -> None:
    bad = [["99999", "x", 1, 1], ["ABCDE", "x", 1, 1], ["77920", "x", "secret", 1], ["93966", "x", 9, 10]]
    report = apl([*GOOD, *bad, [], ["Lecture : ceci est une note"]], max_unmatched=Fraction(1, 2))
    told = {(issue.line, issue.column, issue.value): issue.message for issue in report.issues}
    assert told == {
        (11, "Code commune", "99999"): "Cette commune n'est pas dans la table des communes.",
        (12, "A (Code commune INSEE)", "ABCDE"): "Ce n'est pas un code de commune.",
        (13, "C (APL aux médecins généralistes)", "secret"): "La valeur manque ou n'est pas un nombre.",
        (14, "Code commune", "93966"): (
            "Déjà donné à la ligne 9, avec une autre valeur : c'est la première qui est gardée."
        ),
    }
    assert (report.read, report.kept, report.unmatched) == (8, 4, 4)
    page = list_import_lines(report.id)
    assert [row.line for row in page.rows] == [11, 12, 13, 14]
    assert {row.sheet for row in page.rows} == {"APL 2023"}


@pytest.mark.usefixtures("official")
def test_above_the_threshold_nothing_is_loaded_but_the_report_stays(session: Session) -> None:
    report = apl([*GOOD, ["99999", "x", 1, 1]])
    assert report.outcome is ImportOutcome.REFUSED
    assert report.reason is not None
    said = report.reason.replace("\u00a0", " ").replace("\u202f", " ")
    assert said == "1 ligne sur 5 (20,0 %) sans correspondance : c'est plus que les 2,0 % admis."
    assert figures(session) == {}
    assert session.scalar(select(Accessibility.id).where(Accessibility.dataset == "apl-essai")) is None
    kept = session.get_one(TerritoryImport, report.id)
    assert (kept.outcome, kept.kept, kept.unmatched) == (ImportOutcome.REFUSED, 0, 1)


@pytest.mark.usefixtures("official")
def test_merged_communes_take_the_mean_weighted_by_population(session: Session) -> None:
    report = apl([*GOOD[:3], ["77911", "x", 1, 100], ["77913", "x", 4, 200]])
    assert figures(session)["77910"] == Decimal(3)
    assert report.unmatched == 0
    assert [issue.message for issue in report.issues] == ["Ancien code de la commune 77910 : compté pour elle."] * 2


@pytest.mark.usefixtures("official")
def test_a_line_for_a_whole_city_goes_to_the_arrondissements_without_their_own(session: Session) -> None:
    apl([["75956", "Paname", 3, 100], ["75901", "x", 2, 1], *GOOD[2:]])
    assert figures(session)["75901"] == 2
    assert figures(session)["75902"] == 3


@pytest.mark.usefixtures("official")
def test_vintages_live_side_by_side_and_one_is_replaced_only_when_told(session: Session) -> None:
    apl(GOOD)
    apl([["75901", "x", 9, 1]], valid_on=date(2024, 12, 31))
    with pytest.raises(ConflictError, match="déjà chargé"):
        apl(GOOD[:1])
    lines = {row.valid_on: row.communes for row in list_vintages() if row.dataset == "apl-essai"}
    assert lines == {date(2023, 12, 31): 4, date(2024, 12, 31): 1}
    report = apl([["75901", "x", 7, 1]], replace=True)
    assert report.outcome is ImportOutcome.REPLACED
    older = places.accessibility_in_force(date(2024, 6, 1))
    assert older is not None
    assert older.dataset in {"apl-essai", "apl-medecins-generalistes"}
    assert dict(places.apl_of(_id(session, date(2023, 12, 31)), ["75901", "75902"])) == {"75901": Decimal(7)}
    assert dict(places.apl_of(_id(session, date(2024, 12, 31)), ["75901"])) == {"75901": Decimal(9)}


def _id(session: Session, day: date) -> Any:
    query = select(Accessibility.id).where(Accessibility.dataset == "apl-essai", Accessibility.valid_on == day)
    return session.scalars(query).one()


@pytest.mark.usefixtures("official")
def test_what_a_published_call_cites_is_never_replaced(session: Session) -> None:
    apl(GOOD)
    with pytest.raises(ConflictError, match="sert à l'appel AAP-ESSAI, déjà publié"):
        import_accessibility(
            source(xlsx({"A": [HEADERS, *GOOD]}), replace=True),
            now=NOW,
            cited={("apl-essai", date(2023, 12, 31)): "AAP-ESSAI"},
        )
    assert len(figures(session)) == 4


@pytest.mark.usefixtures("official")
def test_columns_that_are_not_there_are_named_with_what_was_read() -> None:
    with pytest.raises(InvalidError) as refused:
        import_accessibility(source(xlsx({"Feuille 1": [["Ville", "Valeur"], ["x", 1]]})), now=NOW, cited={})
    (problem,) = refused.value.problems
    assert problem.place == "classeur.xlsx, feuille « Feuille 1 »"
    assert "« Code commune » et « APL »" in problem.message
    assert "En-têtes lus : Ville ; Valeur." in problem.message


@pytest.mark.usefixtures("official")
def test_two_sheets_or_two_columns_that_fit_are_settled_by_the_person(session: Session) -> None:
    both = {"APL 2022": [HEADERS, ["75901", "x", 8, 1]], "APL 2023": [HEADERS, *GOOD]}
    import_accessibility(source(xlsx(both)), now=NOW, cited={})
    assert figures(session)["75901"] == Decimal("3.42")  # the sheet that bears the year
    with pytest.raises(InvalidError, match="plusieurs feuilles conviennent"):
        import_accessibility(source(xlsx(both), valid_on=date(2019, 12, 31)), now=NOW, cited={})
    two = xlsx({"A": [["Code commune", "APL infirmières", "APL sages-femmes"], ["75901", 5, 6]]})
    with pytest.raises(InvalidError, match="plusieurs colonnes peuvent donner « APL »"):
        import_accessibility(source(two, valid_on=date(2021, 12, 31)), now=NOW, cited={})
    import_accessibility(source(two, valid_on=date(2021, 12, 31), column="sages-femmes"), now=NOW, cited={})
    assert places.apl_of(_id(session, date(2021, 12, 31)), ["75901"]) == {"75901": Decimal(6)}


ZONES: list[list[Any]] = [
    ["Code de la commune", "Nom de la commune", "Qualification attribuée par l'arrêté régional"],
    ["75901", "x", "ZIP+"],
    ["75902", "x", "Zone d'intervention prioritaire"],
    ["93966", "x", "2_ZAC"],
    ["77910", "x", "Hors vivier"],
]


def zones(session: Session, dataset: str = "zonage-essai") -> dict[str, str]:
    rows = session.execute(
        select(ZoningClass.commune_code, ZoningClass.zone).join(Zoning).where(Zoning.dataset == dataset)
    )
    return {code: zone for code, zone in rows}  # noqa: C416  # a Row is not a pair for mypy


@pytest.mark.usefixtures("official")
@pytest.mark.parametrize("write", [xlsx, ods])
def test_a_zoning_is_read_as_orders_and_agencies_write_it(session: Session, write: Any) -> None:
    content = write({"Zonage_communes": ZONES, "Zonage_QPV": [["Code du quartier prioritaire"], ["QP001"]]})
    report = import_zoning(source(content, dataset="zonage-essai", region_code="IDF"), now=NOW, cited={})
    assert (report.kept, report.unmatched) == (4, 0)
    assert zones(session) == {"75901": "ZIP_PLUS", "75902": "ZIP", "93966": "ZAC", "77910": "hors_zone"}
    coverage = next(row for row in list_coverage() if row.code == "IDF")
    assert coverage.with_zone == 4
    assert coverage.communes == 12 + 5  # the shipped sample, and the communes above without the divided one


@pytest.mark.usefixtures("official")
def test_a_zoning_by_health_territories_is_joined_with_its_communes(session: Session) -> None:
    content = xlsx(
        {
            "Zonage_TVS": [["Code du territoire de vie-santé", "Zonage"], ["T1", "ZIP"], ["T2", "ZAC"]],
            "Composition": [
                ["Code de la commune", "Code du territoire de vie-santé", "Nom du territoire de vie-santé"],
                ["75901", "T1", "Centre"],
                ["93966", "T2", "Plaine"],
            ],
        }
    )
    import_zoning(source(content, dataset="zonage-essai"), now=NOW, cited={})
    session.expire_all()
    assert zones(session) == {"75901": "ZIP", "93966": "ZAC"}
    assert session.get_one(Commune, "93966").territory == "Plaine"


@pytest.mark.usefixtures("official")
def test_a_class_nobody_knows_is_told_not_guessed(session: Session) -> None:
    content = xlsx({"A": [*ZONES, ["77920", "x", "très sous-doté"]]})
    report = import_zoning(source(content, dataset="zonage-essai"), now=NOW, cited={})
    assert report.outcome is ImportOutcome.REFUSED
    (issue,) = report.issues
    assert (issue.line, issue.value, issue.message) == (6, "très sous-doté", "Cette classe n'est pas connue.")
    assert zones(session) == {}


@pytest.mark.usefixtures("official")
@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("saint denis", ["93966", "77920"]),
        ("ST-DENIS", ["93966", "77920"]),
        ("st denis petit", ["77920"]),
        ("hay oeufs", ["77910"]),
        ("93910", ["93966"]),
        ("9391", ["93966"]),
        ("paname", ["75901", "75902"]),
        ("paname 2", ["75902"]),
        ("75902", ["75902"]),
        ("75956", []),
        ("93980 saint", ["93966"]),
        ("zzz", []),
        ("%", []),
        ("_", []),
    ],
)
def test_a_commune_is_found_as_people_type_it(typed: str, first: list[str]) -> None:
    assert [row.code for row in places.search_communes(typed)] == first


@pytest.mark.usefixtures("official")
def test_a_typed_commune_is_recognised_beyond_doubt_or_not_at_all() -> None:
    typed = [
        ("Saint-Denis-lès-Essais (93966)", ""),
        ("93966", ""),
        ("st denis les essais", "93"),
        ("Saint-Denis-lès-Essais", "77"),
        ("Paname", "75"),
        ("Paname (75956)", "75"),
        ("", ""),
        ("00000", ""),
    ]
    assert places.recognise(typed) == ("93966", "93966", "93966", None, None, None, None, None)
    assert places.is_without_commune("À domicile, dans tout le département")
    assert places.is_without_commune(places.WITHOUT_COMMUNE)
    assert not places.is_without_commune("Domont")


def test_the_official_list_again_hides_what_left_it_and_spares_the_sample(official: Path, session: Session) -> None:
    communes = [row for row in COMMUNES if row["code"] != "77920"]
    communes[3] = {**communes[3], "nom": "Saint-Denis-Nouveau"}
    (official / "communes.json").write_text(json.dumps(communes), encoding="utf-8")
    report = import_communes(read_official(official), now=NOW)
    session.expire_all()
    assert report.outcome is ImportOutcome.REPLACED
    assert [row.code for row in places.search_communes("saint denis")] == ["93966"]
    assert not session.get_one(Commune, "77920").offered
    assert session.get_one(Commune, "77991").offered
    assert session.get_one(Commune, "77910").intercommunality_code == "200099991"
    assert session.get_one(Commune, "93966").paris_territory_code == "200099992"


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"outcome": "refused", "reason": None}, "refused_has_a_reason"),
        ({"outcome": "loaded", "reason": "?"}, "refused_has_a_reason"),
        ({"outcome": "refused", "reason": "?", "kept": 3}, "refused_keeps_nothing"),
        ({"unmatched": -1}, "counts_not_negative"),
    ],
)
def test_an_import_agrees_with_its_outcome(session: Session, values: dict[str, Any], constraint: str) -> None:
    given = {"kind": "zoning", "outcome": "loaded", "dataset": "d", "label": "l", "source": "s", "file_name": "f"}
    counts = {"file_hash": "0" * 64, "at": NOW, "read": 0, "kept": 0, "unmatched": 0}
    session.add(TerritoryImport(**{**given, **counts, **values}))
    with pytest.raises(IntegrityError, match=constraint):
        session.flush()
    session.rollback()


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"divided": True, "parent_code": "77991"}, "arrondissement_is_not_divided"),
        ({"population": -1}, "population_not_negative"),
    ],
)
def test_a_commune_makes_sense(session: Session, values: dict[str, Any], constraint: str) -> None:
    load_referentials()
    session.add(Commune(code="77998", name="x", department_code="77", postcodes=[], **values))
    with pytest.raises(IntegrityError, match=constraint):
        session.flush()
    session.rollback()


def test_an_apl_is_not_negative(session: Session) -> None:
    load_referentials()
    session.add(Commune(code="77998", name="x", department_code="77", postcodes=[]))
    vintage = session.scalars(select(Accessibility.id)).first()
    session.add(AccessibilityFigure(accessibility_id=vintage, commune_code="77998", apl=Decimal(-1)))
    with pytest.raises(IntegrityError, match="apl_not_negative"):
        session.flush()
    session.rollback()
