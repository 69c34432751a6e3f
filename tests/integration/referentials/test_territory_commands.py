"""``aap territory``: what an operator types, and what comes out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.imports import write_communes
from tests.unit.cli.conftest import Aap, aap
from tests.workbook_files import Rows, xlsx

__all__ = ["aap"]  # the fixture that types a command


@pytest.fixture(name="line")
def _line(
    aap: Aap,  # the fixture imported above
    migrated: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Aap:
    """Type ``aap …`` on an empty database."""
    for name, value in (
        ("AAP_ENV", "test"),
        ("AAP_SECRET_KEY", "test-" * 10),
        ("AAP_DATA", str(tmp_path)),
        ("DATABASE_URL", migrated("sqlite")),
        ("REDIS_URL", "unix:///nowhere"),
    ):
        monkeypatch.setenv(name, value)
    return aap


def workbook(folder: Path, rows: list[list[Any]]) -> Path:
    sheets: dict[str, Rows] = {"APL 2022": [["Titre"], ["Code commune", "APL"], *rows]}
    path = folder / "apl.xlsx"
    path.write_bytes(xlsx(sheets))
    return path


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def test_thousands_of_communes_then_their_apl(line: Aap, tmp_path: Path) -> None:
    write_communes(tmp_path)
    said = line("territory", "import", "communes", "--folder", tmp_path)
    assert (said.code, said.err) == (0, "")
    assert "35000 communes" in said.out
    path = workbook(tmp_path, [[f"01{i:03}", i / 100] for i in range(300)])
    said = line("territory", "import", "apl", path, "--valid-on", "2022-12-31")
    assert "APL 2022 chargé : 300 communes, 300 lignes lues, 0 sans correspondance (0,0 %)." in plain(said.out)
    again = line("territory", "import", "apl", path, "--valid-on", "2022-12-31").refusal
    assert "est déjà chargé. Ajoutez --replace" in again
    said = line("territory", "import", "apl", path, "--valid-on", "2022-12-31", "--replace")
    assert "APL 2022 remplacé" in said.out
    bad = workbook(tmp_path, [["01001", 1], ["99001", 2], ["01002", "?"]])
    refused = plain(line("territory", "import", "apl", bad, "--valid-on", "2020-12-31").refusal)
    assert "apl.xlsx, feuille « APL 2022 », ligne 4, colonne Code commune : « 99001 »." in refused
    assert "apl.xlsx, feuille « APL 2022 », ligne 5, colonne B (APL) : « ? »." in refused
    assert "Import refusé, rien n'a changé : 2 lignes sur 3 (66,7 %) sans correspondance" in refused
    told = line("territory", "import", "apl", bad, "--valid-on", "2020-12-31", "--max-unmatched", "70 %")
    assert "1 communes" in plain(told.out)
    listed = plain(line("territory", "list").out)
    assert "apl-medecins-generalistes  31 décembre 2022  APL 2022  300 communes" in listed


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["apl", "nulle-part.xlsx", "--valid-on", "2022-12-31"], "n'existe pas, ou ne se lit pas"),
        (["apl", "x", "--valid-on", "hier"], "« hier » n'est pas un jour : écrivez AAAA-MM-JJ"),
        (["apl", "x"], "Il manque l'option --valid-on"),
        (["zonage", "x", "--valid-on", "2022-03-30", "--dataset", "z", "--max-unmatched", "200"], "pourcentage"),
        (["communes", "--folder", "nulle-part"], "n'a pas été installé"),
    ],
)
def test_what_is_refused_is_said_in_french(line: Aap, words: list[str], sentence: str) -> None:
    assert sentence in line("territory", "import", *words).refusal


def test_without_the_package_the_sample_is_used_and_said(line: Aap, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aap.cli.territory.is_there", lambda: False)
    said = line("territory", "import", "communes")
    assert "l'échantillon fourni (communes fictives) est chargé" in said.out
    assert "Île-de-France : 12 communes" in line("territory", "list").out
