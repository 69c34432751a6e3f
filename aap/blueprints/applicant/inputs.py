"""From what a browser sends to what a section reads, and back: rows added or removed without JavaScript, names mapped.

The budget component names some inputs as its readers call them (``quantity``); the budget field has its own names
(``qty``). The mapping lives here and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from aap.forms.fields import field_type
from aap.forms.fields.budget import INCOME, LINES
from aap.forms.fields.tables import RowsType
from aap.forms.spec import FieldSpec, SectionSpec

Texts = dict[str, tuple[str, ...]]
Raw = Mapping[str, Sequence[str]]

_TO_FIELD = {
    LINES: {"id": "key", "quantity": "qty", "requested": "requested_eur"},
    INCOME: {"id": "key"},
}
SEEN = "seen"  # the versions the page was made from: "title=3,need=1"
ONLY = "only"  # the fields this page shows, when it does not show the whole section
_VERSION = re.compile(r"([A-Za-z0-9_.-]{1,60})=([0-9]{1,9})")


class Sent(Protocol):
    """A form as Werkzeug gives it."""

    def lists(self) -> Iterable[tuple[str, list[str]]]:
        """Return every name with its values."""
        ...


def received(section: SectionSpec, form: Sent) -> Texts:
    """Return what was sent for a section under the names that its fields read, with rows numbered without gaps."""
    texts = {name: tuple(values) for name, values in form.lists()}
    for base, changes in _budgets(section):
        texts = _renamed(texts, base, changes)
    for base in row_bases(section):
        texts = _renumbered(texts, base)
    return texts


ROW_VERBS = ("add", "remove", "copy", "up", "down")  # buttons of a table: add=<table>, the others=<table>-<row>


def asks_row_change(form: Sent) -> bool:
    """Tell whether a button of a table was pressed: the page comes back with other rows, and nothing is saved."""
    return any(name in ROW_VERBS for name, _ in form.lists())


def with_rows_changed(section: SectionSpec, texts: Raw, form: Sent) -> Texts:
    """Return the texts after the buttons of tables that were pressed; an unknown table or row changes nothing."""
    columns = _first_columns(section)
    changed = {name: tuple(values) for name, values in texts.items() if name not in ROW_VERBS}
    for verb, names in form.lists():
        for name in names if verb in ROW_VERBS else ():
            base, index = (name, -1) if verb == "add" else _row_named(name)
            if base in columns:
                rows = _rows(changed, base)
                changed = _with_rows(changed, base, _changed(rows, verb, index, columns[base]))
    return changed


Row = dict[str, tuple[str, ...]]  # column -> values


def _changed(rows: list[Row], verb: str, index: int, first_column: str) -> list[Row]:
    if verb == "add":
        return [*rows, {first_column: ("",)}]
    if not 0 <= index < len(rows):
        return rows
    row = rows[index]
    others = rows[:index] + rows[index + 1 :]
    if verb == "remove":
        return others
    if verb == "copy":  # a copy is another row: it takes no key
        return [*rows[: index + 1], {name: cell for name, cell in row.items() if name != "key"}, *rows[index + 1 :]]
    place = max(index - 1, 0) if verb == "up" else index + 1
    return [*others[:place], row, *others[place:]]


def _row_named(name: str) -> tuple[str, int]:
    base, _, index = name.rpartition("-")
    return base, int(index) if index.isdigit() and len(index) < 5 else -1


def _rows(texts: Raw, base: str) -> list[Row]:
    """Return the rows of a table, in order, each with its cells by column."""
    rows: dict[int, Row] = {}
    for name, values in texts.items():
        cell = cell_of(name, base)
        if cell:
            rows.setdefault(cell[0], {})[cell[1]] = tuple(values)
    return [rows[index] for index in sorted(rows)]


def _with_rows(texts: Raw, base: str, rows: Iterable[Row]) -> Texts:
    """Return the texts with the rows of a table replaced."""
    kept = {name: tuple(values) for name, values in texts.items() if not cell_of(name, base)}
    cells = {f"{base}-{index}-{column}": cell for index, row in enumerate(rows) for column, cell in row.items()}
    return kept | cells


def added_rows(texts: Raw, base: str, rows: Iterable[Mapping[str, str]], *, replacing: bool) -> Texts:
    """Return the texts with rows more in a side of a budget, or in place of its own; cells are named as the page does.

    Rows of the page that hold nothing give their place.
    """
    names = next(names for suffix, names in _TO_FIELD.items() if base.endswith(suffix))
    kept = (
        [] if replacing else [row for row in _rows(texts, base) if any(text for cell in row.values() for text in cell)]
    )
    new: list[Row] = [{names.get(cell, cell): (text,) for cell, text in row.items()} for row in rows]
    return _with_rows(texts, base, [*kept, *new])


def row_count(texts: Raw, base: str) -> int:
    """Return how many rows a table has, numbered without gaps."""
    return len(_indexes(texts, base))


def cell_of(name: str, base: str) -> tuple[int, str] | None:
    """Return the row and the column that the name of an input tells, or ``None`` when it is not one of this table."""
    match = re.fullmatch(rf"{re.escape(base)}-([0-9]{{1,4}})-(.+)", name)
    return (int(match[1]), match[2]) if match else None


def row_bases(section: SectionSpec) -> tuple[str, ...]:
    """Return the names under which the tables of a section send their rows."""
    return tuple(_first_columns(section))


def component_names(base: str) -> Mapping[str, str]:
    """Return the names that the budget component gives to the columns of one of its sides, by the field's own."""
    suffix = next(suffix for suffix in _TO_FIELD if base.endswith(suffix))
    return {own: shown for shown, own in _TO_FIELD[suffix].items()}


def seen_versions(text: str) -> dict[str, int]:
    """Read the versions that a page was made from."""
    return {key: int(version) for key, version in _VERSION.findall(text)}


def written_versions(versions: Mapping[str, int]) -> str:
    """Write versions for a page to send back."""
    return ",".join(f"{key}={version}" for key, version in versions.items() if version)


def _first_columns(section: SectionSpec) -> dict[str, str]:
    found: dict[str, str] = {}
    for spec in section.fields:
        for side in _sides(spec):
            kind = field_type(side)
            if isinstance(kind, RowsType):
                found[side.id] = kind.columns(side)[0].id
    return found


def _sides(spec: FieldSpec) -> tuple[FieldSpec, ...]:
    kind = field_type(spec)
    return kind.sides(spec) if hasattr(kind, "sides") else (spec,)


def _budgets(section: SectionSpec) -> list[tuple[str, Mapping[str, str]]]:
    fields = [spec for spec in section.fields if spec.type == "budget"]
    return [(spec.id + suffix, changes) for spec in fields for suffix, changes in _TO_FIELD.items()]


def _renamed(texts: Raw, base: str, changes: Mapping[str, str]) -> Texts:
    renamed: Texts = {}
    for name, values in texts.items():
        cell = cell_of(name, base)
        renamed[f"{base}-{cell[0]}-{changes.get(cell[1], cell[1])}" if cell else name] = tuple(values)
    return renamed


def _indexes(texts: Raw, base: str) -> list[int]:
    return sorted({cell[0] for cell in (cell_of(name, base) for name in texts) if cell})


def _renumbered(texts: Raw, base: str) -> Texts:
    places = {index: place for place, index in enumerate(_indexes(texts, base))}
    renumbered: Texts = {}
    for name, values in texts.items():
        cell = cell_of(name, base)
        renumbered[f"{base}-{places[cell[0]]}-{cell[1]}" if cell else name] = tuple(values)
    return renumbered
