"""What a workbook hides from whoever reads its values: hidden lines, columns, sheets; merged cells; unsolved formulas.

Reads the XML of XLSX and ODS beside ``aap.workbooks``, which has already measured the file.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from defusedxml import ElementTree

from aap.errors import InvalidError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REL: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_TABLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE: Final = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_PLACE: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_WIDEST: Final = 1000  # a repetition to the edge of the sheet tells nothing


@dataclass(slots=True)
class Shape:
    """One sheet; lines and columns are counted from 0. ``merged`` holds (first line, first column, last, last)."""

    hidden: bool = False
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    unsolved: list[tuple[int, int]] = field(default_factory=list)


def shapes_of(content: bytes) -> dict[str, Shape]:
    """Return the shape of each sheet of an XLSX or ODS file, by name; nothing for other files.

    Raises:
        InvalidError: the file is damaged, or declares XML entities (no office suite writes them).

    """
    if not content.startswith(b"PK"):
        return {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if "content.xml" in archive.namelist():
                return dict(_ods(archive.read("content.xml")))
            return dict(_xlsx(archive))
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, ValueError) as error:
        raise InvalidError("Ce classeur est endommagé : il ne peut pas être lu.", code="classeur-illisible") from error


def _xlsx(archive: zipfile.ZipFile) -> Iterator[tuple[str, Shape]]:
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {link.get("Id", ""): link.get("Target", "") for link in links}
    for sheet in book.iter(f"{_MAIN}sheet"):
        target = targets.get(sheet.get(_REL, ""), "")
        path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if path in archive.namelist():
            shape = _xlsx_shape(archive.read(path))
            shape.hidden = sheet.get("state", "visible") != "visible"
            yield sheet.get("name", ""), shape


def _xlsx_shape(xml: bytes) -> Shape:
    shape, root = Shape(), ElementTree.fromstring(xml)
    for column in root.iter(f"{_MAIN}col"):
        if column.get("hidden") in {"1", "true"}:
            first, last = int(column.get("min", "1")), int(column.get("max", "1"))
            shape.hidden_columns.update(range(first - 1, min(last, _WIDEST)))
    line = -1
    for row in root.iter(f"{_MAIN}row"):
        line = int(row.get("r", line + 2)) - 1
        if row.get("hidden") in {"1", "true"}:
            shape.hidden_rows.add(line)
        for rank, cell in enumerate(row.iter(f"{_MAIN}c")):
            value = cell.find(f"{_MAIN}v")
            if cell.find(f"{_MAIN}f") is not None and (value is None or value.text is None) and cell.get("t") != "str":
                place = _PLACE.fullmatch(cell.get("r", ""))
                shape.unsolved.append((line, _column(place[1]) if place else rank))
    for merge in root.iter(f"{_MAIN}mergeCell"):
        ends = [_PLACE.fullmatch(end) for end in merge.get("ref", "").split(":")]
        if len(ends) == 2 and ends[0] and ends[1]:
            (top, left), (bottom, right) = ((int(end[2]) - 1, _column(end[1])) for end in ends if end)
            shape.merged.append((top, left, bottom, right))
    return shape


def _column(letters: str) -> int:
    rank = 0
    for letter in letters:
        rank = rank * 26 + ord(letter) - 64
    return rank - 1


def _ods(xml: bytes) -> Iterator[tuple[str, Shape]]:
    root = ElementTree.fromstring(xml)
    for table in root.iter(f"{_TABLE}table"):
        yield table.get(f"{_TABLE}name", ""), _ods_shape(table)


def _ods_shape(table: Element) -> Shape:
    shape, column, line = Shape(), 0, 0
    for one in table.iter(f"{_TABLE}table-column"):
        times = int(one.get(f"{_TABLE}number-columns-repeated", "1"))
        if one.get(f"{_TABLE}visibility", "visible") != "visible":
            shape.hidden_columns.update(range(column, min(column + times, _WIDEST)))
        column += times
    for row in table.iter(f"{_TABLE}table-row"):
        times = int(row.get(f"{_TABLE}number-rows-repeated", "1"))
        if row.get(f"{_TABLE}visibility", "visible") != "visible":
            shape.hidden_rows.update(range(line, min(line + times, line + _WIDEST)))
        _ods_row(row, line, shape)
        line += times
    return shape


def _ods_row(row: Element, line: int, shape: Shape) -> None:
    column = 0
    for cell in row:
        if cell.tag not in {f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"}:
            continue
        down, across = (int(cell.get(f"{_TABLE}number-{way}-spanned", "1")) for way in ("rows", "columns"))
        if down > 1 or across > 1:
            shape.merged.append((line, column, line + down - 1, column + across - 1))
        if cell.get(f"{_TABLE}formula") and not cell.get(f"{_OFFICE}value-type"):
            shape.unsolved.append((line, column))
        column += int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
