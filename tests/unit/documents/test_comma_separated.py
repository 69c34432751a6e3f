"""A table as CSV: what French spreadsheets read, and never a formula."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest

from aap.documents.workbook import Cell, Column, Sheet, comma_separated


def read(*cells: Cell) -> list[str]:
    columns = tuple(Column(f"Colonne {number}") for number in range(len(cells)))
    content = comma_separated([Sheet("Feuille", columns, (cells,))])
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))[1]


def test_numbers_have_a_comma_and_what_is_missing_is_blank() -> None:
    assert read(Decimal("14.20"), "l'été ; à « Évry »", None) == ["14,20", "l'été ; à « Évry »", ""]


@pytest.mark.parametrize("text", ["=1+1", "+33", "-2", "@SUM(A1)", "\tx", "\rx"])
def test_a_text_is_never_a_formula(text: str) -> None:
    assert read(text) == [f"'{text}"]


def test_a_negative_number_stays_a_number() -> None:
    assert read(Decimal("-2.5")) == ["-2,5"]
