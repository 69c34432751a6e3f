"""The budget: expenses on one side (``{field}_lines-…``), the financing plan on the other (``{field}_income-…``).

Whether the two sides balance is a rule of the call, not of the field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from typing_extensions import override

from aap.errors import Problem
from aap.forms.fields.field_type import DisplayTable, FieldType, Parsed, Raw, Storage, UnreadableError, Written
from aap.forms.fields.figures import QUANTITY_DECIMALS
from aap.forms.fields.project_tables import FixedTable, offered
from aap.forms.fields.tables import Cells
from aap.forms.rows import BudgetLineRow, BudgetPlan, FunderRow
from aap.forms.spec import FieldSpec
from aap.french import euros, rounded

_TOP = Decimal(10) ** 12  # what NUMERIC(14, 2) holds
LINES, INCOME = "_lines", "_income"


class BudgetLinesType(FixedTable[BudgetLineRow]):
    """The expenses."""

    name = "budget_lines"
    title = "Dépenses"
    prefix = "L"
    aliases = {"id": "key", "ars_share": "requested_eur"}  # noqa: RUF012  # annotated ClassVar in the base class
    own_columns = (
        FieldSpec("category", "select", "Poste", required=True, options=offered("budget_categories")),
        FieldSpec("label", "text", "Dépense", required=True, max=200),
        FieldSpec("qty", "quantity", "Quantité"),
        FieldSpec("unit_price", "money", "Prix unitaire"),
        FieldSpec("amount", "money", "Montant"),
        FieldSpec("requested_eur", "money", "Part demandée à l'agence"),
        FieldSpec("quote", "checkbox", "Devis joint"),
        FieldSpec("quote_ref", "text", "Référence du devis", max=120),
    )

    @override
    def parse(self, spec: FieldSpec, raw: Raw) -> Parsed[tuple[BudgetLineRow, ...]]:
        """Read the lines; the amount follows from quantity and price when both are given."""
        parsed = FixedTable.parse(self, spec, raw)
        if parsed.value is None:
            return parsed
        return replace(parsed, value=tuple(_computed(row) for row in parsed.value))

    @override
    def written(self, spec: FieldSpec, value: tuple[BudgetLineRow, ...] | None) -> Written:
        """Return the inputs of every line; an amount that follows from the others is no input."""
        written = FixedTable.written(self, spec, value)
        for index, row in enumerate(value or ()):
            if row.qty is not None and row.unit_price is not None:
                del written[f"{spec.id}-{index}-amount"]
        return written

    @override
    def build(self, key: str, cells: Cells) -> BudgetLineRow:
        """Make a line; an amount left blank is computed."""
        row = BudgetLineRow(
            key=key,
            category=cells["category"] or "",
            label=cells["label"] or "",
            qty=cells["qty"],
            unit_price=cells["unit_price"],
            amount=cells["amount"] or Decimal(0),
            requested_eur=cells["requested_eur"] or Decimal(0),
            quote=bool(cells["quote"]),
            quote_ref=cells["quote_ref"] or "",
        )
        return _computed(row) if cells["amount"] is None else row

    @override
    def cells(self, row: BudgetLineRow) -> Cells:
        """Return the cells of a line."""
        return {
            "category": row.category,
            "label": row.label,
            "qty": row.qty,
            "unit_price": row.unit_price,
            "amount": row.amount,
            "requested_eur": row.requested_eur,
            "quote": row.quote,
            "quote_ref": row.quote_ref,
        }

    @override
    def identity(self, spec: FieldSpec, row: BudgetLineRow) -> None:
        """Two lines may be alike."""

    @override
    def check_row(self, place: str, row: BudgetLineRow) -> tuple[Problem, ...]:
        """Report an amount that does not follow, one out of reach, a share above it."""
        problems = []
        if row.amount >= _TOP:
            problems.append(Problem(f"{place}-amount", "Ce montant est trop grand."))
        elif row.amount != _computed(row).amount:
            expected = euros(_computed(row).amount)
            problems.append(Problem(f"{place}-amount", f"Quantité × prix unitaire donne {expected}."))
        elif row.qty is not None and row.qty.normalize().as_tuple().exponent < -QUANTITY_DECIMALS:  # type: ignore[operator]  # finite
            problems.append(Problem(f"{place}-qty", f"Donnez au plus {QUANTITY_DECIMALS} chiffres après la virgule."))
        elif not row.amount:
            problems.append(Problem(f"{place}-unit_price", "Donnez une quantité et un prix unitaire, ou un montant."))
        if row.requested_eur > row.amount:
            message = f"La part demandée dépasse le montant de la ligne ({euros(row.amount)})."
            problems.append(Problem(f"{place}-requested_eur", message))
        return tuple(problems)


class IncomeType(FixedTable[FunderRow]):
    """The financing plan."""

    name = "budget_income"
    title = "Plan de financement"
    prefix = "F"
    aliases = {"id": "key"}  # noqa: RUF012  # annotated ClassVar in the base class
    own_columns = (
        FieldSpec("funder", "text", "Financeur", required=True, max=200),
        FieldSpec("kind", "select", "Nature", required=True, options=offered("income_kinds")),
        FieldSpec("amount", "money", "Montant", required=True),
        FieldSpec("status", "select", "Situation", required=True, options=offered("cofunding_status")),
        FieldSpec("earmarked", "keys", "Réservé aux lignes", help="Par exemple L01, L02. Vide : toutes les lignes."),
    )

    @override
    def build(self, key: str, cells: Cells) -> FunderRow:
        """Make an income."""
        return FunderRow(
            key=key,
            funder=cells["funder"] or "",
            kind=cells["kind"] or "",
            amount=cells["amount"],
            status=cells["status"] or "",
            earmarked=cells["earmarked"] or (),
        )

    @override
    def cells(self, row: FunderRow) -> Cells:
        """Return the cells of an income."""
        return {
            "funder": row.funder,
            "kind": row.kind,
            "amount": row.amount,
            "status": row.status,
            "earmarked": row.earmarked,
        }


_LINES = BudgetLinesType()
_INCOME = IncomeType()


class BudgetType(FieldType[BudgetPlan]):
    """Expenses and financing plan together."""

    name = "budget"
    title = "Budget"
    storage = Storage.ROWS

    @staticmethod
    def sides(spec: FieldSpec) -> tuple[FieldSpec, FieldSpec]:
        """Return the fields of the two tables: expenses, then income. The columns of the field go to both."""
        lines = replace(spec, id=spec.id + LINES, type=_LINES.name, label="Dépenses", required=True)
        income = replace(spec, id=spec.id + INCOME, type=_INCOME.name, label="Plan de financement", required=True)
        return replace(lines, min=None, max=None), replace(income, min=None, max=None)

    @override
    def parse(self, spec: FieldSpec, raw: Raw) -> Parsed[BudgetPlan]:
        """Read both tables."""
        lines_spec, income_spec = self.sides(spec)
        lines, income = _LINES.parse(lines_spec, raw), _INCOME.parse(income_spec, raw)
        problems = (*lines.problems, *income.problems)
        plan = BudgetPlan(lines.value or (), income.value or ())
        return Parsed(None if problems or self.empty(plan) else plan, problems, lines.typed | income.typed)

    @override
    def written(self, spec: FieldSpec, value: BudgetPlan | None) -> Written:
        """Return the inputs of both tables."""
        plan = value or BudgetPlan()
        lines_spec, income_spec = self.sides(spec)
        return _LINES.written(lines_spec, plan.lines) | _INCOME.written(income_spec, plan.income)

    @override
    def to_json(self, spec: FieldSpec, value: BudgetPlan) -> Any:
        """Return ``{"lines": […], "income": […]}``."""
        lines_spec, income_spec = self.sides(spec)
        return {"lines": _LINES.to_json(lines_spec, value.lines), "income": _INCOME.to_json(income_spec, value.income)}

    @override
    def from_json(self, spec: FieldSpec, value: Any) -> BudgetPlan:
        """Read both lists."""
        if not isinstance(value, Mapping):
            raise UnreadableError("Un budget compte des dépenses (lines) et des recettes (income).")
        lines_spec, income_spec = self.sides(spec)
        return BudgetPlan(
            _LINES.from_json(lines_spec, value.get("lines", [])),
            _INCOME.from_json(income_spec, value.get("income", [])),
        )

    @override
    def empty(self, value: BudgetPlan | None) -> bool:
        """Tell whether both tables are."""
        return value is None or not (value.lines or value.income)

    @override
    def show(self, spec: FieldSpec, value: BudgetPlan) -> str:
        """Return both tables as lines, with their totals."""
        lines_spec, income_spec = self.sides(spec)
        parts = (
            (lines_spec, _LINES.show(lines_spec, value.lines), value.expenses),
            (income_spec, _INCOME.show(income_spec, value.income), value.income_total),
        )
        return "\n\n".join(f"{side.label} : {euros(total)}\n{text}".strip() for side, text, total in parts)

    @override
    def table(self, spec: FieldSpec, value: BudgetPlan | None) -> tuple[DisplayTable, ...]:
        """Return one table for each side that has lines."""
        plan = value or BudgetPlan()
        lines_spec, income_spec = self.sides(spec)
        return (*_LINES.table(lines_spec, plan.lines), *_INCOME.table(income_spec, plan.income))

    @override
    def missing(self, spec: FieldSpec, value: BudgetPlan | None) -> tuple[Problem, ...]:
        """Ask for the first line of each side."""
        if not spec.required and self.empty(value):
            return ()
        plan = value or BudgetPlan()
        lines_spec, income_spec = self.sides(spec)
        return (*_LINES.missing(lines_spec, plan.lines), *_INCOME.missing(income_spec, plan.income))

    @override
    def check(self, spec: FieldSpec, value: BudgetPlan) -> tuple[Problem, ...]:
        """Report what is wrong in either table, and sums meant for lines that do not exist."""
        lines_spec, income_spec = self.sides(spec)
        keys = {line.key for line in value.lines}
        strays = [
            Problem(f"{income_spec.id}-{index}-earmarked", f"La ligne {key} n'existe pas dans les dépenses.")
            for index, funder in enumerate(value.income)
            for key in funder.earmarked
            if key not in keys
        ]
        return (*_LINES.check(lines_spec, value.lines), *_INCOME.check(income_spec, value.income), *strays)


def _computed(row: BudgetLineRow) -> BudgetLineRow:
    if row.qty is None or row.unit_price is None:
        return row
    return replace(row, amount=rounded(row.qty * row.unit_price, 2))
