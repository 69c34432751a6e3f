"""What changed between two deposits of a file: answers, lines of tables, totals, pieces, from sealed snapshots.

A deposit is compared as it was sealed, never as the file stands now: what a lead is still writing is nobody's reading.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Any

from aap.applications.asked_form import form_of
from aap.applications.models import Application, CompletionItem, CompletionItemKind, CompletionRequest, Submission
from aap.applications.receipts import subjects_of
from aap.calls.document.form import FieldKind
from aap.calls.queries import load_document
from aap.errors import NotFoundError
from aap.forms.differences import Change, Segment, value_differences
from aap.forms.entries import typed_values
from aap.forms.fields import FieldType, Storage, field_type
from aap.forms.fields.budget import BudgetLinesType, BudgetType, IncomeType
from aap.forms.rows import BudgetPlan
from aap.forms.spec import FieldSpec, FormSpec, SectionSpec

Snapshot = Mapping[str, Any]
_EXPENSE = "Dépense"  # an expense is named by it, any other row by its first cell
_TOTALS = (("expenses", "Dépenses"), ("income", "Financements"), ("requested", "Montant demandé"))


class RowChange(enum.Enum):
    """What happened to a line of a table, or to a piece."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class CellDifference:
    """A cell: its column and its two texts."""

    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class LineDifference:
    """A line that was added, removed or changed; ``cells`` holds only what changed in a changed line."""

    change: RowChange
    key: str
    name: str
    cells: tuple[CellDifference, ...]


@dataclass(frozen=True, slots=True)
class TableDifference:
    """The lines of one table that differ; ``same`` counts the others."""

    caption: str
    lines: tuple[LineDifference, ...]
    same: int


@dataclass(frozen=True, slots=True)
class AnswerDifference:
    """An answer that changed: a text word by word with its two versions, or tables line by line."""

    field_id: str
    label: str
    section: str
    asked: bool
    segments: tuple[Segment, ...]
    tables: tuple[TableDifference, ...]

    @property
    def before(self) -> str:
        """Return the text as it was."""
        return "".join(one.text for one in self.segments if one.change is not Change.ADDED)

    @property
    def after(self) -> str:
        """Return the text as it is."""
        return "".join(one.text for one in self.segments if one.change is not Change.REMOVED)


