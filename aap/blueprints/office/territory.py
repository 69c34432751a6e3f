"""What the agency reads about the territory: vintages, what they cover, who cites them, imports and their reports."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from aap.blueprints.access import allow
from aap.blueprints.paging import Pages, asked_page
from aap.calls.queries import cited_vintages
from aap.referentials.models import ImportKind, ImportOutcome, TerritoryImport
from aap.referentials.territory.overview import (
    get_import,
    import_row,
    list_coverage,
    list_import_lines,
    list_imports,
    list_vintages,
)

KINDS = {
    ImportKind.COMMUNES: "Communes",
    ImportKind.ZONING: "Zonage",
    ImportKind.ACCESSIBILITY: "APL",
}
OUTCOMES = {
    ImportOutcome.LOADED: ("Chargé", "success"),
    ImportOutcome.REPLACED: ("Remplacé", "info"),
    ImportOutcome.REFUSED: ("Refusé", "error"),
}

bp = Blueprint("office_territory", __name__, url_prefix="/agence/territoire")


@bp.get("")
@allow("territory.read")
def index() -> ResponseReturnValue:
    """List the vintages with what they cover and the calls that cite them, then the imports."""
    imports = list_imports(asked_page())
    return render_template(
        "office/territory.html",
        vintages=list_vintages(),
        cited=cited_vintages(),
        coverage=list_coverage(),
        imports=imports.rows,
        page=Pages.of(imports),
        kinds=KINDS,
        outcomes=OUTCOMES,
    )


@bp.get("/imports/<uuid:import_id>")
@allow("territory.read", load=get_import)
def show(imported: TerritoryImport) -> ResponseReturnValue:
    """Show the report of an import, line by line."""
    lines = list_import_lines(imported.id, asked_page())
    return render_template(
        "office/territory_import.html",
        row=import_row(imported),
        lines=lines.rows,
        page=Pages.of(lines),
        kinds=KINDS,
        outcomes=OUTCOMES,
    )
