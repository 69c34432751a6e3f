"""``aap scoring select``: a ranking and quotas in, who is funded and why not out, or a refusal that says where."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aap.cli import main
from aap.scoring.selection import walk
from aap.scoring.selection.portfolio import Portfolio
from aap.scoring.selection.walk import Selection
from tests.unit.cli.conftest import Aap, Answer

Select = Callable[..., Answer]
HEAD = "rank,application,score,requested_eur,rural,asso\n"
TABLE = HEAD + "1,D1,18,60000,0,1\n2,D2,17.5,60000,0,1\n3,D3,17,40000,0,0\n4,D4,12,50000,1,0\n5,D5,11,1,0,0\n"
QUOTAS: list[Any] = [
    {"name": "rural", "measure": "number", "minimum": 1, "maximum": None},
    {"name": "asso", "measure": "number", "maximum": 1},
]


@pytest.fixture
def select(aap: Aap, tmp_path: Path) -> Select:
    def run(table: str | bytes, quotas: object = QUOTAS, envelope: str = "120000") -> Answer:
        path, limits = tmp_path / "classement.csv", tmp_path / "quotas.json"
        path.write_bytes(table if isinstance(table, bytes) else table.encode())
        limits.write_text(quotas if isinstance(quotas, str) else json.dumps(quotas), encoding="utf-8")
        return aap("scoring", "select", path, "--envelope", envelope, "--quotas", limits)

    return run


def test_the_answer_has_exactly_these_keys(select: Select) -> None:
    assert select(TABLE).json == {
        "funded": ["D1", "D4", "D5"],
        "spent": 110001,
        "refusals": {
            "D2": {"reason": "maximum", "quotas": ["asso"]},
            "D3": {"reason": "minima", "missing_eur": 30000, "quotas": ["rural"]},
        },
    }


def test_the_order_of_lines_is_not_that_of_ranks(select: Select) -> None:
    lines = TABLE.splitlines(keepends=True)
    assert select("".join([lines[0], *reversed(lines[1:])])).json == select(TABLE).json


def test_cents_are_exact(select: Select) -> None:
    table = HEAD + "1,D1,,0.10,0,0\n2,D2,,0.20,0,0\n3,D3,,0.01,0,0\n"
    assert select(table, [], "0.30").json == {
        "funded": ["D1", "D2"],
        "spent": 0.3,
        "refusals": {"D3": {"reason": "envelope", "missing_eur": 0.01}},
    }


@pytest.mark.parametrize(
    "amount", ["1234.50", '"1234,50"', "1 234.50", '"1 234,5"', '"1\u202f234,50"', "1\u00a0234.50"]
)
def test_amounts_are_read_as_the_french_write_them(select: Select, amount: str) -> None:
    answer = select(HEAD + f"1,D1,12,{amount},0,0\n", [], "2 000,00").json
    assert answer == {"funded": ["D1"], "spent": 1234.5, "refusals": {}}


@pytest.mark.parametrize("table", ["\ufeff" + TABLE, TABLE.replace("\n", "\r\n"), TABLE.replace(",", ";")])
def test_what_spreadsheets_write_is_read(select: Select, table: str) -> None:
    assert select(table).json == select(TABLE).json


def test_minima_out_of_reach_are_named(select: Select) -> None:
    quotas = [{"name": "rural", "measure": "number", "minimum": 2}, {"name": "asso", "measure": "amount", "minimum": 1}]
    refusal = select(TABLE, quotas).refusal
    assert "Aucune sélection ne peut atteindre le minimum de « rural »." in refusal
    assert "asso" not in refusal


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("", "vide"),
        ("1,D1,18,60000,0,1\n2,D2,18,60000,0,1\n", "Il manque la colonne"),
        (HEAD.replace("rural", "rurale") + "1,D1,18,6,0,1\n", "ligne 1 : il manque la colonne du quota « rural »"),
        (HEAD + "1,D1,18,6,0,1\n2,D1,18,6,0,1\n", "ligne 3, colonne « application » : le dossier « D1 » figure déjà"),
        (HEAD + "1,D1,18,6,0,1\n1,D2,18,6,0,1\n", "ligne 3, colonne « rank » : le rang 1 est déjà celui de « D1 »"),
        (HEAD + "premier,D1,18,6,0,1\n", "ligne 2, colonne « rank » : « premier » n'est pas un rang"),
        (HEAD + "0,D1,18,6,0,1\n", "ligne 2, colonne « rank »"),
        (HEAD + "1,,18,6,0,1\n", "ligne 2, colonne « application » : la référence du dossier manque"),
        (HEAD + "1,D1,bien,6,0,1\n", "ligne 2, colonne « score » : « bien » n'est pas une note"),
        (HEAD + "1,D1,18,,0,1\n", "ligne 2, colonne « requested_eur » : le montant manque"),
        (HEAD + "1,D1,18,beaucoup,0,1\n", "ligne 2, colonne « requested_eur » : « beaucoup »"),
        (HEAD + "1,D1,18,-6,0,1\n", "ligne 2, colonne « requested_eur »"),
        (
            HEAD + "1,D1,18,6.001,0,1\n",
            "ligne 2, colonne « requested_eur » : « 6.001 » n'est pas un montant au centime",
        ),
        (HEAD + '1,D1,18,"1,234.50",0,1\n', "ligne 2, colonne « requested_eur » : « 1,234.50 »"),
        (HEAD + "1,D1,18,1.234.567,0,1\n", "ligne 2, colonne « requested_eur »"),
        (HEAD + "1,D1,18,1e3,0,1\n", "ligne 2, colonne « requested_eur »"),
        (HEAD + "1,D1,18,6,oui,1\n", "ligne 2, colonne « rural » : « oui » : il faut 0 ou 1"),
        (HEAD + "1,D1,18,6,,1\n", "ligne 2, colonne « rural »"),
        (HEAD + "1,D1,18,6,0\n", "ligne 2 : 5 cellules"),
        ((HEAD + "1,é,18,6,0,1\n").encode("latin-1"), "UTF-8"),
    ],
)
def test_a_bad_ranking_is_refused_with_its_place(select: Select, table: str | bytes, said: str) -> None:
    refusal = select(table).refusal
    assert said in refusal
    assert "classement.csv" in refusal


@pytest.mark.parametrize(
    ("quotas", "said"),
    [
        ("{", "erreur à la ligne 1"),
        ({}, "il faut une liste de quotas"),
        ([3], "quota 1 : il faut un objet"),
        ([{"measure": "number"}], "quota 1 : le nom (« name ») manque"),
        ([{"name": "rural", "measure": "euros"}], "quota 1 : la mesure « euros » est inconnue"),
        ([{"name": "rural", "measure": "number"}] * 2, "quota 2 : Le quota « rural » figure déjà"),
        ([{"name": "rural", "measure": "number", "minimum": 2, "maximum": 1}], "le minimum (2) dépasse le maximum (1)"),
        ([{"name": "rural", "measure": "number", "minimum": -2}], "« minimum » est négatif"),
        ([{"name": "rural", "measure": "number", "minimum": 1.5}], "il faut un nombre entier"),
        ([{"name": "rural", "measure": "amount", "minimum": 1.555}], "au centime"),
        ([{"name": "rural", "measure": "amount", "minimum": True}], "« minimum » n'est pas un nombre"),
        ([{"name": "rural", "measure": "amount", "min": 1}], "champ inconnu : « min »"),
    ],
)
def test_bad_quotas_are_refused_with_their_place(select: Select, quotas: object, said: str) -> None:
    refusal = select(TABLE, quotas).refusal
    assert said in refusal
    assert "quotas.json" in refusal


@pytest.mark.parametrize("envelope", ["beaucoup", "-1", "1,234.5", "1.001", ""])
def test_a_bad_envelope_is_refused(select: Select, envelope: str) -> None:
    assert "--envelope" in select(TABLE, envelope=envelope).refusal


def test_what_the_solver_prints_below_python_never_reaches_the_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "classement.csv").write_text(TABLE, encoding="utf-8")
    (tmp_path / "quotas.json").write_text(json.dumps(QUOTAS), encoding="utf-8")
    quiet = walk.select

    def chatty(portfolio: Portfolio) -> Selection:
        os.write(1, b"HighsMipSolverData::transformNewIntegerFeasibleSolution\n")
        return quiet(portfolio)

    monkeypatch.setattr(walk, "select", chatty)
    words = ["scoring", "select", "classement.csv", "--envelope", "120000", "--quotas", "quotas.json"]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["aap", *words])
    with pytest.raises(SystemExit):
        main()
    assert json.loads(capfd.readouterr().out)["funded"] == ["D1", "D4", "D5"]


def test_what_c_keeps_of_its_prints_never_reaches_a_pipe(tmp_path: Path) -> None:
    (tmp_path / "classement.csv").write_text(TABLE, encoding="utf-8")
    (tmp_path / "quotas.json").write_text(json.dumps(QUOTAS), encoding="utf-8")
    program = (
        "import ctypes\n"
        "from aap.cli import main\n"
        "from aap.scoring.selection import walk\n"
        "quiet = walk.select\n"
        "def chatty(portfolio):\n"
        "    ctypes.CDLL(None).printf(b'HighsMipSolverData')\n"
        "    return quiet(portfolio)\n"
        "walk.select = chatty\n"
        "main()"
    )
    words = ["scoring", "select", "classement.csv", "--envelope", "120000", "--quotas", "quotas.json"]
    done = subprocess.run(
        [sys.executable, "-c", program, *words],
        cwd=tmp_path,
        env={},
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert json.loads(done.stdout)["funded"] == ["D1", "D4", "D5"]
