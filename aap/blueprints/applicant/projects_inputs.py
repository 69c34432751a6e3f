"""What the lead types in a report, from the browser to the services and back, with the error of each field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from aap import french
from aap.accounts.models import User
from aap.blueprints.followed_project import aimed_at, measured
from aap.errors import InvalidError, Problem
from aap.evaluation.arithmetic import is_due
from aap.evaluation.models import MeasureState, Report, ReportKind
from aap.evaluation.queries import (
    Point,
    Series,
    get_indicator,
    list_expenses,
    list_periods,
    list_series,
)
from aap.evaluation.service import record_actual_lines, record_expense, record_measure, save_draft
from aap.forms.fields import UnreadableError
from aap.forms.fields.cleaning import read_decimal

TEXTS = ("highlights", "difficulties", "next_steps")
SURVEYS = "satisfaction"  # the dimension whose values come with a number of answers


@dataclass(frozen=True, slots=True)
class MeasureLine:
    """An indicator of the report: its input, or its value once validated. ``answers`` is ``None`` outside surveys."""

    code: str
    label: str
    unit: str
    hint: str
    required: bool
    value: str
    answers: str | None
    validated: bool


@dataclass(frozen=True, slots=True)
class ExpenseLine:
    """A budget line of the final report: what was planned, what was spent."""

    key: str
    label: str
    planned: str
    actual: str
    spent: str


@dataclass(frozen=True, slots=True)
class ReportPage:
    """What the page of a report shows in its fields: what was saved, or what has just been typed."""

    measures: tuple[MeasureLine, ...]
    computed: tuple[tuple[str, str], ...]
    spent: str
    spent_words: str
    lines: tuple[ExpenseLine, ...]
    texts: Mapping[str, str]
    period_ends: str


def read_page(report: Report, typed: Mapping[str, str] | None = None) -> ReportPage:
    """Return the fields of a report."""
    given = typed or {}
    period = next((row for row in list_periods(report.project_id) if row.key == report.period_key), None)
    pairs = [(each, _point(each, report)) for each in list_series(report.project)]
    asked = [
        (each, point)
        for each, point in pairs
        if not each.computed and (point.value is not None or (period and is_due(each.frequency, period.month)))
    ]
    spent = list_expenses(report.project_id).get(report.period_key or "")
    final = report.kind is ReportKind.FINAL
    return ReportPage(
        measures=tuple(_line(each, point, given) for each, point in asked),
        computed=tuple(
            (each.label, measured(point, each.unit)) for each, point in pairs if each.computed and point.value
        ),
        spent=given.get("spent_eur", _plain(spent)),
        spent_words="" if spent is None else french.euros(spent),
        lines=tuple(
            ExpenseLine(
                key=row.key,
                label=row.label,
                planned=french.euros(row.planned_eur),
                actual=given.get(f"line-{row.key}", _plain(row.actual_eur)),
                spent=french.euros(row.actual_eur),
            )
            for row in (report.project.budget_lines if final else ())
        ),
        texts={name: given.get(name, getattr(report, name)) for name in TEXTS},
        period_ends=french.day(period.ends_on) if period else "",
    )


def _point(series: Series, report: Report) -> Point:
    return next(point for point in series.points if point.period_key == report.period_key)


def _line(series: Series, point: Point, given: Mapping[str, str]) -> MeasureLine:
    before = [each for each in series.points if each.value is not None and each.ends_on < point.ends_on]
    last = f"Dernière valeur : {measured(before[-1], series.unit)} ({before[-1].period_key}). " if before else ""
    answers = None
    if series.dimension == SURVEYS:
        answers = given.get(f"n-{series.code}", "" if point.n is None else str(point.n))
    return MeasureLine(
        code=series.code,
        label=series.label,
        unit=series.unit,
        hint=f"{last}Cible : {aimed_at(series)}.",
        required=series.mandatory,
        value=given.get(f"m-{series.code}", _plain(point.value)),
        answers=answers,
        validated=point.state is MeasureState.VALIDATED,
    )


def _plain(value: Decimal | None) -> str:
    return "" if value is None else f"{value:f}".replace(".", ",").removesuffix(",00")


@dataclass(slots=True)
class Typed:
    """Numbers read from what was typed, with the problems found on the way."""

    sent: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)

    def number(self, name: str, *, decimals: int = 6, unit: str = "") -> Decimal | None:
        """Read a number, or note what is wrong with it; ``None`` when nothing can be read."""
        try:
            return read_decimal(self.sent.get(name, ""), decimals=decimals, unit=unit)
        except UnreadableError as error:
            self.problems.append(Problem(name, str(error)))
            return None

    def attempt(self, places: Mapping[str, str], action: Callable[[], object]) -> None:
        """Call a service; its problems go to the fields that ``places`` names."""
        try:
            action()
        except InvalidError as error:
            self.problems += moved(error, places)


def moved(error: InvalidError, places: Mapping[str, str]) -> list[Problem]:
    """Return the problems of an error on the fields of the page."""
    if not error.problems:
        return [Problem("", error.message)]
    return [Problem(places.get(problem.place, problem.place), problem.message) for problem in error.problems]


def save_report(report: Report, sent: Mapping[str, str], *, actor: User, now: datetime) -> None:
    """Save measures, expenses and texts together: one fault and nothing is saved, but everything stays on the page.

    Raises:
        InvalidError: every problem found, each on the name of its field.
        ConflictError: the report is handed in, or the plan is not validated.
        StaleError: somebody saved the report since the page was opened.

    """
    typed = Typed(sent)
    seen = sent.get("seen", "")
    texts = {name: sent.get(name, "") for name in TEXTS}
    save_draft(report, **texts, seen=int(seen) if seen.isdigit() else None, actor=actor, now=now)
    for each in list_series(report.project):
        point = _point(each, report)
        if f"m-{each.code}" in sent and not each.computed and point.state is not MeasureState.VALIDATED:
            _save_measure(each, point, typed, actor=actor, now=now)
    _save_expenses(report, typed, actor=actor, now=now)
    if typed.problems:
        raise InvalidError("Des réponses sont à corriger.", tuple(typed.problems), code="rapport-a-corriger")


def _save_measure(series: Series, point: Point, typed: Typed, *, actor: User, now: datetime) -> None:
    name, answers = f"m-{series.code}", f"n-{series.code}"
    value, count = typed.number(name), typed.number(answers, decimals=0)
    n = None if count is None else int(count)
    if value is None:
        if point.value is not None and not typed.sent.get(name, "").strip():
            message = "Une mesure enregistrée ne s'efface pas : donnez une autre valeur."
            typed.problems.append(Problem(name, message))
        return
    if (value, n) == (point.value, point.n):
        return
    indicator = get_indicator(series.indicator_id)
    typed.attempt(
        {"value": name, "n": answers},
        lambda: record_measure(indicator, point.period_key, value, n=n, actor=actor, now=now),
    )


def _save_expenses(report: Report, typed: Typed, *, actor: User, now: datetime) -> None:
    spent = typed.number("spent_eur", decimals=2, unit="€")
    stated = list_expenses(report.project_id).get(report.period_key or "")
    if spent is not None and spent != stated:
        key = report.period_key or ""
        typed.attempt({}, lambda: record_expense(report.project, key, spent, actor=actor, now=now))
    if report.kind is ReportKind.FINAL:
        given = {row.key: typed.number(f"line-{row.key}", decimals=2, unit="€") for row in report.project.budget_lines}
        actual = {key: value for key, value in given.items() if value is not None}
        places = {key: f"line-{key}" for key in given}
        typed.attempt(places, lambda: record_actual_lines(report.project, actual, actor=actor, now=now))


def places_of_submission(report: Report) -> dict[str, str]:
    """Return the field of each thing that a submission may find missing: indicator codes and budget lines."""
    codes = {each.code: f"m-{each.code}" for each in list_series(report.project)}
    return codes | {row.key: f"line-{row.key}" for row in report.project.budget_lines}
