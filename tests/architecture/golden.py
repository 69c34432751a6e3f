"""The golden table of who opens what: ``matrix.txt``, made to be read in a review."""

from __future__ import annotations

import fcntl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from tests.architecture.world import ROLES

GOLDEN = Path(__file__).with_name("matrix.txt")
HEAD = """\
# Who opens what. One line per address, method and sample; one column per role.
#   ok   a page, a redirection, or a form refused for what it holds (200, 302, 303, 400, 409, 413, 422)
#   in   sign in first          403   may read it, may not do this          .   does not exist for this person (404)
#   -    not asked: this person has no business with any file, and three states of a file show it
# Read the difference before you keep it. To write it again, after a change of policy:
#   AAP_MATRIX=write .venv/bin/python -m pytest tests/architecture/test_matrix.py
# Columns: {columns}
"""
SHORT = {
    "anonymous": "anon",
    "lead": "lead",
    "lead_elsewhere": "lea2",
    "invited": "inv",
    "juror": "jur",
    "recused": "rec",
    "officer": "off",
    "officer_elsewhere": "off2",
    "director": "dir",
    "finance": "fin",
    "editor": "edi",
    "reviewer": "rev",
    "dd": "dd",
    "dd_elsewhere": "dd2",
    "dcgdr": "dcg",
    "grades": "gra",
    "reader": "read",
    "administrator": "adm",
    "administrator_elsewhere": "adm2",
}
CELLS = {"login": "in", "404": "."}
UNASKED = "-"
WIDTH = 5


@dataclass(frozen=True, slots=True)
class Line:
    """What is asked: an endpoint, a method, a sample."""

    endpoint: str
    method: str
    sample: str

    def __str__(self) -> str:
        return f"{self.method} {self.endpoint} [{self.sample or '-'}]"


def read_column(role: str) -> dict[Line, str]:
    """Return the cells of a role."""
    with _alone():
        table = _read()
    return {line: cells[role] for line, cells in table.items() if role in cells}


@contextmanager
def _alone() -> Iterator[None]:
    """Let one process at a time read and write the table again."""
    with (Path(tempfile.gettempdir()) / "aap-matrix.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def write_column(role: str, column: dict[Line, str], lines: list[Line]) -> None:
    """Replace the cells of a role, and forget the lines that no address has any more."""
    with _alone():
        _write(role, column, lines)


def _write(role: str, column: dict[Line, str], lines: list[Line]) -> None:
    table = _read()
    kept = {line: dict(table.get(line, {})) for line in lines}
    for line, cells in kept.items():
        cells.pop(role, None)
        if line in column:
            cells[role] = column[line]
    columns = ", ".join(f"{short} {name}" for name, short in SHORT.items())
    wide = max(len(f"  {line.method} {line.sample}") for line in kept) + 2
    rows = [HEAD.format(columns=columns), _row("address", wide, [SHORT[name] for name in ROLES])]
    for endpoint, group in groupby(sorted(kept, key=lambda line: line.endpoint), key=lambda line: line.endpoint):
        rows.append(endpoint)
        for line in group:
            row = [kept[line].get(name, UNASKED) for name in ROLES]
            rows.append(_row(f"  {line.method} {line.sample or '-'}", wide, [CELLS.get(cell, cell) for cell in row]))
    GOLDEN.write_text("\n".join(rows) + "\n", encoding="utf-8")


def _row(head: str, wide: int, cells: list[str]) -> str:
    return (head.ljust(wide) + "".join(cell.ljust(WIDTH) for cell in cells)).rstrip()


def _read() -> dict[Line, dict[str, str]]:
    if not GOLDEN.exists():
        return {}
    meaning = {short: cell for cell, short in CELLS.items()}
    table: dict[Line, dict[str, str]] = {}
    endpoint = ""
    rows = [row for row in GOLDEN.read_text(encoding="utf-8").splitlines() if row and not row.startswith("#")]
    for row in rows[1:]:
        if not row.startswith(" "):
            endpoint = row.strip()
            continue
        words = row.split()
        cells = words[-len(ROLES) :]
        method, sample = words[0], " ".join(words[1 : -len(ROLES)])
        line = Line(endpoint, method, "" if sample == "-" else sample)
        table[line] = {
            name: meaning.get(cell, cell) for name, cell in zip(ROLES, cells, strict=True) if cell != UNASKED
        }
    return table
