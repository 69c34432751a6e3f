"""Signing the contract, which makes the project; amending its amount or its duration."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import func, select

from aap import audit
from aap.accounts.models import User
from aap.applications.models import Application, ApplicationState
from aap.applications.states import WORKFLOW
from aap.awards import checks, notices
from aap.awards.arithmetic import lapse_day, split_subsidy
from aap.awards.inputs import ContractInput, Plan
from aap.awards.models import (
    Amendment,
    AmendmentKind,
    Contract,
    Decision,
    Instalment,
    Project,
    ProjectBudgetLine,
    ProjectCounter,
    ProjectFunder,
    ProjectState,
)
from aap.awards.queries.envelopes import granted_in_call, hides_a_grant
from aap.awards.service.envelopes import hold_envelope
from aap.awards.service.payments import unlock_instalments
from aap.awards.terms import contract_form
from aap.calls.models import InstalmentTrigger
from aap.clock import paris
from aap.db import db, refusing
from aap.errors import ConflictError, InvalidError
from aap.workflow import apply, record_event


def sign_contract(application: Application, data: ContractInput, *, actor: User, now: datetime) -> Project:
    """Sign the contract of a notified, funded file whose reservations are all lifted; return its project.

    The form comes from the call's rules; the instalments from its schedule, to the cent; what the signature makes
    payable is unlocked at once.

    Raises:
        ConflictError: not funded, not notified, a reservation stands, number already used, or no form provided.
        InvalidError: revised plan unbalanced or not equal to the grant, days or number missing.

    """
    checks.check_state(application, ApplicationState.NOTIFIED, "La convention se signe après la notification.")
    decision = checks.check_funded(db.session.scalar(select(Decision).where(Decision.application_id == application.id)))
    checks.check_no_project(application)
    checks.check_reservations_lifted(decision)
    granted = decision.granted_eur or Decimal(0)
    checks.check_plan(data.plan, granted)
    _check_days(data)
    project = _make_project(application, data, granted, now)
    contract = _make_contract(project, decision, data, contract_form(application, now))
    _schedule(project)
    record_event(project, "sign", None, ProjectState.CONTRACTED.value, actor, now)
    apply(WORKFLOW, application, "contract", actor, now, by_stage=True)
    unlock_instalments(project, InstalmentTrigger.CONVENTION_SIGNED, actor=actor, now=data.signed_at)
    notices.tell_contract(project, contract, now)
    return project


def _check_days(data: ContractInput) -> None:
    if not data.number.strip():
        raise InvalidError.on("number", "Indiquez le numéro de la convention.", code="numero-manquant")
    if data.ends_on <= data.starts_on:
        raise InvalidError.on("ends_on", "La fin du projet suit son début.", code="dates-inversees")


def _make_project(application: Application, data: ContractInput, granted: Decimal, now: datetime) -> Project:
    project = Project(
        reference=_next_reference(paris(data.signed_at).year),
        application_id=application.id,
        application=application,
        call_version_id=application.call_version_id,
        region_code=application.region_code,
        title=application.title,
        state=ProjectState.CONTRACTED,
        starts_on=data.starts_on,
        ends_on=data.ends_on,
        budget_eur=data.plan.budget_eur,
        subsidy_eur=granted,
        paid_total_eur=Decimal(0),
        created_at=now,
    )
    _write_plan(project, data.plan)
    db.session.add(project)
    db.session.flush()
    return project


def _next_reference(year: int) -> str:
    """Return the next reference of a year (``PRJ-2024-0004``), under a lock on the year's counter."""
    counter = db.session.scalar(select(ProjectCounter).where(ProjectCounter.year == year).with_for_update())
    if counter is None:
        counter = ProjectCounter(year=year, last=0)
        together = ConflictError("Une autre convention vient d'être signée : recommencez.", code="signature-simultanee")
        with refusing({"pk_project_counters": together}):
            db.session.add(counter)
    counter.last += 1
    return f"PRJ-{year}-{counter.last:04d}"


def _write_plan(project: Project, plan: Plan) -> None:
    project.budget_lines = [
        ProjectBudgetLine(
            key=line.key,
            category=line.category,
            label=line.label,
            planned_eur=line.planned_eur,
            granted_share_eur=line.granted_share_eur,
        )
        for line in plan.lines
    ]
    project.funders = [
        ProjectFunder(key=row.key, name=row.name, kind=row.kind, amount_eur=row.amount_eur) for row in plan.funders
    ]


def _make_contract(project: Project, decision: Decision, data: ContractInput, form: str) -> Contract:
    notified_at = decision.notification.at if decision.notification else data.signed_at
    contract = Contract(
        project_id=project.id,
        form=form,
        number=data.number.strip(),
        signed_at=data.signed_at,
        subsidy_eur=project.subsidy_eur,
        lapses_on=lapse_day(notified_at),
    )
    taken = ConflictError("Ce numéro de convention est déjà utilisé.", code="numero-pris")
    with refusing({"uq_contracts_number": taken}):
        db.session.add(contract)
    return contract


