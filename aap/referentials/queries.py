"""Reads of the reference tables. Lists are ordered and made of frozen rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from aap.db import db
from aap.errors import NotFoundError
from aap.referentials.models import (
    Aggregation,
    Commune,
    Department,
    Direction,
    IndicatorDefinition,
    IndicatorOrigin,
    Region,
    RoadmapAction,
    RoadmapAxis,
    RoadmapIndicator,
    RoadmapSheet,
    Zoning,
    ZoningClass,
)

OUT_OF_ZONE = "hors_zone"
NO_ZONE = "non_calculee"


@dataclass(frozen=True, slots=True)
class RegionRow:
    """An agency, and the words it uses for itself."""

    code: str
    name: str
    agency_name: str
    direction_name: str
    grades_name: str
    delegation_word: str


@dataclass(frozen=True, slots=True)
class DepartmentRow:
    """A department."""

    code: str
    name: str
    region_code: str


@dataclass(frozen=True, slots=True)
class CommuneRow:
    """A commune with its department and its *territoire de vie-santé*, when known."""

    code: str
    name: str
    department_code: str
    postcodes: tuple[str, ...]
    territory: str | None


@dataclass(frozen=True, slots=True)
class IndicatorDefinitionRow:
    """An indicator of the library, as forms, plans and comparisons need it."""

    code: str
    label: str
    dimension: str
    unit: str
    aggregation: Aggregation
    direction: Direction
    art51: str | None
    has_macro: str | None
    has_viewpoint: str | None
    formula: str | None
    computed: bool
    default_source: str
    default_frequency: str


@dataclass(frozen=True, slots=True)
class RoadmapActionRow:
    """An action of the roadmap with the sheet and the axis above it."""

    code: str
    label: str
    owners: str
    schedule: str
    sheet_code: str
    sheet_label: str
    axis_number: int
    axis_label: str


@dataclass(frozen=True, slots=True)
class RoadmapSheetRow:
    """A sheet of the roadmap with the axis above it."""

    code: str
    label: str
    axis_number: int
    axis_label: str


@dataclass(frozen=True, slots=True)
class RoadmapIndicatorRow:
    """A follow-up indicator of the roadmap."""

    number: int
    sheet_code: str | None
    label: str
    origin: IndicatorOrigin


def get_region(code: str) -> Region:
    """Return a region by its code.

    Raises:
        NotFoundError: no agency has this code.

    """
    region = db.session.get(Region, code)
    if region is None:
        raise NotFoundError("Cette région n'existe pas.")
    return region


def list_regions() -> tuple[RegionRow, ...]:
    """Return the regions in the order of their names."""
    query = select(
        Region.code,
        Region.name,
        Region.agency_name,
        Region.direction_name,
        Region.grades_name,
        Region.delegation_word,
    ).order_by(Region.name)
    return tuple(RegionRow(*row) for row in db.session.execute(query))


def list_departments(region_code: str | None = None) -> tuple[DepartmentRow, ...]:
    """Return the departments of a region, or all of them, in the order of their codes."""
    query = select(Department.code, Department.name, Department.region_code).order_by(Department.code)
    if region_code is not None:
        query = query.where(Department.region_code == region_code)
    return tuple(DepartmentRow(*row) for row in db.session.execute(query))


def list_communes(codes: Iterable[str]) -> tuple[CommuneRow, ...]:
    """Return the communes of these INSEE codes, in the order of their codes; unknown codes are absent."""
    query = select(Commune).where(Commune.code.in_(sorted(set(codes)))).order_by(Commune.code)
    return tuple(_commune(row) for row in db.session.scalars(query))


def search_communes(text: str, *, region_code: str | None = None, limit: int = 20) -> tuple[CommuneRow, ...]:
    """Return the communes whose name contains the text or whose INSEE code starts with it."""
    words = text.strip()
    if not words:
        return ()
    query = select(Commune).order_by(Commune.name, Commune.code)
    if region_code is not None:
        query = query.join(Department, Department.code == Commune.department_code).where(
            Department.region_code == region_code
        )
    if words.isdigit() or words[:2].upper() in {"2A", "2B"}:
        query = query.where(Commune.code.startswith(words.upper(), autoescape=True))
    else:
        query = query.where(Commune.name.icontains(words, autoescape=True))
    return tuple(_commune(row) for row in db.session.scalars(query.limit(limit)))


def zones_of(dataset: str, valid_on: date, commune_codes: Iterable[str]) -> Mapping[str, str]:
    """Return the zone of each commune in one dated zoning.

    A known commune that the zoning does not list is ``hors_zone``; a commune nobody knows is ``non_calculee``.

    Raises:
        NotFoundError: no zoning of that name and date is loaded.

    """
    codes = sorted(set(commune_codes))
    zoning_id = db.session.scalar(select(Zoning.id).where(Zoning.dataset == dataset, Zoning.valid_on == valid_on))
    if zoning_id is None:
        raise NotFoundError(f"Le zonage « {dataset} » en vigueur le {valid_on:%d/%m/%Y} n'est pas chargé.")
    query = (
        select(Commune.code, ZoningClass.zone)
        .outerjoin(ZoningClass, (ZoningClass.commune_code == Commune.code) & (ZoningClass.zoning_id == zoning_id))
        .where(Commune.code.in_(codes))
    )
    known = {code: zone or OUT_OF_ZONE for code, zone in db.session.execute(query)}
    return {code: known.get(code, NO_ZONE) for code in codes}


def list_indicator_definitions(codes: Iterable[str] | None = None) -> tuple[IndicatorDefinitionRow, ...]:
    """Return the indicator library, or the indicators of these codes, in the order of the library."""
    query = select(IndicatorDefinition).order_by(IndicatorDefinition.position, IndicatorDefinition.code)
    if codes is not None:
        query = query.where(IndicatorDefinition.code.in_(sorted(set(codes))))
    return tuple(
        IndicatorDefinitionRow(
            row.code,
            row.label,
            row.dimension,
            row.unit,
            row.aggregation,
            row.direction,
            row.art51,
            row.has_macro,
            row.has_viewpoint,
            row.formula,
            row.computed,
            row.default_source,
            row.default_frequency,
        )
        for row in db.session.scalars(query)
    )


def list_roadmap_sheets(region_code: str) -> tuple[RoadmapSheetRow, ...]:
    """Return the sheets of a region's roadmap, in order."""
    query = (
        select(RoadmapSheet.code, RoadmapSheet.label, RoadmapAxis.number, RoadmapAxis.label)
        .join(
            RoadmapAxis,
            (RoadmapAxis.region_code == RoadmapSheet.region_code) & (RoadmapAxis.number == RoadmapSheet.axis_number),
        )
        .where(RoadmapSheet.region_code == region_code)
        .order_by(RoadmapAxis.number, RoadmapSheet.code)
    )
    return tuple(RoadmapSheetRow(*row) for row in db.session.execute(query))


