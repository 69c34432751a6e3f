"""Tabular types: rows of cells, read from inputs named ``{field}-{row}-{column}``.

Blank rows are dropped, a row ticked in ``{field}-{row}-delete`` too: pages without JavaScript show spare rows and a
box to delete. ``{field}-{row}-key`` carries the key of a row that has one.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar, TypeVar

from typing_extensions import override

from aap.errors import Problem
from aap.forms.fields.cells import CELL_TYPES
from aap.forms.fields.field_type import (
    MISSING,
    Column,
    DisplayTable,
    FieldType,
    Parsed,
    Raw,
    UnreadableError,
    Written,
)
from aap.forms.spec import FieldSpec
from aap.french import listing, plural

R = TypeVar("R")
Cells = Mapping[str, Any]

MOST_ROWS = 200
_KEY = re.compile(r"[A-Za-z0-9_]{1,20}")


class RowsType(FieldType[tuple[R, ...]]):
    """A table whose rows become values of type ``R``."""

    prefix: ClassVar[str] = ""  # letter of the row keys; rows without keys leave it empty
    aliases: ClassVar[Mapping[str, str]] = {}  # names that documents give to some columns

    @abstractmethod
    def columns(self, spec: FieldSpec) -> tuple[FieldSpec, ...]:
        """Return the columns of the table."""

    @abstractmethod
    def build(self, key: str, cells: Cells) -> R:
        """Make a row of its cells; a blank cell is ``None``."""

    @abstractmethod
    def cells(self, row: R) -> Cells:
        """Return the cells of a row: the reverse of ``build``."""

    def key(self, row: R) -> str:
        """Return the key of a row, empty when rows have none."""
        return str(getattr(row, "key", ""))

    def identity(self, spec: FieldSpec, row: R) -> Hashable | None:
        """Return what two rows may not share; ``None`` compares this row with no other."""
        return repr([self._cell(column).to_json(column, cell) for column, cell in self._filled(spec, row)])

    def check_row(self, place: str, row: R) -> tuple[Problem, ...]:  # noqa: ARG002  # tables with rules override
        """Return what is wrong across the cells of one row, found at ``place`` (``{field}-{row}``)."""
        return ()

    @override
    def parse(self, spec: FieldSpec, raw: Raw) -> Parsed[tuple[R, ...]]:
        """Read every row sent under the name of the field."""
        typed: Written = {name: tuple(texts) for name, texts in raw.items() if name.startswith(f"{spec.id}-")}
        problems: list[Problem] = []
        found: list[tuple[str, dict[str, Any]]] = []
        for place in _places(spec.id, raw):
            cells: dict[str, Any] = {}
            for column in self.columns(spec):
                parsed = self._cell(column).parse(at(place, column), raw)
                problems.extend(parsed.problems)
                cells[column.id] = parsed.value
            blank = all(self._cell(column).empty(cells[column.id]) for column in self.columns(spec))
            in_doubt = any(problem.place.startswith(f"{place}-") for problem in problems)
            if not blank or in_doubt:
                found.append(((tuple(raw.get(f"{place}-key", ())) or ("",))[-1], cells))
        if problems:
            return Parsed(None, tuple(problems), typed)
        keys = self._keys([key for key, _ in found])
        return Parsed(tuple(self.build(key, cells) for key, (_, cells) in zip(keys, found, strict=True)), (), typed)

    @override
    def written(self, spec: FieldSpec, value: tuple[R, ...] | None) -> Written:
        """Return the inputs of every row, numbered from 0."""
        written: Written = {}
        for index, row in enumerate(value or ()):
            place = f"{spec.id}-{index}"
            if self.prefix:
                written[f"{place}-key"] = (self.key(row),)
            cells = self.cells(row)
            for column in self.columns(spec):
                written |= self._cell(column).written(at(place, column), cells.get(column.id))
        return written

    @override
    def to_json(self, spec: FieldSpec, value: tuple[R, ...]) -> Any:
        """Return a list of mappings; a blank cell is left out."""
        return [
            ({"key": self.key(row)} if self.prefix else {})
            | {column.id: self._cell(column).to_json(column, cell) for column, cell in self._filled(spec, row)}
            for row in value
        ]

    @override
    def from_json(self, spec: FieldSpec, value: Any) -> tuple[R, ...]:
        """Read a list of mappings; a column nobody knows is ignored, a fault is told with its line."""
        if not isinstance(value, list | tuple) or not all(isinstance(row, Mapping) for row in value):
            raise UnreadableError("Une liste de lignes est attendue.")
        rows = [{self.aliases.get(name, name): cell for name, cell in row.items()} for row in value]
        keys = self._keys([str(row.get("key", "")) for row in rows])
        return tuple(
            self.build(key, self._read_cells(spec, number, row))
            for number, (key, row) in enumerate(zip(keys, rows, strict=True), start=1)
        )

    @override
    def show(self, spec: FieldSpec, value: tuple[R, ...]) -> str:
        """Return one line per row, cells separated by dashes."""
        return "\n".join(" – ".join(cell for cell in self.line(spec, row) if cell != "–") for row in value)

    def line(self, spec: FieldSpec, row: R) -> tuple[str, ...]:
        """Return the cells of one row as French text, a dash for a blank one."""
        cells = self.cells(row)
        return tuple(
            "–" if self._cell(column).empty(cells.get(column.id)) else self._cell(column).show(column, cells[column.id])
            for column in self.columns(spec)
        )

    @override
    def table(self, spec: FieldSpec, value: tuple[R, ...] | None) -> tuple[DisplayTable, ...]:
        """Return the rows as a table; none when there is no row."""
        if not value:
            return ()
        columns = tuple(Column(c.id, c.label, self._cell(c).numeric) for c in self.columns(spec))
        return (DisplayTable(spec.label, columns, tuple(self.line(spec, row) for row in value)),)

    @override
    def missing(self, spec: FieldSpec, value: tuple[R, ...] | None) -> tuple[Problem, ...]:
        """Ask for a first line, or for the lines that the field still wants."""
        count = len(value or ())
        least = int(spec.min or 0) if spec.required or count else 0
        if spec.required and not count:
            asked = plural(least, "ligne") if least > 1 else "une ligne"
            return (Problem(spec.id, f"Ajoutez au moins {asked}."),)
        if count < least:
            return (
                Problem(spec.id, f"Ajoutez encore {plural(least - count, 'ligne')} : il en faut au moins {least}."),
            )
        return ()

    @override
    def check(self, spec: FieldSpec, value: tuple[R, ...]) -> tuple[Problem, ...]:
        """Report cells that are wrong or missing in a row begun, repeated rows, and too many of them."""
        most = MOST_ROWS if spec.max is None else int(spec.max)
        problems = [Problem(spec.id, f"Gardez au plus {plural(most, 'ligne')}.")] if len(value) > most else []
        for index, row in enumerate(value):
            place = f"{spec.id}-{index}"
            cells = self.cells(row)
            for column in self.columns(spec):
                problems.extend(self._cell(column).validate(at(place, column), cells.get(column.id)))
            problems.extend(self.check_row(place, row))
        problems.extend(self._repeated(spec, value))
        return tuple(problems)

    @override
    def warnings(self, spec: FieldSpec, value: tuple[R, ...]) -> tuple[Problem, ...]:
        """Return the doubts about each cell."""
        return tuple(
            doubt
            for index, row in enumerate(value)
            for column, cell in self._filled(spec, row)
            for doubt in self._cell(column).warnings(at(f"{spec.id}-{index}", column), cell)
        )

    def _cell(self, column: FieldSpec) -> FieldType[Any]:
        return CELL_TYPES[column.type]

    def _filled(self, spec: FieldSpec, row: R) -> Iterator[tuple[FieldSpec, Any]]:
        cells = self.cells(row)
        for column in self.columns(spec):
            if not self._cell(column).empty(cells.get(column.id)):
                yield column, cells[column.id]

    def _read_cells(self, spec: FieldSpec, number: int, row: Cells) -> Cells:
        cells: dict[str, Any] = {}
        for column in self.columns(spec):
            given = row.get(column.id)
            try:
                cells[column.id] = None if given is None else self._cell(column).from_json(column, given)
            except UnreadableError as error:
                raise UnreadableError(f"Ligne {number}, « {column.label} » : {error.message}") from error
        return cells

    def _keys(self, given: list[str]) -> list[str]:
        if not self.prefix:
            return given
        kept: list[str] = []
        for key in given:
            kept.append(key if _KEY.fullmatch(key) and key not in kept else "")
        free = (f"{self.prefix}{number:02d}" for number in range(1, MOST_ROWS * 3 + len(given)))
        unused = (key for key in free if key not in kept)
        return [key or next(unused) for key in kept]

    def _repeated(self, spec: FieldSpec, value: tuple[R, ...]) -> Iterator[Problem]:
        places: dict[Hashable, list[int]] = {}
        for index, row in enumerate(value):
            identity = self.identity(spec, row)
            if identity is not None:
                places.setdefault(identity, []).append(index)
        for same in places.values():
            if len(same) > 1:
                numbers = listing([str(index + 1) for index in same])
                first = self.columns(spec)[0].id
                place = f"{spec.id}-{same[1]}-{first}"
                yield Problem(place, f"Les lignes {numbers} se répètent : gardez-en une seule.")


class TableType(RowsType[Cells]):
    """A table whose columns the call decides. A row is a mapping from column to value."""

    name = "table"
    title = "Tableau"

    @override
    def columns(self, spec: FieldSpec) -> tuple[FieldSpec, ...]:
        """Return the columns of the field."""
        return spec.columns

    @override
    def build(self, key: str, cells: Cells) -> Cells:
        """Return the cells, blank ones left out."""
        return {name: cell for name, cell in cells.items() if cell is not None}

    @override
    def cells(self, row: Cells) -> Cells:
        """Return the row."""
        return row


class RepeatType(TableType):
    """A group of fields filled several times, shown one below the other."""

    name = "repeat"
    title = "Bloc répétable"


def at(place: str, column: FieldSpec) -> FieldSpec:
    """Return the column as the field of one cell: its ``id`` is the name of the input."""
    return replace(column, id=f"{place}-{column.id}")


def _places(field_id: str, raw: Raw) -> tuple[str, ...]:
    pattern = re.compile(rf"{re.escape(field_id)}-([0-9]{{1,4}})-.+")
    found = {int(match[1]) for match in map(pattern.fullmatch, raw) if match}
    places = [f"{field_id}-{index}" for index in sorted(found)]
    return tuple(place for place in places if not any(raw.get(f"{place}-delete", ())))


__all__ = ["MISSING", "MOST_ROWS", "Cells", "RepeatType", "RowsType", "TableType", "at"]
