"""Reports: written, submitted, returned with a remark, validated. Validation unlocks the instalment of their rank."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from aap import audit
from aap.accounts.models import User
from aap.awards.models import Project
from aap.awards.service import record_final_validation, unlock_instalments
from aap.clock import paris
from aap.db import db
from aap.errors import ConflictError
from aap.evaluation import checks
from aap.evaluation.arithmetic import is_due
from aap.evaluation.models import Indicator, PlanState, Report, ReportKind, ReportState
from aap.evaluation.queries.reading import (
    find_report,
    get_period,
    get_plan,
    list_current,
    list_expenses,
    list_indicators,
)
from aap.evaluation.service.computation import compute_period
from aap.evaluation.service.measures import validate_period
from aap.evaluation.service.milestones import reach_by_report
from aap.evaluation.service.stamping import stamped
from aap.evaluation.states import PLAN_WORKFLOW, REPORT_WORKFLOW
from aap.outbox import promise_mail
from aap.workflow import apply


def save_draft(
    report: Report,
    *,
    highlights: str,
    difficulties: str,
    next_steps: str,
    seen: int | None = None,
    actor: User,
    now: datetime,
) -> None:
    """Save the texts of a report that is not yet submitted, or was returned.

    Raises:
        ConflictError: the report is submitted or validated.
        StaleError: somebody saved it since ``seen``; both texts are carried.

    """
    if report.state not in {ReportState.DRAFT, ReportState.RETURNED}:
        raise ConflictError("Ce rapport est transmis : il ne se modifie plus.", code="rapport-transmis")
    yours = {"highlights": highlights, "difficulties": difficulties, "next_steps": next_steps}
    theirs = {name: getattr(report, name) for name in yours}
    checks.check_seen(report.lock_version, seen, yours=yours, theirs=theirs)
    report.highlights, report.difficulties = highlights.strip(), difficulties.strip()
    report.next_steps = next_steps.strip()
    audit.record("reports.save", report, actor_id=actor.id, now=now)


def submit_report(report: Report, *, actor: User, now: datetime) -> None:
    """Hand the report to the agency: its milestone is reached, its calculated values are computed.

    Raises:
        ConflictError: the plan is not validated, the period still runs, or the report is already submitted.
        InvalidError: mandatory measures, the expense or the real budget lines are missing.
        ForbiddenError: the actor does not lead the project.

    """
    _check_kind(report)
    project = report.project
    plan = get_plan(project.id)
    checks.check_plan_validated(plan)
    key = report.period_key or ""
    period = get_period(project.id, key)
    checks.check_period_over(report, period.ends_on, now)
    checks.check_measures_given(_missing(project, key, period.month), key)
    _check_expenses(report)
    compute_period(project, key, actor=actor, now=now)
    with stamped(report, submitted_at=now, submitted_by_id=actor.id):
        apply(REPORT_WORKFLOW, report, "submit", actor, now)
    reach_by_report(project, report.key, report.label, actor=actor, now=now)
    if report.kind is ReportKind.FINAL:
        apply(PLAN_WORKFLOW, plan, "submit_final", actor, now, by_stage=True)
    elif plan.state is PlanState.PLAN_VALIDATED:
        apply(PLAN_WORKFLOW, plan, "start", actor, now, by_stage=True)
    db.session.flush()
    mailbox = project.call_version.call.contact_mailbox
    _tell("evaluation-report-submitted", report, mailbox, now, to_agency=True)


def return_report(report: Report, remark: str, *, actor: User, now: datetime) -> None:
    """Give the report back with what to complete.

    Raises:
        InvalidError: empty remark.
        ConflictError: the report is not waiting for validation.
        ForbiddenError: the actor may not validate it.

    """
    _check_kind(report)
    said = checks.check_filled("remark", remark, "Dites ce qu'il faut compléter.")
    with stamped(report, remark=said):
        apply(REPORT_WORKFLOW, report, "return", actor, now, said)
    if report.kind is ReportKind.FINAL:
        apply(PLAN_WORKFLOW, get_plan(report.project_id), "return_final", actor, now, by_stage=True)
    _tell("evaluation-report-returned", report, report.project.application.lead.email, now)


def validate_report(report: Report, *, actor: User, now: datetime) -> None:
    """Validate the report with the measures of its period, and unlock the instalment of its rank.

    Raises:
        ConflictError: the report is not waiting for validation.
        ForbiddenError: the actor may not validate it.

    """
    _check_kind(report)
    project = report.project
    with stamped(report, validated_at=now, validated_by_id=actor.id):
        apply(REPORT_WORKFLOW, report, "validate", actor, now)
    validate_period(project, report.period_key or "", actor=actor, now=now)
    plan = get_plan(project.id)
    if report.kind is ReportKind.FINAL:
        apply(PLAN_WORKFLOW, plan, "validate_final", actor, now, by_stage=True)
        record_final_validation(project, actor=actor, now=now)
    elif report.kind is ReportKind.INTERIM and plan.state in {PlanState.PLAN_VALIDATED, PlanState.IN_PROGRESS}:
        apply(PLAN_WORKFLOW, plan, "validate_interim", actor, now, by_stage=True)
    for instalment in project.instalments:
        if instalment.rank == report.unlocks_rank:
            unlock_instalments(project, instalment.trigger, rank=instalment.rank, actor=actor, now=now)
    _tell("evaluation-report-validated", report, project.application.lead.email, now)


def follow_sheet_submission(project: Project, *, actor: User, now: datetime) -> None:
    """Record that the sheet asked by the call was written: its report is submitted, once."""
    report = find_report(project.id, ReportKind.CAPITALISATION)
    if report is not None and report.state is ReportState.DRAFT:
        with stamped(report, submitted_at=now, submitted_by_id=actor.id):
            apply(REPORT_WORKFLOW, report, "submit", actor, now, by_stage=True)


def follow_sheet_validation(project: Project, *, actor: User, now: datetime) -> None:
    """Record that the lead validated the sheet: its report is validated."""
    report = find_report(project.id, ReportKind.CAPITALISATION)
    if report is not None and report.state is ReportState.SUBMITTED:
        with stamped(report, validated_at=now, validated_by_id=actor.id):
            apply(REPORT_WORKFLOW, report, "validate", actor, now, by_stage=True)


def follow_sheet_publication(project: Project, reference: str, *, actor: User, now: datetime) -> None:
    """Record that the sheet is published: the milestone of its report is reached."""
    report = find_report(project.id, ReportKind.CAPITALISATION)
    if report is not None:
        reach_by_report(project, report.key, f"Fiche {reference}", actor=actor, now=now)


def _check_kind(report: Report) -> None:
    if report.kind is ReportKind.CAPITALISATION:
        message = "Ce rapport est la fiche de capitalisation : il suit sa relecture et sa validation."
        raise ConflictError(message, code="rapport-fiche")


def _missing(project: Project, period_key: str, month: int) -> list[Indicator]:
    given = {row.indicator_id for row in list_current([project.id]) if row.period_key == period_key}
    return [
        indicator
        for indicator in list_indicators(project.id)
        if indicator.mandatory
        and not indicator.computed
        and is_due(indicator.frequency, month)
        and indicator.id not in given
    ]


def _check_expenses(report: Report) -> None:
    """Ask the expense to date of a report that unlocks money, and its lines of the final one."""
    spent: Decimal | None = list_expenses(report.project_id).get(report.period_key or "")
    if report.unlocks_rank is not None or report.kind is ReportKind.FINAL:
        checks.check_expense_given(spent)
    if report.kind is ReportKind.FINAL and spent is not None:
        checks.check_actual_lines({line.key: line.actual_eur for line in report.project.budget_lines}, spent)


def _tell(template: str, report: Report, to: str, now: datetime, *, to_agency: bool = False) -> None:
    project = report.project
    promise_mail(
        template,
        to,
        {
            "project": project.reference,
            "title": project.title,
            "report": report.label,
            "period": report.period_key or "",
            "remark": report.remark or "",
            "unlocks": report.unlocks_rank is not None,
            "path": f"/agence/projets/{project.id}" if to_agency else f"/projets/rapports/{report.id}",
        },
        key=f"{template}:{report.id}:{paris(now):%Y%m%d%H%M%S}",
        now=now,
        region_code=project.region_code,
    )
