"""From a workbook to lines that can be matched: the APL of each commune, the zone of each commune. No database here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Final, Generic, TypeVar

from aap.errors import InvalidError, Problem
from aap.referentials.territory.columns import (
    COMMUNE_CODE,
    Layout,
    Wanted,
    find_layout,
    refuse_headers,
)
from aap.referentials.territory.spelling import plain
from aap.workbooks import Cell, Table

OUT_OF_ZONE: Final = "hors_zone"
_CODE: Final = re.compile(r"[0-9]{5}|2[AB][0-9]{3}")
_ABSENT: Final = frozenset({"", "nd", "ns", "na", "n a", "s", "so", "secret", "non disponible", "x"})
_DIGITS: Final = Decimal("0.000001")
_MOST_APL: Final = 1000

_CODED: Final = Wanted("code", "Code commune", COMMUNE_CODE)
_TVS: Final = (r"code (du )?(territoire de vie sante|tvs).*", r"tvs", r"code tvs.*")
_CLASS: Final = (
    r"qualification attribuee (par l arrete regional|a la commune.*|au territoire.*)",
    r"zonage( (du )?(tvs|medecins?.*))?",
    r"classe(ment)?( du zonage)?",
    r"(libelle|type|nom) (du |de )?(zonage|zone).*",
    r"zone",
    r"qualification( regionale| arretee)?",
    r"zonage.*",
)
_ZONES: Final = {
    "ZIP_PLUS": r"(zip plus|zip renforcee?|zip tres tendue|zone d intervention prioritaire (plus|renforcee))( .*)?",
    "ZIP": r"([0-9] )?(gq )?(zip|zone d intervention prioritaire)( zip)?",
    "ZAC": r"([0-9] )?(gq )?(zac|zone d action complementaire)( zac)?",
    OUT_OF_ZONE: r"([0-9] )?(zv|hv|hz|zone de vigilance|vigilance|hors vivier|hors zonage|hors zone|non classee?)",
}


@dataclass(frozen=True, slots=True)
class Issue:
    """A line that could not be used as it is (``unmatched``), or that was, after a choice worth telling."""

    sheet: str
    line: int
    column: str
    value: str
    message: str
    unmatched: bool = True


@dataclass(frozen=True, slots=True)
class AplLine:
    """The APL of one code of commune, and the standardised population that weighs it."""

    sheet: str
    line: int
    code: str
    apl: Decimal
    population: Decimal | None


@dataclass(frozen=True, slots=True)
class ZoneLine:
    """The zone of one code of commune; ``territory`` is its *territoire de vie-santé* when the file names it."""

    sheet: str
    line: int
    code: str
    zone: str
    territory: str


LineT = TypeVar("LineT")


@dataclass(slots=True)
class Reading(Generic[LineT]):
    """What a file says: its lines, what could not be used, and how many lines were read."""

    lines: list[LineT] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    read: int = 0


def read_accessibility(
    file_name: str, tables: Sequence[Table], *, sheet: str | None = None, year: int | None = None, column: str = ""
) -> Reading[AplLine]:
    """Read the APL of one vintage.

    ``sheet`` and ``column`` settle what the file leaves open; without them the only sheet that fits is read, or the
    one whose name bears the ``year``. The main figure is taken, not the variants by age of the doctors.

    Raises:
        InvalidError: no sheet fits, or several do.

    """
    wanted = (
        _CODED,
        Wanted(
            "apl",
            "APL",
            (rf".*{re.escape(plain(column))}.*",) if column else (r"apl\b(?!.*ans ou moins).*",),
            alone=True,
        ),
        Wanted("population", "Population standardisée", (r"population.*standardisee.*",), required=False),
    )
    layout = _chosen(file_name, tables, wanted, sheet, year)
    reading: Reading[AplLine] = Reading()
    for number, row in layout.lines():
        code, value = _code(layout.cell(row, "code")), layout.cell(row, "apl")
        if not code and (not _is_number(value) or _is_note(row)):
            continue  # a line of units, a source, a footnote
        reading.read += 1
        issue = _fault(layout, number, "code", layout.cell(row, "code")) if not code else None
        apl = _number(value)
        if issue is None and (apl is None or not 0 <= apl <= _MOST_APL):
            issue = _fault(layout, number, "apl", value)
        if issue is not None or apl is None:
            reading.issues.extend([issue] if issue else [])
            continue
        population = _number(layout.cell(row, "population"))
        reading.lines.append(AplLine(layout.table.name, number, code, apl, population))
    return reading


def read_zoning(file_name: str, tables: Sequence[Table], *, sheet: str | None = None) -> Reading[ZoneLine]:
    """Read the zone of each commune: on one sheet, or by joining communes and *territoires de vie-santé*.

    Raises:
        InvalidError: no sheet fits, or several do.

    """
    wanted = (
        _CODED,
        Wanted("zone", "Zone (qualification)", _CLASS),
        Wanted(
            "territory", "Territoire de vie-santé", (r"(nom|libelle) (du )?(territoire de vie sante|tvs).*",), False
        ),
    )
    fitting = _layouts(tables, wanted, sheet)
    joined = _joined(tables) if not fitting and sheet is None else None
    if joined is not None:
        return _read_joined(*joined)
    layout = _only(file_name, tables, wanted, fitting, None)
    reading: Reading[ZoneLine] = Reading()
    for number, row in layout.lines():
        _read_zone(reading, layout, number, row, layout.cell(row, "zone"))
    return reading


def zone_of(text: str) -> str | None:
    """Return the code of a class of the zoning as orders, ministries and agencies write it."""
    words = plain(text.replace("+", " plus "))
    return next((zone for zone, pattern in _ZONES.items() if re.fullmatch(pattern, words)), None)


def _read_zone(reading: Reading[ZoneLine], layout: Layout, number: int, row: tuple[Cell, ...], written: Cell) -> None:
    given = layout.cell(row, "code")
    code, zone = _code(given), zone_of(str(written))
    if not code and (zone is None or _is_note(row)):
        return  # a note below the table
    reading.read += 1
    if not code:
        reading.issues.append(_fault(layout, number, "code", given))
    elif zone is None:
        reading.issues.append(_fault(layout, number, "zone" if "zone" in layout.places else "code", written))
    else:
        territory = str(layout.cell(row, "territory")).strip()[:120]
        reading.lines.append(ZoneLine(layout.table.name, number, code, zone, territory))


def _joined(tables: Sequence[Table]) -> tuple[Layout, dict[str, str]] | None:
    """Return the sheet that gives each commune its territory, and the class of each territory."""
    of_commune = (
        _CODED,
        Wanted("tvs", "Code du territoire", _TVS),
        Wanted("territory", "", (r"(nom|libelle) .*(vie sante|tvs).*",), False),
    )
    of_territory = (Wanted("tvs", "Code du territoire", _TVS), Wanted("zone", "Zone", _CLASS))
    communes = next((found for table in tables if (found := find_layout(table, of_commune))), None)
    territories = next((found for table in tables if (found := find_layout(table, of_territory))), None)
    if communes is None or territories is None:
        return None
    zones = {
        str(territories.cell(row, "tvs")).strip(): str(territories.cell(row, "zone")) for _, row in territories.lines()
    }
    return communes, zones


def _read_joined(layout: Layout, zones: dict[str, str]) -> Reading[ZoneLine]:
    reading: Reading[ZoneLine] = Reading()
    for number, row in layout.lines():
        _read_zone(reading, layout, number, row, zones.get(str(layout.cell(row, "tvs")).strip(), ""))
    return reading


def _chosen(
    file_name: str, tables: Sequence[Table], wanted: Sequence[Wanted], sheet: str | None, year: int | None
) -> Layout:
    return _only(file_name, tables, wanted, _layouts(tables, wanted, sheet), year)


def _layouts(tables: Sequence[Table], wanted: Sequence[Wanted], sheet: str | None) -> list[Layout]:
    if sheet is not None:
        named = [table for table in tables if plain(table.name) == plain(sheet)]
        if not named:
            names = ", ".join(f"« {table.name} »" for table in tables)
            raise InvalidError(
                f"La feuille « {sheet} » n'existe pas. Feuilles du fichier : {names}.", code="feuille-inconnue"
            )
        tables = named
    return [found for table in tables if (found := find_layout(table, wanted))]


def _only(
    file_name: str, tables: Sequence[Table], wanted: Sequence[Wanted], fitting: list[Layout], year: int | None
) -> Layout:
    if not fitting:
        raise refuse_headers(file_name, tables, wanted)
    of_year = [layout for layout in fitting if year is not None and str(year) in layout.table.name]
    if len(fitting) > 1 and len(of_year) != 1:
        names = ", ".join(f"« {layout.table.name} »" for layout in fitting)
        message = f"« {file_name} » : plusieurs feuilles conviennent ({names}). Dites laquelle (--sheet)."
        raise InvalidError(
            message, tuple(Problem(layout.table.name, message) for layout in fitting), code="feuille-ambigue"
        )
    return of_year[0] if len(fitting) > 1 else fitting[0]


def _code(cell: Cell) -> str:
    """Return an INSEE code, its leading zero given back when a spreadsheet took it for a number."""
    text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
    text = text.strip().upper()
    text = text.zfill(5) if text.isdigit() and len(text) == 4 else text
    return text if _CODE.fullmatch(text) else ""


def _number(cell: Cell) -> Decimal | None:
    if isinstance(cell, bool) or plain(str(cell)) in _ABSENT:
        return None
    text = repr(cell) if isinstance(cell, float) else re.sub(r"\s", "", str(cell)).replace(",", ".")
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value.quantize(_DIGITS).normalize() if value.is_finite() and abs(value) < 10**12 else None


def _is_number(cell: Cell) -> bool:
    return _number(cell) is not None


def _is_note(row: tuple[Cell, ...]) -> bool:
    return sum(cell != "" for cell in row) <= 1


def _fault(layout: Layout, number: int, key: str, value: Cell) -> Issue:
    said = {
        "code": "Ce n'est pas un code de commune.",
        "apl": "La valeur manque ou n'est pas un nombre.",
        "zone": "Cette classe n'est pas connue.",
    }[key]
    return Issue(layout.table.name, number, layout.column(key), str(value)[:200], said)
