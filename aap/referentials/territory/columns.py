"""Find the columns of an official table whatever its year: titles above it, accents, case, order of the columns.

Ministries move columns, add lines of notes and change a plural from one vintage to the next. A column is recognised by
its words; when a table lacks one, or has two that fit, the error names the file, the sheet and the headers read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from aap.errors import InvalidError, Problem
from aap.referentials.territory.spelling import plain
from aap.workbooks import Cell, Table, column_name

SEARCHED_LINES: Final = 60
COMMUNE_CODE: Final = (
    r"code (de la )?commune( insee)?.*",
    r"code insee( de la commune)?.*",
    r"(insee )?codgeo",
    r"code geo(graphique)?.*",
    r"depcom",
    r"insee( com(mune)?)?",
    r"commune",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A column to find: patterns of its plain header, best first. ``label`` is what a person calls it."""

    key: str
    label: str
    patterns: Sequence[str]
    required: bool = True
    alone: bool = False  # two columns that fit equally are an ambiguity to settle, not a choice to make for the person


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a table begins and where its columns are (counted from 0)."""

    table: Table
    header_line: int
    places: dict[str, int]
    headers: tuple[str, ...]

    def lines(self) -> Iterator[tuple[int, tuple[Cell, ...]]]:
        """Yield every line below the header that holds something, with its number in the file, from 1."""
        for index in range(self.header_line, len(self.table.rows)):
            row = self.table.rows[index]
            if any(cell != "" for cell in row):
                yield index + 1, row

    def cell(self, row: tuple[Cell, ...], key: str) -> Cell:
        """Return a cell of a line, blank when the table has no such column."""
        place = self.places.get(key, -1)
        return row[place] if 0 <= place < len(row) else ""

    def column(self, key: str) -> str:
        """Return a column as an error names it: its letter and its header."""
        place = self.places[key]
        return f"{column_name(place)} ({self.headers[place]})"


def find_layout(table: Table, wanted: Sequence[Wanted]) -> Layout | None:
    """Return the layout of a table, or ``None`` when no line of its top bears every required header.

    Raises:
        InvalidError: two columns fit one that must be told apart.

    """
    for index, row in enumerate(table.rows[:SEARCHED_LINES]):
        headers = tuple(_header(cell) for cell in row)
        names = [plain(header) for header in headers]
        places: dict[str, int] = {}
        for column in wanted:
            fitting = _fitting(names, column, set(places.values()))
            if len(fitting) > 1 and column.alone and _fits_all(names, wanted):
                listed = " ; ".join(headers[place] for place in fitting)
                place = f"feuille « {table.name} », ligne {index + 1}"
                message = f"plusieurs colonnes peuvent donner « {column.label} » : {listed}. Dites laquelle (--column)."
                raise InvalidError(message, (Problem(place, message, index + 1),), code="colonne-ambigue")
            if fitting:
                places[column.key] = fitting[0]
        if all(column.key in places for column in wanted if column.required):
            return Layout(table, index + 1, places, headers)
    return None


def _fits_all(names: list[str], wanted: Sequence[Wanted]) -> bool:
    return all(_fitting(names, column, set()) for column in wanted if column.required)


def _fitting(names: list[str], column: Wanted, taken: set[int]) -> list[int]:
    for pattern in column.patterns:
        found = [i for i, name in enumerate(names) if i not in taken and name and re.fullmatch(pattern, name)]
        if found:
            return found
    return []


def _header(cell: Cell) -> str:
    return " ".join(str(cell).split())


def headers_read(table: Table) -> str:
    """Return the fullest line of the top of a table, for the error that says what was read instead."""
    rows = table.rows[:SEARCHED_LINES]
    fullest = max(rows, key=lambda row: sum(isinstance(cell, str) and cell != "" for cell in row), default=())
    words = [_header(cell) for cell in fullest if cell != ""]
    return " ; ".join(words[:12]) if words else "rien"


def refuse_headers(file_name: str, tables: Sequence[Table], wanted: Sequence[Wanted]) -> InvalidError:
    """Return the error of a file in which no sheet has the columns."""
    needed = " et ".join(f"« {column.label} »" for column in wanted if column.required)
    problems = tuple(
        Problem(
            f"{file_name}, feuille « {table.name} »",
            f"aucune des {SEARCHED_LINES} premières lignes ne porte {needed}. En-têtes lus : {headers_read(table)}.",
        )
        for table in tables
    )
    return InvalidError(f"« {file_name} » : colonnes introuvables.", problems, code="colonnes-introuvables")
