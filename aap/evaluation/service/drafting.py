"""Drafting the evaluation of a project from the call's obligations and the application's proposals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select

from aap.applications.models import PlannedMilestone, ProposedIndicator
from aap.awards.models import Project, ProjectState
from aap.calls.models import CallVersion, InstalmentTrigger, ReportingObligation
from aap.db import db, refusing
from aap.errors import ConflictError
from aap.evaluation.arithmetic import period_end
from aap.evaluation.models import EvaluationPeriod, EvaluationPlan, Indicator, Milestone, Report, ReportKind
from aap.evaluation.queries.reading import find_plan
from aap.referentials.models import Aggregation, Direction
from aap.referentials.queries import IndicatorDefinitionRow, list_indicator_definitions
from aap.workflow import SYSTEM, Actor, record_event

BASELINE_MONTH = 2  # starting values are validated by the end of the second month
BASELINE_LABEL = "Valeurs de départ validées"
DECISION_MONTHS = 3  # the decision on what follows comes three months after the last period
DECISION_LABEL = "Décision sur les suites"
DATA_PROTECTION = "Agrégats par site et par période ; aucun identifiant de personne."

_FINAL_TRIGGER = InstalmentTrigger.FINAL_REPORT_VALIDATED


def create_plan(project: Project, *, actor: Actor, now: datetime) -> EvaluationPlan:
    """Draft the evaluation of a project from the call's obligations and indicators and the application's proposals.

    Raises:
        ConflictError: the project already has one.

    """
    plan = EvaluationPlan(project_id=project.id, created_at=now, data_protection=DATA_PROTECTION)
    plan.project = project
    existing = ConflictError("Ce projet a déjà un plan d'évaluation.", code="plan-existant")
    if find_plan(project.id) is not None:
        raise existing
    with refusing({"uq_evaluation_plans_project_id": existing}):
        db.session.add(plan)
    version = project.call_version
    application = project.application
    kinds = {obligation.key: _kind(version, obligation) for obligation in version.obligations}
    db.session.add_all(_periods(project, version, kinds))
    db.session.flush()
    db.session.add_all(_reports(project, version, kinds))
    db.session.add_all(_milestones(project, version, kinds, application.milestones))
    db.session.add_all(_indicators(project, version, application.indicators))
    db.session.flush()
    record_event(plan, "create", None, plan.state.value, actor, now)
    return plan


def _kind(version: CallVersion, obligation: ReportingObligation) -> ReportKind:
    triggers = {term.rank: term.trigger for term in version.instalments}
    finals = [o.month for o in version.obligations if triggers.get(o.unlocks_rank or 0) is _FINAL_TRIGGER]
    last = max(finals) if finals else version.duration_max_months
    if obligation.month > last:
        return ReportKind.CAPITALISATION
    if obligation.month == last:
        return ReportKind.FINAL
    return ReportKind.FOLLOW_UP if obligation.unlocks_rank is None else ReportKind.INTERIM


def _due(project: Project, obligation: ReportingObligation) -> date:
    end = period_end(project.starts_on, obligation.month)
    return date.fromordinal(end.toordinal() + obligation.grace_days)


def _periods(project: Project, version: CallVersion, kinds: dict[str, ReportKind]) -> list[EvaluationPeriod]:
    months = sorted({o.month for o in version.obligations if kinds[o.key] is not ReportKind.CAPITALISATION})
    return [
        EvaluationPeriod(
            project_id=project.id, key=f"M{month}", month=month, ends_on=period_end(project.starts_on, month)
        )
        for month in months
    ]


def _reports(project: Project, version: CallVersion, kinds: dict[str, ReportKind]) -> list[Report]:
    return [
        Report(
            project_id=project.id,
            key=obligation.key,
            kind=kinds[obligation.key],
            label=obligation.label,
            period_key=None if kinds[obligation.key] is ReportKind.CAPITALISATION else f"M{obligation.month}",
            due_on=_due(project, obligation),
            unlocks_rank=obligation.unlocks_rank,
        )
        for obligation in version.obligations
    ]


def _milestones(
    project: Project, version: CallVersion, kinds: dict[str, ReportKind], planned: Sequence[PlannedMilestone]
) -> list[Milestone]:
    """Join the reports, the milestones promised at the deposit, the starting values and the decision, by due date.

    A promised milestone of the month of a report is the same step: its words become the comment.
    """
    promised: dict[int, list[str]] = {}
    for milestone in planned:
        if milestone.month is not None:
            promised.setdefault(milestone.month, []).append(milestone.label)
    rows = [
        Milestone(
            project_id=project.id,
            label=_report_label(obligation, kinds[obligation.key]),
            due_on=_due(project, obligation),
            comment=_promised(promised.get(obligation.month, [])),
            report_key=obligation.key,
            unlocks_rank=obligation.unlocks_rank,
        )
        for obligation in version.obligations
    ]
    taken = {obligation.month for obligation in version.obligations}
    own = [(label, month) for month, labels in promised.items() if month not in taken for label in labels]
    own.append((BASELINE_LABEL, BASELINE_MONTH))
    finals = [obligation.month for obligation in version.obligations if kinds[obligation.key] is ReportKind.FINAL]
    own += [(DECISION_LABEL, month + DECISION_MONTHS) for month in finals]
    rows += [
        Milestone(project_id=project.id, label=label, due_on=period_end(project.starts_on, month))
        for label, month in own
    ]
    rows.sort(key=lambda row: row.due_on)
    for number, row in enumerate(rows, start=1):
        row.key = f"J{number}"
    return rows


def _promised(labels: Sequence[str]) -> str | None:
    return f"Prévu au dossier : {'; '.join(labels)}" if labels else None


def _report_label(obligation: ReportingObligation, kind: ReportKind) -> str:
    return obligation.label if kind is ReportKind.CAPITALISATION else f"{obligation.label} – M{obligation.month}"


def _indicators(project: Project, version: CallVersion, proposed: Sequence[ProposedIndicator]) -> list[Indicator]:
    """Take the mandatory indicators, then the proposed ones; those that the library ignores are numbered PRO-1."""
    mandatory = [indicator.code for indicator in version.indicators]
    said = {proposal.code.strip().upper(): proposal for proposal in reversed(proposed)}
    library = {row.code: row for row in list_indicator_definitions([*mandatory, *said])}
    codes = [*mandatory, *(code for code in reversed(said) if code not in mandatory)]
    own = [code for code in codes if code not in library and code not in mandatory]
    names = {code: f"PRO-{number}" for number, code in enumerate(own, start=1)}
    return [
        make_indicator(
            project, names.get(code, code), position, library.get(code), said.get(code), mandatory=code in mandatory
        )
        for position, code in enumerate(codes, start=1)
    ]


def make_indicator(
    project: Project,
    code: str,
    position: int,
    known: IndicatorDefinitionRow | None,
    proposal: ProposedIndicator | None,
    *,
    mandatory: bool,
) -> Indicator:
    """Make an indicator from the library; what the library does not know is taken from the proposal."""
    said = proposal or ProposedIndicator(code=code, label="", unit="", source="", frequency="")
    return Indicator(
        project_id=project.id,
        code=code,
        position=position,
        label=known.label if known else said.label or said.code,
        dimension=known.dimension if known else "usage",
        art51=known.art51 if known else None,
        has_macro=known.has_macro if known else None,
        has_viewpoint=known.has_viewpoint if known else None,
        unit=known.unit if known else said.unit,
        aggregation=known.aggregation if known else Aggregation.SNAPSHOT,
        direction=known.direction if known else Direction.INCREASE,
        source=said.source or (known.default_source if known else ""),
        frequency=said.frequency or (known.default_frequency if known else "annuelle"),
        formula=known.formula if known else None,
        mandatory=mandatory,
        computed=known.computed if known else False,
        baseline=said.baseline,
        target=said.target,
        target_on=project.ends_on,
    )


def create_missing_plans(now: datetime) -> int:
    """Draft the evaluation of every running project that has none; return how many. Run by the clock."""
    without = (
        select(Project)
        .outerjoin(EvaluationPlan, EvaluationPlan.project_id == Project.id)
        .where(EvaluationPlan.id.is_(None), Project.state.in_((ProjectState.CONTRACTED, ProjectState.RUNNING)))
        .order_by(Project.reference)
    )
    projects = list(db.session.scalars(without))
    for project in projects:
        create_plan(project, actor=SYSTEM, now=now)
    return len(projects)
