"""Find the commune of a site: a button that brings the page back with a list, and the same list for the script."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from aap import french
from aap.applications.locating import vintages_of
from aap.applications.models import Application
from aap.blueprints.access import allow
from aap.blueprints.applicant.inputs import Texts, cell_of, row_bases
from aap.blueprints.applicant.loading import own_application
from aap.forms.spec import SectionSpec
from aap.referentials.territory.places import (
    WITHOUT_COMMUNE,
    CommuneRow,
    apl_of,
    list_communes,
    search_communes,
    zones_by_id,
)
from aap.referentials.vocabularies import label

FIND = "find"  # find=sites-0-commune: look for what is typed in this input
CHOOSE = "choose"  # choose=sites-0-commune=93066: write this commune and what follows from it in the row
NOWHERE = "sans"
COLUMN = "commune"
ALONE = "commune"  # the type of a question that one commune answers

bp = Blueprint("applicant_places", __name__, url_prefix="/dossiers/<uuid:application_id>")


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, for the page to offer: the field, the input, the site's number (0: none), what was typed."""

    field: str = ""
    place: str = ""
    number: int = 0
    typed: str = ""
    communes: tuple[CommuneRow, ...] = ()


NOTHING_FOUND = Found()


@bp.get("/communes")
@allow("application.read", load=own_application)
def search(application: Application) -> ResponseReturnValue:
    """Return the communes that match ``q``, each with its zone and its APL in the vintages of the call, as JSON."""
    rows = search_communes(request.args.get("q", "")[:120], first_region=application.region_code)
    vintages = vintages_of(application.call_version)
    codes = [row.code for row in rows]
    zones = zones_by_id(vintages.zoning.id, codes) if vintages.zoning else {}
    figures = apl_of(vintages.accessibility.id, codes) if vintages.accessibility else {}
    return jsonify(
        rows=[_told(row, zones, figures) for row in rows],
        nowhere={"label": WITHOUT_COMMUNE, "hint": "Le projet est reçu par son public."},
    )


def _told(row: CommuneRow, zones: Mapping[str, str], figures: Mapping[str, Any]) -> dict[str, str]:
    said = [" ".join(row.postcodes[:3]) or row.code]
    if row.code in zones:
        said.append(label("zone_types", zones[row.code]))
    if row.code in figures:
        said.append(f"APL {french.number(figures[row.code], 1)}")
    return {
        "label": row.label,
        "department": row.department_code,
        "territory": row.territory or "",
        "hint": ", ".join(said),
    }


def asks_commune(form: MultiDict[str, str]) -> bool:
    """Tell whether a button of a commune was pressed: the page comes back, and nothing is saved."""
    return FIND in form or CHOOSE in form


def with_commune(
    section: SectionSpec, texts: Texts, form: MultiDict[str, str], region_code: str
) -> tuple[Texts, Found]:
    """Return the texts with the commune chosen, or the communes found; a button nobody offers changes nothing."""
    texts = {name: values for name, values in texts.items() if name not in {FIND, CHOOSE}}
    place, _, code = (form.get(CHOOSE, "") or form.get(FIND, "")).partition("=")
    if any(spec.id == place and spec.type == ALONE for spec in section.fields):
        return _alone(texts, place, code, form, region_code)
    base = next((base for base in row_bases(section) if cell_of(place, base)), "")
    cell = cell_of(place, base) if base else None
    if cell is None or cell[1] != COLUMN:
        return texts, NOTHING_FOUND
    if CHOOSE in form:
        return _chosen(texts, place, code), NOTHING_FOUND
    typed = (texts.get(place) or ("",))[-1].strip()
    communes = search_communes(typed[:120], first_region=region_code)
    return texts, Found(base, place, cell[0] + 1, typed, communes)


def _alone(texts: Texts, place: str, code: str, form: MultiDict[str, str], region_code: str) -> tuple[Texts, Found]:
    """Do the same for a question that a commune answers by itself."""
    if CHOOSE in form:
        communes = list_communes([code])
        return (texts | {place: (communes[0].label,)} if communes else texts), NOTHING_FOUND
    typed = (texts.get(place) or ("",))[-1].strip()
    return texts, Found(place, place, 0, typed, search_communes(typed[:120], first_region=region_code))


def _chosen(texts: Texts, place: str, code: str) -> Texts:
    if code == NOWHERE:
        return texts | {place: (WITHOUT_COMMUNE,)}
    communes = list_communes([code])
    if not communes:
        return texts
    row, commune = place.removesuffix(COLUMN), communes[0]
    filled = {place: (commune.label,), f"{row}department": (commune.department_code,)}
    return texts | filled | ({f"{row}territory": (commune.territory,)} if commune.territory else {})
