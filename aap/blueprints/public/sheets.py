"""What funded projects taught: the catalogue of published sheets, each sheet, its PDF."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from aap.blueprints.access import allow
from aap.blueprints.downloads import download_kept
from aap.blueprints.paging import Pages, asked_page
from aap.blueprints.sheet_text import sheet_text
from aap.capitalisation.models import SheetPublication
from aap.capitalisation.queries import (
    CatalogueFilter,
    CataloguePage,
    get_public_sheet,
    get_publication,
    list_catalogue,
)

bp = Blueprint("public_sheets", __name__, url_prefix="/fiches")

# The facets offered, in the order of the form, by the name they have in an address.
OFFERED = {
    "region": "region",
    "departement": "departements",
    "public": "target_publics",
    "acte": "act_types",
    "lieu": "settings",
    "specialite": "specialties",
    "zone": "zones",
    "maturite": "maturity",
}
FEMININE = frozenset({"region", "specialite", "zone", "maturite"})
PER_PAGE = 20


@bp.get("")
@allow("sheets.browse", anonymous=True)
def index() -> ResponseReturnValue:
    """Search the published sheets."""
    chosen = {name: request.args.get(name, "") for name in OFFERED}
    text = request.args.get("q", "").strip()
    found = list_catalogue(
        CatalogueFilter(text=text, facets={OFFERED[name]: [value] for name, value in chosen.items() if value}),
        page=asked_page(),
        per_page=PER_PAGE,
    )
    regions = {value.value: value.label for facet in found.facets if facet.key == "region" for value in facet.values}
    return render_template(
        "public/sheets/index.html",
        rows=found.rows,
        pages=Pages.of(found),
        fields=_fields(found, chosen, text),
        narrowed=bool(text or any(chosen.values())),
        regions=regions,
    )


def _fields(found: CataloguePage, chosen: dict[str, str], text: str) -> list[dict[str, object]]:
    """Return the search form: words, then each facet with the number of sheets of each value."""
    facets = {facet.key: facet for facet in found.facets}
    fields: list[dict[str, object]] = [{"type": "search", "name": "q", "label": "Rechercher", "value": text}]
    for name, key in OFFERED.items():
        facet = facets.get(key)
        if facet is not None:
            options = [(value.value, f"{value.label} – {value.count}") for value in facet.values]
            fields.append(
                {
                    "type": "select",
                    "name": name,
                    "label": facet.title,
                    "value": chosen[name],
                    "options": options,
                    "empty": "Toutes" if name in FEMININE else "Tous",
                }
            )
        elif chosen[name]:
            fields.append({"type": "hidden", "name": name, "value": chosen[name]})
    return fields


def load_publication(slug: str) -> SheetPublication:
    """Return what is published at an address."""
    return get_publication(get_public_sheet(slug).publication_id)


@bp.get("/<slug>")
@allow("publication.read", load=load_publication, anonymous=True)
def show(publication: SheetPublication) -> ResponseReturnValue:
    """Read a sheet: summary, identity card, text, results, what another team needs to know."""
    sheet = get_public_sheet(publication.slug)
    return render_template(
        "public/sheets/show.html",
        sheet=sheet,
        text=sheet_text(sheet.title, sheet.hook, sheet.summary, sheet.body, sheet.figures),
        pdf=url_for(".pdf", slug=sheet.slug) if sheet.pdf_file_id else "",
    )


@bp.get("/<slug>/pdf")
@allow("publication.read", load=load_publication, anonymous=True)
def pdf(publication: SheetPublication) -> ResponseReturnValue:
    """Download a published sheet as a PDF."""
    return download_kept(publication.pdf_file_id, missing="Le PDF de cette fiche est en préparation.")
