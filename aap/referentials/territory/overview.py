"""What the agency reads about the territory: vintages, coverage of its region, imports and their reports."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from aap.db import db
from aap.errors import NotFoundError
from aap.referentials.models import (
    Accessibility,
    AccessibilityFigure,
    Commune,
    Department,
    ImportKind,
    ImportOutcome,
    Region,
    TerritoryImport,
    TerritoryImportLine,
    Zoning,
    ZoningClass,
)

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class VintageLine:
    """A vintage and how many communes it gives a value."""

    id: uuid.UUID
    kind: ImportKind
    dataset: str
    label: str
    valid_on: date
    source: str
    licence: str
    communes: int


@dataclass(frozen=True, slots=True)
class CoverageLine:
    """The communes of a region (divided ones counted by their arrondissements), and those of each last vintage."""

    code: str
    name: str
    communes: int
    with_zone: int
    with_apl: int


@dataclass(frozen=True, slots=True)
class ImportRow:
    """An import, as the page lists it."""

    id: uuid.UUID
    kind: ImportKind
    outcome: ImportOutcome
    dataset: str
    label: str
    vintage: date | None
    source: str
    file_name: str
    file_hash: str
    at: datetime
    read: int
    kept: int
    unmatched: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class ImportLineRow:
    """A line of a report."""

    sheet: str
    line: int
    column: str
    value: str
    message: str
    unmatched: bool


@dataclass(frozen=True, slots=True)
class ImportPage:
    """One page of imports, the last first."""

    rows: tuple[ImportRow, ...]
    page: int
    per_page: int
    total: int


@dataclass(frozen=True, slots=True)
class ImportLinePage:
    """One page of the lines of a report, in the order of the file, what matched nothing first."""

    rows: tuple[ImportLineRow, ...]
    page: int
    per_page: int
    total: int


def list_vintages() -> tuple[VintageLine, ...]:
    """Return every vintage, by dataset, the last first. Two queries."""
    found = [
        *_counted(ImportKind.ZONING, Zoning, ZoningClass.zoning_id),
        *_counted(ImportKind.ACCESSIBILITY, Accessibility, AccessibilityFigure.accessibility_id),
    ]
    return tuple(sorted(found, key=lambda row: (row.kind, row.dataset, -row.valid_on.toordinal())))


def _counted(kind: ImportKind, model: type[Zoning | Accessibility], parent: object) -> list[VintageLine]:
    counted = select(func.count()).where(parent == model.id).scalar_subquery()
    columns = (model.id, model.dataset, model.label, model.valid_on, model.source, model.licence, counted)
    rows = db.session.execute(select(*columns).order_by(model.dataset, model.valid_on.desc()))
    return [VintageLine(row[0], kind, *row[1:]) for row in rows]


def list_coverage() -> tuple[CoverageLine, ...]:
    """Return, for each region, how many communes there are, in a zoning of the region or of the country, with an APL.

    The last vintage of each counts. Three queries.
    """
    totals = _by_region(select(Department.region_code, func.count(Commune.code)))
    last_apl = select(Accessibility.id).order_by(Accessibility.valid_on.desc()).limit(1).scalar_subquery()
    with_apl = _by_region(
        select(Department.region_code, func.count(Commune.code)).where(
            Commune.code.in_(
                select(AccessibilityFigure.commune_code).where(AccessibilityFigure.accessibility_id == last_apl)
            )
        )
    )
    last_zoning = (
        select(Zoning.id)
        .where((Zoning.region_code == Department.region_code) | Zoning.region_code.is_(None))
        .order_by(Zoning.valid_on.desc())
        .limit(1)
        .correlate(Department)
        .scalar_subquery()
    )
    with_zone = _by_region(
        select(Department.region_code, func.count(ZoningClass.commune_code)).where(
            ZoningClass.commune_code == Commune.code, ZoningClass.zoning_id == last_zoning
        )
    )
    regions = db.session.execute(select(Region.code, Region.name).order_by(Region.name))
    return tuple(
        CoverageLine(code, name, totals.get(code, 0), with_zone.get(code, 0), with_apl.get(code, 0))
        for code, name in regions
    )


def _by_region(query: object) -> dict[str, int]:
    counted = query.select_from(Commune).join(Department, Department.code == Commune.department_code)  # type: ignore[attr-defined]  # a Select of any shape
    counted = counted.where(Commune.offered, ~Commune.divided, Department.region_code.is_not(None))
    return {code: count for code, count in db.session.execute(counted.group_by(Department.region_code))}  # noqa: C416  # a Row is not a pair for mypy


def list_imports(page: int = 1, *, per_page: int = PER_PAGE) -> ImportPage:
    """Return one page of imports, the last first."""
    number = max(1, page)
    total = db.session.scalar(select(func.count(TerritoryImport.id))) or 0
    query = select(TerritoryImport).order_by(TerritoryImport.at.desc(), TerritoryImport.id)
    rows = db.session.scalars(query.limit(per_page).offset((number - 1) * per_page))
    return ImportPage(tuple(import_row(row) for row in rows), number, per_page, total)


def get_import(import_id: uuid.UUID) -> TerritoryImport:
    """Return an import.

    Raises:
        NotFoundError: no such import.

    """
    found = db.session.get(TerritoryImport, import_id)
    if found is None:
        raise NotFoundError("Cet import n'existe pas.")
    return found


def list_import_lines(import_id: uuid.UUID, page: int = 1, *, per_page: int = PER_PAGE) -> ImportLinePage:
    """Return one page of the lines worth telling of an import."""
    number = max(1, page)
    of_import = TerritoryImportLine.import_id == import_id
    total = db.session.scalar(select(func.count(TerritoryImportLine.id)).where(of_import)) or 0
    query = (
        select(
            TerritoryImportLine.sheet,
            TerritoryImportLine.line,
            TerritoryImportLine.column,
            TerritoryImportLine.value,
            TerritoryImportLine.message,
            TerritoryImportLine.unmatched,
        )
        .where(of_import)
        .order_by(TerritoryImportLine.position)
        .limit(per_page)
        .offset((number - 1) * per_page)
    )
    return ImportLinePage(tuple(ImportLineRow(*row) for row in db.session.execute(query)), number, per_page, total)


def import_row(row: TerritoryImport) -> ImportRow:
    """Freeze an import."""
    return ImportRow(
        row.id,
        row.kind,
        row.outcome,
        row.dataset,
        row.label,
        row.vintage,
        row.source,
        row.file_name,
        row.file_hash,
        row.at,
        row.read,
        row.kept,
        row.unmatched,
        row.reason,
    )
