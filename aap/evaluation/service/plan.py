"""The plan of evaluation, completed, validated and versioned."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from aap import audit
from aap.accounts.models import User
from aap.db import db, refusing
from aap.errors import ConflictError, InvalidError
from aap.evaluation import checks
from aap.evaluation.models import (
    EvaluationPlan,
    EvaluationPlanVersion,
    Evaluator,
    EvaluatorKind,
    Indicator,
    PlanState,
)
from aap.evaluation.queries.reading import get_plan, list_indicators, list_latest, list_milestones
from aap.evaluation.service.drafting import make_indicator
from aap.evaluation.service.stamping import stamped
from aap.evaluation.states import PLAN_WORKFLOW
from aap.outbox import promise_mail
from aap.referentials.queries import list_indicator_definitions
from aap.workflow import apply, record_event


def describe_plan(
    plan: EvaluationPlan,
    *,
    method: str,
    data_protection: str,
    evaluators: Sequence[tuple[EvaluatorKind, str]],
    seen: int | None = None,
    actor: User,
    now: datetime,
) -> None:
    """Write the method, the protection of data and who evaluates (kind, function in words).

    Raises:
        ConflictError: the final report is validated.
        StaleError: somebody saved the plan since ``seen``.

    """
    checks.check_plan_open(plan)
    checks.check_seen(plan.lock_version, seen, yours=method, theirs=plan.method)
    plan.method, plan.data_protection = method.strip(), data_protection.strip()
    for old in list(plan.evaluators):
        db.session.delete(old)
    db.session.flush()
    plan.evaluators = [
        Evaluator(plan_id=plan.id, position=position, kind=kind, label=label.strip())
        for position, (kind, label) in enumerate(evaluators, start=1)
    ]
    _touch(plan, "describe", actor, now)


def add_indicator(
    plan: EvaluationPlan,
    code: str,
    *,
    baseline: Decimal | None,
    baseline_period: str,
    target: Decimal | None,
    target_on: date | None = None,
    actor: User,
    now: datetime,
) -> Indicator:
    """Add an indicator of the library to the plan.

    Raises:
        InvalidError: the library does not know the code, or the plan already has it (on ``code``).
        ConflictError: the final report is validated.

    """
    checks.check_plan_open(plan)
    known = next(iter(list_indicator_definitions([code])), None)
    if known is None:
        raise InvalidError.on("code", "Cet indicateur n'est pas dans le référentiel.", code="indicateur-inconnu")
    position = max((i.position for i in list_indicators(plan.project_id)), default=0) + 1
    indicator = make_indicator(plan.project, code, position, known, None, mandatory=False)
    indicator.baseline, indicator.baseline_period, indicator.target = baseline, baseline_period, target
    indicator.target_on = target_on or plan.project.ends_on
    twice = InvalidError.on("code", "Le plan suit déjà cet indicateur.", code="indicateur-en-double")
    with refusing({"uq_indicators_project_id_code": twice}):
        db.session.add(indicator)
    _touch(plan, "add_indicator", actor, now, code=code)
    return indicator


def set_goal(
    indicator: Indicator,
    *,
    baseline: Decimal | None,
    baseline_period: str,
    target: Decimal | None,
    target_on: date | None,
    seen: int | None = None,
    actor: User,
    now: datetime,
) -> None:
    """Set the starting value (``None``: not measured), its period, the target (0 is one) and its date.

    Raises:
        ConflictError: the final report is validated.
        StaleError: somebody saved the indicator since ``seen``.

    """
    plan = get_plan(indicator.project_id)
    checks.check_plan_open(plan)
    checks.check_seen(indicator.lock_version, seen, yours=target, theirs=indicator.target)
    indicator.baseline, indicator.baseline_period = baseline, baseline_period.strip()
    indicator.target, indicator.target_on = target, target_on
    _touch(plan, "set_goal", actor, now, code=indicator.code)


def word_indicator(
    indicator: Indicator,
    *,
    label: str,
    source: str,
    frequency: str,
    formula: str | None,
    seen: int | None = None,
    actor: User,
    now: datetime,
) -> None:
    """Adapt the words of an indicator to the project: label, source, rhythm, formula in words.

    Raises:
        InvalidError: empty label, or a calculated indicator left without formula.
        StaleError: somebody saved the indicator since ``seen``.

    """
    plan = get_plan(indicator.project_id)
    checks.check_plan_open(plan)
    checks.check_seen(indicator.lock_version, seen, yours=label, theirs=indicator.label)
    indicator.label = checks.check_filled("label", label, "Donnez un libellé à l'indicateur.")
    indicator.source, indicator.frequency = source.strip(), frequency
    indicator.formula = (formula or "").strip() or (indicator.formula if indicator.computed else None)
    _touch(plan, "word_indicator", actor, now, code=indicator.code)


def remove_indicator(indicator: Indicator, *, actor: User, now: datetime) -> None:
    """Take an indicator out of the plan.

    Raises:
        ConflictError: the call makes it mandatory, or it already has measures.

    """
    plan = get_plan(indicator.project_id)
    checks.check_plan_open(plan)
    if indicator.mandatory:
        raise ConflictError("L'appel rend cet indicateur obligatoire.", code="indicateur-obligatoire")
    if any(measure.indicator_id == indicator.id for measure in list_latest([indicator.project_id])):
        raise ConflictError("Cet indicateur a déjà des mesures : il reste dans le plan.", code="indicateur-mesure")
    db.session.delete(indicator)
    _touch(plan, "remove_indicator", actor, now, code=indicator.code)


def validate_plan(plan: EvaluationPlan, *, reason: str | None = None, actor: User, now: datetime) -> int:
    """Validate the plan as it stands, and return its version. Later versions say why.

    Raises:
        InvalidError: a mandatory indicator has no target, or a later version has no reason.
        ForbiddenError: the actor is no officer of the call.
        ConflictError: the final report is validated.

    """
    checks.check_plan_open(plan)
    indicators = list_indicators(plan.project_id)
    checks.check_goals(indicators)
    if plan.state is PlanState.PLAN_DRAFT:
        with stamped(plan, version=1):
            apply(PLAN_WORKFLOW, plan, "validate", actor, now, reason)
    else:
        reason = checks.check_filled("reason", reason, "Dites ce qui change dans le plan et pourquoi.")
        plan.version += 1
        record_event(plan, "revise", plan.state.value, plan.state.value, actor, now, reason)
    plan.changed = False
    version = EvaluationPlanVersion(
        plan_id=plan.id,
        number=plan.version,
        reason=reason,
        snapshot=_snapshot(plan, indicators),
        validated_at=now,
        validated_by_id=actor.id,
    )
    db.session.add(version)
    db.session.flush()
    promise_mail(
        "evaluation-plan-validated",
        plan.project.application.lead.email,
        {
            "project": plan.project.reference,
            "title": plan.project.title,
            "version": plan.version,
            "reason": reason or "",
            "path": f"/projets/{plan.project_id}",
        },
        key=f"plan:{plan.id}:{plan.version}",
        now=now,
        region_code=plan.project.region_code,
    )
    return plan.version


def _snapshot(plan: EvaluationPlan, indicators: Sequence[Indicator]) -> dict[str, Any]:
    """Write the plan as JSON values; numbers are texts."""
    return {
        "method": plan.method,
        "data_protection": plan.data_protection,
        "evaluators": [{"kind": e.kind.value, "label": e.label} for e in plan.evaluators],
        "indicators": [
            {
                "code": i.code,
                "label": i.label,
                "unit": i.unit,
                "formula": i.formula,
                "baseline": None if i.baseline is None else f"{i.baseline:f}",
                "baseline_period": i.baseline_period,
                "target": None if i.target is None else f"{i.target:f}",
                "target_on": i.target_on.isoformat() if i.target_on else None,
            }
            for i in indicators
        ],
        "milestones": [
            {"key": m.key, "label": m.label, "due_on": m.due_on.isoformat()} for m in list_milestones(plan.project_id)
        ],
    }


def _touch(plan: EvaluationPlan, verb: str, actor: User, now: datetime, **detail: str) -> None:
    plan.changed = True
    audit.record(f"evaluation_plans.{verb}", plan, actor_id=actor.id, now=now, detail=detail)
