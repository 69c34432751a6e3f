"""Milestones: added, moved, marked done with their evidence."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select

from aap import audit
from aap.accounts.models import User
from aap.awards.models import Project
from aap.clock import paris
from aap.db import db
from aap.evaluation import checks
from aap.evaluation.models import EvaluationPlan, Milestone
from aap.evaluation.queries.reading import get_plan, list_milestones
from aap.workflow import Actor


def add_milestone(plan: EvaluationPlan, *, label: str, due_on: date, actor: User, now: datetime) -> Milestone:
    """Add a milestone to the plan, with the next free key.

    Raises:
        InvalidError: empty label.
        ConflictError: the final report is validated.

    """
    checks.check_plan_open(plan)
    numbers = [int(row.key.removeprefix("J")) for row in list_milestones(plan.project_id) if row.key[1:].isdigit()]
    milestone = Milestone(
        project_id=plan.project_id,
        key=f"J{max(numbers, default=0) + 1}",
        label=checks.check_filled("label", label, "Donnez un nom au jalon."),
        due_on=due_on,
    )
    db.session.add(milestone)
    plan.changed = True
    audit.record("milestones.add", milestone, actor_id=actor.id, now=now, detail={"due_on": due_on.isoformat()})
    return milestone


def move_milestone(
    milestone: Milestone, *, label: str, due_on: date, seen: int | None = None, actor: User, now: datetime
) -> None:
    """Rename or move a milestone; the plan then waits for a new validation.

    Raises:
        InvalidError: empty label.
        StaleError: somebody saved it since ``seen``.

    """
    plan = get_plan(milestone.project_id)
    checks.check_plan_open(plan)
    checks.check_seen(milestone.lock_version, seen, yours=label, theirs=milestone.label)
    old = milestone.due_on
    milestone.label = checks.check_filled("label", label, "Donnez un nom au jalon.")
    milestone.due_on = due_on
    plan.changed = True
    detail = {"from": old.isoformat(), "to": due_on.isoformat()}
    audit.record("milestones.move", milestone, actor_id=actor.id, now=now, detail=detail)


def mark_done(
    milestone: Milestone,
    *,
    done_on: date,
    evidence: str,
    comment: str | None = None,
    seen: int | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Say when a milestone was reached and what proves it. Whether it was late is derived.

    Raises:
        InvalidError: a day in the future, or no evidence.
        StaleError: somebody saved it since ``seen``.

    """
    checks.check_seen(milestone.lock_version, seen, yours=evidence, theirs=milestone.evidence)
    milestone.evidence = checks.check_evidence(milestone, done_on, evidence, now)
    milestone.done_on = done_on
    if comment and comment.strip():
        milestone.comment = comment.strip()
    audit.record("milestones.done", milestone, actor_id=actor.id, now=now, detail={"done_on": done_on.isoformat()})


def reach_by_report(project: Project, report_key: str, evidence: str, *, actor: Actor, now: datetime) -> None:
    """Mark the milestone of a report as reached today, once: a later submission does not move it."""
    milestone = db.session.scalar(
        select(Milestone).where(Milestone.project_id == project.id, Milestone.report_key == report_key)
    )
    if milestone is not None and milestone.done_on is None:
        mark_done(milestone, done_on=paris(now).date(), evidence=evidence, actor=actor, now=now)
