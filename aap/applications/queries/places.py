"""Where the sites of a file are: commune recognised, zone and APL, each with the vintage it was read in."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from aap.applications.locating import vintages_of
from aap.applications.models import Site
from aap.applications.rows import FileRows
from aap.referentials.territory.places import VintageRow, is_without_commune, list_communes
from aap.referentials.vocabularies import label


@dataclass(frozen=True, slots=True)
class SitePlace:
    """A site and its place. ``commune`` is empty as long as nobody recognises what was ``typed``."""

    key: str
    name: str
    typed: str
    commune: str
    without_commune: bool
    zone: str
    apl: Decimal | None

    @property
    def is_lost(self) -> bool:
        """Tell whether a commune was typed that nobody recognises."""
        return bool(self.typed) and not self.commune and not self.without_commune


@dataclass(frozen=True, slots=True)
class Places:
    """The places of the sites of a file, and the two vintages of its call, when they are loaded."""

    rows: tuple[SitePlace, ...]
    zoning: VintageRow | None
    accessibility: VintageRow | None


def list_places(rows: FileRows) -> Places:
    """Return the places of the sites, in the order of the file. Three queries, whatever the number of sites."""
    vintages = vintages_of(rows.call_version)
    names = {row.code: row.label for row in list_communes(site.commune_code or "" for site in rows.sites)}
    return Places(tuple(_place(site, names) for site in rows.sites), vintages.zoning, vintages.accessibility)


def _place(site: Site, names: dict[str, str]) -> SitePlace:
    return SitePlace(
        key=site.key,
        name=site.name or site.key,
        typed=site.commune,
        commune=names.get(site.commune_code or "", ""),
        without_commune=site.commune_code is None and is_without_commune(site.commune),
        zone=label("zone_types", site.zone) if site.zone else "",
        apl=site.apl,
    )
