"""Which component, width, unit and hint fits each type of field, alone or in a cell."""

from __future__ import annotations

from typing import Any

from aap.forms.fields.figures import ScaleType
from aap.forms.spec import FieldSpec

WIDGETS = {
    "longtext": "longtext",
    "select": "select",
    "multiselect": "multiselect",
    "yesno": "yesno",
    "checkbox": "checkbox",
    "checklist": "checklist",
    "date": "date",
    "money": "money",
    "scale": "scale",
    "budget": "budget",
    "computed": "computed",
    "file": "file",
    "commune": "commune",
}
CELLS = {
    "longtext": "long",
    "number": "number",
    "integer": "number",
    "money": "number",
    "percentage": "number",
    "scale": "scale",
    "select": "select",
    "date": "date",
    "checkbox": "checkbox",
    "place": "commune",
}
CELL_WIDTHS = {"integer": "xs", "number": "xs", "percentage": "xs", "department": "xs", "finess": "s", "money": "s"}
WIDTHS = {"number": "s", "integer": "s", "percentage": "xs", "siret": "m", "finess": "s", "phone": "m", "month": "s"}
NUMERIC = frozenset({"number", "integer", "percentage", "rate"})
SUFFIXES = {"percentage": "%", "rate": "%"}
HINTS = {
    "siret": "14 chiffres.",
    "commune": "Nom ou code postal.",
    "finess": "9 caractères.",
    "url": "Par exemple https://www.exemple.fr",
}
NOUNS = {
    "sites": "site",
    "partners": "partenaire",
    "solutions": "solution",
    "milestones": "jalon",
    "indicators": "indicateur",
}
FEMININE = frozenset({"ligne", "solution"})
BLOCK_CELLS = frozenset({"multiselect", "checklist", "yesno", "longtext"})


def column_of(column: FieldSpec) -> dict[str, Any]:
    """Return a column as the component of repeated rows reads it."""
    said: dict[str, Any] = {"key": column.id, "label": column.label, "kind": CELLS.get(column.type, "text")}
    if column.type == "scale":
        said["options"] = ScaleType().choices(column)
    elif column.options:
        said |= {"kind": "select", "options": [(option.value, option.label) for option in column.options]}
    if column.type in CELL_WIDTHS:
        said["width"] = CELL_WIDTHS[column.type]
    return said
