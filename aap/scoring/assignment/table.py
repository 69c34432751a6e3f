"""Affinities, loads, colleges and pinned pairs in plain files, and the document that answers them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from aap.errors import InvalidError, Problem
from aap.scoring.assignment.problem import Booleans, Integers
from aap.scoring.plain_csv import SEPARATORS, Table, read_table

_WHOLE = re.compile(r"[+-]?[0-9]{1,12}")
_NATURAL = re.compile(r"[0-9]{1,9}")
MOST_PROBLEMS = 50


@dataclass(frozen=True, slots=True)
class Affinities:
    """A table of affinities: names of rows and columns, integers, and where there is no conflict."""

    applications: tuple[str, ...]
    jurors: tuple[str, ...]
    values: Integers
    allowed: Booleans


def read_affinities(content: bytes, name: str) -> Affinities:
    """Read one row per application and one column per juror; a blank is a conflict.

    Rows are made into arrays as they are read: a table of 1.5 million cells would not fit in 300 MB as texts. Raises
    ``InvalidError`` naming the file, the line and the column of each fault.
    """
    lines = _lines(content, name)
    _, header = next(lines, (0, []))
    jurors = header[1:]
    _check_header(header, name)
    references: dict[str, int] = {}
    values, allowed, problems = [], [], []
    for number, cells in lines:
        if len(cells) != len(header):
            told = f"{len(cells)} cellules, alors que l'en-tête en a {len(header)}."
            problems.append(_problem(name, number, None, told))
            continue
        reference = cells[0]
        if not reference or reference in references:
            told = (
                f"le dossier « {reference} » figure déjà à la ligne {references[reference]}."
                if reference
                else ("la référence du dossier manque.")
            )
            problems.append(_problem(name, number, header[0] or "1", told))
            continue
        references[reference] = number
        row, open_to = _row(cells, header, number, name, problems)
        values.append(row)
        allowed.append(open_to)
    if problems:
        raise InvalidError(f"{name} : le tableau des affinités n'est pas utilisable.", tuple(problems))
    if not values:
        raise InvalidError(f"{name} : le tableau n'a aucun dossier.", code="tableau-vide")
    return Affinities(tuple(references), tuple(jurors), np.stack(values), np.stack(allowed))


def read_loads(text: str, jurors: Sequence[str], option: str) -> tuple[int, ...]:
    """Read one load for all, or one per juror in the order of the columns. Raises ``InvalidError`` on ``option``."""
    parts = [part.strip() for part in text.split(",")]
    for part in parts:
        if part.startswith("-") and _NATURAL.fullmatch(part[1:]):
            raise InvalidError.on(option, f"La charge {part} est négative.", code="charge-negative")
        if not _NATURAL.fullmatch(part):
            raise InvalidError.on(option, f"« {part} » n'est pas une charge : il faut un nombre entier de dossiers.")
    if len(parts) == 1:
        return (int(parts[0]),) * len(jurors)
    if len(parts) != len(jurors):
        told = f"{len(parts)} charges pour {len(jurors)} jurés : il en faut une seule, ou une par juré."
        raise InvalidError.on(option, told, code="charges-incompletes")
    return tuple(int(part) for part in parts)


def read_colleges(content: bytes, name: str, jurors: Sequence[str]) -> dict[str, str]:
    """Read columns juror and college. A juror that is not listed is in no college; an unknown one is refused."""
    table, (juror, college) = _named(content, name, "juror", "college")
    known, found, problems = set(jurors), dict[str, str](), []
    for row in table.rows:
        who, where = row.cells[juror], row.cells[college]
        if who not in known:
            problems.append(_problem(name, row.line, "juror", f"« {who} » n'est pas une colonne des affinités."))
        elif who in found:
            problems.append(_problem(name, row.line, "juror", f"le juré « {who} » figure deux fois."))
        elif not where:
            problems.append(_problem(name, row.line, "college", f"le collège de « {who} » manque."))
        else:
            found[who] = where
    if problems:
        raise InvalidError(f"{name} : les collèges ne sont pas utilisables.", tuple(problems[:MOST_PROBLEMS]))
    return found


def read_pairs(content: bytes, name: str, affinities: Affinities) -> tuple[tuple[int, int], ...]:
    """Read columns application and juror: the pairs that are kept. Unknown names and repeated pairs are refused."""
    table, (application, juror) = _named(content, name, "application", "juror")
    rows = {each: index for index, each in enumerate(affinities.applications)}
    columns = {each: index for index, each in enumerate(affinities.jurors)}
    pairs: dict[tuple[int, int], int] = {}
    problems = []
    for row in table.rows:
        what, who = row.cells[application], row.cells[juror]
        if what not in rows:
            problems.append(_problem(name, row.line, "application", f"« {what} » n'est pas un dossier des affinités."))
        elif who not in columns:
            problems.append(_problem(name, row.line, "juror", f"« {who} » n'est pas une colonne des affinités."))
        elif (rows[what], columns[who]) in pairs:
            problems.append(_problem(name, row.line, "juror", f"la paire « {what} », « {who} » figure deux fois."))
        elif not affinities.allowed[rows[what], columns[who]]:
            problems.append(_problem(name, row.line, "juror", f"un conflit interdit « {what} » à « {who} »."))
        else:
            pairs[rows[what], columns[who]] = row.line
    if problems:
        raise InvalidError(f"{name} : les paires fixées ne sont pas utilisables.", tuple(problems[:MOST_PROBLEMS]))
    return tuple(pairs)


def _named(content: bytes, name: str, *columns: str) -> tuple[Table, tuple[int, ...]]:
    """Read a small table and find its columns; whatever is wrong names the file."""
    try:
        table = read_table(content)
        return table, table.columns(*columns)
    except InvalidError as error:
        problems = tuple(Problem(f"{name}, {each.place}", each.message, each.line) for each in error.problems)
        raise InvalidError(f"{name} : {error.message}", problems, code=error.code) from error


def _lines(content: bytes, name: str) -> Iterator[tuple[int, list[str]]]:
    """Give the stripped cells of each line that has any, with its number."""
    try:
        text = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline="")
        first = content[: content.find(b"\n") + 1 or None].decode("utf-8-sig")
        reader = csv.reader(text, delimiter=max(SEPARATORS, key=first.count), strict=True)
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                yield reader.line_num, stripped
    except UnicodeDecodeError as error:
        raise InvalidError(f"{name} : le fichier n'est pas un texte en UTF-8.", code="csv-illisible") from error
    except csv.Error as error:
        told = f"{name} : le fichier n'est pas un CSV bien formé, ligne {reader.line_num}."
        raise InvalidError(told, code="csv-illisible") from error


def _check_header(header: Sequence[str], name: str) -> None:
    """Refuse a table without columns, without names, or whose first line looks like data."""
    if not header:
        raise InvalidError(f"{name} : le fichier est vide : il faut au moins une ligne d'en-tête.", code="csv-vide")
    jurors = header[1:]
    if not jurors:
        raise InvalidError(f"{name}, ligne 1 : il faut au moins une colonne de juré.", code="en-tete-absent")
    numbered = [str(index) for index in range(1, len(jurors) + 1)]
    if all(not cell or _WHOLE.fullmatch(cell) for cell in jurors) and list(jurors) != numbered:
        told = (
            f"{name}, ligne 1 : l'en-tête manque (la première ligne doit nommer les jurés, et elle porte des nombres)."
        )
        raise InvalidError(told, code="en-tete-absent")
    seen: set[str] = set()
    for place, juror in enumerate(jurors, 2):
        if not juror:
            raise InvalidError(f"{name}, ligne 1, colonne {place} : le nom du juré manque.", code="en-tete-absent")
        if juror in seen:
            told = f"{name}, ligne 1, colonne {place} : le juré « {juror} » figure deux fois."
            raise InvalidError(told, code="nom-en-double")
        seen.add(juror)


def _row(
    cells: Sequence[str], header: Sequence[str], number: int, name: str, problems: list[Problem]
) -> tuple[Integers, Booleans]:
    """Read the affinities of one application, adding what is wrong to the problems."""
    marks = cells[1:]
    try:
        row = np.array([int(cell) if cell else 0 for cell in marks], dtype=np.int64)
        if not any("_" in cell for cell in marks) and np.abs(row).max(initial=0) <= 10**9:
            return row, np.array([bool(cell) for cell in marks])
    except (ValueError, OverflowError):
        pass  # said cell by cell below
    for column, cell in zip(header[1:], marks, strict=True):
        if cell and not (_WHOLE.fullmatch(cell) and abs(int(cell)) <= 10**9):
            told = f"« {cell[:40]} » n'est pas une affinité : il faut un nombre entier, ou rien en cas de conflit."
            problems.append(_problem(name, number, column, told))
    return np.zeros(len(marks), dtype=np.int64), np.zeros(len(marks), dtype=bool)


def _problem(name: str, line: int, column: str | None, told: str) -> Problem:
    place = f"{name}, ligne {line}" + (f", colonne « {column} »" if column else "")
    return Problem(place, told, line)
