"""Tables as analysts keep them: a header, one row a line, blank for missing; commas, or the semicolons of French Excel.

Syntax: RFC 4180, with the separator read from the header.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass

from aap.errors import InvalidError, Problem

SEPARATORS = ",;\t"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: its 1-based line in the file and its cells, stripped; as many as the header has."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A whole table. Column names are stripped, and different from each other."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]

    def columns(self, *names: str) -> tuple[int, ...]:
        """Find columns by name, whatever their order and case. Raises ``InvalidError`` naming those that miss."""
        known = {name.casefold(): index for index, name in enumerate(self.header)}
        missing = [name for name in names if name.casefold() not in known]
        if missing:
            said = ", ".join(f"« {name} »" for name in missing)
            raise InvalidError(f"Il manque la colonne {said} dans l'en-tête.", code="colonne-manquante")
        return tuple(known[name.casefold()] for name in names)


def read_table(content: bytes) -> Table:
    """Read a CSV in UTF-8, with or without its byte order mark; lines with nothing on them are skipped.

    Raises ``InvalidError`` naming the lines that have more or fewer cells than the header.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidError("Le fichier n'est pas un texte en UTF-8.", code="csv-illisible") from error
    first = text.lstrip("\r\n").partition("\n")[0]
    separator = max(SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[Row] = []
    try:
        for cells in reader:
            stripped = tuple(cell.strip() for cell in cells)
            if any(stripped):
                rows.append(Row(reader.line_num, stripped))
    except csv.Error as error:
        message = f"Le fichier n'est pas un CSV bien formé : erreur à la ligne {reader.line_num}."
        raise InvalidError(message, code="csv-illisible") from error
    if not rows:
        raise InvalidError("Le fichier est vide : il faut au moins une ligne d'en-tête.", code="csv-vide")
    return _checked(rows[0].cells, rows[1:])


def refuse_duplicates(names: Iterable[str], what: str) -> None:
    """Refuse a name that comes twice. ``what`` says what it names, article included: « la colonne »."""
    seen: set[str] = set()
    twice = list(dict.fromkeys(name for name in names if name in seen or seen.add(name)))  # type: ignore[func-returns-value]  # add returns None, which is false
    if twice:
        said = ", ".join(f"« {name} »" for name in twice[:5])
        raise InvalidError(f"Le fichier nomme deux fois {what} {said}.", code="nom-en-double")


def _checked(header: tuple[str, ...], rows: list[Row]) -> Table:
    refuse_duplicates(header, "la colonne")
    problems = tuple(
        Problem(f"ligne {row.line}", f"{len(row.cells)} cellules, alors que l'en-tête en a {len(header)}.", row.line)
        for row in rows
        if len(row.cells) != len(header)
    )
    if problems:
        raise InvalidError(
            "Des lignes n'ont pas le même nombre de cellules que l'en-tête.", problems, code="csv-bancal"
        )
    return Table(header, tuple(rows))
