"""Which column of somebody's table is which column of a budget: by its title, else by what stands in it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aap.forms.fields import UnreadableError, read_decimal

IGNORED = ""  # a column that is not taken


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One table of a budget: its cells, the words that title them, and the list behind each choice.

    ``cells`` maps the name of a cell (as the page sends it) to its French title; ``titles`` the name of a cell to the
    words that people write above it, without accents; ``choices`` a cell to its vocabulary. ``numbers`` hold figures.
    """

    name: str
    sheet: str
    cells: Mapping[str, str]
    titles: Mapping[str, tuple[str, ...]]
    choices: Mapping[str, str]
    numbers: frozenset[str]
    name_cell: str


EXPENSES = Side(
    name="lines",
    sheet="Dépenses",
    cells={
        "id": "N°",
        "category": "Poste",
        "label": "Intitulé",
        "quantity": "Quantité",
        "unit_price": "Prix unitaire",
        "amount": "Montant",
        "requested": "Part demandée",
        "quote": "Devis joint",
        "quote_ref": "Référence du devis",
    },
    titles={
        "id": ("n", "no", "numero", "num", "ligne", "id", "repere"),
        "category": ("poste", "categorie", "nature de la depense", "type de depense", "famille", "rubrique", "nature"),
        "label": (
            "intitule", "libelle", "depense", "depenses", "designation", "description", "objet", "article", "detail",
        ),
        "quantity": ("quantite", "quantites", "qte", "nombre", "nb", "unites", "volume"),
        "unit_price": (
            "prix unitaire", "pu", "p.u", "pu ttc", "prix", "cout unitaire", "montant unitaire", "tarif",
            "tarif unitaire",
        ),
        "amount": ("montant", "total", "montant total", "cout", "cout total", "total ttc", "montant ttc", "prix total"),
        "requested": (
            "part demandee", "part demandee a l'agence", "part agence", "part ars", "ars", "subvention", "fir",
            "montant demande", "demande", "subvention demandee", "part fir", "ars share",
        ),
        "quote": ("devis joint", "devis", "devis fourni"),
        "quote_ref": ("reference du devis", "reference devis", "ref devis", "n devis", "numero de devis"),
    },
    choices={"category": "budget_categories"},
    numbers=frozenset({"quantity", "unit_price", "amount", "requested"}),
    name_cell="label",
)  # fmt: skip

FUNDING = Side(
    name="income",
    sheet="Financements",
    cells={
        "id": "N°",
        "funder": "Financeur",
        "kind": "Nature",
        "status": "État",
        "earmarked": "Dépenses financées",
        "amount": "Montant",
    },
    titles={
        "id": ("n", "no", "numero", "num", "id", "repere"),
        "funder": ("financeur", "financeurs", "nom", "origine", "source", "financement", "recette", "recettes",
                   "intitule"),
        "kind": ("nature", "type", "nature de la recette", "categorie"),
        "status": ("etat", "situation", "statut", "avancement"),
        "earmarked": ("depenses financees", "reserve aux lignes", "lignes", "affectation", "fleche", "fleche vers"),
        "amount": ("montant", "total", "somme", "montant prevu", "montant demande"),
    },
    choices={"kind": "income_kinds", "status": "cofunding_status"},
    numbers=frozenset({"amount"}),
    name_cell="funder",
)  # fmt: skip

SIDES = (EXPENSES, FUNDING)
_MARKS = re.compile(r"[\s\u00a0\u202f_:*]+")
_ASIDE = re.compile(r"\([^)]*\)|\[[^]]*\]")


def plain(text: str) -> str:
    """Return words without accents, case, punctuation at their ends, nor what stands in brackets."""
    flat = unicodedata.normalize("NFKD", _ASIDE.sub(" ", text.replace("’", "'").replace("°", " ").replace("€", " ")))
    return _MARKS.sub(" ", "".join(sign for sign in flat if not unicodedata.combining(sign)).lower()).strip(" .-")


def meaning(title: str, side: Side) -> str:
    """Return the cell that a title announces, or nothing."""
    words = plain(title)
    if not words:
        return IGNORED
    exact = next((cell for cell, titles in side.titles.items() if words in titles), IGNORED)
    if exact:
        return exact
    starts = [
        (len(known), cell)
        for cell, titles in side.titles.items()
        for known in titles
        if len(known) > 3 and words.startswith(f"{known} ")
    ]
    return max(starts)[1] if starts else IGNORED


def find_header(rows: Sequence[Sequence[str]], side: Side) -> tuple[int, tuple[str, ...]] | None:
    """Return the rank of the line of titles and what each column is: the first line with two titles known, one a name.

    A title met twice is taken once: the first column wears it.
    """
    for rank, row in enumerate(rows[:30]):
        found = tuple(meaning(cell, side) for cell in row)
        known = {cell for cell in found if cell}
        if (
            len(known) >= 2
            and not any(_number(cell) for cell in row)
            and known & {side.name_cell, "amount", "unit_price"}
        ):
            return rank, _once(found)
    return None


def guess(rows: Sequence[Sequence[str]], side: Side) -> tuple[str, ...]:
    """Return what each column most likely is when nothing titles them: words, then figures, in the usual order."""
    width = max((len(row) for row in rows), default=0)
    numeric = [_mostly(rows, column, figures=True) for column in range(width)]
    wordy = [column for column in range(width) if not numeric[column] and _mostly(rows, column, figures=False)]
    found = [IGNORED] * width
    listed = [column for column in wordy if side is EXPENSES and _listed(rows, column)]
    if listed:
        found[listed[0]] = "category"
    names = [column for column in wordy if found[column] == IGNORED]
    if names:
        found[names[0]] = side.name_cell
    figures = [column for column in range(width) if numeric[column]]
    for column, cell in zip(figures, _figures(len(figures), side), strict=False):
        found[column] = cell
    return tuple(found)


def _figures(count: int, side: Side) -> tuple[str, ...]:
    if side is FUNDING:
        return ("amount",)
    usual = {1: ("amount",), 2: ("quantity", "unit_price"), 3: ("quantity", "unit_price", "amount")}
    return usual.get(count, ("quantity", "unit_price", "amount", "requested"))


def _listed(rows: Sequence[Sequence[str]], column: int) -> bool:
    from_list = {plain(row[column]) for row in rows if column < len(row) and row[column].strip()}
    return bool(from_list) and from_list <= CATEGORY_WORDS


CATEGORY_WORDS = frozenset(
    {
        "investissement", "investissements", "equipement", "fonctionnement", "rh", "ressources humaines", "personnel",
        "ingenierie", "ingenierie de projet", "formation", "formations", "evaluation",
    }
)  # fmt: skip


def _once(found: Sequence[str]) -> tuple[str, ...]:
    kept: list[str] = []
    for cell in found:
        kept.append(cell if cell not in kept else IGNORED)
    return tuple(kept)


def _mostly(rows: Sequence[Sequence[str]], column: int, *, figures: bool) -> bool:
    cells = [row[column] for row in rows if column < len(row) and row[column].strip()]
    matching = sum(_number(cell) == figures for cell in cells)
    return bool(cells) and 2 * matching > len(cells)


def _number(text: str) -> bool:
    try:
        return read_decimal(money(text), decimals=12, unit="€") is not None
    except UnreadableError:
        return False


def money(text: str) -> str:
    """Return the text of an amount without the name of its currency."""
    return re.sub(r"(?i)\s*(eur|euros?|€)\s*(ttc|ht)?\s*$", "", text.strip())
