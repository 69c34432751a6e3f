"""From a table of texts to the rows of a budget: what is understood, and word for word what is not. Loses nothing.

Numbers stay as they were typed: the cells of the page judge them as if a person had typed them there.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from aap.applications.spreadsheets.columns import EXPENSES, FUNDING, IGNORED, Side, find_header, guess, money, plain
from aap.applications.typed_plan import MONEY_DECIMALS, typed_number
from aap.forms.fields.cleaning import clean_line
from aap.forms.fields.field_type import UnreadableError
from aap.forms.fields.figures import QUANTITY_DECIMALS
from aap.forms.fields.tables import MOST_ROWS
from aap.french import euros, number, rounded
from aap.referentials.vocabularies import vocabulary

__all__ = ["EXPENSES", "FUNDING", "Remark", "Understood", "read_cells", "understand"]

YES = frozenset({"oui", "x", "joint", "1", "o", "y", "vrai", "true", "oui joint", "✓"})
NO = frozenset({"non", "0", "n", "faux", "false", "-", "–", "neant", "sans"})
MOST_COLUMNS = 40
SYNONYMS: Mapping[str, Mapping[str, str]] = {
    "budget_categories": {
        "investissements": "investissement", "equipement": "investissement", "equipements": "investissement",
        "materiel": "investissement", "personnel": "rh", "salaires": "rh", "ressources humaines (rh)": "rh",
        "ingenierie": "ingenierie", "formations": "formation",
    },
    "income_kinds": {
        "subvention": "subvention", "ars": "subvention", "fir": "subvention", "cofinancement": "cofinancement",
        "cofinanceur": "cofinancement", "fonds propres": "autofinancement", "propre": "autofinancement",
    },
    "cofunding_status": {"demandee": "demande", "sollicite": "demande", "acquise": "acquis", "obtenu": "acquis"},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to read before taking a table: ``place`` says where (line and column of what was pasted)."""

    place: str
    text: str
    lost: bool = False  # the cell is not taken


@dataclass(frozen=True, slots=True)
class Understood:
    """What a pasted table comes to. ``columns``: title and cell of each; ``rows``: texts by cell of the page."""

    columns: tuple[tuple[str, str], ...]
    titled: bool
    rows: tuple[dict[str, str], ...]
    remarks: tuple[Remark, ...]


