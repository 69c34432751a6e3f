"""From the sites that people typed to places: commune recognised, zone of the call's dated zoning, APL of its vintage.

Both vintages are those of the call: the zoning that its document cites, the APL frozen when it was published. A later
import changes neither.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from aap.applications.models import Site
from aap.calls.models import CallVersion
from aap.calls.queries import load_document
from aap.forms.rows import SiteRow
from aap.referentials.territory.places import (
    NO_ZONE,
    CommuneRow,
    VintageRow,
    apl_of,
    find_zoning,
    get_accessibility,
    is_without_commune,
    list_communes,
    recognise,
    zones_by_id,
)

_MOST = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Place:
    """What is known of the place of a site. ``zone`` is ``None`` as long as nobody can tell it."""

    commune: CommuneRow | None
    zone: str | None
    apl: Decimal | None
    without_commune: bool


@dataclass(frozen=True, slots=True)
class Vintages:
    """The two vintages of a call; ``None`` when it has none, or when it is not loaded."""

    zoning: VintageRow | None
    accessibility: VintageRow | None


def vintages_of(version: CallVersion) -> Vintages:
    """Return the vintages that a version of a call reads its sites in."""
    reference = load_document(version).scope.zone_reference
    zoning = None if reference is None else find_zoning(reference.dataset, reference.valid_on)
    return Vintages(zoning, get_accessibility(version.accessibility_id))


def locate(vintages: Vintages, typed: Sequence[tuple[str, str]]) -> tuple[Place, ...]:
    """Return the place of each ``(commune, department)`` typed. The number of queries does not depend on how many."""
    codes = recognise(typed)
    known = {row.code: row for row in list_communes(code for code in codes if code)}
    zones = zones_by_id(vintages.zoning.id, known) if vintages.zoning else {}
    figures = apl_of(vintages.accessibility.id, known) if vintages.accessibility else {}
    return tuple(
        Place(
            commune=known.get(code or ""),
            zone=NO_ZONE if code is None and is_without_commune(text) else zones.get(code or ""),
            apl=figures.get(code or ""),
            without_commune=code is None and is_without_commune(text),
        )
        for code, (text, _) in zip(codes, typed, strict=True)
    )


def located_sites(version: CallVersion, rows: Sequence[SiteRow]) -> list[Site]:
    """Return the rows of the sites, in their places. Departments follow the communes that are recognised."""
    vintages = vintages_of(version)
    places = locate(vintages, [(row.commune, row.department) for row in rows])
    return [
        Site(
            key=row.key,
            name=row.name,
            finess=row.finess,
            commune=row.commune,
            commune_code=place.commune.code if place.commune else None,
            department_code=(place.commune.department_code if place.commune else row.department)[:20],
            territory=row.territory or (place.commune.territory if place.commune else "") or "",
            zone=place.zone,
            zoning_id=_of(vintages.zoning) if place.commune and place.zone else None,
            apl=place.apl,
            accessibility_id=_of(vintages.accessibility) if place.apl is not None else None,
            capacity=row.capacity if row.capacity is not None and 0 <= row.capacity <= _MOST else None,
            position=position,
        )
        for position, (row, place) in enumerate(zip(rows, places, strict=True))
    ]


def _of(vintage: VintageRow | None) -> uuid.UUID | None:
    return None if vintage is None else vintage.id
