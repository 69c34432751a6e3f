"""Contracts: signing, the plan and its instalments, payments, amendments and the balance."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from aap import french
from aap.applications.facts import read_application
from aap.applications.models import Application
from aap.applications.queries import Page
from aap.awards.inputs import ContractInput
from aap.awards.models import Instalment, Project
from aap.awards.queries import (
    InstalmentRow,
    find_decision,
    list_instalments,
    list_payments_due,
    money_of,
    propose_plan,
)
from aap.awards.service import amend_amount, amend_duration, compute_balance, pay_instalment, sign_contract
from aap.awards.states import LABELS
from aap.blueprints.access import actor, allow, form_errors, see_other, signed_in_actor
from aap.blueprints.downloads import download_kept
from aap.blueprints.followed_project import waiting_for
from aap.blueprints.office.inputs import DayField, MoneyField, noon
from aap.blueprints.office.loading import agency_file, agency_instalment, agency_project
from aap.blueprints.office.plans import plan_of, shown, typed_plan
from aap.blueprints.office.tabs import file_head
from aap.blueprints.paging import Pages, asked_page
from aap.clock import paris
from aap.db import unit_of_work
from aap.errors import ConflictError, InvalidError, NotFoundError
from aap.extensions import clock
from aap.policies import visible
from aap.referentials.vocabularies import label

bp = Blueprint("office_contracts", __name__, url_prefix="/agence")


class ContractForm(FlaskForm):
    """What is signed, beside the plan."""

    number = StringField("Numéro de la convention", validators=[DataRequired("Indiquez le numéro."), Length(max=80)])
    signed_on = DayField("Date de signature", validators=[DataRequired("Indiquez la date de signature.")])
    starts_on = DayField("Début du projet", validators=[DataRequired("Indiquez le début du projet.")])
    ends_on = DayField("Fin du projet", validators=[DataRequired("Indiquez la fin du projet.")])


class PaymentForm(FlaskForm):
    """A payment made."""

    amount_eur = MoneyField("Montant payé", validators=[DataRequired("Indiquez le montant payé.")])
    paid_on = DayField("Date du paiement", validators=[DataRequired("Indiquez la date du paiement.")])
    note = StringField("Remarque", validators=[Length(max=400)])


class DurationForm(FlaskForm):
    """An amendment of the last day."""

    ends_on = DayField("Nouvelle date de fin", validators=[DataRequired("Indiquez la nouvelle date de fin.")])
    signed_on = DayField("Date de signature de l'avenant", validators=[DataRequired("Indiquez la date de signature.")])
    reason = TextAreaField("Motif", validators=[DataRequired("Indiquez le motif de l'avenant."), Length(max=2000)])


class AmountForm(FlaskForm):
    """An amendment of the amount, beside the plan."""

    signed_on = DayField("Date de signature de l'avenant", validators=[DataRequired("Indiquez la date de signature.")])
    reason = TextAreaField("Motif", validators=[DataRequired("Indiquez le motif de l'avenant."), Length(max=2000)])


class BalanceForm(FlaskForm):
    """The real expense, from the financial report."""

    spent_eur = MoneyField("Dépense réelle totale", validators=[DataRequired("Indiquez la dépense réelle.")])


@bp.route("/dossiers/<uuid:application_id>/convention", methods=["GET", "POST"])
@allow("application.contract", load=agency_file)
def sign(application: Application) -> ResponseReturnValue:
    """Sign the contract: form chosen by rule, revised plan, days of the project."""
    decision = find_decision(application.id)
    if decision is None or decision.granted_eur is None:
        raise NotFoundError("Ce dossier n'est pas financé : il n'y a pas de convention.")
    plan, form, errors = propose_plan(application, decision.granted_eur), ContractForm(), {}
    if form.validate_on_submit():
        try:
            typed = typed_plan(plan, request.form)
            data = ContractInput(
                form.number.data or "", noon(form.signed_on.day), form.starts_on.day, form.ends_on.day, typed
            )
            with unit_of_work():
                project = sign_contract(application, data, actor=signed_in_actor(), now=clock().now())
        except InvalidError as error:
            form_errors(form, error)
            errors = {row.place: row.message for row in error.problems}
        except ConflictError as error:
            form.form_errors.append(error.message)
        else:
            flash(f"La convention est signée : projet {project.reference}.", "success")
            return see_other("office_contracts.show", project_id=project.id)
    failed = bool(form.errors or form.form_errors)
    page = render_template(
        "office/contract_new.html",
        application=application,
        head=file_head(application, "office_decisions.show", "Convention"),
        form=form,
        plan=plan,
        values=shown(plan, request.form),
        errors=errors,
        decision=decision,
        chosen=_form_of_contract(application, clock().now()),
        standing=[row for row in decision.reservations if row.lifted_at is None],
    )
    return page, 400 if failed else 200


def _form_of_contract(application: Application, now: datetime) -> tuple[str, str] | None:
    """Return the form of contract that the call's rules choose, and why; ``None`` when no rule holds."""
    reading = read_application(application, now)
    for choice in reading.document.funding.contract_form:
        if choice.condition is None or reading.holds(choice.condition):
            return label("contract_forms", choice.form), choice.when
    return None