def read_cells(text: str) -> tuple[tuple[str, ...], ...]:
    """Cut a text copied from a spreadsheet into cells: tabs, else semicolons, between them; some stand in quotes."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
    mark = "\t" if "\t" in lines else ";" if ";" in lines else "\t"
    try:
        rows = list(csv.reader(io.StringIO(lines, newline=""), delimiter=mark, strict=True))
    except csv.Error:  # a quote that is only a sign: 15" for a screen
        rows = [line.split(mark) for line in lines.split("\n")]
    return tuple(tuple(_clean(cell) for cell in row[:MOST_COLUMNS]) for row in rows)


def understand(text: str, side: Side, chosen: Mapping[int, str] | None = None) -> Understood:
    """Read a table copied from a spreadsheet; ``chosen`` overrules what some columns are taken for."""
    cells = read_cells(text)
    header = find_header(cells, side)
    start = 0 if header is None else header[0] + 1
    width = max((len(row) for row in cells), default=0)
    found = list(guess(cells, side) if header is None else header[1])
    found += [IGNORED] * (width - len(found))
    for column, cell in (chosen or {}).items():
        if column < width and (cell in side.cells or cell == IGNORED):
            found = [IGNORED if cell and one == cell else one for one in found]
            found[column] = cell
    titles = [cells[start - 1][column] if start and column < len(cells[start - 1]) else "" for column in range(width)]
    reader = _Reader(side, tuple(found), tuple(titles))
    for rank, row in enumerate(cells):
        if rank < start - 1 and any(row):
            reader.remark(
                rank,
                None,
                f"« {' '.join(cell for cell in row if cell)} » : au-dessus des titres, non repris.",
                lost=True,
            )
        if rank >= start and any(row):
            reader.read(rank, row)
    if not reader.rows and any(any(row) for row in cells):
        reader.remark(
            None, None, f"Aucune ligne à reprendre pour « {side.sheet} » : vérifiez la colonne de chaque valeur."
        )
    rows = reader.rows
    if len(rows) > MOST_ROWS:
        reader.remark(
            None, None, f"Le tableau compte {len(rows)} lignes : un budget en garde {MOST_ROWS} au plus.", lost=True
        )
    return Understood(tuple(zip(titles, found, strict=True)), header is not None, tuple(rows), tuple(reader.remarks))


class _Reader:
    """Reads line after line; a line that only names a category heads the lines below it."""

    def __init__(self, side: Side, columns: tuple[str, ...], titles: tuple[str, ...]) -> None:
        self.side, self.columns, self.titles = side, columns, titles
        self.rows: list[dict[str, str]] = []
        self.remarks: list[Remark] = []
        self.heading = ""

    def remark(self, rank: int | None, column: int | None, text: str, *, lost: bool = False) -> None:
        """Keep a remark with its place."""
        place = "" if rank is None else f"Ligne {rank + 1}"
        if column is not None:
            title = self.titles[column]
            place += f", colonne {column + 1}" + (f" « {title} »" if title else "")
        self.remarks.append(Remark(place, text, lost))

    def read(self, rank: int, row: Sequence[str]) -> None:
        """Read one line."""
        filled = [cell for cell in row if cell]
        if plain(filled[0]).startswith(("total", "sous-total", "sous total")):
            self.remark(rank, None, f"« {' – '.join(filled)} » est un total : les totaux sont recalculés.", lost=True)
            return
        if self._is_heading(filled):
            self.heading = _code("budget_categories", filled[0])
            self.remark(rank, None, f"« {filled[0]} » est pris comme le poste des lignes qui suivent.")
            return
        cells = {}
        for column, text in enumerate(row):
            cell = self.columns[column] if column < len(self.columns) else IGNORED
            if text and cell:
                cells[cell] = self._cell(rank, column, cell, text)
            elif text:
                self.remark(
                    rank, column, f"« {text} » n'est pas repris : cette colonne n'a pas de place ici.", lost=True
                )
        if not any(cells.get(name) for name in (self.side.name_cell, *self.side.numbers)):
            return
        if self.side is EXPENSES:
            self._complete(rank, cells)
        self.rows.append({name: text for name, text in cells.items() if text})

    def _is_heading(self, filled: Sequence[str]) -> bool:
        return self.side is EXPENSES and len(filled) == 1 and bool(_code("budget_categories", filled[0]))

    def _cell(self, rank: int, column: int, cell: str, text: str) -> str:
        if cell in self.side.choices:
            return self._choice(rank, column, self.side.choices[cell], text)
        if cell == "quote":
            return self._quote(rank, column, text)
        if cell in self.side.numbers:
            bare = money(text) if cell != "quantity" else text
            if typed_number(bare, QUANTITY_DECIMALS if cell == "quantity" else MONEY_DECIMALS) is None:
                what = (
                    "une quantité (trois décimales au plus)"
                    if cell == "quantity"
                    else "un montant (deux décimales au plus)"
                )
                self.remark(
                    rank, column, f"« {text} » ne se lit pas comme {what} : la case le garde tel quel, à corriger."
                )
                return text
            return bare
        return text

    def _choice(self, rank: int, column: int, name: str, text: str) -> str:
        code = _code(name, text)
        if not code:
            terms = ", ".join(term.label for term in vocabulary(name).terms)
            self.remark(rank, column, f"« {text} » n'est pas dans la liste ({terms}) : à choisir.", lost=True)
        return code

    def _quote(self, rank: int, column: int, text: str) -> str:
        words = plain(text)
        if words in YES:
            return "y"
        if words not in NO:
            self.remark(rank, column, f"« {text} » est gardé comme la référence du devis.")
            return f"={text}"
        return ""

    def _complete(self, rank: int, cells: dict[str, str]) -> None:
        """Bring a line to what the page holds: a category, a quantity and a price; amounts are computed again."""
        reference = cells.get("quote", "")
        if reference.startswith("="):
            cells["quote_ref"], cells["quote"] = cells.get("quote_ref") or reference[1:], ""
        cells["category"] = cells.get("category") or self.heading
        amount = _figure(cells.pop("amount", ""))
        quantity, price = _figure(cells.get("quantity", ""), QUANTITY_DECIMALS), _figure(cells.get("unit_price", ""))
        if amount is None:
            return
        if quantity is not None and price is not None:
            due = rounded(quantity * price, 2)
            if due != amount:
                said = f"{number(quantity)} × {euros(price)} donne {euros(due)}, le tableau dit {euros(amount)} : "
                self.remark(rank, None, f"{said}le budget retient {euros(due)}.")
        elif not cells.get("unit_price") and quantity and rounded(amount / quantity, 2) * quantity == amount:
            cells["unit_price"] = _typed(rounded(amount / quantity, 2))
        elif not cells.get("unit_price"):
            if quantity is not None:
                self.remark(
                    rank, None, f"{euros(amount)} ne se partage pas en {number(quantity)} au centime : compté une fois."
                )
            cells |= {"quantity": "1", "unit_price": _typed(amount)}
        elif not cells.get("quantity"):
            cells |= {"quantity": "1", "unit_price": _typed(amount)}


def _code(name: str, text: str) -> str:
    """Return the code of a choice, given as the code itself, its words or words close to them."""
    words = plain(text)
    for term in vocabulary(name).terms:
        if words in {term.code, plain(term.label)}:
            return term.code
    return SYNONYMS.get(name, {}).get(words, "")


def _figure(text: str, decimals: int = MONEY_DECIMALS) -> Decimal | None:
    return typed_number(text, decimals) if text else None


def _typed(amount: Decimal) -> str:
    return f"{amount:f}".replace(".", ",").removesuffix(",00")


def _clean(cell: str) -> str:
    try:
        return clean_line(cell)
    except UnreadableError:
        return "".join(sign for sign in cell if sign.isprintable()).strip()[:2000]
