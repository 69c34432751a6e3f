"""Read tables that people send: XLSX, ODS, CSV. Nothing is parsed before its true size is known.

A small file can announce or hide an enormous table (a compressed bomb, one cell at the far corner, one cell repeated a
billion times). ``read_workbook`` inflates every part under a ceiling and looks at the extent of every sheet before it
hands the bytes to the parser. Rows keep their place: ``table.rows[0]`` is line 1 of the file, ``rows[0][0]`` column A.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum

from aap.errors import InvalidError, TooLargeError

Cell = str | int | float | bool | date | datetime | time | timedelta

_ZIP: Final = b"PK\x03\x04"
_OLD: Final = b"\xd0\xcf\x11\xe0"
_STEP: Final = 1 << 20
_BEYOND: Final = 1 << 40
_LOCAL_HEADER: Final = 30
_XLSX_CELL: Final = re.compile(rb"<(?:\w+:)?(?:c|row)\b[^>]*?\sr\s*=\s*[\"']([A-Za-z]*)([^\"']*)[\"']")
_ODS_TAG: Final = re.compile(rb"<table:(table-row|table-cell|covered-table-cell|table(?=[\s>]))([^>]*)>")
_ODS_REPEAT: Final = re.compile(rb"number-(?:rows|columns)-repeated\s*=\s*[\"']([^\"']*)[\"']")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may weigh: bytes sent, bytes once inflated, lines, columns and cells of one sheet."""

    sent: int = 30 * 1024 * 1024
    inflated: int = 300 * 1024 * 1024
    parts: int = 2000
    rows: int = 200_000
    columns: int = 500
    cells: int = 8_000_000


