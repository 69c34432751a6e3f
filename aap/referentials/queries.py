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
    Department,
    Direction,
    IndicatorDefinition,
    IndicatorOrigin,
    Region,
    RoadmapAction,
    RoadmapAxis,
    RoadmapIndicator,
    RoadmapSheet,
)
from aap.referentials.territory.places import find_zoning, zones_by_id


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
    """A department of an agency."""

    code: str
    name: str
    region_code: str | None


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
    """Return the departments of a region, or those of every agency, in the order of their codes."""
    query = select(Department.code, Department.name, Department.region_code).order_by(Department.code)
    mine = Department.region_code == region_code if region_code is not None else Department.region_code.is_not(None)
    query = query.where(mine)
    return tuple(DepartmentRow(*row) for row in db.session.execute(query))


def zones_of(dataset: str, valid_on: date, commune_codes: Iterable[str]) -> Mapping[str, str]:
    """Return the zone of each commune in one dated zoning.

    A known commune that the zoning does not list is ``hors_zone``; a commune nobody knows is ``non_calculee``.

    Raises:
        NotFoundError: no zoning of that name and date is loaded.

    """
    zoning = find_zoning(dataset, valid_on)
    if zoning is None:
        raise NotFoundError(f"Le zonage « {dataset} » en vigueur le {valid_on:%d/%m/%Y} n'est pas chargé.")
    return zones_by_id(zoning.id, commune_codes)


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