@bp.get("/conventions/<uuid:project_id>")
@allow("project.read", load=agency_project)
def show(project: Project) -> ResponseReturnValue:
    """Show a contract: plan, instalments, payments, amendments, balance."""
    now, state = clock().now(), LABELS[project.state]
    application = project.application
    return render_template(
        "office/contract.html",
        project=project,
        application=application,
        badge=(state.label, state.tone),
        money=money_of(project),
        instalments=[_instalment(row, now) for row in list_instalments(project, now)],
        form_label=label("contract_forms", project.contract.form) if project.contract else "",
    )


def _instalment(row: InstalmentRow, now: datetime) -> dict[str, Any]:
    return {
        "row": row,
        "state": _payment_state(row, now),
        "waiting": waiting_for(row) if row.claimable_eur is None else "",
        "pay": url_for("office_contracts.pay", instalment_id=row.id),
    }


def _payment_state(row: InstalmentRow, now: datetime) -> tuple[str, str]:
    if row.paid_at is not None:
        return ("Payé après soixante jours" if row.late else "Payé", "warning" if row.late else "success")
    if row.unlocked_at is None:
        return "Pas encore exigible", "neutral"
    if row.due_eur <= 0:
        return "Rien à payer", "neutral"
    if row.late:
        return "À payer, en retard", "error"
    left = (row.pay_by - paris(now).date()).days if row.pay_by else 0
    return f"À payer, {french.plural(left, 'jour restant', 'jours restants')}", "info"


@bp.get("/versements")
@allow("payment.list")
def payments() -> ResponseReturnValue:
    """List the instalments to pay, those waiting for longest first."""
    now, number = clock().now(), asked_page()
    late = request.args.get("retard") == "oui"
    rows, total = list_payments_due(now, seen=visible(actor(), Project), late_only=late, page=number)
    return render_template(
        "office/payments.html",
        rows=[_instalment(row, now) for row in rows],
        page=Pages.of(Page(rows, total, number, 50)),
        late=late,
    )


@bp.route("/versements/<uuid:instalment_id>/payer", methods=["GET", "POST"])
@allow("instalment.pay", load=agency_instalment)
def pay(instalment: Instalment) -> ResponseReturnValue:
    """Record a payment, never above what is due."""
    now = clock().now()
    row = next(one for one in list_instalments(instalment.project, now) if one.id == instalment.id)
    form = PaymentForm(data={"amount_eur": row.due_eur, "paid_on": paris(now).date()})
    if form.validate_on_submit():
        try:
            with unit_of_work():
                pay_instalment(
                    instalment,
                    amount_eur=form.amount_eur.amount or Decimal(0),
                    actor=signed_in_actor(),
                    now=now,
                    paid_at=_paid_at(form.paid_on.day, instalment.unlocked_at, now),
                    note=form.note.data or "",
                )
        except InvalidError as error:
            form_errors(form, error)
        except ConflictError as error:
            form.form_errors.append(error.message)
        else:
            flash("Le paiement est enregistré et le porteur prévenu.", "success")
            return see_other("office_contracts.show", project_id=row.project_id, _anchor="versements")
    page = render_template("office/payment.html", row=row, form=form, state=_payment_state(row, now))
    return page, 400 if form.errors or form.form_errors else 200