@dataclass(frozen=True, slots=True)
class PieceState:
    """A piece of a deposit: name, size in octets, SHA-256."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class PieceDifference:
    """A piece that came, left, or took the place of another in the same annex; ``about`` names its subject."""

    annex: str
    label: str
    subject: str
    about: str
    change: RowChange
    asked: bool
    before: PieceState | None
    after: PieceState | None


@dataclass(frozen=True, slots=True)
class TotalDifference:
    """A total of the budget, in euros, before and after."""

    label: str
    before: Decimal
    after: Decimal


@dataclass(frozen=True, slots=True)
class AskedItem:
    """What the agency asked to complete, and whether anything changed there."""

    label: str
    note: str
    changed: bool


@dataclass(frozen=True, slots=True)
class DepositDifference:
    """Everything that changed from one deposit to the next."""

    before: int
    before_at: datetime
    after: int
    after_at: datetime
    asked: tuple[AskedItem, ...]
    answers: tuple[AnswerDifference, ...]
    totals: tuple[TotalDifference, ...]
    pieces: tuple[PieceDifference, ...]

    @property
    def nothing(self) -> bool:
        """Tell whether the second deposit is the first one again."""
        return not (self.answers or self.totals or self.pieces)


def compare_deposits(application: Application, number: int) -> DepositDifference:
    """Return what the deposit of this number changed in the one before.

    Raises:
        NotFoundError: the file has no such deposit, or it is the first one.

    """
    by_number = {submission.number: submission for submission in application.submissions}
    after, before = by_number.get(number), by_number.get(number - 1)
    if after is None or before is None:
        raise NotFoundError("Ce dépôt n'existe pas, ou aucun dépôt ne le précède.")
    form, request = form_of(application.call_version), _request_answered(application, before, after)
    opened = _opened(form, request.items if request else ())
    answers = tuple(_answers(form, before.snapshot, after.snapshot, opened))
    names = {key: name for one in (before, after) for key, name in subjects_of(one).items()}
    pieces = tuple(_pieces(before.snapshot, after.snapshot, opened, names))
    touched = {answer.field_id for answer in answers} | {piece.annex for piece in pieces}
    return DepositDifference(
        before=before.number,
        before_at=before.at,
        after=after.number,
        after_at=after.at,
        asked=tuple(_asked(application, form, item, touched) for item in (request.items if request else ())),
        answers=answers,
        totals=tuple(_totals(before.snapshot, after.snapshot)),
        pieces=pieces,
    )


def without_secrets(found: DepositDifference, application: Application) -> DepositDifference:
    """Return what changed, bank details and confidential pieces aside, for those who do not read them."""
    document = load_document(application.call_version)
    secret = {field.id for field in document.form.fields if field.type is FieldKind.IBAN}
    secret |= {annex.id for annex in document.annexes if annex.confidential}
    return replace(
        found,
        answers=tuple(answer for answer in found.answers if answer.field_id not in secret),
        pieces=tuple(piece for piece in found.pieces if piece.annex not in secret),
    )


def _request_answered(application: Application, before: Submission, after: Submission) -> CompletionRequest | None:
    """Return the request between two deposits."""
    requests = (row for row in application.completion_requests if before.at <= row.requested_at <= after.at)
    return next(requests, None)


def _opened(form: FormSpec, items: Sequence[CompletionItem]) -> frozenset[str]:
    """Return the fields and annexes that the request opened again."""
    found: set[str] = set()
    for item in items:
        section = form.section(item.key) if item.kind is CompletionItemKind.SECTION else None
        found |= {item.key} if section is None else {spec.id for spec in section.fields}
    return frozenset(found)


def _asked(application: Application, form: FormSpec, item: CompletionItem, touched: set[str]) -> AskedItem:
    inside = {item.key}
    label = item.key
    if item.kind is CompletionItemKind.ANNEX:
        annexes = load_document(application.call_version).annexes
        label = next((annex.label for annex in annexes if annex.id == item.key), item.key)
    elif item.kind is CompletionItemKind.FIELD:
        field = form.field(item.key)
        label = field.label if field else item.key
    elif (section := form.section(item.key)) is not None:
        label, inside = section.title, {spec.id for spec in section.fields}
    return AskedItem(label, item.note, bool(inside & touched))


def _answers(form: FormSpec, old: Snapshot, new: Snapshot, opened: frozenset[str]) -> Iterator[AnswerDifference]:
    before, after = typed_values(form, old["answers"]), typed_values(form, new["answers"])
    for section in form.sections:
        for spec in section.fields:
            if field_type(spec).storage is Storage.FILE:
                continue  # told among the pieces, with their hashes
            found = _answer(section, spec, before.get(spec.id), after.get(spec.id), opened)
            if found is not None:
                yield found


def _answer(
    section: SectionSpec, spec: FieldSpec, before: Any, after: Any, opened: frozenset[str]
) -> AnswerDifference | None:
    kind = field_type(spec)
    if before == after or (kind.empty(before) and kind.empty(after)):
        return None
    tables = tuple(_tables(_sides(spec, before), _sides(spec, after)))
    segments = () if tables else value_differences(spec, before, after)
    return AnswerDifference(spec.id, spec.label, section.title, spec.id in opened, segments, tables)


Rows = Sequence[tuple[str, tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Side:
    """A table of a value: the labels of its columns, and its rows behind their keys (empty where rows have none)."""

    heads: tuple[str, ...]
    rows: Rows


def _sides(spec: FieldSpec, value: Any) -> dict[str, Side]:
    """Return the tables of a value by caption; a budget has two."""
    parts: list[tuple[FieldType[Any], FieldSpec, Any]] = [(field_type(spec), spec, value)]
    if isinstance(value, BudgetPlan):
        lines, income = BudgetType.sides(spec)
        parts = [(BudgetLinesType(), lines, value.lines), (IncomeType(), income, value.income)]
    sides = {}
    for kind, part, rows in parts:
        for table in kind.table(part, rows):
            keys = [str(getattr(row, "key", "")) for row in rows] if isinstance(rows, tuple) else []
            keys = keys if len(keys) == len(table.rows) else [""] * len(table.rows)
            heads = tuple(column.label for column in table.columns)
            sides[table.caption] = Side(heads, tuple(zip(keys, table.rows, strict=True)))
    return sides


def _tables(old: Mapping[str, Side], new: Mapping[str, Side]) -> Iterator[TableDifference]:
    for caption in dict.fromkeys((*old, *new)):
        heads = (new.get(caption) or old[caption]).heads
        before, after = (side[caption].rows if caption in side else () for side in (old, new))
        lines = tuple(_lines(heads, before, after))
        if lines:
            touched = sum(line.change is not RowChange.ADDED for line in lines)
            yield TableDifference(caption, lines, len(before) - touched)


def _lines(heads: tuple[str, ...], old: Rows, new: Rows) -> Iterator[LineDifference]:
    if all(key for key, _ in (*old, *new)):
        before, after = dict(old), dict(new)
        for key in dict.fromkeys((*before, *after)):
            yield from _line(heads, key, before.get(key), after.get(key))
        return
    left, right = [row for _, row in old], [row for _, row in new]
    for tag, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        paired = max(b - a, d - c)
        for index in range(paired):
            yield from _line(
                heads,
                "",
                left[a + index] if a + index < b else None,
                right[c + index] if c + index < d else None,
            )


def _line(
    heads: tuple[str, ...], key: str, before: tuple[str, ...] | None, after: tuple[str, ...] | None
) -> Iterator[LineDifference]:
    if before == after:
        return
    row = after or before or ()
    named = (cell for head, cell in zip(heads, row, strict=False) if head == _EXPENSE and cell != "–")
    name = next(named, "") or next((cell for cell in row if cell != "–"), "")
    pairs = zip(heads, before or ("–",) * len(heads), after or ("–",) * len(heads), strict=False)
    cells = tuple(CellDifference(head, old, new) for head, old, new in pairs if old != new)
    change = RowChange.ADDED if before is None else RowChange.REMOVED if after is None else RowChange.CHANGED
    yield LineDifference(change, key, name, cells)


def _totals(old: Snapshot, new: Snapshot) -> Iterator[TotalDifference]:
    for key, label in _TOTALS:
        before, after = Decimal(old["totals"][key]), Decimal(new["totals"][key])
        if before != after:
            yield TotalDifference(label, before, after)


def _pieces(
    old: Snapshot, new: Snapshot, opened: frozenset[str], names: Mapping[str, str]
) -> Iterator[PieceDifference]:
    """Pair what left an annex with what came in it, for the same partner or co-funder, in their order."""
    places = dict.fromkeys((piece["annex"], piece["subject"]) for piece in (*old["pieces"], *new["pieces"]))
    for annex, subject in sorted(places):
        before, after = _held(old, annex, subject), _held(new, annex, subject)
        gone = [piece for sha, piece in before.items() if sha not in after]
        came = [piece for sha, piece in after.items() if sha not in before]
        for index in range(max(len(gone), len(came))):
            left = gone[index] if index < len(gone) else None
            right = came[index] if index < len(came) else None
            change = RowChange.ADDED if left is None else RowChange.REMOVED if right is None else RowChange.CHANGED
            label = (right or left or {})["label"]
            about = names.get(subject, subject)
            yield PieceDifference(annex, label, subject, about, change, annex in opened, _piece(left), _piece(right))


def _held(snapshot: Snapshot, annex: str, subject: str) -> dict[str, Mapping[str, Any]]:
    return {
        piece["sha256"]: piece
        for piece in snapshot["pieces"]
        if piece["annex"] == annex and piece["subject"] == subject
    }


def _piece(piece: Mapping[str, Any] | None) -> PieceState | None:
    return None if piece is None else PieceState(piece["name"], piece["size"], piece["sha256"])
