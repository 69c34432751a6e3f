from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest

from aap.errors import AapError, InvalidError, TooLargeError
from aap.workbooks import Limits, column_name, read_workbook
from tests.workbook_files import Rows, archive, ods, ods_of_tables, sheet_xml, xlsx, xlsx_of_parts

ROWS: Rows = [["Titre"], [], ["Code", None, "Zone"], ["01001", 3.25, "ZIP é & <"]]


@pytest.mark.parametrize("write", [xlsx, ods])
def test_lines_and_columns_keep_their_place(write: Callable[[dict[str, Rows]], bytes]) -> None:
    first, second = read_workbook(write({"Lisez-moi": [["Bonjour"]], "Données": ROWS}), "f")
    assert (first.name, second.name) == ("Lisez-moi", "Données")
    assert second.rows[0][0] == "Titre"
    assert second.rows[2][:3] == ("Code", "", "Zone")
    assert second.rows[3][:3] == ("01001", 3.25, "ZIP é & <")
    assert len(second.rows) == 4


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "cp1252"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_csv_is_read_as_french_tools_write_it(encoding: str, separator: str) -> None:
    text = f'Code{separator}Zonage\r\n01001{separator}"Vigilance, é"\r\n'
    (table,) = read_workbook(text.encode(encoding), "zones.csv")
    assert table.rows == (("Code", "Zonage"), ("01001", "Vigilance, é"))


def test_a_bomb_is_refused_before_it_is_opened() -> None:
    bomb = archive({"content.xml": b"0" * 5_000_000})
    assert len(bomb) < 10_000
    with pytest.raises(TooLargeError, match="trop grand une fois ouvert"):
        read_workbook(bomb, "f.ods", Limits(inflated=1_000_000))


def test_a_bomb_that_lies_about_its_size_is_refused_too() -> None:
    honest = bytearray(archive({"xl/worksheets/sheet1.xml": b"0" * 5_000_000}))
    directory = honest.rindex(b"PK\x01\x02")
    honest[directory + 24 : directory + 28] = (10).to_bytes(4, "little")
    honest[22:26] = (10).to_bytes(4, "little")
    with zipfile.ZipFile(io.BytesIO(bytes(honest))) as file:
        assert file.infolist()[0].file_size == 10
    with pytest.raises(TooLargeError):
        read_workbook(bytes(honest), "f.xlsx", Limits(inflated=1_000_000))


def test_one_cell_at_the_far_corner_is_refused() -> None:
    far = sheet_xml([["a"]]).replace(
        "</sheetData>", '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    )
    with pytest.raises(TooLargeError):
        read_workbook(xlsx_of_parts({"A": far}), "f.xlsx")


ONE = 'office:value-type="float" office:value="1"'
REPEATED = {
    "lines": f'<table:table-row table:number-rows-repeated="1048576"><table:table-cell {ONE}/></table:table-row>',
    "columns": f'<table:table-row><table:table-cell table:number-columns-repeated="900000" {ONE}/></table:table-row>',
    "gap": '<table:table-row table:number-rows-repeated="1000000"><table:table-cell/></table:table-row>'
    f"<table:table-row><table:table-cell {ONE}/></table:table-row>",
}


@pytest.mark.parametrize("xml", REPEATED.values(), ids=REPEATED)
def test_a_cell_repeated_a_million_times_is_refused(xml: str) -> None:
    with pytest.raises(TooLargeError):
        read_workbook(ods_of_tables({"A": xml}), "f.ods")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"PK\x03\x04 not an archive", "classeur-illisible"),
        (archive({"hello.txt": "x"}), "classeur-illisible"),
        (xlsx({"A": [["x"]]})[:-40], "classeur-illisible"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "classeur-ancien"),
        (b"%PDF-1.7\n\0\0", "format-inconnu"),
    ],
)
def test_what_is_not_a_table_is_refused_in_words(content: bytes, code: str) -> None:
    with pytest.raises(InvalidError) as refused:
        read_workbook(content, "f.xlsx")
    assert refused.value.code == code
    assert "f.xlsx" in refused.value.message


def test_a_file_too_heavy_is_refused_unread() -> None:
    with pytest.raises(AapError, match="dépasse 1 Mo"):
        read_workbook(b"x" * 2_000_000, "f.csv", Limits(sent=1 << 20))


def test_columns_are_named_as_spreadsheets_name_them() -> None:
    assert [column_name(i) for i in (0, 25, 26, 51, 52, 701, 702)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]
