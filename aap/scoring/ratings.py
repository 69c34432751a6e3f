"""A table of raters and units in a plain file, and what it says of their agreement."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

from aap.errors import InvalidError, Problem
from aap.scoring.agreement import Level, intraclass, kendall_w, krippendorff_alpha
from aap.scoring.exact import exact
from aap.scoring.plain_csv import Row, read_table, refuse_duplicates


@dataclass(frozen=True, slots=True)
class Ratings:
    """Who gave what. ``texts[rater][unit]`` is what was written, ``None`` if blank; ``numbers`` the same, exact.

    ``numbers`` is ``None`` when something written is not a number.
    """

    texts: tuple[tuple[str | None, ...], ...]
    numbers: tuple[tuple[Fraction | None, ...], ...] | None


def read_ratings(content: bytes, level: Level, *, by_unit: bool = False) -> Ratings:
    """Read one row per rater and one column per unit, or the converse when ``by_unit``; the first column is a name.

    Raises ``InvalidError`` on a table without any unit or rater, a name given twice, and above the nominal level on a
    value that is not a number.
    """
    table = read_table(content)
    if len(table.header) < 2 or not table.rows:
        raise InvalidError("Il faut au moins un évaluateur et un dossier : le tableau est vide.", code="tableau-vide")
    refuse_duplicates([row.cells[0] for row in table.rows], "la ligne")
    texts = [tuple(cell or None for cell in row.cells[1:]) for row in table.rows]
    numbers, problems = [], []
    for row in table.rows:
        read = [_read(cell, row, table.header[index]) for index, cell in enumerate(row.cells[1:], 1)]
        numbers.append(tuple(None if isinstance(value, Problem) else value for value in read))
        problems += [value for value in read if isinstance(value, Problem)]
    if problems and level is not Level.NOMINAL:
        message = "Certaines valeurs ne sont pas des nombres : seul le niveau nominal admet du texte."
        raise InvalidError(message, tuple(problems), code="pas-un-nombre")
    if by_unit:
        texts, numbers = list(zip(*texts, strict=True)), list(zip(*numbers, strict=True))
    return Ratings(tuple(texts), None if problems else tuple(numbers))


def agreement_document(ratings: Ratings, level: Level, *, icc: bool = False) -> dict[str, Any]:
    """Write every figure of agreement; a figure that does not exist is ``None``."""
    numbers = ratings.numbers
    units = list(zip(*(ratings.texts if numbers is None else numbers), strict=True))
    concordance = kendall_w(numbers) if numbers is not None else None
    document: dict[str, Any] = {
        "krippendorff_alpha": krippendorff_alpha(units, level),
        "kendall_w": asdict(concordance) if concordance else None,
    }
    if icc:
        found = intraclass(list(zip(*numbers, strict=True))) if numbers is not None else None
        document["icc"] = found.coefficients if found else None
        squares = found.mean_squares if found else None
        document["mean_squares"] = squares and {
            "BMS": squares.between,
            "WMS": squares.within,
            "JMS": squares.judges,
            "EMS": squares.residual,
        }
    return document


def _read(cell: str, row: Row, column: str) -> Fraction | Problem | None:
    if not cell:
        return None
    place = f"ligne {row.line}, colonne « {column} »"
    try:
        return exact(cell, place)
    except InvalidError as error:
        return Problem(place, error.message, row.line)
