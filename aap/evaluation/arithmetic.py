"""The exact arithmetic of an evaluation: targets, progress, cost per act, dates, coverage. No database, no clock.

Values are ``Decimal`` or ``Fraction``; nothing is rounded here but by ``shown_cost``, for display.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from aap.referentials.models import Aggregation, Direction
from aap.referentials.vocabularies.evaluation import MACRO_CRITERIA, VIEWPOINTS
from aap.scoring.exact import rounded

Exactly = Decimal | Fraction | int

FREQUENCY_MONTHS = {
    "continue": 1,
    "hebdomadaire": 1,
    "mensuelle": 1,
    "trimestrielle": 3,
    "semestrielle": 6,
    "annuelle": 12,
}


def add_months(day: date, months: int) -> date:
    """Return the same day some months later, or the last day of that month when it is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def period_end(starts_on: date, month: int) -> date:
    """Return the last day of the month-th month of a project: M6 of 1 April 2024 is 30 September 2024."""
    return add_months(starts_on, month) - timedelta(days=1)


def is_due(frequency: str, month: int) -> bool:
    """Tell whether an indicator of this rhythm has a value at the end of this month of the project."""
    rhythm = FREQUENCY_MONTHS.get(frequency)
    return rhythm is not None and month % rhythm == 0


def is_reached(target: Exactly | None, direction: Direction, value: Exactly | None) -> bool | None:
    """Tell whether a value reaches its target (0 is one), ``None`` when there is no target or no value."""
    if target is None or value is None:
        return None
    return (
        Fraction(value) >= Fraction(target) if direction is Direction.INCREASE else Fraction(value) <= Fraction(target)
    )


def progress(
    baseline: Exactly | None, target: Exactly | None, value: Exactly | None, direction: Direction
) -> Fraction | None:
    """Return how much of the way to the target is done: 0 nothing, 1 reached, more beyond; ``None`` when unknown.

    The way runs from the starting value to the target. Without a starting value, or with one already as good as the
    target, it is the ratio of the value to the target (or of the target to the value when less is better).
    """
    if target is None or value is None:
        return None
    goal, now = Fraction(target), Fraction(value)
    reached = is_reached(goal, direction, now)
    rising = direction is Direction.INCREASE
    if baseline is not None and Fraction(baseline) != goal and (Fraction(baseline) < goal) is rising:
        done = (now - Fraction(baseline)) / (goal - Fraction(baseline))
    else:
        part, whole = (now, goal) if rising else (goal, now)
        done = part / whole if whole > 0 else Fraction(0)
    return max(done, Fraction(1)) if reached else min(max(done, Fraction(0)), Fraction(1))


@dataclass(frozen=True, slots=True)
class Targets:
    """How many targets are reached; ``missed`` and ``unmeasured`` are indicator codes, in their order."""

    reached: int
    total: int
    missed: tuple[str, ...]
    unmeasured: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TargetCase:
    """An indicator's target and its last value."""

    code: str
    target: Exactly | None
    direction: Direction
    value: Exactly | None


def count_targets(cases: Iterable[TargetCase]) -> Targets:
    """Count the targets reached. An indicator without target is left out; without value it is not reached."""
    wanted = [case for case in cases if case.target is not None]
    answers = [(case.code, is_reached(case.target, case.direction, case.value)) for case in wanted]
    return Targets(
        reached=sum(answer is True for _, answer in answers),
        total=len(wanted),
        missed=tuple(code for code, answer in answers if answer is False),
        unmeasured=tuple(code for code, answer in answers if answer is None),
    )


def value_to_date(values: Sequence[Exactly], aggregation: Aggregation) -> Exactly | None:
    """Return what values, oldest first, say to date: their sum when each counts its own period, else the last."""
    if not values:
        return None
    return sum((Fraction(value) for value in values), Fraction(0)) if aggregation is Aggregation.PERIOD else values[-1]


def cost_per_act(spent_eur: Decimal, acts: Iterable[Exactly]) -> Fraction | None:
    """Return the full cost of an act: cumulated expense / cumulated acts; ``None`` before the first act.

    158 900 / (934 + 251) is shown 134.09; 96 400 / (318 + 87) is shown 238.02.
    """
    count = sum((Fraction(number) for number in acts), Fraction(0))
    return Fraction(spent_eur) / count if count > 0 else None


def shown_cost(cost: Fraction) -> Decimal:
    """Round a cost half up to the cent, for display and for the published figure."""
    return rounded(cost, 2)


@dataclass(frozen=True, slots=True)
class Coverage:
    """The 4 × 4 matrix of the HAS frame: the indicators of each cell (row macro-criterion, column viewpoint)."""

    cells: dict[tuple[str, str], tuple[str, ...]]

    @property
    def empty(self) -> tuple[tuple[str, str], ...]:
        """Return the cells that no indicator covers, row by row."""
        return tuple(cell for cell, codes in self.cells.items() if not codes)

    @property
    def uncovered_viewpoints(self) -> tuple[str, ...]:
        """Return the viewpoints that no indicator takes."""
        return tuple(v for v in VIEWPOINTS.codes if not any(self.cells[m, v] for m in MACRO_CRITERIA.codes))


def cover_matrix(placed: Iterable[tuple[str, str | None, str | None]]) -> Coverage:
    """Place indicators ``(code, macro-criterion, viewpoint)`` in the matrix, leaving out those without a known cell."""
    cells: dict[tuple[str, str], list[str]] = {(m, v): [] for m in MACRO_CRITERIA.codes for v in VIEWPOINTS.codes}
    for code, macro, viewpoint in placed:
        if macro is not None and viewpoint is not None and (macro, viewpoint) in cells:
            cells[macro, viewpoint].append(code)
    return Coverage({cell: tuple(codes) for cell, codes in cells.items()})
