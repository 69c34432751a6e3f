"""A budget from the texts of its cells, as a page holds them before anything is saved: nothing is refused.

``planOf`` in ``static/js/funding.js`` reads the same cells the same way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from aap.applications.plan import FundingPlan, PlanFunder, PlanLine, cents
from aap.forms.fields import UnreadableError, read_decimal
from aap.forms.fields.figures import QUANTITY_DECIMALS
from aap.french import rounded

MONEY_DECIMALS = 2
Row = Mapping[str, str]


def typed_plan(lines: Sequence[Row], funders: Sequence[Row]) -> FundingPlan:
    """Return the budget that the rows of both tables make; cells are named as the page names them."""
    return FundingPlan(
        tuple(_line(row, number) for number, row in enumerate(lines, start=1)),
        tuple(_funder(row) for row in funders),
    )


def typed_amount(row: Row) -> Decimal | None:
    """Return quantity × unit price to the cent, half up; ``None`` when one of them is no number."""
    quantity = typed_number(row.get("quantity", ""), QUANTITY_DECIMALS)
    price = typed_number(row.get("unit_price", ""), MONEY_DECIMALS)
    return None if quantity is None or price is None else rounded(quantity * price, 2)


def typed_number(text: str, decimals: int) -> Decimal | None:
    """Return a number as typed, nought for a blank cell, ``None`` for anything else."""
    try:
        found = read_decimal(text, decimals=decimals, unit="€" if decimals == MONEY_DECIMALS else "")
    except UnreadableError:
        return None
    return Decimal(0) if found is None else found


def _line(row: Row, number: int) -> PlanLine:
    return PlanLine(
        key=row.get("id", "").strip(),
        name=row.get("label", "").strip() or f"ligne {number}",
        category=row.get("category", ""),
        amount=cents(typed_amount(row)),
        requested=cents(typed_number(row.get("requested", ""), MONEY_DECIMALS)),
        quoted=bool(row.get("quote", "")) or bool(row.get("quote_ref", "").strip()),
    )


def _funder(row: Row) -> PlanFunder:
    return PlanFunder(
        name=row.get("funder", "").strip(),
        kind=row.get("kind", ""),
        amount=cents(typed_number(row.get("amount", ""), MONEY_DECIMALS)),
        earmarks=tuple(key for key in re.split(r"[\s,;]+", row.get("earmarked", "")) if key),
    )
