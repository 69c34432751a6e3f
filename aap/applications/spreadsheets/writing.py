"""A budget handed out as a workbook that reads back as the same budget: one sheet for each side, titles we know."""

from __future__ import annotations

from decimal import Decimal

from aap.applications.spreadsheets.columns import EXPENSES, FUNDING, Side
from aap.documents.workbook import Cell, Column, Computed, Sheet
from aap.forms.rows import BudgetLineRow, BudgetPlan, FunderRow
from aap.referentials.vocabularies import vocabulary

_WIDTHS = {"label": 48, "funder": 40, "category": 24, "kind": 28, "quote_ref": 28, "earmarked": 24, "id": 6}
_KINDS = {"quantity": "number", "unit_price": "money", "amount": "money", "requested": "money"}


def budget_workbook(plan: BudgetPlan) -> tuple[Sheet, Sheet]:
    """Return the two sheets of a budget; amounts are formulas of ours with their results."""
    lines = [_line(row, number) for number, row in enumerate(plan.lines, start=2)]
    lines += [_totals(plan)] if plan.lines else []
    funders = [_funder(row) for row in plan.income]
    if plan.income:
        last = len(plan.income) + 1
        funders.append((None, "Total", None, None, None, Computed(f"SUM(F2:F{last})", plan.income_total)))
    return _sheet(EXPENSES, lines), _sheet(FUNDING, funders)


def _sheet(side: Side, rows: list[tuple[Cell, ...]]) -> Sheet:
    columns = tuple(Column(title, _WIDTHS.get(cell, 14), _KINDS.get(cell, "")) for cell, title in side.cells.items())
    return Sheet(side.sheet, columns, tuple(rows))


def _line(row: BudgetLineRow, number: int) -> tuple[Cell, ...]:
    known = row.qty is not None and row.unit_price is not None
    return (
        row.key,
        _words("budget_categories", row.category),
        row.label,
        row.qty,
        row.unit_price,
        Computed(f"ROUND(D{number}*E{number},2)", row.amount) if known else row.amount,
        row.requested_eur or None,
        "oui" if row.quote else None,
        row.quote_ref,
    )


def _totals(plan: BudgetPlan) -> tuple[Cell, ...]:
    last = len(plan.lines) + 1
    total, asked = Computed(f"SUM(F2:F{last})", plan.expenses), Computed(f"SUM(G2:G{last})", plan.requested)
    return (None, None, "Total", None, None, total, asked, None, None)


def _funder(row: FunderRow) -> tuple[Cell, ...]:
    status, kind = _words("cofunding_status", row.status), _words("income_kinds", row.kind)
    amount: Decimal | None = row.amount
    return row.key, row.funder, kind, status, ", ".join(row.earmarked), amount


def _words(name: str, code: str) -> str:
    """Return the words of a choice; a code that the list does not know stays as it is."""
    return next((term.label for term in vocabulary(name).terms if term.code == code), code)
