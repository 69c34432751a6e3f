"""A budget in an XLSX, ODS or CSV file: which sheet holds what, and why a sheet cannot be trusted as it stands."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from aap.applications.spreadsheets.columns import EXPENSES, FUNDING, SIDES, Side, find_header, plain
from aap.applications.spreadsheets.shapes import Shape, shapes_of
from aap.errors import InvalidError, Problem
from aap.french import listing
from aap.workbooks import Cell, Limits, Table, column_name, read_workbook

LIMITS: Final = Limits(sent=5_000_000, inflated=60_000_000, parts=500, rows=5_000, columns=120, cells=200_000)
NAMES: Final[Mapping[str, frozenset[str]]] = {
    EXPENSES.name: frozenset({"depenses", "budget", "charges", "emplois", "couts"}),
    FUNDING.name: frozenset(
        {"financements", "financement", "plan de financement", "recettes", "ressources", "produits"}
    ),
}
FLOAT_DIGITS: Final = Decimal("0.000001")  # below, the noise of a binary number
MOST_TOLD: Final = 12


def read_budget_file(content: bytes, file_name: str) -> dict[str, str]:
    """Return the tables of a file as texts to paste, under ``lines`` and ``income``; a side without a sheet is absent.

    Raises:
        InvalidError: not a workbook, no sheet looks like a budget, or a sheet hides something (one problem for each).
        TooLargeError: the file is beyond the size of any budget.

    """
    tables = read_workbook(content, file_name, LIMITS)
    shapes = shapes_of(content)
    chosen = _sheets(tables)
    if not chosen:
        names = listing([f"« {table.name} »" for table in tables])
        raise InvalidError(
            f"Aucune feuille de « {file_name} » ne ressemble à un budget (feuilles : {names}). Nommez « Dépenses » la "
            "feuille des dépenses, « Financements » celle des financeurs, avec un titre au-dessus de chaque colonne.",
            code="feuille-inconnue",
        )
    problems = [
        Problem("workbook", message)
        for side, table in chosen.items()
        for message in _hidden(table, shapes.get(table.name, Shape()), side)
    ]
    if problems:
        told = (*problems[:MOST_TOLD], *_rest(len(problems)))
        message = "Le classeur n'est pas lu : ce que vous y voyez ne serait pas ce qui serait repris."
        raise InvalidError(message, told, code="classeur-douteux")
    return {side.name: _text(table) for side, table in chosen.items()}


def _rest(count: int) -> Iterator[Problem]:
    if count > MOST_TOLD:
        yield Problem("workbook", f"Et {count - MOST_TOLD} autres points de même nature.")


def _sheets(tables: Sequence[Table]) -> dict[Side, Table]:
    """Choose a sheet for each side: by its name, else by its titles; a lonely sheet holds the expenses."""
    filled = [table for table in tables if any(any(_shown(cell) for cell in row) for row in table.rows)]
    chosen: dict[Side, Table] = {}
    for side in SIDES:
        by_name = [table for table in filled if plain(table.name) in NAMES[side.name]]
        if by_name:
            chosen[side] = by_name[0]
    for side in SIDES:
        free = [table for table in filled if table not in chosen.values()]
        titled = [table for table in free if find_header(_rows(table), side)]
        if side not in chosen and titled:
            chosen[side] = titled[0]
    if not chosen and len(filled) == 1 and any(isinstance(cell, float | int) for row in filled[0].rows for cell in row):
        chosen[EXPENSES] = filled[0]
    return chosen


def _hidden(table: Table, shape: Shape, side: Side) -> Iterator[str]:
    """Say what keeps a sheet from being read as it is seen, with its sheet, line and column."""
    where = f"Feuille « {table.name} »"
    rows = _rows(table)
    header = find_header(rows, side)
    start = header[0] if header else 0
    if shape.hidden:
        yield f"{where} : elle est masquée. Affichez-la, ou supprimez-la."
    for line in sorted(shape.hidden_rows):
        if line < len(rows) and any(rows[line]):
            yield f"{where}, ligne {line + 1} : cette ligne est masquée. Affichez-la, ou supprimez-la."
    for column in sorted(shape.hidden_columns):
        if any(column < len(row) and row[column] for row in rows[start:]):
            yield f"{where}, colonne {column_name(column)} : cette colonne est masquée. Affichez-la, ou supprimez-la."
    for top, left, bottom, right in shape.merged:
        if bottom >= start and any(any(row[left : right + 1]) for row in rows[top : bottom + 1]):
            cells = f"{column_name(left)}{top + 1} à {column_name(right)}{bottom + 1}"
            place = f"{where}, ligne {top + 1}, colonne {column_name(left)}"
            yield f"{place} : les cellules {cells} sont fusionnées. Séparez-les."
    for line, column in shape.unsolved:
        yield (
            f"{where}, ligne {line + 1}, colonne {column_name(column)} : cette formule n'a pas de résultat enregistré. "
            "Ouvrez le classeur dans votre tableur, enregistrez-le, puis recommencez."
        )


def _rows(table: Table) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(_shown(cell) for cell in row) for row in table.rows)


def _text(table: Table) -> str:
    """Write a sheet as a spreadsheet copies it; lines keep their number, so that remarks name the lines of the file."""
    written = io.StringIO(newline="")
    csv.writer(written, delimiter="\t", lineterminator="\n").writerows(_rows(table))
    return written.getvalue()


def _shown(cell: Cell) -> str:
    """Return a cell as a person would type it; a binary number is brought back to the figure it stands for."""
    if isinstance(cell, bool):
        return "oui" if cell else "non"
    if isinstance(cell, float):
        exact = Decimal(repr(cell))
        if not exact.is_finite():
            return str(cell)
        if abs(exact) < Decimal(10) ** 20:
            exact = exact.quantize(FLOAT_DIGITS)
        return _plain_number(exact)
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    return str(cell).strip()


def _plain_number(exact: Decimal) -> str:
    text = f"{exact:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", ",")
