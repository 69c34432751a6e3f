"""The values of indicators over time: what charts and their tables show."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from aap.awards.models import Project
from aap.evaluation.arithmetic import (
    Exactly,
    TargetCase,
    Targets,
    count_targets,
    is_reached,
    progress,
    shown_cost,
    value_to_date,
)
from aap.evaluation.models import Indicator, MeasureState
from aap.evaluation.queries.computed import exact_values
from aap.evaluation.queries.reading import CurrentMeasure, PeriodRow, list_current, list_indicators, list_periods
from aap.referentials.models import Direction


@dataclass(frozen=True, slots=True)
class Point:
    """The value of a period. ``value`` is ``None`` when none was given; ``corrected`` tells of a later revision."""

    period_key: str
    ends_on: date
    value: Decimal | None
    n: int | None
    state: MeasureState | None
    measure_id: uuid.UUID | None
    corrected: bool


@dataclass(frozen=True, slots=True)
class Series:
    """An indicator with its values by period, and what they say to date.

    ``to_date`` is exact; ``shown`` is what a page writes. ``progress`` is 1 at the target; ``reached`` is ``None``
    without target or value.
    """

    indicator_id: uuid.UUID
    lock_version: int
    code: str
    label: str
    unit: str
    dimension: str
    direction: Direction
    art51: str | None
    has_macro: str | None
    has_viewpoint: str | None
    mandatory: bool
    computed: bool
    source: str
    frequency: str
    formula: str | None
    baseline: Decimal | None
    baseline_period: str
    target: Decimal | None
    target_on: date | None
    points: tuple[Point, ...]
    to_date: Fraction | None
    shown: Decimal | None
    progress: Fraction | None
    reached: bool | None


def list_series(project: Project, *, only_validated: bool = False) -> tuple[Series, ...]:
    """Return every indicator of a project with its values, in the plan's order. A handful of queries."""
    indicators = list_indicators(project.id)
    periods = list_periods(project.id)
    by_indicator: dict[uuid.UUID, dict[str, CurrentMeasure]] = {}
    for row in list_current([project.id], only_validated=only_validated):
        by_indicator.setdefault(row.indicator_id, {})[row.period_key] = row
    exact = exact_values(project, indicators)
    return tuple(_series(each, periods, by_indicator.get(each.id, {}), exact) for each in indicators)


def get_series(indicator: Indicator) -> Series:
    """Return one indicator of a project with its values."""
    return next(each for each in list_series(indicator.project) if each.indicator_id == indicator.id)


def count_reached(series: Sequence[Series]) -> Targets:
    """Return how many targets are reached to date, and which are missed."""
    return count_targets(TargetCase(each.code, each.target, each.direction, each.to_date) for each in series)


def _series(
    indicator: Indicator,
    periods: Sequence[PeriodRow],
    measures: dict[str, CurrentMeasure],
    exact: dict[tuple[str, str], Fraction],
) -> Series:
    given = [period.key for period in periods if period.key in measures]
    to_date = value_to_date([_exact(indicator, measures[key], exact) for key in given], indicator.aggregation)
    last = None if to_date is None else Fraction(to_date)
    return Series(
        indicator_id=indicator.id,
        lock_version=indicator.lock_version,
        code=indicator.code,
        label=indicator.label,
        unit=indicator.unit,
        dimension=indicator.dimension,
        direction=indicator.direction,
        art51=indicator.art51,
        has_macro=indicator.has_macro,
        has_viewpoint=indicator.has_viewpoint,
        mandatory=indicator.mandatory,
        computed=indicator.computed,
        source=indicator.source,
        frequency=indicator.frequency,
        formula=indicator.formula,
        baseline=indicator.baseline,
        baseline_period=indicator.baseline_period,
        target=indicator.target,
        target_on=indicator.target_on,
        points=tuple(_point(period, measures.get(period.key)) for period in periods),
        to_date=last,
        shown=None if last is None else _shown(last),
        progress=progress(indicator.baseline, indicator.target, last, indicator.direction),
        reached=is_reached(indicator.target, indicator.direction, last),
    )


def _exact(indicator: Indicator, measure: CurrentMeasure, exact: dict[tuple[str, str], Fraction]) -> Exactly:
    """Return a calculated value before rounding, as long as the recorded one says the same; else what was recorded."""
    computed = exact.get((indicator.code, measure.period_key))
    return measure.value if computed is None or shown_cost(computed) != measure.value else computed


def _shown(value: Fraction) -> Decimal:
    """Write a value with its own digits when it has an end, to the cent otherwise."""
    decimal = shown_cost(value)
    return Decimal(value.numerator) / Decimal(value.denominator) if Fraction(decimal) == value else decimal


def _point(period: PeriodRow, measure: CurrentMeasure | None) -> Point:
    if measure is None:
        return Point(period.key, period.ends_on, None, None, None, None, corrected=False)
    return Point(
        period.key,
        period.ends_on,
        measure.value,
        measure.n,
        measure.state,
        measure.id,
        corrected=measure.revision > 1,
    )
