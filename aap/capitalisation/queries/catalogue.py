"""The public catalogue: search, facets with their counts, one page of sheets. Publications only."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, select

from aap.capitalisation.models import Sheet, SheetFacet, SheetKind, SheetPublication, SheetState
from aap.capitalisation.text import plain
from aap.db import db
from aap.referentials.queries import list_departments, list_regions
from aap.referentials.vocabularies import known_label

MOST_WORDS = 8

# Facets offered beside the list, in order, with their French title. Territories and keywords are searched, not listed.
FACETS = {
    "kind": "Nature de la fiche",
    "region": "Région",
    "departements": "Département",
    "zones": "Zone",
    "settings": "Lieu",
    "target_publics": "Public",
    "pathways": "Parcours",
    "specialties": "Spécialité",
    "act_types": "Acte",
    "funding": "Financement",
    "maturity": "Maturité",
    "action": "Action de la feuille de route",
}


@dataclass(frozen=True, slots=True)
class CatalogueFilter:
    """What the catalogue is narrowed to: every word of ``text``, and one value at least of each facet named."""

    text: str = ""
    facets: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value of a facet, its words, how many of the sheets found have it, whether it is chosen."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """A facet with its values, most frequent first."""

    key: str
    title: str
    values: tuple[FacetValue, ...]


@dataclass(frozen=True, slots=True)
class CatalogueRow:
    """A sheet in the list."""

    reference: str
    slug: str
    kind: SheetKind
    title: str
    hook: str
    region_code: str
    version: int
    published_at: datetime


@dataclass(frozen=True, slots=True)
class CataloguePage:
    """A page of the catalogue."""

    rows: tuple[CatalogueRow, ...]
    facets: tuple[Facet, ...]
    total: int
    page: int
    per_page: int


def is_public() -> ColumnElement[bool]:
    """Return the condition on ``SheetPublication`` that selects what the public reads."""
    archived = select(Sheet.id).where(Sheet.state == SheetState.ARCHIVED)
    return and_(SheetPublication.ended_at.is_(None), SheetPublication.sheet_id.not_in(archived))


def list_catalogue(wanted: CatalogueFilter, *, page: int = 1, per_page: int = 20) -> CataloguePage:
    """Return a page of the published sheets, newest first, and the counts of the facets over all those found.

    Five queries, whatever the number of sheets.
    """
    conditions = _conditions(wanted)
    found = select(SheetPublication.sheet_id).where(*conditions)
    total = db.session.scalar(select(func.count(SheetPublication.id)).where(*conditions)) or 0
    query = _rows().where(*conditions).limit(per_page).offset((page - 1) * per_page)
    rows = tuple(CatalogueRow(*row) for row in db.session.execute(query))
    return CataloguePage(rows, _facets(found, wanted), total, page, per_page)


def list_latest_sheets(limit: int = 3) -> tuple[CatalogueRow, ...]:
    """Return the sheets published last, newest first. One query."""
    query = _rows().where(is_public()).limit(limit)
    return tuple(CatalogueRow(*row) for row in db.session.execute(query))


def _rows() -> Select[str, str, SheetKind, str, str, str, int, datetime]:
    return select(
        SheetPublication.reference,
        SheetPublication.slug,
        SheetPublication.kind,
        SheetPublication.title,
        SheetPublication.hook,
        SheetPublication.region_code,
        SheetPublication.version,
        SheetPublication.published_at,
    ).order_by(SheetPublication.published_at.desc(), SheetPublication.reference.desc(), SheetPublication.id)


def _conditions(wanted: CatalogueFilter) -> list[ColumnElement[bool]]:
    conditions = [is_public()]
    conditions += [
        SheetPublication.search_text.contains(word, autoescape=True) for word in plain(wanted.text).split()[:MOST_WORDS]
    ]
    for facet, values in wanted.facets.items():
        if values:
            having = select(SheetFacet.sheet_id).where(SheetFacet.facet == facet, SheetFacet.value.in_(list(values)))
            conditions.append(SheetPublication.sheet_id.in_(having))
    return conditions


def _facets(found: Select[uuid.UUID], wanted: CatalogueFilter) -> tuple[Facet, ...]:
    query = (
        select(SheetFacet.facet, SheetFacet.value, func.count().label("count"))
        .where(SheetFacet.facet.in_(list(FACETS)), SheetFacet.sheet_id.in_(found))
        .group_by(SheetFacet.facet, SheetFacet.value)
        .order_by(SheetFacet.facet, func.count().desc(), SheetFacet.value)
    )
    words = _place_names()
    values: dict[str, list[FacetValue]] = {}
    for row in db.session.execute(query):
        label = words.get((row.facet, row.value)) or known_label(row.value)
        chosen = row.value in wanted.facets.get(row.facet, ())
        values.setdefault(row.facet, []).append(FacetValue(row.value, label, row[2], chosen))
    return tuple(Facet(key, title, tuple(values[key])) for key, title in FACETS.items() if key in values)


def _place_names() -> dict[tuple[str, str], str]:
    names = {("region", region.code): region.name for region in list_regions()}
    return names | {("departements", place.code): f"{place.name} ({place.code})" for place in list_departments()}
