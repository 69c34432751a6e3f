"""The life of a project after its contract: start, suspension, final report, settlement, termination."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from aap.accounts.models import User
from aap.awards.models import Project, ProjectState
from aap.awards.states import WORKFLOW
from aap.clock import paris
from aap.db import db
from aap.workflow import SYSTEM, Actor, apply


def start_project(project: Project, *, actor: Actor, now: datetime) -> None:
    """Start a project whose first day has come.

    Raises:
        ConflictError: too early, or already started.
        ForbiddenError: not its officer.

    """
    apply(WORKFLOW, project, "start", actor, now)


def start_due_projects(now: datetime) -> int:
    """Start every project whose first day (Paris) has come; return how many."""
    due = db.session.scalars(
        select(Project)
        .where(Project.state == ProjectState.CONTRACTED, Project.starts_on <= paris(now).date())
        .order_by(Project.reference)
    ).all()
    for project in due:
        apply(WORKFLOW, project, "start", SYSTEM, now)
    return len(due)


def record_final_validation(project: Project, *, actor: Actor, now: datetime) -> None:
    """Tell that the final report is validated: fired by the evaluation, which owns the report and its checks.

    Raises:
        ConflictError: the project is not running.

    """
    apply(WORKFLOW, project, "validate_final", actor, now, by_stage=True)


def suspend_project(project: Project, *, reason: str, actor: User, now: datetime) -> None:
    """Suspend a project, for a reason: nothing is paid meanwhile.

    Raises:
        ConflictError: no reason, or the state does not allow it.
        ForbiddenError: neither its officer nor the direction.

    """
    apply(WORKFLOW, project, "suspend", actor, now, reason)


def resume_project(project: Project, *, actor: User, now: datetime) -> None:
    """Resume a suspended project.

    Raises:
        ConflictError: it is not suspended.
        ForbiddenError: neither its officer nor the direction.

    """
    apply(WORKFLOW, project, "resume", actor, now)


def terminate_project(project: Project, *, reason: str, actor: User, now: datetime) -> None:
    """Terminate a project, for a reason, by the direction.

    Raises:
        ConflictError: no reason, or the state does not allow it.
        ForbiddenError: not the direction.

    """
    apply(WORKFLOW, project, "terminate", actor, now, reason)


def settle_project(project: Project, *, actor: User, now: datetime) -> None:
    """Close a project whose balance is computed and paid.

    Raises:
        ConflictError: balance missing, or something left to pay.
        ForbiddenError: neither its officer nor finance.

    """
    apply(WORKFLOW, project, "settle", actor, now)
