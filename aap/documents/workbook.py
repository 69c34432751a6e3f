"""Tables as workbooks, XLSX, ODS and CSV: frozen data in, bytes out. Nothing typed by a person is ever a formula.

XLSX is written by XlsxWriter; ODS by the few lines of XML that a flat table needs (docs/adr/0002 says why).
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final
from xml.sax.saxutils import escape, quoteattr

import xlsxwriter

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODS: Final = "application/vnd.oasis.opendocument.spreadsheet"
CSV: Final = "text/csv"
_RISKY: Final = ("=", "+", "-", "@", "\t", "\r")
_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)  # the same table gives the same bytes


@dataclass(frozen=True, slots=True)
class Computed:
    """A formula of ours with its result. ``formula`` is written for XLSX (``ROUND(D2*E2,2)``), without its ``=``."""

    formula: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class Column:
    """The title of a column, its width in characters, and how its figures are shown (``money``, ``number``, text)."""

    title: str
    width: int = 14
    kind: str = ""


Cell = str | Decimal | Computed | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A flat table under one line of titles."""

    name: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


def xlsx(sheets: Sequence[Sheet]) -> bytes:
    """Return the sheets as an XLSX workbook."""
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(target, options)
    book.set_properties({"created": _EPOCH.replace(tzinfo=None)})
    head = book.add_format({"bold": True, "bottom": 1})
    shown = {"money": book.add_format({"num_format": "#,##0.00"}), "number": book.add_format({"num_format": "0.###"})}
    quoted = book.add_format({"quote_prefix": True})  # edited again in a spreadsheet, such a text stays a text
    for sheet in sheets:
        page = book.add_worksheet(sheet.name)
        page.freeze_panes(1, 0)
        for rank, column in enumerate(sheet.columns):
            page.set_column(rank, rank, column.width, shown.get(column.kind))
            page.write_string(0, rank, column.title, head)
        for line, row in enumerate(sheet.rows, start=1):
            for rank, cell in enumerate(row):
                form = shown.get(sheet.columns[rank].kind)
                if isinstance(cell, Computed):
                    page.write_formula(line, rank, f"={cell.formula}", form, float(cell.value))
                elif isinstance(cell, Decimal):
                    page.write_number(line, rank, float(cell), form)
                elif cell:
                    page.write_string(line, rank, cell, quoted if cell.startswith(_RISKY) else None)
    book.close()
    return target.getvalue()


def comma_separated(sheets: Sequence[Sheet]) -> bytes:
    """Return the first sheet as CSV, as French spreadsheets read it: UTF-8 with its mark, semicolons, decimal commas.

    A text that a spreadsheet would take for a formula is led by an apostrophe.
    """
    target = io.StringIO()
    writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
    writer.writerow([_csv_cell(column.title) for column in sheets[0].columns])
    writer.writerows([_csv_cell(cell) for cell in row] for row in sheets[0].rows)
    return b"\xef\xbb\xbf" + target.getvalue().encode()


def _csv_cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(_RISKY) else cell
    return f"{cell.value if isinstance(cell, Computed) else cell:f}".replace(".", ",")


_NAMES: Final = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" '
    'xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0" '
    'xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2" office:version="1.3"'
)
_STYLES: Final = (
    '<number:number-style style:name="N2"><number:number number:decimal-places="2" number:min-integer-digits="1" '
    'number:grouping="true"/></number:number-style>'
    '<style:style style:name="money" style:family="table-cell" style:data-style-name="N2"/>'
    '<style:style style:name="head" style:family="table-cell">'
    '<style:text-properties fo:font-weight="bold"/></style:style>'
)
_MANIFEST: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">'
    f'<manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="{ODS}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
)


def ods(sheets: Sequence[Sheet]) -> bytes:
    """Return the sheets as an ODS workbook; numbers are written exactly."""
    widths = sorted({column.width for sheet in sheets for column in sheet.columns})
    columns = "".join(
        f'<style:style style:name="w{width}" style:family="table-column"><style:table-column-properties '
        f'style:column-width="{width * 0.2:.2f}cm"/></style:style>'
        for width in widths
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<office:document-content {_NAMES}>'
        f"<office:automatic-styles>{_STYLES}{columns}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{''.join(map(_ods_sheet, sheets))}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        _put(archive, "mimetype", ODS, zipfile.ZIP_STORED)  # first and plain, as the format asks
        _put(archive, "META-INF/manifest.xml", _MANIFEST, zipfile.ZIP_DEFLATED)
        _put(archive, "content.xml", content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def _put(archive: zipfile.ZipFile, name: str, text: str, method: int) -> None:
    entry = zipfile.ZipInfo(name, _EPOCH.timetuple()[:6])
    archive.writestr(entry, text.encode(), compress_type=method)


def _ods_sheet(sheet: Sheet) -> str:
    columns = "".join(f'<table:table-column table:style-name="w{column.width}"/>' for column in sheet.columns)
    head = "".join(_ods_text(column.title, ' table:style-name="head"') for column in sheet.columns)
    rows = "".join(
        f"<table:table-row>{''.join(map(_ods_cell, row, sheet.columns))}</table:table-row>" for row in sheet.rows
    )
    return (
        f"<table:table table:name={quoteattr(sheet.name)}>{columns}"
        f"<table:table-row>{head}</table:table-row>{rows}</table:table>"
    )


def _ods_cell(cell: Cell, column: Column) -> str:
    if cell is None or cell == "":
        return "<table:table-cell/>"
    if isinstance(cell, str):
        return _ods_text(cell)
    style = ' table:style-name="money"' if column.kind == "money" else ""
    value = cell.value if isinstance(cell, Computed) else cell
    formula = f" table:formula={quoteattr(f'of:={_open_formula(cell.formula)}')}" if isinstance(cell, Computed) else ""
    figure = f"{value:f}"
    return (
        f'<table:table-cell{style}{formula} office:value-type="float" office:value="{figure}">'
        f"<text:p>{figure.replace('.', ',')}</text:p></table:table-cell>"
    )


def _ods_text(text: str, style: str = "") -> str:
    body = "".join(f"<text:p>{_spaced(line)}</text:p>" for line in text.split("\n"))
    return f'<table:table-cell{style} office:value-type="string">{body}</table:table-cell>'


def _spaced(line: str) -> str:
    """Escape a line; runs of spaces are written out, for the format folds them; what XML cannot hold is seen."""
    return escape(_UNWRITABLE.sub("\ufffd", line)).replace("  ", " <text:s/>")


def _open_formula(formula: str) -> str:
    """Rewrite ``ROUND(D2*E2,2)`` as OpenFormula: ``ROUND([.D2]*[.E2];2)``; ``SUM(F2:F9)`` as ``SUM([.F2:.F9])``."""
    names: list[str] = []
    word = ""
    for sign in f"{formula} ":
        if sign.isalnum() or sign == ":":
            word += sign
            continue
        names.append(_reference(word) + (";" if sign == "," else sign))
        word = ""
    return "".join(names).strip()


def _reference(word: str) -> str:
    ends = word.split(":")
    is_cell = all(end[:1].isalpha() and end[-1:].isdigit() for end in ends)
    return f"[{':'.join(f'.{end}' for end in ends)}]" if is_cell else word
