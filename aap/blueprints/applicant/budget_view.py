"""A budget as its page shows it: both tables, what they come to, and what each funding rule says of it as typed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Protocol

from aap.applications.checks.plan import judge_plan
from aap.applications.checks.plan_limits import Limit
from aap.applications.typed_plan import MONEY_DECIMALS, typed_amount, typed_number, typed_plan
from aap.blueprints.applicant.budget_tables import WORKBOOK, Preview, preview_of
from aap.blueprints.applicant.inputs import Raw, component_names
from aap.forms.fields.budget import BudgetLinesType, BudgetType, IncomeType
from aap.forms.spec import FieldSpec
from aap.rules import Outcome

STATES = {Outcome.HELD: "held", Outcome.BROKEN: "not_held", Outcome.UNKNOWN: "unknown"}
TICKED = frozenset({"y", "yes", "on", "1", "true", "oui"})


class Texts(Protocol):
    """A field of the page: its texts and its errors, by row."""

    @property
    def spec(self) -> FieldSpec:
        """The field."""
        ...

    @property
    def error_of(self) -> Mapping[str, str]:
        """What is wrong, by input."""
        ...

    @property
    def texts(self) -> Raw:
        """Every text of the page."""
        ...

    def rows_of(self, base: str, names: Mapping[str, str]) -> list[dict[str, Any]]:
        """Return the texts of each row of a table."""
        ...

    def row_errors_of(self, base: str, names: Mapping[str, str]) -> dict[str, str]:
        """Return the errors of the cells of a table."""
        ...


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a budget, as the component reads it."""

    name: str
    rows: list[dict[str, Any]]
    errors: dict[str, str]
    error: str
    choices: Mapping[str, list[tuple[str, str]]]
    total: Decimal
    requested: Decimal = Decimal(0)
    preview: Preview | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """Expenses and financing plan, with the totals of what is typed and the rules it holds or not."""

    expenses: Side
    income: Side
    rules: list[dict[str, str]]
    limits: str
    workbook: str  # the name of the input for a workbook
    workbook_error: str

    @classmethod
    def of(cls, shown: Texts, limits: tuple[Limit, ...] = (), joined: frozenset[str] | None = None) -> Budget:
        """Read both sides from the texts of the page; ``joined``: the expenses with a file, when files say it."""
        lines, income = BudgetType.sides(shown.spec)
        spent = _side(shown, lines, BudgetLinesType().columns(lines))
        for row in spent.rows:
            _complete(row, joined)
        funded = _side(shown, income, IncomeType().columns(income))
        return cls(
            replace(
                spent,
                total=sum((row["amount"] for row in spent.rows), Decimal(0)),
                requested=_total(spent.rows, "requested"),
            ),
            replace(funded, total=_total(funded.rows, "amount")),
            [
                {"key": one.key, "state": STATES[one.outcome], "label": one.label, "why": one.sentence}
                for one in judge_plan(limits, typed_plan(_quoted(_texts(spent.rows), joined), _texts(funded.rows)))
            ],
            json.dumps([limit.as_data() for limit in limits], ensure_ascii=False),
            shown.spec.id + WORKBOOK,
            shown.error_of.get(shown.spec.id + WORKBOOK, ""),
        )


def _quoted(rows: list[dict[str, str]], joined: frozenset[str] | None) -> list[dict[str, str]]:
    """Return the rows as the rule about quotes reads them: a reference is nothing where files are asked for."""
    return rows if joined is None else [{**row, "quote_ref": ""} for row in rows]


def _complete(row: dict[str, Any], joined: frozenset[str] | None) -> None:
    """Add the amount of a line. One known by its amount alone becomes one unit at that price: the page can send it."""
    if row.get("amount") and not row.get("quantity") and not row.get("unit_price"):
        row["quantity"], row["unit_price"] = "1", row["amount"]
    row["amount"] = typed_amount(row) or Decimal(0)
    row["quote"] = row.get("quote") in TICKED if joined is None else row.get("id", "") in joined


def _side(shown: Texts, side: FieldSpec, columns: Iterable[FieldSpec]) -> Side:
    names = component_names(side.id)
    choices = {c.id: [(option.value, option.label) for option in c.options] for c in columns if c.options}
    rows, errors = shown.rows_of(side.id, names), shown.row_errors_of(side.id, names)
    return Side(
        side.id,
        rows,
        errors,
        shown.error_of.get(side.id, ""),
        choices,
        Decimal(0),
        preview=preview_of(side.id, shown.texts),
    )


def _texts(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    return [{name: str(cell) if cell else "" for name, cell in row.items()} for row in rows]


def _total(rows: Iterable[Mapping[str, Any]], key: str) -> Decimal:
    return sum((typed_number(str(row.get(key, "")), MONEY_DECIMALS) or Decimal(0) for row in rows), Decimal(0))
