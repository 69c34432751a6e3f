"""Reads of the sheets: the public catalogue and its pages, the office's list, one sheet and its circuit."""

from __future__ import annotations

from aap.capitalisation.queries.catalogue import (
    FACETS,
    CatalogueFilter,
    CataloguePage,
    CatalogueRow,
    Facet,
    FacetValue,
    is_public,
    list_catalogue,
    list_latest_sheets,
)
from aap.capitalisation.queries.figures import Figure, is_outdated, list_figures
from aap.capitalisation.queries.public import (
    PublicFigure,
    PublicSheet,
    as_document,
    get_public_sheet,
    get_publication,
)
from aap.capitalisation.queries.reading import (
    HistoryRow,
    SheetPage,
    SheetRow,
    find_current,
    get_sheet,
    is_editable,
    list_history,
    list_project_sheets,
    list_reviews,
    list_sheet_versions,
    list_sheets,
)

__all__ = [
    "FACETS",
    "CatalogueFilter",
    "CataloguePage",
    "CatalogueRow",
    "Facet",
    "FacetValue",
    "Figure",
    "HistoryRow",
    "PublicFigure",
    "PublicSheet",
    "SheetPage",
    "SheetRow",
    "as_document",
    "find_current",
    "get_public_sheet",
    "get_publication",
    "get_sheet",
    "is_editable",
    "is_outdated",
    "is_public",
    "list_catalogue",
    "list_figures",
    "list_history",
    "list_latest_sheets",
    "list_project_sheets",
    "list_reviews",
    "list_sheet_versions",
    "list_sheets",
]