def _schedule(project: Project) -> None:
    """Write the instalments of the call's schedule; one at the signature when the call has none."""
    terms = project.application.call_version.instalments
    if not terms:
        raise ConflictError("L'appel ne prévoit aucun échéancier de versement.", code="echeancier-absent")
    amounts = split_subsidy(project.subsidy_eur, [term.share for term in terms])
    project.instalments = [
        Instalment(
            rank=term.rank,
            share=term.share,
            planned_eur=amount,
            trigger=term.trigger,
            due_on=term.due_on,
            label=term.label,
        )
        for term, amount in zip(terms, amounts, strict=True)
    ]
    db.session.flush()


def amend_amount(
    project: Project, plan: Plan, *, reason: str, signed_at: datetime, actor: User, now: datetime
) -> Amendment:
    """Change the subsidy by a signed amendment: the shares of the new plan make the new amount.

    The total cost stays. Paid instalments stay; the others share what is left by the call's proportions.

    Raises:
        InvalidError: no reason, unbalanced plan, another total cost, less than what is paid, more than was asked or
            than the call has.
        ConflictError: the project's state allows no amendment.

    """
    _check_amendable(project, reason)
    new = plan.granted_eur
    checks.check_plan(plan, new)
    checks.check_within_request(project.application, new, "lines")
    if plan.budget_eur != project.budget_eur:
        raise InvalidError.on("lines", "Le coût total du projet ne change pas par cet avenant.", code="cout-modifie")
    if new <= 0 or new < project.paid_total_eur:
        raise InvalidError.on(
            "lines", "La subvention ne peut pas être inférieure à ce qui est versé.", code="deja-verse"
        )
    hold_envelope(project.call_version_id)
    others = granted_in_call(project.call_version_id) - project.subsidy_eur
    told = not hides_a_grant(project.call_version_id, actor.id)
    checks.check_envelope(project.call_version.envelope_eur, others, new, place="lines", told=told)
    amendment = _add_amendment(project, AmendmentKind.AMOUNT, reason, signed_at, actor)
    amendment.old_subsidy_eur, amendment.new_subsidy_eur = project.subsidy_eur, new
    _rewrite_lines(project, plan)
    _reschedule(project, new)
    project.subsidy_eur = new
    detail = {"old_eur": f"{amendment.old_subsidy_eur:f}", "new_eur": f"{new:f}"}
    audit.record("project.amend_amount", project, actor_id=actor.id, now=now, detail=detail)
    return amendment


def _rewrite_lines(project: Project, plan: Plan) -> None:
    """Change the agency's shares and the funders' amounts; lines and funders themselves stay those of the contract."""
    lines = {line.key: line for line in plan.lines}
    funders = {funder.key: funder for funder in plan.funders}
    if set(lines) != {row.key for row in project.budget_lines} or set(funders) != {row.key for row in project.funders}:
        raise InvalidError.on("lines", "L'avenant reprend les lignes de la convention.", code="lignes-differentes")
    for line in project.budget_lines:
        line.planned_eur = lines[line.key].planned_eur
        line.granted_share_eur = lines[line.key].granted_share_eur
    for funder in project.funders:
        funder.amount_eur = funders[funder.key].amount_eur


def _reschedule(project: Project, subsidy_eur: Decimal) -> None:
    open_rows = [row for row in project.instalments if row.paid_at is None]
    if not open_rows:
        raise ConflictError("Tous les versements sont payés.", code="tout-verse")
    left = subsidy_eur - project.paid_total_eur
    for row, amount in zip(open_rows, split_subsidy(left, [row.share for row in open_rows]), strict=True):
        row.planned_eur = amount


def amend_duration(
    project: Project, new_ends_on: date, *, reason: str, signed_at: datetime, actor: User, now: datetime
) -> Amendment:
    """Change the last day of the project by a signed amendment.

    Raises:
        InvalidError: no reason, or a day before the start, or the same day.
        ConflictError: the project's state allows no amendment.

    """
    _check_amendable(project, reason)
    if new_ends_on <= project.starts_on or new_ends_on == project.ends_on:
        raise InvalidError.on("ends_on", "Indiquez une autre date de fin, après le début.", code="date-invalide")
    amendment = _add_amendment(project, AmendmentKind.DURATION, reason, signed_at, actor)
    amendment.old_ends_on, amendment.new_ends_on = project.ends_on, new_ends_on
    project.ends_on = new_ends_on
    detail = {"old": f"{amendment.old_ends_on:%Y-%m-%d}", "new": f"{new_ends_on:%Y-%m-%d}"}
    audit.record("project.amend_duration", project, actor_id=actor.id, now=now, detail=detail)
    return amendment


def _check_amendable(project: Project, reason: str) -> None:
    if not reason.strip():
        raise InvalidError.on("reason", "Indiquez le motif de l'avenant.", code="motif-manquant")
    if project.state not in {ProjectState.CONTRACTED, ProjectState.RUNNING, ProjectState.SUSPENDED}:
        raise ConflictError("L'état du projet ne permet plus d'avenant.", code="avenant-impossible")


def _add_amendment(project: Project, kind: AmendmentKind, reason: str, signed_at: datetime, actor: User) -> Amendment:
    last = db.session.scalar(select(func.max(Amendment.number)).where(Amendment.project_id == project.id))
    amendment = Amendment(number=(last or 0) + 1, kind=kind, reason=reason.strip(), signed_at=signed_at, by_id=actor.id)
    with db.session.no_autoflush:
        project.amendments.append(amendment)
    return amendment
