"""The keys of the rows that pieces are about: kept by a row that says the same, never given to another one.

A page sends a row without its key when it was added there, pasted, or read from a workbook. Numbered afresh, it could
take the number of a row that has just left, and with it the quote or the letter that was joined for that row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from aap.applications.models import Application
from aap.applications.rows import FileRows
from aap.applications.written import written_rows
from aap.forms.fields.budget import INCOME, LINES
from aap.forms.spec import SectionSpec

Texts = Mapping[str, Sequence[str]]
Said = tuple[str, ...]  # the cells by which a person knows a row again
_CELL = re.compile(r"(.+)-([0-9]{1,4})-([A-Za-z_]+)")


@dataclass(frozen=True, slots=True)
class _Table:
    """A table whose rows have keys: the name of its inputs, the letter of its keys, the cells that tell a row."""

    base: str
    prefix: str
    cells: tuple[str, ...]
    stored: str


def with_kept_keys(
    application: Application, section: SectionSpec, texts: Texts, *, every: bool = False
) -> dict[str, tuple[str, ...]]:
    """Return the texts of a section with a key on the rows that came without, when pieces are joined by row.

    ``every``: even when no piece is, for a page that wants to name a row it has just written.
    """
    kept = {name: tuple(values) for name, values in texts.items()}
    tables = tuple(_tables(section))
    if not tables:
        return kept
    taken = {piece.subject for piece in application.pieces if piece.replaced_at is None} - {""}
    if not taken and not every:
        return kept
    rows = written_rows(application)
    for table in tables:
        kept |= _keys(table, kept, _stored(table, rows), taken)
    return kept


def _tables(section: SectionSpec) -> Iterator[_Table]:
    for spec in section.fields:
        if spec.type == "budget":
            yield _Table(spec.id + LINES, "L", ("category", "label"), "budget_lines")
            yield _Table(spec.id + INCOME, "F", ("funder",), "funders")
        elif spec.type in {"partners", "sites"}:
            yield _Table(spec.id, spec.type[0].upper(), ("name",), spec.type)


def _stored(table: _Table, rows: FileRows) -> list[tuple[str, Said]]:
    names = tuple("name" if cell == "funder" else cell for cell in table.cells)
    return [(row.key, _said([getattr(row, name) for name in names])) for row in getattr(rows, table.stored)]


def _keys(
    table: _Table, texts: Texts, stored: Sequence[tuple[str, Said]], taken: set[str]
) -> dict[str, tuple[str, ...]]:
    rows: dict[int, dict[str, str]] = {}
    for name, values in texts.items():
        match = _CELL.fullmatch(name)
        if match and match[1] == table.base:
            rows.setdefault(int(match[2]), {})[match[3]] = (tuple(values) or ("",))[-1].strip()
    given = {row["key"] for row in rows.values() if row.get("key")}
    waiting = [
        rank
        for rank, row in sorted(rows.items())
        if not row.get("key") and any(text for cell, text in row.items() if cell != "key")
    ]
    found: dict[int, str] = {}
    for rank in waiting:  # first the rows that say what a stored row says, then numbers that nobody holds
        said = _said([rows[rank].get(cell, "") for cell in table.cells])
        same = next((key for key, words in stored if words == said and any(said) and key not in given), None)
        if same is not None:
            found[rank] = same
            given.add(same)
    free = (key for key in (f"{table.prefix}{number:02d}" for number in range(1, 10_000)) if key not in given | taken)
    found |= {rank: next(free) for rank in waiting if rank not in found}
    return {f"{table.base}-{rank}-key": (key,) for rank, key in found.items()}


def _said(cells: Sequence[str]) -> Said:
    return tuple(" ".join(cell.split()).casefold() for cell in cells)