def list_roadmap_actions(region_code: str) -> tuple[RoadmapActionRow, ...]:
    """Return the actions of a region's roadmap with their sheet and axis, in order."""
    sheets = {sheet.code: sheet for sheet in list_roadmap_sheets(region_code)}
    query = (
        select(RoadmapAction)
        .where(RoadmapAction.region_code == region_code)
        .order_by(RoadmapAction.sheet_code, RoadmapAction.position)
    )
    rows = []
    for action in db.session.scalars(query):
        sheet = sheets[action.sheet_code]
        rows.append(
            RoadmapActionRow(
                action.code,
                action.label,
                action.owners,
                action.schedule,
                sheet.code,
                sheet.label,
                sheet.axis_number,
                sheet.axis_label,
            )
        )
    return tuple(rows)


def list_roadmap_indicators(region_code: str) -> tuple[RoadmapIndicatorRow, ...]:
    """Return the follow-up indicators of a region's roadmap, in the order of their numbers."""
    query = (
        select(RoadmapIndicator.number, RoadmapIndicator.sheet_code, RoadmapIndicator.label, RoadmapIndicator.origin)
        .where(RoadmapIndicator.region_code == region_code)
        .order_by(RoadmapIndicator.number)
    )
    return tuple(RoadmapIndicatorRow(*row) for row in db.session.execute(query))


def _commune(row: Commune) -> CommuneRow:
    return CommuneRow(row.code, row.name, row.department_code, tuple(row.postcodes), row.territory)
