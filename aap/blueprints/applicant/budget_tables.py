"""Tables pasted into a budget, or read from a workbook: shown as understood first, taken when the person says so.

The text waits in ``<table>_paste``. The button ``paste`` reads it; ``paste-add`` and ``paste-replace`` put its rows
among those of the page, which is then saved as usual: the budget before stays among the versions of the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import FileStorage

from aap.applications.spreadsheets import EXPENSES, FUNDING, Remark, Understood, read_budget_file, understand
from aap.applications.spreadsheets.columns import IGNORED, Side
from aap.blueprints.applicant.inputs import Raw, Sent, Texts, added_rows
from aap.errors import InvalidError
from aap.forms.fields.budget import INCOME, LINES
from aap.forms.spec import SectionSpec
from aap.french import plural
from aap.referentials.vocabularies import vocabulary

PASTE, TAKEN_AS, WORKBOOK = "_paste", "_paste_as-", "_workbook"
_SIDES: Mapping[str, Side] = {LINES: EXPENSES, INCOME: FUNDING}
MOST = 400_000  # characters of a pasted table
SHOWN_REMARKS = 60


@dataclass(frozen=True, slots=True)
class Preview:
    """What a pasted table comes to, for the component: columns with their choice, rows in words, remarks."""

    text: str
    columns: list[dict[str, Any]]
    heads: list[str]
    rows: list[list[str]]
    count: int
    remarks: list[Remark]
    more: int
    titled: bool


def preview_of(base: str, texts: Raw) -> Preview | None:
    """Return what the table waiting for one side of a budget comes to, if there is one."""
    side, text = _side(base), _last(texts, base + PASTE)
    if not text.strip():
        return None
    found = understand(text, side, _chosen(base, texts))
    used = [cell for cell in side.cells if cell not in {"id", "amount"} or (cell == "amount" and side is FUNDING)]
    used = [cell for cell in used if any(row.get(cell) for row in found.rows)]
    return Preview(
        text=text,
        columns=_columns(found, side),
        heads=[side.cells[cell] for cell in used],
        rows=[[_words(side, cell, row.get(cell, "")) for cell in used] for row in found.rows],
        count=len(found.rows),
        remarks=list(found.remarks[:SHOWN_REMARKS]),
        more=max(len(found.remarks) - SHOWN_REMARKS, 0),
        titled=found.titled,
    )


def asks_reading(form: Sent) -> bool:
    """Tell whether the person asks to read a table, not to save."""
    return any(name in {"paste", "import"} for name, _ in form.lists())


def with_tables_taken(section: SectionSpec, texts: Raw, form: Sent) -> tuple[Texts, str]:
    """Return the texts with the tables that the person accepts put among their rows, and what was done in French."""
    changed: Texts = {name: tuple(values) for name, values in texts.items()}
    told = []
    for verb, bases in form.lists():
        for base in bases if verb in {"paste-add", "paste-replace"} else ():
            if base not in _bases(section):
                continue
            side, replacing = _side(base), verb == "paste-replace"
            rows = understand(_last(changed, base + PASTE), side, _chosen(base, changed)).rows
            if not rows:
                continue
            kept = [row if replacing else {name: text for name, text in row.items() if name != "id"} for row in rows]
            changed = added_rows(without_paste(changed, base), base, kept, replacing=replacing)
            told.append(f"{plural(len(rows), 'ligne reprise', 'lignes reprises')} dans « {side.sheet} »")
    return changed, " et ".join(told)


def with_workbook(section: SectionSpec, texts: Raw, file: FileStorage | None) -> Texts:
    """Return the texts with the tables of a workbook waiting in their places.

    Raises:
        InvalidError: no file, one that cannot be read, or one that hides something.

    """
    if file is None or not file.filename:
        raise InvalidError("Choisissez un classeur (ODS, XLSX) ou un fichier CSV.", code="fichier-absent")
    tables = read_budget_file(file.stream.read(), file.filename[:200])
    changed: Texts = {name: tuple(values) for name, values in texts.items()}
    for base in _bases(section):
        side = _side(base)
        if side.name in tables:
            changed = without_paste(changed, base) | {base + PASTE: (tables[side.name],)}
    return changed


def waiting_tables(section: SectionSpec, texts: Raw) -> Texts:
    """Return the pasted texts that nobody has accepted yet, to be shown again."""
    names = [base + PASTE for base in _bases(section)]
    chosen = tuple(base + TAKEN_AS for base in _bases(section))
    waiting = {name: tuple(texts[name]) for name in names if _last(texts, name).strip()}
    return waiting | {name: tuple(values) for name, values in texts.items() if chosen and name.startswith(chosen)}


def without_paste(texts: Raw, base: str) -> Texts:
    """Return the texts without the table waiting for one side."""
    names = (base + PASTE, base + TAKEN_AS)
    return {name: tuple(values) for name, values in texts.items() if not name.startswith(names)}


def _bases(section: SectionSpec) -> list[str]:
    return [spec.id + suffix for spec in section.fields if spec.type == "budget" for suffix in _SIDES]


def _side(base: str) -> Side:
    return next(side for suffix, side in _SIDES.items() if base.endswith(suffix))


def _last(texts: Raw, name: str) -> str:
    return (texts.get(name) or ("",))[-1][:MOST]


def _chosen(base: str, texts: Raw) -> dict[int, str]:
    """Return what the person says that columns are, where it is not what was found."""
    found = {}
    for name in texts:
        rank = name.removeprefix(base + TAKEN_AS) if name.startswith(base + TAKEN_AS) else ""
        if rank.isdigit() and len(rank) < 3:
            found[int(rank)] = _last(texts, name)
    return found


def _columns(found: Understood, side: Side) -> list[dict[str, Any]]:
    options = [(IGNORED, "Ne pas reprendre"), *side.cells.items()]
    return [
        {"rank": rank, "title": title or f"Colonne {rank + 1}", "cell": cell, "options": options}
        for rank, (title, cell) in enumerate(found.columns)
    ]


def _words(side: Side, cell: str, text: str) -> str:
    if cell in side.choices:
        return next((term.label for term in vocabulary(side.choices[cell]).terms if term.code == text), "")
    if cell == "quote":
        return "Oui" if text else ""
    return text
