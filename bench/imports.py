"""CPU seconds, wall seconds and memory of the imports of the territory, each a whole process on an SQLite database.

The workbook has the shape of the official one (titles, header, units, one line per commune) and invented figures.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.workbook_files import Rows, xlsx

PROGRAM = "import sys; sys.argv[0] = 'aap'; from aap.cli import main; main()"
COMMUNES = 35_000
HEADERS = [
    "Code commune INSEE",
    "Commune",
    "APL aux médecins généralistes",
    "APL aux médecins généralistes de 65 ans ou moins",
    "APL aux médecins généralistes de 62 ans ou moins",
    "APL aux médecins généralistes de 60 ans ou moins",
    "Population standardisée 2021 pour la médecine générale",
    "Population totale 2021",
]


@dataclass(frozen=True, slots=True)
class Import:
    """A command, the words after ``aap territory import``, and the CPU seconds and megabytes that it may not pass.

    The promise is thirty seconds on the wall for a person waiting; half of it in CPU leaves room for a busy machine.
    """

    name: str
    words: list[str]
    seconds: float
    megabytes: float = 1024


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds (user and system), seconds on the wall, peak memory in megabytes."""

    cpu: float
    wall: float
    megabytes: float


def codes() -> list[str]:
    """Return invented codes: 95 departments, 369 communes each at most."""
    return [f"{1 + i // 369:02}{i % 369:03}" for i in range(COMMUNES)]


def write_communes(folder: Path) -> None:
    """Write the four files of the official package, for invented communes."""
    rows = [
        {
            "code": code,
            "nom": f"Commune-{code}",
            "type": "commune-actuelle",
            "departement": code[:2],
            "codesPostaux": [code],
            "population": 1500,
        }
        for code in codes()
    ]
    departments = [{"code": code, "nom": f"Dép. {code}", "region": "11"} for code in sorted({c[:2] for c in codes()})]
    for name, table in (("communes", rows), ("departements", departments), ("epci", _groups()), ("ept", _groups(1))):
        (folder / f"{name}.json").write_text(json.dumps(table), encoding="utf-8")


def _groups(first: int = 0) -> list[dict[str, object]]:
    members = [{"code": code} for code in codes()[:1000]]
    return [{"code": f"20000000{first}", "nom": "Groupe inventé", "type": "CC", "membres": members}]


def write_workbook(path: Path) -> None:
    """Write a workbook of the official shape."""
    rng = random.Random(7)
    rows: list[list[str | float | None]] = [["Accessibilité potentielle localisée (figures inventées)"], *([[]] * 7)]
    rows += [list(HEADERS), [None, None, "consultations par an", None, None, None, "habitants", "habitants"]]
    for code in codes():
        apl = rng.uniform(0, 6)
        people = rng.randrange(50, 9000)
        rows.append([code, f"Commune-{code}", apl, apl * 0.9, apl * 0.85, apl * 0.8, people * 1.03, people])
    sheets: dict[str, Rows] = {"Lisez-moi": [["Figures inventées"]], "APL 2023": rows}
    path.write_bytes(xlsx(sheets))


def measured() -> Iterator[tuple[Import, Cost]]:
    """Import the communes, then the workbook."""
    with tempfile.TemporaryDirectory(prefix="aap-imports-") as name:
        folder = Path(name)
        write_communes(folder)
        write_workbook(folder / "apl.xlsx")
        environ = {
            **os.environ,
            "AAP_ENV": "test",
            "AAP_SECRET_KEY": "bench-" * 10,
            "AAP_DATA": name,
            "DATABASE_URL": f"sqlite:///{name}/bench.sqlite3",
            "REDIS_URL": "unix:///nowhere",
        }
        run(["migrate"], environ)
        for each in (
            Import("import des communes (35 000)", ["communes", "--folder", name], 15.0),
            Import("import de l'APL (35 000 lignes)", ["apl", f"{name}/apl.xlsx", "--valid-on", "2022-12-31"], 15.0),
        ):
            yield each, run(["territory", "import", *each.words], environ)


def run(words: list[str], environ: dict[str, str]) -> Cost:
    """Run one command to its end; raise ``RuntimeError`` if it refuses."""
    started = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *words],
        stdout=subprocess.DEVNULL,
        cwd=Path(__file__).parents[1],
        env=environ,
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        message = f"aap {' '.join(words)}: {process.returncode}"
        raise RuntimeError(message)
    return Cost(usage.ru_utime + usage.ru_stime, time.monotonic() - started, usage.ru_maxrss / 1024)


def report() -> bool:
    """Print the table of the imports; tell whether every limit holds."""
    print(f"\n{'':<44}{'CPU s':>8}{'limite':>8}{'durée s':>9}{'Mo':>8}")
    kept = True
    for each, cost in measured():
        fine = cost.cpu <= each.seconds and cost.megabytes <= each.megabytes
        kept = kept and fine
        print(
            f"{each.name:<44}{cost.cpu:>8.2f}{each.seconds:>8.1f}{cost.wall:>9.2f}{cost.megabytes:>8.0f}"
            f"{'' if fine else '  DÉPASSÉE'}"
        )
    return kept
