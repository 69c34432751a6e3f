"""The amounts of a budget as it is saved: each follows from its quantity and its price, to the cent."""

from __future__ import annotations

from decimal import Decimal

from aap import french
from aap.errors import InvalidError, Problem
from aap.forms.entries import Values
from aap.forms.rows import BudgetLineRow, BudgetPlan
from aap.forms.spec import FieldSpec, SectionSpec


def check_amounts(section: SectionSpec, values: Values) -> None:
    """Refuse a budget whose amounts do not follow from their quantities and prices, to the cent, half up.

    A browser cannot send one (the form computes amounts); a document or a program can.

    Raises:
        InvalidError: on the input of each wrong amount.

    """
    problems = [
        Problem(f"{spec.id}_lines-{index}-amount", f"Quantité × prix unitaire donne {french.euros(due)}.")
        for spec in section.fields
        for index, line in enumerate(_lines(spec, values))
        if (due := _due(line)) is not None and due != line.amount
    ]
    if problems:
        raise InvalidError("Le budget contient un montant inexact.", tuple(problems), code="montant-inexact")


def _lines(spec: FieldSpec, values: Values) -> tuple[BudgetLineRow, ...]:
    plan = values.get(spec.id)
    return plan.lines if isinstance(plan, BudgetPlan) else ()


def _due(line: BudgetLineRow) -> Decimal | None:
    if line.qty is None or line.unit_price is None:
        return None
    return french.rounded(line.qty * line.unit_price, 2)
