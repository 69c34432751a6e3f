"""Unlocking and paying instalments, and the balance computed from the real expense."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from aap import audit, french
from aap.accounts.models import User
from aap.awards import checks, notices
from aap.awards.arithmetic import Balance, balance, spread
from aap.awards.models import BalanceStatement, Instalment, Project, ProjectState
from aap.calls.models import InstalmentTrigger
from aap.clock import paris
from aap.db import db, refusing
from aap.errors import ConflictError, InvalidError
from aap.workflow import SYSTEM, Actor


def unlock_instalments(
    project: Project,
    trigger: InstalmentTrigger,
    *,
    actor: Actor,
    now: datetime,
    rank: int | None = None,
) -> list[Instalment]:
    """Make payable what waits for this event; ``rank`` narrows it to one instalment (a report names its own).

    Safe to repeat: what is already unlocked keeps its date. Returns the instalments unlocked now.
    """
    waiting = [
        row
        for row in project.instalments
        if row.trigger is trigger and row.unlocked_at is None and rank in {None, row.rank}
    ]
    for row in waiting:
        row.unlocked_at = now
        audit.record("instalment.unlock", row, actor_id=actor.id, now=now, detail={"trigger": trigger.value})
    return waiting


def unlock_due_instalments(now: datetime) -> int:
    """Unlock the dated instalments whose day has come (Paris); return how many."""
    due = db.session.scalars(
        select(Instalment)
        .join(Project, Project.id == Instalment.project_id)
        .where(
            Instalment.trigger == InstalmentTrigger.DATE,
            Instalment.unlocked_at.is_(None),
            Instalment.due_on <= paris(now).date(),
            Project.state.in_((ProjectState.CONTRACTED, ProjectState.RUNNING, ProjectState.FINAL_VALIDATED)),
        )
        .order_by(Project.reference, Instalment.rank)
    ).all()
    for row in due:
        row.unlocked_at = now
        audit.record("instalment.unlock", row, actor_id=SYSTEM.id, now=now, detail={"trigger": "date"})
    return len(due)


def pay_instalment(
    instalment: Instalment,
    *,
    amount_eur: Decimal,
    actor: User,
    now: datetime,
    paid_at: datetime | None = None,
    note: str = "",
) -> Instalment:
    """Record the payment of an unlocked instalment, never above what is due nor the subsidy.

    Raises:
        ConflictError: not payable, already paid, lapsed, or last instalment before the balance.
        InvalidError: amount at or below zero, above what is due or above the subsidy; payment in the future.

    """
    project = _lock_project(instalment.project_id)
    at = paid_at or now
    if at > now:
        raise InvalidError.on("paid_at", "La date de paiement n'est pas encore passée.", code="paiement-futur")
    checks.check_payable(project)
    checks.check_balance_first(project, instalment)
    checks.check_instalment(instalment, amount_eur, at)
    checks.check_total(project, amount_eur)
    checks.check_not_lapsed(project.contract, at)
    instalment.paid_eur, instalment.paid_at = amount_eur, at
    if note.strip():
        instalment.note = note.strip()
    project.paid_total_eur += amount_eur
    detail = {"amount_eur": f"{amount_eur:f}", "rank": instalment.rank}
    audit.record("instalment.pay", instalment, actor_id=actor.id, now=now, detail=detail)
    notices.tell_payment(project, instalment, now)
    return instalment


def _lock_project(project_id: object) -> Project:
    """Lock the row that carries the total paid, so that two payments cannot both take the last euros."""
    return db.session.scalars(
        select(Project).where(Project.id == project_id).with_for_update(), execution_options={"populate_existing": True}
    ).one()


def compute_balance(project: Project, *, spent_eur: Decimal, actor: User, now: datetime) -> BalanceStatement:
    """Compute, once, what the real expense leaves to pay, and set what is due of the instalments not yet paid.

    The subsidy is recomputed at the contract's rate; below what was paid, the difference is to be paid back.

    Raises:
        ConflictError: the final report is not validated, or the balance is already computed.
        InvalidError: a negative expense.

    """
    if project.state is not ProjectState.FINAL_VALIDATED:
        raise ConflictError("Le solde se calcule après la validation du rapport final.", code="rapport-non-valide")
    if spent_eur < 0:
        raise InvalidError.on("spent_eur", "La dépense réelle ne peut pas être négative.", code="depense-negative")
    result = balance(
        spent_eur=spent_eur,
        budget_eur=project.budget_eur,
        subsidy_eur=project.subsidy_eur,
        paid_eur=project.paid_total_eur,
    )
    statement = BalanceStatement(
        project_id=project.id,
        spent_eur=spent_eur,
        subsidy_due_eur=result.subsidy_due_eur,
        paid_eur=result.paid_eur,
        balance_eur=result.balance_eur,
        at=now,
        by_id=actor.id,
    )
    already = ConflictError("Le solde est déjà calculé.", code="solde-calcule")
    with refusing({"uq_balance_statements_project_id": already}):
        db.session.add(statement)
    db.session.refresh(project, ["balance"])
    _set_due(project, result, spent_eur)
    detail = {"spent_eur": f"{spent_eur:f}", "balance_eur": f"{result.balance_eur:f}"}
    audit.record("project.compute_balance", project, actor_id=actor.id, now=now, detail=detail)
    return statement


def _set_due(project: Project, result: Balance, spent_eur: Decimal) -> None:
    """Write what is due of the unpaid instalments, and how it was computed."""
    open_rows = [row for row in project.instalments if row.paid_at is None]
    for row, due in zip(open_rows, spread(result.balance_eur, [row.planned_eur for row in open_rows]), strict=True):
        row.due_eur = due
        row.note = (
            f"Prorata : {french.number(spent_eur)} × {french.number(project.subsidy_eur)} / "
            f"{french.number(project.budget_eur)} = {french.euros(result.subsidy_due_eur)} dus, "
            f"moins {french.euros(result.paid_eur)} versés."
        )
