"""Stage 5, its plan: the evaluation is described, its sixteen indicators given goals, validated, then made precise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from aap.accounts.models import User
from aap.awards.models import Project
from aap.awards.service import start_due_projects
from aap.demonstration.accounts import People
from aap.demonstration.examples import read_tree
from aap.demonstration.stage import hour, on
from aap.demonstration.structures import CASE
from aap.evaluation.models import EvaluationPlan, EvaluatorKind, Indicator
from aap.evaluation.queries.reading import get_plan, list_indicators, list_milestones
from aap.evaluation.service import (
    add_indicator,
    create_plan,
    describe_plan,
    move_milestone,
    set_goal,
    validate_plan,
    word_indicator,
)
from aap.workflow import SYSTEM

Scene = tuple[datetime, Callable[[datetime], object]]  # an hour, and what is done then
REFINED = "TRA-URG"  # its definition is made precise by version 2 of the plan


def document() -> dict[str, Any]:
    """Return the evaluation of the example."""
    found: dict[str, Any] = read_tree("evaluation.yaml")["evaluation"]
    return found


def as_day(value: date | str) -> date:
    """Return a day of the document."""
    return date.fromisoformat(str(value))


def plan_scenes(people: People, project: Project) -> Iterator[Scene]:
    """Start the project, draft its plan, validate version 1 on 22 April and version 2 on 8 November 2024."""
    yield hour("2024-04-01T00:05:00"), start_due_projects
    yield hour("2024-04-02T08:00:00"), lambda now: create_plan(project, actor=SYSTEM, now=now)
    yield hour("2024-04-15T16:30:00"), lambda now: _write_plan(people, project, now)
    first, second = document()["plan_history"]
    yield (
        on(first["validated_at"], "15:00"),
        lambda now: validate_plan(get_plan(project.id), actor=people.officer, now=now),
    )
    yield on(second["validated_at"], "11:00"), lambda now: _refine(people, project, now)
    yield (
        on(second["validated_at"], "15:00"),
        lambda now: validate_plan(get_plan(project.id), reason=second["reason"], actor=people.officer, now=now),
    )


def _write_plan(people: People, project: Project, now: datetime) -> None:
    """Describe the method, follow the sixteen indicators, set their goals, adapt the milestones."""
    lead, told, plan = people.lead_of(CASE), document(), get_plan(project.id)
    protection = told["data_protection"]
    describe_plan(
        plan,
        method=told["method"],
        data_protection=f"{protection['level']} ; {protection['small_counts_rule']}.".capitalize(),
        evaluators=[(EvaluatorKind(row["kind"]), row["label"]) for row in told["evaluators"]],
        actor=lead,
        now=now,
    )
    known = {indicator.code: indicator for indicator in list_indicators(project.id)}
    for row in told["indicators"]:
        _follow(plan, known.get(row["code"]), row, lead, now)
    for milestone, row in zip(list_milestones(project.id), told["milestones"], strict=True):
        move_milestone(milestone, label=row["label"], due_on=as_day(row["due"]), actor=lead, now=now)


def _follow(plan: EvaluationPlan, known: Indicator | None, row: dict[str, Any], lead: User, now: datetime) -> None:
    refined = row["code"] == REFINED
    goal: dict[str, Any] = {
        "baseline": _number(row["baseline"]["value"]),
        "baseline_period": "2022" if refined else row["baseline"]["period"],
        "target": _number(row["target"]["value"]),
        "target_on": as_day(row["target"]["at"]),
    }
    if known is None:
        known = add_indicator(plan, row["code"], **goal, actor=lead, now=now)
    else:
        set_goal(known, **goal, actor=lead, now=now)
    word_indicator(
        known,
        label=row["label"],
        source=row["source"],
        frequency=row["frequency"],
        formula=None if refined else row.get("formula"),
        actor=lead,
        now=now,
    )


def _refine(people: People, project: Project, now: datetime) -> None:
    """Make the definition of one indicator precise: what version 2 of the plan is about."""
    row = next(row for row in document()["indicators"] if row["code"] == REFINED)
    indicator = next(one for one in list_indicators(project.id) if one.code == REFINED)
    lead = people.lead_of(CASE)
    word_indicator(
        indicator,
        label=row["label"],
        source=row["source"],
        frequency=row["frequency"],
        formula=row["formula"],
        actor=lead,
        now=now,
    )
    set_goal(
        indicator,
        baseline=_number(row["baseline"]["value"]),
        baseline_period=row["baseline"]["period"],
        target=_number(row["target"]["value"]),
        target_on=as_day(row["target"]["at"]),
        actor=lead,
        now=now,
    )


def _number(value: int | Decimal | None) -> Decimal | None:
    return None if value is None else Decimal(value)
