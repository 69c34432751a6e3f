"""Small XLSX and ODS files made by hand: what a test sends, down to the byte."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from aap.workbooks import column_name

Rows = Iterable[Sequence[str | int | float | None]]

_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def xlsx(sheets: Mapping[str, Rows]) -> bytes:
    """Return an XLSX file; ``None`` leaves a cell out."""
    return xlsx_of_parts({name: sheet_xml(rows) for name, rows in sheets.items()})


def sheet_xml(rows: Rows) -> str:
    """Return the part of one sheet."""
    lines = []
    for number, row in enumerate(rows, start=1):
        cells = "".join(
            _xlsx_cell(f"{column_name(i)}{number}", value) for i, value in enumerate(row) if value is not None
        )
        lines.append(f'<row r="{number}">{cells}</row>')
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>'


def _xlsx_cell(place: str, value: str | float) -> str:
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    return f'<c r="{place}"><v>{value!r}</v></c>'


def xlsx_of_parts(sheets: Mapping[str, str]) -> bytes:
    """Return an XLSX file whose sheets are given as XML."""
    listed = "".join(f'<sheet name="{escape(name)}" sheetId="{i}" r:id="r{i}"/>' for i, name in enumerate(sheets, 1))
    related = "".join(
        f'<Relationship Id="r{i}" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i in range(1, len(sheets) + 1)
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{related}</Relationships>',
    }
    parts |= {f"xl/worksheets/sheet{i}.xml": xml for i, xml in enumerate(sheets.values(), 1)}
    return archive(parts)


def ods(sheets: Mapping[str, Rows]) -> bytes:
    """Return an ODS file, each sheet ended as LibreOffice ends it: one blank row repeated to the edge."""
    blank = '<table:table-cell table:number-columns-repeated="1024"/>'
    edge = f'<table:table-row table:number-rows-repeated="1048000">{blank}</table:table-row>'
    return ods_of_tables({name: "".join(_ods_row(row) for row in rows) + edge for name, rows in sheets.items()})


def ods_of_tables(tables: Mapping[str, str]) -> bytes:
    """Return an ODS file whose tables are given as XML."""
    body = "".join(f'<table:table table:name="{escape(name)}">{xml}</table:table>' for name, xml in tables.items())
    family = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<office:document-content xmlns:office="{family}:office:1.0" xmlns:table="{family}:table:1.0" '
        f'xmlns:text="{family}:text:1.0"><office:body><office:spreadsheet>{body}</office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    return archive({"mimetype": kind, "META-INF/manifest.xml": "<manifest/>", "content.xml": content})


def _ods_row(row: Sequence[str | float | None]) -> str:
    return f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>"


def _ods_cell(value: str | float | None) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, str):
        return f'<table:table-cell office:value-type="string"><text:p>{escape(value)}</text:p></table:table-cell>'
    kind = f'office:value-type="float" office:value="{value!r}"'
    return f"<table:table-cell {kind}><text:p>{value}</text:p></table:table-cell>"


def archive(parts: Mapping[str, str | bytes]) -> bytes:
    """Return a compressed archive of these parts."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in parts.items():
            file.writestr(name, text)
    return written.getvalue()
