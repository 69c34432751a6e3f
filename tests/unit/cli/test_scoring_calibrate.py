"""``aap scoring calibrate``: from a table of scores to estimates and ranks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from tests.unit.cli.conftest import Aap, Answer

Calibrate = Callable[..., Answer]
SCORES = "application,juror,score\n" + "".join(
    f"D{i},J{j},{10 + 2 * i + j + ((3 * i + 5 * j) % 7) / 10}\n" for i in range(6) for j in range(4) if (i + j) % 4
)


@pytest.fixture
def calibrate(aap: Aap, tmp_path: Path) -> Calibrate:
    def run(text: str, *words: object) -> Answer:
        path = tmp_path / "notes.csv"
        path.write_text(text, encoding="utf-8")
        return aap("scoring", "calibrate", path, *words)

    return run


def test_the_shape_and_the_defaults(calibrate: Calibrate) -> None:
    document = calibrate(SCORES).json
    assert list(document) == ["mu", "variances", "components", "warnings", "applications", "jurors"]
    assert list(document["variances"]) == ["application", "juror", "residual"]
    assert document["components"] == 1
    assert document["warnings"] == []
    assert list(document["applications"]) == [f"D{i}" for i in range(6)]
    first = document["applications"]["D0"]
    assert list(first) == ["estimate", "standard_error", "expected_rank", "rank_50", "rank_90", "p_top"]
    assert first["p_top"] is None
    assert first["rank_90"] == [6, 6]
    assert list(document["jurors"]["J1"]) == ["severity", "standard_error"]
    assert document["jurors"]["J0"]["severity"] < document["jurors"]["J3"]["severity"]
    assert calibrate(SCORES, "--seed", 0, "--draws", 2000).json == document


def test_the_line_gives_probabilities(calibrate: Calibrate) -> None:
    document = calibrate(SCORES, "--top", 2, "--draws", 400, "--seed", 7).json
    chances = {ref: row["p_top"] for ref, row in document["applications"].items()}
    assert chances["D5"] == 1
    assert sum(chances.values()) == pytest.approx(2)
    everyone = calibrate(SCORES, "--top", 60).json["applications"].values()
    assert {row["p_top"] for row in everyone} == {1}


def test_neither_the_order_of_rows_nor_of_columns_counts(calibrate: Calibrate) -> None:
    rows = [line.split(",") for line in SCORES.split()[1:]]
    Random(3).shuffle(rows)
    moved = "Score;Thème;Juror;Application\n" + "".join(f"{mark};x;{juror};{ref}\n" for ref, juror, mark in rows)
    document, other = calibrate(SCORES).json, calibrate(moved).json
    assert other["applications"] == document["applications"]
    assert other["jurors"] == document["jurors"]


def test_a_blank_score_is_missing(calibrate: Calibrate) -> None:
    assert calibrate(SCORES + "D9,J0,\n").json == calibrate(SCORES).json


@pytest.mark.parametrize(
    "text",
    [
        "D1,J1,12\n",
        "D1,J1,12\nD2,J1,14\n",
        "D1,J1,12\nD1,J2,14\n",
        "D1,J1,12\nD2,J2,14\n",
        "D1,J1,12\nD1,J2,12\nD2,J1,12\nD2,J2,12\n",
        "D1,J1,12\nD1,J2,13\nD2,J1,14\nD2,J2,15\n",
        "D1,J1,0\nD1,J2,0\nD2,J3,0\nD2,J4,0\n",
        "D1,J1,12\nD1,J2,14\nD2,J3,10\nD2,J4,15\n",
    ],
)
def test_poor_tables_give_figures_and_a_warning(calibrate: Calibrate, text: str) -> None:
    document = calibrate("application,juror,score\n" + text, "--top", 1).json
    assert document["warnings"]
    for row in document["applications"].values():
        assert 0 <= row["p_top"] <= 1
        assert row["standard_error"] >= 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SCORES + "D0,J1,12\n", "ligne 20 : « J1 » note déjà « D0 » à la ligne 2."),
        ("application,juror,score\nD1,J1,bien\n", "ligne 2 : « bien » n'est pas un nombre."),
        ("application,juror,score\n,J1,3\n", "ligne 2 : Il manque le dossier ou l'évaluateur."),
        ("application,juror,score\nD1,J1,9999999999\n", "ligne 2 : Cette note est trop grande."),
        ("application,juror\nD1,J1\n", "Il manque la colonne « score »"),
        ("application,juror,score\n", "aucune note"),
        ("application,juror,score\nD1,J1,\n", "aucune note"),
    ],
)
def test_what_cannot_be_calibrated_is_refused(calibrate: Calibrate, text: str, said: str) -> None:
    assert said in calibrate(text).refusal


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--top", "0"], "l'option --top : « 0 » n'est pas un entier d'au moins 1."),
        (["--draws", "0"], "l'option --draws : « 0 » n'est pas un entier d'au moins 1."),
        (["--seed", "x"], "l'option --seed : « x » n'est pas un entier d'au moins 0."),
        (["--draws", "1000000000"], "tirages"),
    ],
)
def test_options_badly_typed_are_refused(calibrate: Calibrate, words: list[str], said: str) -> None:
    assert said in calibrate(SCORES, *words).refusal
