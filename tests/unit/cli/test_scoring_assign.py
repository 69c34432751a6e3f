"""``aap scoring assign``: affinities in, an assignment and its proof out, or a refusal that says where."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Aap, Answer

Assign = Callable[..., Answer]
TABLE = "application,A,B,C,D\nd1,5,3,,1\nd2,4,,2,1\nd3,1,1,9,9\n"
COLLEGES = "juror,college\nA,x\nB,x\nC,y\nD,y\n"


@pytest.fixture
def assign(aap: Aap, tmp_path: Path) -> Assign:
    def run(table: str | bytes, *words: str, loads: tuple[str, str] = ("1", "2"), **files: str) -> Answer:
        path = tmp_path / "affinites.csv"
        path.write_bytes(table if isinstance(table, bytes) else table.encode())
        options = ["--min-load", loads[0], "--max-load", loads[1]]
        for name, content in files.items():
            (tmp_path / f"{name}.csv").write_text(content, encoding="utf-8")
            options += [f"--{name}", str(tmp_path / f"{name}.csv")]
        if "--reviews" not in words:
            options += ["--reviews", "2"]
        return aap("scoring", "assign", path, *options, *words)

    return run


def test_the_answer_has_exactly_these_keys(assign: Assign) -> None:
    assert assign(TABLE).json == {
        "total": 32,
        "pairs": [["d1", "A"], ["d1", "B"], ["d2", "A"], ["d2", "C"], ["d3", "C"], ["d3", "D"]],
        "loads": {"A": 2, "B": 1, "C": 2, "D": 1},
        "shortages": [],
        "under_minimum": [],
        "bound": 32,
        "optimal": True,
    }


def test_what_is_missing_is_named(assign: Assign) -> None:
    answer = assign("dossier,A,B\nd1,5,\nd2,,\n", loads=("1,1", "2,3")).json
    assert answer["shortages"] == [{"application": "d1", "missing": 1}, {"application": "d2", "missing": 2}]
    assert answer["under_minimum"] == [{"juror": "B", "missing": 1}]
    assert (answer["total"], answer["bound"], answer["optimal"]) == (5, 5, True)


def test_colleges_are_capped(assign: Assign) -> None:
    answer = assign(TABLE, "--at-most-per-college", "1", colleges=COLLEGES).json
    colleges = dict(line.split(",") for line in COLLEGES.split()[1:])
    for ref in ("d1", "d2", "d3"):
        assert sorted(colleges[juror] for each, juror in answer["pairs"] if each == ref) == ["x", "y"]
    assert "college_shortages" not in answer


def test_a_college_that_misses_is_named(assign: Assign) -> None:
    answer = assign("ref,A,B,C,D\nd1,5,3,,\n", "--at-least-per-college", "1", colleges=COLLEGES, loads=("0", "2")).json
    assert answer["college_shortages"] == [{"application": "d1", "college": "y", "missing": 1}]


def test_extras_come_when_they_are_asked_for(assign: Assign) -> None:
    words = ("--fairness", "--bridging", "--noise-seed", "7", "--explain")
    answer = assign(TABLE, *words, pinned="application,juror\nd3,A\n").json
    assert ["d3", "A"] in answer["pairs"]
    assert answer["noise"] == {"seed": 7, "at_most": 0.005}
    assert answer["fairness"]["worst_served"] <= answer["fairness"]["bound"]
    assert answer["components"] == 1
    assert len(answer["explanations"]) == len(answer["pairs"])
    [text] = [text for ref, juror, text in answer["explanations"] if (ref, juror) == ("d3", "A")]
    assert text.startswith("Affectation fixée à la main, conservée.")


@pytest.mark.parametrize(
    "table", ["\ufeff" + TABLE, TABLE.replace("\n", "\r\n"), TABLE.replace(",", ";"), TABLE + "\n\n"]
)
def test_what_spreadsheets_write_is_read(assign: Assign, table: str) -> None:
    assert assign(table).json == assign(TABLE).json


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("", "vide"),
        ("application\nd1\n", "ligne 1 : il faut au moins une colonne de juré"),
        ("d1,5,3\nd2,4,2\n", "ligne 1 : l'en-tête manque"),
        ("application,A,\nd1,5,3\n", "ligne 1, colonne 3 : le nom du juré manque"),
        ("application,A,A\nd1,5,3\n", "ligne 1, colonne 3 : le juré « A » figure deux fois"),
        ("application,A,B\nd1,5,3\nd1,5,3\n", "ligne 3, colonne « application » : le dossier « d1 » figure déjà"),
        ("application,A,B\n,5,3\n", "ligne 2, colonne « application » : la référence du dossier manque"),
        ("application,A,B\nd1,5,fort\n", "ligne 2, colonne « B » : « fort » n'est pas une affinité"),
        ("application,A,B\nd1,5,3.5\n", "ligne 2, colonne « B » : « 3.5 » n'est pas une affinité"),
        ("application,A,B\nd1,5,1_0\n", "ligne 2, colonne « B » : « 1_0 » n'est pas une affinité"),
        ("application,A,B\nd1,5,99999999999\n", "ligne 2, colonne « B »"),
        ("application,A,B\nd1,5\n", "ligne 2 : 2 cellules, alors que l'en-tête en a 3"),
        ("application,A,B\n", "aucun dossier"),
        ('application,A,B\nd1,"5,3\n', "pas un CSV bien formé"),
        ("application,A,B\nd1,é,3\n".encode("latin-1"), "UTF-8"),
    ],
)
def test_a_bad_table_is_refused_with_its_place(assign: Assign, table: str | bytes, said: str) -> None:
    refusal = assign(table).refusal
    assert said in refusal
    assert "affinites.csv" in refusal


@pytest.mark.parametrize(
    ("loads", "said"),
    [
        (("-1", "2"), "--min-load : La charge -1 est négative."),
        (("2", "1"), "La charge minimale de A (2) dépasse sa charge maximale (1)."),
        (("1,1", "2"), "--min-load : 2 charges pour 4 jurés"),
        (("un", "2"), "« un » n'est pas une charge"),
        (("1", "2.5"), "--max-load : « 2.5 » n'est pas une charge"),
    ],
)
def test_bad_loads_are_refused(assign: Assign, loads: tuple[str, str], said: str) -> None:
    assert said in assign(TABLE, loads=loads).refusal


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("juror,college\nZ,x\n", "ligne 2, colonne « juror » : « Z » n'est pas une colonne des affinités"),
        ("juror,college\nA,x\nA,y\n", "ligne 3, colonne « juror » : le juré « A » figure deux fois"),
        ("juror,college\nA,\n", "ligne 2, colonne « college » : le collège de « A » manque"),
        ("juré,collège\nA,x\n", "Il manque la colonne"),
    ],
)
def test_bad_colleges_are_refused(assign: Assign, content: str, said: str) -> None:
    refusal = assign(TABLE, "--at-most-per-college", "1", colleges=content).refusal
    assert said in refusal
    assert "colleges.csv" in refusal


def test_colleges_and_their_limit_go_together(assign: Assign) -> None:
    assert "--colleges va avec" in assign(TABLE, colleges=COLLEGES).refusal
    assert "--colleges va avec" in assign(TABLE, "--at-most-per-college", "1").refusal


@pytest.mark.parametrize("pair", ["d9,A", "d1,Z", "d1,C", "d1,A\nd1,A"])
def test_bad_pins_are_refused(assign: Assign, pair: str) -> None:
    assert "pinned.csv, ligne" in assign(TABLE, pinned=f"application,juror\n{pair}\n").refusal
