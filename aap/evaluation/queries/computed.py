"""Indicators that are calculated: each code has one function, from what was reported to the exact value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from aap.awards.models import Project
from aap.evaluation.arithmetic import cost_per_act
from aap.evaluation.models import Indicator
from aap.evaluation.queries.reading import list_current, list_expenses

Computation = Callable[[Mapping[str, Decimal], Decimal | None], Fraction | None]
ACTS = ("ACT-TLC", "ACT-TLE")


def _full_cost(values: Mapping[str, Decimal], spent_eur: Decimal | None) -> Fraction | None:
    """Return the cumulated expense by act, once there are acts and a stated expense."""
    acts = [values[code] for code in ACTS if code in values]
    return None if spent_eur is None or not acts else cost_per_act(spent_eur, acts)


COMPUTATIONS: dict[str, Computation] = {"COU-ACTE": _full_cost}


def exact_values(project: Project, indicators: Sequence[Indicator]) -> dict[tuple[str, str], Fraction]:
    """Return the exact value of each calculated indicator for each period that allows it, by (code, period)."""
    codes = {indicator.id: indicator.code for indicator in indicators}
    by_period: dict[str, dict[str, Decimal]] = {}
    for row in list_current([project.id]):
        by_period.setdefault(row.period_key, {})[codes[row.indicator_id]] = row.value
    spent = list_expenses(project.id)
    found: dict[tuple[str, str], Fraction] = {}
    for indicator in indicators:
        computation = COMPUTATIONS.get(indicator.code) if indicator.computed else None
        for period_key, values in by_period.items() if computation else ():
            value = computation(values, spent.get(period_key)) if computation else None
            if value is not None:
                found[indicator.code, period_key] = value
    return found
