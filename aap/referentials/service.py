"""Load the reference data shipped with the application: safe to run again, it updates and never removes.

A row that left the files stays: projects and past packs may still cite it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files
from typing import Any

import yaml
from sqlalchemy import inspect, select

from aap.db import Base, db
from aap.referentials.models import (
    Accessibility,
    AccessibilityFigure,
    Commune,
    CommunePostcode,
    Department,
    IndicatorDefinition,
    Region,
    RoadmapAction,
    RoadmapAxis,
    RoadmapIndicator,
    RoadmapSheet,
    Zoning,
    ZoningClass,
)
from aap.referentials.territory.spelling import kept_name

_Row = Mapping[str, Any]
_ROADMAPS = ("roadmap_idf",)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did: rows created, rows changed."""

    created: int
    changed: int


def load_referentials() -> Loaded:
    """Create or update every reference row from the files of ``aap/referentials/data``. Flushes, never commits."""
    counts = [_load_territory(), _load_indicators()]
    counts.extend(_load_roadmap(name) for name in _ROADMAPS)
    return _sum(counts)


def shipped_communes() -> frozenset[str]:
    """Return the codes of the invented communes shipped for demonstrations: official imports leave them alone."""
    return frozenset(commune["code"] for commune in _read("territories")["communes"])


def _load_territory() -> Loaded:
    regions = _read("regions")["regions"]
    territory = _read("territories")
    region_rows = [{key: value for key, value in region.items() if key != "departments"} for region in regions]
    department_rows = [
        {"code": code, "name": name, "region_code": region["code"]}
        for region in regions
        for code, name in region["departments"].items()
    ]
    commune_rows = [
        {
            "code": commune["code"],
            "name": commune["name"],
            "department_code": commune["department"],
            "postcodes": commune["postcodes"],
            "territory": commune.get("territory"),
            "sought_name": kept_name(commune["name"]),
            "population": commune.get("population"),
        }
        for commune in territory["communes"]
    ]
    postcode_rows = [
        {"postcode": postcode, "commune_code": commune["code"]}
        for commune in territory["communes"]
        for postcode in commune["postcodes"]
    ]
    return _sum(
        [
            _upsert(Region, ("code",), region_rows),
            _upsert(Department, ("code",), department_rows),
            _upsert(Commune, ("code",), commune_rows),
            _upsert(CommunePostcode, ("postcode", "commune_code"), postcode_rows),
            *(_load_zoning(zoning) for zoning in territory["zonings"]),
            *(_load_accessibility(vintage) for vintage in territory["accessibilities"]),
        ]
    )


def _load_zoning(document: _Row) -> Loaded:
    row = {key: document[key] for key in ("dataset", "label", "valid_on", "source", "licence")}
    counts = _upsert(Zoning, ("dataset", "valid_on"), [{**row, "region_code": document.get("region")}])
    zoning_id = db.session.scalars(
        select(Zoning.id).where(Zoning.dataset == row["dataset"], Zoning.valid_on == row["valid_on"])
    ).one()
    classes = [
        {"zoning_id": zoning_id, "commune_code": commune, "zone": zone} for commune, zone in document["classes"].items()
    ]
    return _sum([counts, _upsert(ZoningClass, ("zoning_id", "commune_code"), classes)])


def _load_accessibility(document: _Row) -> Loaded:
    row = {key: document[key] for key in ("dataset", "label", "valid_on", "source", "licence")}
    counts = _upsert(Accessibility, ("dataset", "valid_on"), [row])
    vintage_id = db.session.scalars(
        select(Accessibility.id).where(
            Accessibility.dataset == row["dataset"], Accessibility.valid_on == row["valid_on"]
        )
    ).one()
    figures = [
        {
            "accessibility_id": vintage_id,
            "commune_code": commune,
            "apl": Decimal(apl),
            "population": Decimal(population),
        }
        for commune, (apl, population) in document["figures"].items()
    ]
    return _sum([counts, _upsert(AccessibilityFigure, ("accessibility_id", "commune_code"), figures)])


def _load_indicators() -> Loaded:
    rows = [
        {
            "code": entry["code"],
            "label": entry["label"],
            "dimension": entry["dimension"],
            "unit": entry["unit"],
            "aggregation": entry["aggregation"],
            "direction": entry["direction"],
            "art51": entry.get("art51"),
            "has_macro": entry["has"][0],
            "has_viewpoint": entry["has"][1],
            "formula": entry.get("formula"),
            "computed": entry.get("computed", False),
            "default_source": entry["source"],
            "default_frequency": entry["frequency"],
            "position": position,
        }
        for position, entry in enumerate(_read("indicators")["indicators"], start=1)
    ]
    return _upsert(IndicatorDefinition, ("code",), rows)


def _load_roadmap(name: str) -> Loaded:
    document = _read(name)
    region = {"region_code": document["region"]}
    axes = [{**region, "number": axis["number"], "label": axis["label"]} for axis in document["axes"]]
    sheets = [
        {**region, "code": sheet["code"], "axis_number": axis["number"], "label": sheet["label"]}
        for axis in document["axes"]
        for sheet in axis["sheets"]
    ]
    actions = [
        {**region, **action, "sheet_code": sheet["code"], "position": position}
        for axis in document["axes"]
        for sheet in axis["sheets"]
        for position, action in enumerate(sheet["actions"], start=1)
    ]
    indicators = [
        {**region, "number": row["number"], "sheet_code": row["sheet"], "label": row["label"], "origin": row["origin"]}
        for row in document["indicators"]
    ]
    return _sum(
        [
            _upsert(RoadmapAxis, ("region_code", "number"), axes),
            _upsert(RoadmapSheet, ("region_code", "code"), sheets),
            _upsert(RoadmapAction, ("region_code", "code"), actions),
            _upsert(RoadmapIndicator, ("region_code", "number"), indicators),
        ]
    )


def _upsert(model: type[Base], key: tuple[str, ...], rows: Iterable[_Row]) -> Loaded:
    """Add the rows whose natural key is new, change the others where they differ: one read per table."""
    session = db.session()
    listed = list(rows)
    of_file = getattr(model, key[0]).in_({row[key[0]] for row in listed})
    known = {tuple(getattr(row, name) for name in key): row for row in session.scalars(select(model).where(of_file))}
    created = changed = 0
    for row in listed:
        found = known.get(tuple(row[name] for name in key))
        if found is None:
            session.add(model(**row))
            created += 1
            continue
        for name, value in row.items():
            if getattr(found, name) != value:
                setattr(found, name, value)
        changed += inspect(found).modified
    session.flush()
    return Loaded(created, changed)


def _sum(counts: Iterable[Loaded]) -> Loaded:
    total = list(counts)
    return Loaded(sum(count.created for count in total), sum(count.changed for count in total))


def _read(name: str) -> dict[str, Any]:
    text = files("aap.referentials").joinpath("data", f"{name}.yaml").read_text(encoding="utf-8")
    document: dict[str, Any] = yaml.safe_load(text)
    return document