def _paid_at(day: date, unlocked_at: datetime | None, now: datetime) -> datetime:
    """Return the instant kept for a payment of a day: noon, later on the day it became payable, never after now."""
    at = noon(day)
    if unlocked_at is not None and paris(unlocked_at).date() == day:
        at = max(at, unlocked_at)
    return min(at, now) if paris(now).date() == day else at


@bp.route("/conventions/<uuid:project_id>/avenant-de-duree", methods=["GET", "POST"])
@allow("project.amend", load=agency_project)
def amend_end(project: Project) -> ResponseReturnValue:
    """Move the last day of the project by a signed amendment."""
    form = DurationForm(data={"ends_on": project.ends_on})
    if form.validate_on_submit():
        try:
            with unit_of_work():
                amend_duration(
                    project,
                    form.ends_on.day,
                    reason=form.reason.data or "",
                    signed_at=noon(form.signed_on.day),
                    actor=signed_in_actor(),
                    now=clock().now(),
                )
        except InvalidError as error:
            form_errors(form, error)
        except ConflictError as error:
            form.form_errors.append(error.message)
        else:
            flash("L'avenant de durée est enregistré.", "success")
            return see_other("office_contracts.show", project_id=project.id, _anchor="avenants")
    page = render_template("office/amend_end.html", project=project, form=form)
    return page, 400 if form.errors or form.form_errors else 200


@bp.route("/conventions/<uuid:project_id>/avenant-de-montant", methods=["GET", "POST"])
@allow("project.amend", load=agency_project)
def amend_subsidy(project: Project) -> ResponseReturnValue:
    """Change the subsidy by a signed amendment: the shares of the lines make the new amount."""
    form, plan, errors = AmountForm(), plan_of(project), {}
    if form.validate_on_submit():
        try:
            typed = typed_plan(plan, request.form)
            with unit_of_work():
                amend_amount(
                    project,
                    typed,
                    reason=form.reason.data or "",
                    signed_at=noon(form.signed_on.day),
                    actor=signed_in_actor(),
                    now=clock().now(),
                )
        except InvalidError as error:
            form_errors(form, error)
            errors = {row.place: row.message for row in error.problems}
        except ConflictError as error:
            form.form_errors.append(error.message)
        else:
            flash("L'avenant de montant est enregistré. Les versements restants sont recalculés.", "success")
            return see_other("office_contracts.show", project_id=project.id, _anchor="avenants")
    page = render_template(
        "office/amend_subsidy.html",
        project=project,
        form=form,
        plan=plan,
        values=shown(plan, request.form),
        errors=errors,
    )
    return page, 400 if form.errors or form.form_errors else 200


@bp.route("/conventions/<uuid:project_id>/solde", methods=["GET", "POST"])
@allow("project.balance", load=agency_project)
def settle(project: Project) -> ResponseReturnValue:
    """Compute what the real expense leaves to pay, once."""
    form = BalanceForm()
    if form.validate_on_submit():
        try:
            with unit_of_work():
                compute_balance(
                    project,
                    spent_eur=form.spent_eur.amount or Decimal(0),
                    actor=signed_in_actor(),
                    now=clock().now(),
                )
        except InvalidError as error:
            form_errors(form, error)
        except ConflictError as error:
            form.form_errors.append(error.message)
        else:
            flash("Le solde est calculé au prorata.", "success")
            return see_other("office_contracts.show", project_id=project.id, _anchor="versements")
    page = render_template("office/balance.html", project=project, form=form, money=money_of(project))
    return page, 400 if form.errors or form.form_errors else 200


@bp.get("/conventions/<uuid:project_id>/annexe.pdf")
@allow("project.read", load=agency_project)
def annex(project: Project) -> ResponseReturnValue:
    """Download the financial annex of the contract."""
    file_id = project.contract.annex_file_id if project.contract else None
    return download_kept(file_id, missing="L'annexe financière n'est pas encore prête.")
