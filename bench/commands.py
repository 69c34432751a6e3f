"""CPU seconds and memory of the analysts' commands, each a whole process: from the file to the printed answer."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.instances import jury_file, portfolio_files

PROGRAM = "import sys; sys.argv[0] = 'aap'; from aap.cli import main; main()"


@dataclass(frozen=True, slots=True)
class Command:
    """A command of ``aap scoring``, the files it reads, and the CPU seconds and megabytes that it may not pass."""

    name: str
    seconds: float
    write: Callable[[Path], list[str]]
    megabytes: float = 1024


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds, user and system, and peak memory in megabytes."""

    seconds: float
    megabytes: float


def scores(folder: Path, *, applications: int, jurors: int, each: int) -> list[str]:
    """Write invented scores and return the words that calibrate them."""
    rng = random.Random(7)
    severities = [rng.gauss(0, 1) for _ in range(jurors)]
    lines = ["application,juror,score"]
    for i in range(applications):
        merit = rng.gauss(0, 2)
        lines += [
            f"D{i:05},J{j:03},{12 + merit + severities[j] + rng.gauss(0, 1.5):.2f}"
            for j in rng.sample(range(jurors), each)
        ]
    path = folder / "scores.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return ["calibrate", str(path), "--draws", "2000", "--top", str(applications // 5)]


COMMANDS = [
    Command(
        "calibrage de 500 dossiers × 60 jurés, 2 000 tirages",
        1.0,
        lambda folder: scores(folder, applications=500, jurors=60, each=3),
    ),
    Command(
        "calibrage de 5 000 × 300, 2 000 tirages",
        8.0,
        lambda folder: scores(folder, applications=5000, jurors=300, each=3),
    ),
    Command(
        "affectation de 500 dossiers × 60 jurés × 3",
        1.0,
        lambda folder: jury_file(folder, applications=500, jurors=60),
        300,
    ),
    Command(
        "affectation de 5 000 × 300 × 3",
        10.0,
        lambda folder: jury_file(folder, applications=5000, jurors=300),
        300,
    ),
    Command(
        "affectation de 5 000 × 300 × 3, mêmes jurés demandés",
        10.0,
        lambda folder: jury_file(folder, applications=5000, jurors=300, kind="popular"),
        300,
    ),
    Command(
        "affectation de 5 000 × 300 × 3, deux au plus par collège",
        10.0,
        lambda folder: jury_file(folder, applications=5000, jurors=300, most_per_college=2),
        300,
    ),
    Command(
        "affectation de 5 000 × 300 × 3, un au plus par collège",
        10.0,
        lambda folder: jury_file(folder, applications=5000, jurors=300, most_per_college=1),
        300,
    ),
    Command(
        "sélection parmi 200 dossiers, 47 règles",
        1.0,
        lambda folder: portfolio_files(folder, candidates=200, rules=47),
    ),
    Command(
        "sélection parmi 2 000 dossiers, 261 règles",
        10.0,
        lambda folder: portfolio_files(folder, candidates=2000, rules=261),
    ),
    Command(
        "sélection parmi 200 dossiers, 47 règles, minima serrés",
        1.0,
        lambda folder: portfolio_files(folder, candidates=200, rules=47, tight=0.9),
    ),
    Command(
        "sélection parmi 2 000 dossiers, 261 règles, minima serrés",
        10.0,
        lambda folder: portfolio_files(folder, candidates=2000, rules=261, tight=0.8),
    ),
]


def run(words: list[str]) -> Cost:
    """Run one command to its end; raise ``RuntimeError`` if it refuses."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "scoring", *words], stdout=subprocess.DEVNULL, cwd=Path(__file__).parents[1]
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        message = f"aap scoring {' '.join(words)}: {process.returncode}"
        raise RuntimeError(message)
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def measured() -> Iterator[tuple[Command, Cost]]:
    """Run every command once."""
    for command in COMMANDS:
        with tempfile.TemporaryDirectory() as folder:
            yield command, run(command.write(Path(folder)))


def report() -> bool:
    """Print the table; tell whether every limit holds."""
    kept = True
    print(f"\n{'commandes de aap scoring':<60}{'CPU s':>8}{'limite':>8}{'Mo':>7}{'limite':>8}")
    for command, cost in measured():
        over = cost.seconds > command.seconds or cost.megabytes > command.megabytes
        kept = kept and not over
        print(
            f"{command.name:<60}{cost.seconds:>8.2f}{command.seconds:>8.1f}{cost.megabytes:>7.0f}"
            f"{command.megabytes:>8.0f}{'  DÉPASSÉE' if over else ''}"
        )
    return kept
