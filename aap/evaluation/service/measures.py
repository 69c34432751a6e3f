"""Measures and expenses: recorded by the lead, validated by the agency, corrected without erasing anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from aap import audit
from aap.accounts.models import User
from aap.awards.models import Project
from aap.db import db, refusing
from aap.errors import ConflictError, InvalidError, Problem
from aap.evaluation import checks
from aap.evaluation.models import ExpenseStatement, Indicator, Measure, MeasureState, Report, ReportState
from aap.evaluation.people import OFFICER, relations_to_project
from aap.evaluation.queries.reading import (
    find_current,
    get_period,
    get_plan,
    list_current,
    list_expenses,
    list_periods,
)
from aap.evaluation.service.computation import compute_period

_TOGETHER = ConflictError(
    "Quelqu'un d'autre a enregistré cette mesure en même temps. Relisez avant de recommencer.", code="mesure-en-double"
)


def record_measure(
    indicator: Indicator,
    period_key: str,
    value: Decimal,
    *,
    n: int | None = None,
    comment: str | None = None,
    actor: User,
    now: datetime,
) -> Measure:
    """Record the value of a period, as long as the agency has not validated one. The same value twice is one row.

    Raises:
        ConflictError: the plan is not validated, or the value is (correct it then).
        InvalidError: calculated indicator, impossible value, running total that decreases (on ``value`` or ``n``).
        NotFoundError: the project has no such period.

    """
    current = find_current(indicator.id, period_key)
    checks.check_not_validated(validated=current is not None and current.state is MeasureState.VALIDATED)
    if current is not None and (current.value, current.n, current.comment) == (value, n, comment):
        return current
    return _append(indicator, period_key, _Given(value, n, comment, None), current, actor=actor, now=now)


def correct_measure(
    indicator: Indicator,
    period_key: str,
    value: Decimal,
    *,
    reason: str,
    n: int | None = None,
    actor: User,
    now: datetime,
) -> Measure:
    """Correct a validated value, saying why. An officer's correction is validated at once, a lead's waits.

    What computes from the value is computed again, as a correction too.

    Raises:
        ConflictError: there is nothing validated to correct.
        InvalidError: no reason, or an impossible value.

    """
    current = find_current(indicator.id, period_key)
    if current is None:
        raise ConflictError("Il n'y a pas encore de mesure à corriger pour cette période.", code="rien-a-corriger")
    why = checks.check_filled("reason", reason, "Dites pourquoi la mesure est corrigée.")
    kept = n if n is not None else current.n
    measure = _append(indicator, period_key, _Given(value, kept, None, why), current, actor=actor, now=now)
    if OFFICER in relations_to_project(indicator.project, actor):
        validate_measure(measure, actor=actor, now=now)
    return measure


def validate_measure(measure: Measure, *, actor: User, now: datetime) -> None:
    """Validate one value, a correction usually: those of a report are validated with it.

    Raises:
        ConflictError: a later value replaced it.

    """
    current = find_current(measure.indicator_id, measure.period_key)
    if current is None or current.id != measure.id:
        raise ConflictError("Une valeur plus récente a été saisie.", code="mesure-remplacee")
    if measure.state is MeasureState.VALIDATED:
        return
    measure.state, measure.validated_at, measure.validated_by_id = MeasureState.VALIDATED, now, actor.id
    audit.record("measures.validate", measure, actor_id=actor.id, now=now)
    if measure.reason is not None:
        compute_period(measure.indicator.project, measure.period_key, reason=measure.reason, actor=actor, now=now)


def validate_period(project: Project, period_key: str, *, actor: User, now: datetime) -> int:
    """Validate every current value of a period; return how many were not yet. Called when its report is validated."""
    waiting = [
        row.id
        for row in list_current([project.id])
        if row.period_key == period_key and row.state is MeasureState.SUBMITTED
    ]
    for measure in db.session.scalars(select(Measure).where(Measure.id.in_(waiting))):
        measure.state, measure.validated_at, measure.validated_by_id = MeasureState.VALIDATED, now, actor.id
    db.session.flush()
    return len(waiting)


def record_expense(project: Project, period_key: str, spent_eur: Decimal, *, actor: User, now: datetime) -> None:
    """State what was spent from the start to the end of a period, in euros.

    Raises:
        ConflictError: the plan is not validated, or the period's report is.
        InvalidError: negative, or less than at an earlier period (on ``spent_eur``).

    """
    checks.check_plan_validated(get_plan(project.id))
    get_period(project.id, period_key)
    stated = list_expenses(project.id)
    order = [period.key for period in list_periods(project.id)]
    before = order[: order.index(period_key)]
    checks.check_expense(spent_eur, max((stated[key] for key in before if key in stated), default=None))
    checks.check_not_validated(validated=_is_closed(project, period_key))
    query = select(ExpenseStatement).where(
        ExpenseStatement.project_id == project.id, ExpenseStatement.period_key == period_key
    )
    statement = db.session.scalar(query)
    if statement is None:
        statement = ExpenseStatement(project_id=project.id, period_key=period_key)
        db.session.add(statement)
    statement.spent_eur, statement.recorded_at, statement.recorded_by_id = spent_eur, now, actor.id
    detail = {"period": period_key, "spent_eur": f"{spent_eur:f}"}
    audit.record("expense_statements.record", statement, actor_id=actor.id, now=now, detail=detail)


def record_actual_lines(project: Project, actual: Mapping[str, Decimal], *, actor: User, now: datetime) -> None:
    """State the real expense of budget lines, by key, in euros.

    Raises:
        InvalidError: a line that the budget does not have, or a negative expense (on the line's key).

    """
    lines = {line.key: line for line in project.budget_lines}
    problems = [Problem(key, f"La ligne {key} n'est pas dans le budget.") for key in actual if key not in lines]
    problems += [Problem(key, "Une dépense ne peut pas être négative.") for key, value in actual.items() if value < 0]
    if problems:
        raise InvalidError("Ces dépenses ne correspondent pas au budget.", tuple(problems), code="lignes-inconnues")
    for key, value in actual.items():
        lines[key].actual_eur = value
    detail = {key: f"{value:f}" for key, value in actual.items()}
    audit.record("projects.record_actual_lines", project, actor_id=actor.id, now=now, detail=detail)


def _is_closed(project: Project, period_key: str) -> bool:
    query = select(Report.id).where(
        Report.project_id == project.id, Report.period_key == period_key, Report.state == ReportState.VALIDATED
    )
    return db.session.scalar(query) is not None


@dataclass(frozen=True, slots=True)
class _Given:
    """What a person gives for one indicator and one period."""

    value: Decimal
    n: int | None
    comment: str | None
    reason: str | None


def _append(
    indicator: Indicator, period_key: str, given: _Given, current: Measure | None, *, actor: User, now: datetime
) -> Measure:
    checks.check_plan_validated(get_plan(indicator.project_id))
    checks.check_measured_by_hand(indicator)
    period = get_period(indicator.project_id, period_key)
    checks.check_value(indicator, given.value, given.n)
    others = {row.month: row.value for row in list_current([indicator.project_id]) if row.indicator_id == indicator.id}
    earlier = max((month for month in others if month < period.month), default=0)
    later = min((month for month in others if month > period.month), default=0)
    checks.check_cumulates(indicator, given.value, others.get(earlier), others.get(later))
    measure = Measure(
        indicator_id=indicator.id,
        period_key=period_key,
        revision=1 if current is None else current.revision + 1,
        value=given.value.normalize(),  # one spelling per number: 63 and 63.0 are the same value
        n=given.n,
        comment=(given.comment or "").strip() or None,
        reason=given.reason,
        recorded_at=now,
        recorded_by_id=actor.id,
    )
    measure.indicator = indicator
    with refusing({"uq_measures_indicator_id_period_key_revision": _TOGETHER}):
        db.session.add(measure)
    detail = {"indicator": indicator.code, "period": period_key, "value": f"{given.value:f}"}
    audit.record("measures.record", measure, actor_id=actor.id, now=now, detail=detail)
    return measure