DEFAULT_LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet. A blank cell is ``""``; lines may be of unequal lengths."""

    name: str
    rows: tuple[tuple[Cell, ...], ...]


def read_workbook(content: bytes, file_name: str, limits: Limits = DEFAULT_LIMITS) -> tuple[Table, ...]:
    """Return the sheets of an XLSX or ODS file, or the only table of a CSV file (named by ``file_name``).

    Raises:
        TooLargeError: the file, once open, is over a limit.
        InvalidError: neither XLSX, ODS nor CSV, damaged, or protected by a password.

    """
    if len(content) > limits.sent:
        raise TooLargeError(f"« {file_name} » dépasse {limits.sent // _STEP} Mo.")
    if content.startswith(_ZIP):
        _check_archive(content, file_name, limits)
        return _parse(content, file_name)
    if content.startswith(_OLD):
        message = f"« {file_name} » est un classeur XLS ou protégé : enregistrez-le en XLSX ou en ODS."
        raise InvalidError(message, code="classeur-ancien")
    return (_read_csv(content, file_name, limits),)


def column_name(index: int) -> str:
    """Return the letters of a column counted from 0: ``0`` is A, ``27`` is AB."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _parse(content: bytes, file_name: str) -> tuple[Table, ...]:
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            names = [sheet.name for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
            return tuple(
                Table(name, tuple(map(tuple, book.get_sheet_by_name(name).to_python(skip_empty_area=False))))
                for name in names
            )
    except PasswordError as error:
        message = f"« {file_name} » est protégé par un mot de passe : retirez-le, puis recommencez."
        raise InvalidError(message, code="classeur-protege") from error
    except CalamineError as error:
        message = f"« {file_name} » n'est pas un classeur lisible (XLSX ou ODS)."
        raise InvalidError(message, code="classeur-illisible") from error


def _check_archive(content: bytes, file_name: str, limits: Limits) -> None:
    """Inflate every part under the ceiling: the sizes an archive declares may lie."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OverflowError) as error:
        raise InvalidError(f"« {file_name} » est endommagé.", code="classeur-illisible") from error
    if len(parts) > limits.parts or sum(part.file_size for part in parts) > limits.inflated:
        raise _too_large(file_name)
    room = limits.inflated
    for part in parts:
        if part.flag_bits & 1:
            raise InvalidError(f"« {file_name} » est protégé par un mot de passe.", code="classeur-protege")
        kept = bytearray()
        sheet = part.filename.startswith("xl/worksheets/") or part.filename == "content.xml"
        for chunk in _inflated(content, part, file_name):
            room -= len(chunk)
            if room < 0:
                raise _too_large(file_name)
            if sheet:
                kept += chunk
        if sheet:
            _check_extent(bytes(kept), part.filename == "content.xml", file_name, limits)


def _inflated(content: bytes, part: zipfile.ZipInfo, file_name: str) -> Iterator[bytes]:
    """Yield a part by small chunks from its own bytes, whatever length the directory announces."""
    start = part.header_offset
    header = content[start : start + _LOCAL_HEADER]
    if len(header) < _LOCAL_HEADER or not header.startswith(_ZIP):
        raise InvalidError(f"« {file_name} » est endommagé.", code="classeur-illisible")
    start += _LOCAL_HEADER + int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    data = content[start : start + part.compress_size]
    if part.compress_type == zipfile.ZIP_STORED:
        yield data
        return
    if part.compress_type != zipfile.ZIP_DEFLATED:
        raise InvalidError(f"« {file_name} » est compressé d'une façon inconnue.", code="classeur-illisible")
    reader = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        while data and not reader.eof:
            yield reader.decompress(data, _STEP)
            data = reader.unconsumed_tail
    except zlib.error as error:
        raise InvalidError(f"« {file_name} » est endommagé.", code="classeur-illisible") from error


def _check_extent(xml: bytes, is_ods: bool, file_name: str, limits: Limits) -> None:  # noqa: FBT001  # one caller
    rows, columns = _ods_extent(xml) if is_ods else _xlsx_extent(xml)
    if rows > limits.rows or columns > limits.columns or rows * columns > limits.cells:
        raise _too_large(file_name)


def _xlsx_extent(xml: bytes) -> tuple[int, int]:
    """Return the last line and the last column named; a place that is not plain letters and digits is out of bounds."""
    rows = columns = 0
    for letters, digits in set(_XLSX_CELL.findall(xml)):
        rows = max(rows, int(digits) if digits.isdigit() and len(digits) < 9 else _BEYOND)
        column = 0
        for letter in letters.upper():
            column = column * 26 + letter - 64
        columns = max(columns, column)
    return max(rows, 1), max(columns, 1)


def _ods_extent(xml: bytes) -> tuple[int, int]:
    """Count the lines and columns that hold something: blanks repeated to the edge of a sheet are nothing."""
    rows = widest = above = times_row = cells = blank = 0
    for name, rest in _ODS_TAG.findall(xml):
        times = _repeated(rest)
        if name == b"table":
            above, times_row = 0, 0
        elif name == b"table-row":
            above, times_row, cells, blank = above + times_row, times, 0, 0
        elif b"value" in rest or not rest.endswith(b"/"):
            cells, blank = cells + blank + times, 0
            rows, widest = max(rows, above + times_row), max(widest, cells)
        else:
            blank += times
    return max(rows, 1), max(widest, 1)


def _repeated(attributes: bytes) -> int:
    match = _ODS_REPEAT.search(attributes)
    if match is None:
        return 1
    return int(match[1]) if match[1].isdigit() and len(match[1]) < 9 else _BEYOND


def _too_large(file_name: str) -> TooLargeError:
    return TooLargeError(f"« {file_name} » est trop grand une fois ouvert : gardez-y le seul tableau à lire.")


def _read_csv(content: bytes, file_name: str, limits: Limits) -> Table:
    if b"\0" in content[:4096]:
        message = f"« {file_name} » n'est ni un classeur (XLSX, ODS) ni un fichier CSV."
        raise InvalidError(message, code="format-inconnu")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")  # what Excel writes in France
    first = text[:20_000]
    separator = max(";\t,", key=first.count) if any(mark in first for mark in ";\t,") else ";"
    rows: list[tuple[Cell, ...]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            rows.append(tuple(row))
            if len(rows) > limits.rows or len(row) > limits.columns:
                raise _too_large(file_name)
    except csv.Error as error:
        message = f"« {file_name} » n'est pas un fichier CSV lisible (ligne {len(rows) + 1})."
        raise InvalidError(message, code="csv-illisible") from error
    return Table(file_name, tuple(rows))
