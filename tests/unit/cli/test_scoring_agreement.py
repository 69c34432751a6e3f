"""``aap scoring agreement``: from a spreadsheet to figures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Aap, Answer

Agree = Callable[..., Answer]
SHROUT = "cible,1,2,3,4\na,9,2,5,8\nb,6,1,3,2\nc,8,4,6,8\nd,7,1,2,6\ne,10,5,6,9\nf,6,2,4,7\n"


@pytest.fixture
def agree(aap: Aap, tmp_path: Path) -> Agree:
    def run(text: str | bytes, level: str, *words: str) -> Answer:
        path = tmp_path / "notes.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return aap("scoring", "agreement", path, "--level", level, *words)

    return run


def test_rows_are_raters(agree: Agree) -> None:
    document = agree("juré,D1,D2,D3\nA,1,2,3\nB,1,2,3\n", "interval").json
    assert document == {"krippendorff_alpha": 1, "kendall_w": {"corrected": 1, "uncorrected": 1, "chi2": 4}}


def test_with_icc_rows_are_units(agree: Agree) -> None:
    document = agree(SHROUT, "interval", "--icc").json
    assert list(document) == ["krippendorff_alpha", "kendall_w", "icc", "mean_squares"]
    assert {key: round(value, 2) for key, value in document["mean_squares"].items()} == {
        "BMS": 11.24,
        "WMS": 6.26,
        "JMS": 32.49,
        "EMS": 1.02,
    }
    assert {key: round(value, 2) for key, value in document["icc"].items()} == {
        "1,1": 0.17,
        "2,1": 0.29,
        "3,1": 0.71,
        "1,k": 0.44,
        "2,k": 0.62,
        "3,k": 0.91,
    }
    columns = list(zip(*(line.split(",") for line in SHROUT.split()), strict=True))
    turned = "\n".join(",".join(column) for column in columns)
    follows = agree(turned, "interval").json
    assert follows["krippendorff_alpha"] == document["krippendorff_alpha"]
    assert follows["kendall_w"] == document["kendall_w"]


def test_the_csv_of_french_excel_is_read(agree: Agree) -> None:
    text = "\ufeffjuré;D1;D2\r\nA;1,5;2\r\n;;\r\nB;1,5;2\r\n\r\n"
    assert agree(text, "ratio").json["krippendorff_alpha"] == 1


def test_a_missing_value_leaves_alpha_and_takes_the_rest(agree: Agree) -> None:
    document = agree("cible,A,B\na,1,\nb,2,2\nc,3,3\n", "interval", "--icc").json
    assert document == {"krippendorff_alpha": 1, "kendall_w": None, "icc": None, "mean_squares": None}


def test_categories_may_be_words_at_the_nominal_level_only(agree: Agree) -> None:
    text = "juré,D1,D2,D3\nA,oui,non,oui\nB,oui,non,non\n"
    document = agree(text, "nominal", "--icc").json
    assert document["kendall_w"] is None
    assert document["icc"] is None
    assert agree(text, "nominal").json["krippendorff_alpha"] == pytest.approx(4 / 9)
    refused = agree(text, "ordinal").refusal
    assert "ligne 2, colonne « D1 » : « oui » n'est pas un nombre." in refused


def test_numbers_written_differently_are_one_category(agree: Agree) -> None:
    assert agree("juré,D1,D2\nA,1,2.0\nB,1.0,2\n", "nominal").json["krippendorff_alpha"] == 1


def test_what_does_not_exist_is_null(agree: Agree) -> None:
    document = agree("cible,A,B\na,2,2\nb,2,2\n", "ratio", "--icc").json
    assert document["krippendorff_alpha"] is None
    assert document["kendall_w"] == {"corrected": None, "uncorrected": 0, "chi2": None}
    assert set(document["icc"].values()) == {None}
    assert set(document["mean_squares"].values()) == {0}
    alone = agree("juré,D1,D2\nA,1,2\n", "interval").json
    assert set(alone.values()) == {None}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Le fichier est vide"),
        ("juré,D1\n", "le tableau est vide"),
        ("juré\nA\n", "le tableau est vide"),
        ("juré,D1,D2\nA,1\nB,1,2,3\n", "ligne 2 : 2 cellules, alors que l'en-tête en a 3."),
        ("juré,D1\nA,1\nA,2\n", "deux fois la ligne « A »"),
        ("juré,D1,D1\nA,1,2\n", "deux fois la colonne « D1 »"),
        ("juré,D1\nA,nan\n", "« nan » n'est pas un nombre."),
        ("juré,D1\nA,1e5\n", "« 1e5 » n'est pas un nombre."),
        ('juré,D1\nA,"1\n', "CSV bien formé"),
        (b"jur\xe9,D1\nA,1\n", "UTF-8"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused(agree: Agree, text: str | bytes, said: str) -> None:
    assert said in agree(text, "interval").refusal


def test_the_ratio_level_refuses_negative_values(agree: Agree) -> None:
    assert "négative" in agree("juré,D1,D2\nA,-1,2\nB,1,2\n", "ratio").refusal


def test_the_level_is_asked_for(aap: Aap, tmp_path: Path) -> None:
    assert "Il manque l'option --level." in aap("scoring", "agreement", tmp_path / "x").refusal
    said = aap("scoring", "agreement", tmp_path / "x", "--level", "absolu").refusal
    assert "« absolu » n'est pas admis : nominal, ordinal, interval, ratio." in said
