"""What the page of a section shows: each field with the component that fits it, its texts and its errors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from aap.applications.checks.plan_limits import Limit
from aap.blueprints.applicant.answer_files import FileView
from aap.blueprints.applicant.budget_view import Budget
from aap.blueprints.applicant.inputs import Texts, cell_of, component_names, row_count
from aap.blueprints.applicant.line_pieces import LineFiles
from aap.blueprints.applicant.widgets import (
    BLOCK_CELLS,
    FEMININE,
    HINTS,
    NOUNS,
    NUMERIC,
    SUFFIXES,
    WIDGETS,
    WIDTHS,
    column_of,
)
from aap.errors import Problem
from aap.forms.fields import Storage, field_type
from aap.forms.fields.budget import BudgetType
from aap.forms.fields.checklist import ChecklistType
from aap.forms.fields.figures import ScaleType
from aap.forms.fields.tables import RowsType
from aap.forms.spec import FieldSpec, SectionSpec

Errors = Mapping[str, str]  # name of an input -> what is wrong in it


@dataclass(frozen=True, slots=True)
class BesideBudget:
    """What goes with a budget: ``limits`` judge it, ``exports`` (words, address) take it away, ``files`` are joined."""

    limits: tuple[Limit, ...] = ()
    exports: tuple[tuple[str, str], ...] = ()
    files: LineFiles | None = None


NOTHING_BESIDE = BesideBudget()


@dataclass(frozen=True, slots=True)
class Shown:
    """One field of the page. ``note`` is what a computed field says, ``file`` what a file question holds."""

    spec: FieldSpec
    texts: Texts
    errors: Errors
    closed: bool = False
    note: str = ""
    file: FileView | None = None
    beside: BesideBudget = NOTHING_BESIDE

    @property
    def widget(self) -> str:
        """The component: an input unless the type wants another."""
        kind = field_type(self.spec)
        if isinstance(kind, RowsType):
            roomy = self.spec.type == "repeat" or any(column.type in BLOCK_CELLS for column in kind.columns(self.spec))
            return "blocks" if roomy else "rows"
        return WIDGETS.get(self.spec.type, "input")

    @property
    def text(self) -> str:
        """The text of the one input."""
        return self.text_of(self.spec.id)

    @property
    def chosen(self) -> tuple[str, ...]:
        """The boxes ticked."""
        return self.texts.get(self.spec.id, ())

    @property
    def error(self) -> str:
        """What is wrong in the field itself."""
        return self.errors.get(self.spec.id, "")

    @property
    def options(self) -> list[tuple[str, str, str]]:
        """The choices; those of a scale are its steps."""
        if self.spec.type == "scale":
            return [(value, shown, "") for value, shown in ScaleType().choices(self.spec)]
        return [(option.value, option.label, option.hint) for option in self.spec.options]

    @property
    def hint(self) -> str:
        """The help of the call, or what the type asks for; the columns of a table explain themselves here."""
        kind = field_type(self.spec)
        columns = kind.columns(self.spec) if isinstance(kind, RowsType) else ()
        said = [f"{column.label} : {column.help[:1].lower()}{column.help[1:]}" for column in columns if column.help]
        return " ".join([self.spec.help or HINTS.get(self.spec.type, ""), *said]).strip()

    @property
    def width(self) -> str:
        """The width of the input, empty for the whole line."""
        return WIDTHS.get(self.spec.type, "")

    @property
    def suffix(self) -> str:
        """The unit after the input."""
        return SUFFIXES.get(self.spec.type, "")

    @property
    def inputmode(self) -> str:
        """The keyboard of a phone."""
        return "decimal" if self.spec.type in NUMERIC else "numeric" if self.spec.type == "siret" else ""

    @property
    def length(self) -> int | None:
        """The largest number of characters, for the counter."""
        textual = self.spec.type in {"text", "longtext"}
        return int(self.spec.max) if textual and self.spec.max is not None else None

    @property
    def lines(self) -> int:
        """The height of a text area, in lines."""
        return 4 if (self.length or 0) <= 1000 else 7 if (self.length or 0) <= 2500 else 10

    @property
    def points(self) -> list[Shown]:
        """The points of a checklist, each a choice of its own."""
        answers = ChecklistType().answers
        return [
            Shown(replace(self.spec, id=f"{self.spec.id}-{point.value}", label=point.label, options=answers),
                  self.texts, self.errors, self.closed)
            for point in self.spec.options
        ]  # fmt: skip

    @property
    def noun(self) -> str:
        """What a row is called."""
        return NOUNS.get(self.spec.type, "ligne")

    @property
    def adding(self) -> str:
        """The words of the button that adds a row."""
        return f"Ajouter {'une' if self.noun in FEMININE else 'un'} {self.noun}"

    @property
    def columns(self) -> list[dict[str, Any]]:
        """The columns of a table, as the component of repeated rows reads them."""
        kind = field_type(self.spec)
        columns = [column_of(column) for column in kind.columns(self.spec)] if isinstance(kind, RowsType) else []
        keyed = [{"key": "key", "label": "", "kind": "hidden"}] if getattr(kind, "prefix", "") else []
        return [*keyed, *columns]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The texts of each row, by column."""
        return self.rows_of(self.spec.id, {})

    @property
    def row_errors(self) -> dict[str, str]:
        """The errors of the cells, under ``<row>-<column>``."""
        return self.row_errors_of(self.spec.id, {})

    @property
    def blocks(self) -> list[list[Shown]]:
        """The rows of a table whose cells need room, each row a group of fields."""
        kind = field_type(self.spec)
        columns = kind.columns(self.spec) if isinstance(kind, RowsType) else ()
        return [
            [
                Shown(replace(column, id=f"{self.spec.id}-{index}-{column.id}"), self.texts, self.errors, self.closed)
                for column in columns
            ]
            for index in range(max(row_count(self.texts, self.spec.id), 1))
        ]

    @property
    def keys(self) -> list[str]:
        """The hidden key of each row."""
        return [self.text_of(f"{self.spec.id}-{index}-key") for index in range(row_count(self.texts, self.spec.id))]

    @property
    def budget(self) -> Budget:
        """The two sides of a budget, and what the funding rules say of them."""
        files = self.beside.files
        return Budget.of(self, self.beside.limits, None if files is None else files.joined)

    @property
    def error_of(self) -> Errors:
        """What is wrong, by input."""
        return self.errors

    def text_of(self, name: str) -> str:
        """Return the last text sent under a name."""
        return (self.texts.get(name) or ("",))[-1]

    def rows_of(self, base: str, names: Mapping[str, str]) -> list[dict[str, Any]]:
        """Return the texts of each row of a table; ``names`` gives the component's own name of some columns."""
        rows: list[dict[str, Any]] = [{} for _ in range(row_count(self.texts, base))]
        for name, values in self.texts.items():
            cell = cell_of(name, base)
            if cell:
                rows[cell[0]][names.get(cell[1], cell[1])] = ", ".join(values)
        return rows

    def row_errors_of(self, base: str, names: Mapping[str, str]) -> dict[str, str]:
        """Return the errors of the cells of a table, under ``<row>-<column>``."""
        cells = [(cell_of(name, base), message) for name, message in self.errors.items()]
        return {f"{cell[0]}-{names.get(cell[1], cell[1])}": message for cell, message in cells if cell}


