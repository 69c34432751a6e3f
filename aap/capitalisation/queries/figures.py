"""The figures of a sheet, read through their binding to validated measures."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased

from aap.capitalisation.models import Sheet, SheetFigure, SheetState
from aap.evaluation.models import Measure, MeasureState
from aap.evaluation.queries.series import Series, list_series


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as its validated measure says now. ``measure_id`` is ``None`` while no measure is validated.

    ``n`` is the number of answers behind a survey's value; ``counted`` the unit that the indicator really counts.
    """

    position: int
    indicator_id: uuid.UUID | None
    measure_id: uuid.UUID | None
    code: str | None
    label: str
    unit: str
    counted: str
    baseline: Decimal | None
    target: Decimal | None
    final: Decimal | None
    n: int | None
    missed: bool | None


def list_figures(sheet: Sheet) -> tuple[Figure, ...]:
    """Return the figures of a sheet with the values of today's validated measures."""
    series: dict[uuid.UUID, Series] = {}
    if sheet.project is not None:
        series = {each.indicator_id: each for each in list_series(sheet.project, only_validated=True)}
    return tuple(
        _own(row) if row.indicator_id is None else _bound(row, series[row.indicator_id]) for row in sheet.figures
    )


def _own(row: SheetFigure) -> Figure:
    return Figure(
        row.position,
        None,
        None,
        None,
        row.label,
        row.unit,
        row.unit,
        row.baseline,
        row.target,
        row.final,
        None,
        row.missed,
    )


def _bound(row: SheetFigure, series: Series) -> Figure:
    last = next((point for point in reversed(series.points) if point.value is not None), None)
    return Figure(
        position=row.position,
        indicator_id=row.indicator_id,
        measure_id=last.measure_id if last else None,
        code=series.code,
        label=row.label,
        unit=row.unit,
        counted=series.unit,
        baseline=series.baseline,
        target=series.target,
        final=series.shown,
        n=last.n if last else None,
        missed=None if series.reached is None else not series.reached,
    )


def is_outdated() -> ColumnElement[bool]:
    """Return the condition on ``Sheet`` that selects those whose published figures were corrected since.

    A correction counts once the agency has validated it, and when it changes the value.
    """
    shown, later = aliased(Measure), aliased(Measure)
    corrected = (
        select(SheetFigure.sheet_id)
        .join(shown, shown.id == SheetFigure.measure_id)
        .join(
            later,
            (later.indicator_id == shown.indicator_id)
            & (later.period_key == shown.period_key)
            & (later.revision > shown.revision),
        )
        .where(later.state == MeasureState.VALIDATED, later.value != shown.value)
    )
    return Sheet.state.in_((SheetState.PUBLISHED, SheetState.TO_UPDATE)) & Sheet.id.in_(corrected)