def shown_fields(
    section: SectionSpec,
    texts: Texts,
    problems: Iterable[Problem],
    *,
    open_fields: frozenset[str],
    notes: Mapping[str, str],
    files: Mapping[str, FileView] = MappingProxyType({}),
    beside: BesideBudget = NOTHING_BESIDE,
) -> list[Shown]:
    """Return the fields of a section; those outside ``open_fields`` are read only.

    ``files`` answer questions.
    """
    errors: dict[str, str] = {}
    for problem in problems:
        errors.setdefault(problem.place, problem.message)
    return [
        Shown(
            spec,
            texts,
            {place: message for place, message in errors.items() if place == spec.id or _within(place, spec.id)},
            closed=spec.id not in open_fields and field_type(spec).storage is not Storage.NONE,
            note=notes.get(spec.id, ""),
            beside=beside if spec.type == "budget" else NOTHING_BESIDE,
            file=files.get(spec.id),
        )
        for spec in section.fields
    ]


def is_wide(section: SectionSpec) -> bool:
    """Tell whether a section holds a table, which wants the whole width."""
    return any(spec.type == "budget" or isinstance(field_type(spec), RowsType) for spec in section.fields)


def place_of(section: SectionSpec, place: str) -> str:
    """Return the name of the input that a problem points to, as the page writes it."""
    for spec in section.fields:
        if spec.type != "budget":
            continue
        for side in BudgetType.sides(spec):
            cell = cell_of(place, side.id)
            if cell:
                return f"{side.id}-{cell[0]}-{component_names(side.id).get(cell[1], cell[1])}"
    return place


def field_of(section: SectionSpec, place: str) -> FieldSpec | None:
    """Return the field that a problem is about."""
    return next((spec for spec in section.fields if place == spec.id or _within(place, spec.id)), None)


def said(section: SectionSpec, problem: Problem) -> str:
    """Return a problem with the name of its field, and of its row and column when it is about a cell."""
    spec = field_of(section, problem.place)
    if spec is None:
        return problem.message
    for side in BudgetType.sides(spec) if spec.type == "budget" else (spec,):
        cell, kind = cell_of(problem.place, side.id), field_type(side)
        if cell and isinstance(kind, RowsType):
            column = next((one.label for one in kind.columns(side) if one.id == cell[1]), "")
            return f"{side.label}, ligne {cell[0] + 1}, {column} : {problem.message}"
        if problem.place == side.id:
            return f"{side.label} : {problem.message}"
    return f"{spec.label} : {problem.message}"


def _within(place: str, field_id: str) -> bool:
    return place.startswith((f"{field_id}-", f"{field_id}_lines", f"{field_id}_income", f"{field_id}_workbook"))
