"""Decisions: those of a call, that of a file, its reservations, its notification."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import IntegerField, RadioField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from aap.applications.models import Application
from aap.applications.queries import Page
from aap.applications.states import LABELS
from aap.awards.checks import diverges
from aap.awards.inputs import DecisionInput
from aap.awards.letters import decision_letter
from aap.awards.models import Decision, JuryOpinion, Reservation
from aap.awards.queries import (
    Award,
    DecisionRow,
    EnvelopeRow,
    find_decision,
    get_award,
    list_decisions,
    list_envelopes,
    warn_of_strand,
)
from aap.awards.service import check_decision, lift_reservation
from aap.awards.service import decide as take_decision
from aap.awards.service import notify as notify_decision
from aap.blueprints.access import actor, allow, form_errors, see_other, signed_in_actor
from aap.blueprints.downloads import download_kept
from aap.blueprints.office.inputs import LONGEST, MoneyField
from aap.blueprints.office.loading import agency_file, agency_reservation
from aap.blueprints.office.reservations import received, reservation_inputs
from aap.blueprints.office.tabs import call_crumbs, call_tabs, file_head
from aap.blueprints.paging import Pages, asked_page
from aap.calls.models import Call, CallVersion
from aap.calls.queries import calendar_of, current_version, get_call_by_id
from aap.clock import paris
from aap.db import unit_of_work
from aap.errors import ConflictError, InvalidError, NotFoundError
from aap.extensions import clock
from aap.policies import may
from aap.policies.awards import visible_awards

bp = Blueprint("office_decisions", __name__, url_prefix="/agence")


class DecisionForm(FlaskForm):
    """The director's decision on one file."""

    kind = RadioField("Décision", validators=[InputRequired("Choisissez une décision.")])
    granted_eur = MoneyField("Montant accordé")
    rank = IntegerField(
        "Rang sur la liste complémentaire",
        validators=[Optional(), NumberRange(1, 9999, "Indiquez un rang.")],
        description="Pour la liste complémentaire.",
    )
    motive = TextAreaField("Motif", description="Le porteur le lit.", validators=[Length(max=LONGEST)])
    divergence_motive = TextAreaField(
        "Pourquoi s'écarter de l'avis du jury",
        description="À remplir seulement si l'issue, le montant ou le rang diffèrent de l'avis. Reste interne.",
        validators=[Length(max=LONGEST)],
    )


class LiftForm(FlaskForm):
    """What shows that a reservation is met."""

    evidence = TextAreaField(
        "Pièce ou constat qui lève la réserve",
        validators=[DataRequired("Indiquez la pièce ou le constat qui lève la réserve."), Length(max=LONGEST)],
    )
    late_reason = TextAreaField(
        "Raison du retard",
        description="Si la date limite est passée.",
        validators=[Length(max=LONGEST)],
    )


def _judged_call(call_id: uuid.UUID) -> Call:
    """Return a call to who may list its awards: ``award.read`` is about one file, so a refusal is settled here."""
    call = get_call_by_id(call_id)
    if not may(actor(), "decisions.list", call):
        raise NotFoundError("Cette page n'existe pas, ou elle ne vous est pas ouverte.")
    return call


@bp.get("/appels/<uuid:call_id>/decisions")
@allow("decisions.list", load=_judged_call)
def index(call: Call) -> ResponseReturnValue:
    """List the judged files: what the jury advised, what was decided, where reservations stand."""
    number, version = asked_page(), current_version(call)
    known = {kind.key: kind.label for kind in version.decision_kinds}
    chosen = request.args.get("decision", "")
    rows, total = list_decisions(
        call.id, seen=visible_awards(actor()), outcome=chosen if chosen in known else None, page=number
    )
    return render_template(
        "office/decisions.html",
        call=call,
        tabs=call_tabs(call, "office_decisions.index"),
        crumbs=call_crumbs(call, "Décisions"),
        rows=[_row(row) for row in rows],
        page=Pages.of(Page(rows, total, number, 50)),
        chosen=chosen,
        kinds=list(known.items()),
        envelope=envelope_of(version),
    )


def envelope_of(version: CallVersion) -> EnvelopeRow:
    """Return the envelope of a call, less what the files that this person reads were granted."""
    awarded = visible_awards(actor())
    return list_envelopes(version, seen=awarded, awarded=awarded)[-1]


def _row(row: DecisionRow) -> dict[str, Any]:
    label = LABELS[row.state]
    lifted = row.reservations - row.reservations_open
    reservations = f"{lifted} sur {row.reservations} levées" if row.reservations else ""
    return {
        "reference": row.reference,
        "href": url_for("office_decisions.show", application_id=row.application_id),
        "applicant": row.applicant_name,
        "strand": row.strand_key,
        "requested": row.requested_eur,
        "opinion": row.opinion_label,
        "decision": row.outcome_label,
        "granted": row.granted_eur,
        "divergence": "Diffère de l'avis" if row.diverges else "",
        "reservations": reservations,
        "state": label.label,
        "tone": label.tone,
    }


@bp.get("/dossiers/<uuid:application_id>/decision")
@allow("award.read", load=agency_file)
def show(application: Application) -> ResponseReturnValue:
    """Show the jury's advice beside the decision, the reservations and the notification."""
    award = get_award(application.id)
    return render_template(
        "office/decision.html",
        application=application,
        head=file_head(application, "office_decisions.show"),
        award=award,
        today=paris(clock().now()).date(),
        step=calendar_of(application.call_version.call).instant("decision"),
    )


@bp.route("/dossiers/<uuid:application_id>/decision/prendre", methods=["GET", "POST"])
@allow("application.decide", load=agency_file)
def decide(application: Application) -> ResponseReturnValue:
    """Write the decision, read it again, then take it: after the jury's advice and by somebody else."""
    award, kinds = get_award(application.id), application.call_version.decision_kinds
    form = DecisionForm(data=_advised(award))
    form.kind.choices = {kind.key: kind.label for kind in kinds}
    rows, errors = received(request.form), {}
    if request.method == "POST" and not {"add", "remove", "change"} & request.form.keys() and form.validate():
        chosen = next(kind for kind in kinds if kind.key == form.kind.data)
        data = DecisionInput(
            chosen,
            granted_eur=form.granted_eur.amount,
            rank=form.rank.data,
            motive=form.motive.data or "",
            reservations=reservation_inputs(rows),
            divergence_motive=form.divergence_motive.data or "",
        )
        try:
            if "confirmed" not in request.form:
                return _confirm_page(application, data, diverges=diverges(_checked(application, data), data))
            with unit_of_work():
                take_decision(application, data, actor=signed_in_actor(), now=clock().now())
        except InvalidError as error:
            form_errors(form, error)
            errors = {row.place: row.message for row in error.problems}
        except ConflictError as error:
            form.form_errors.append(error.message)
        else:
            return _decided(application, data)
    return _decide_page(application, award, form, rows, errors), 400 if form.errors or form.form_errors else 200


def _checked(application: Application, data: DecisionInput) -> JuryOpinion:
    return check_decision(application, data, actor=signed_in_actor())


def _confirm_page(application: Application, data: DecisionInput, *, diverges: bool) -> str:
    """Show what will be recorded: a decision is never rewritten."""
    typed = [(name, value) for name, value in request.form.items() if name not in {"csrf_token", "confirmed"}]
    return render_template(
        "office/decide_confirm.html",
        application=application,
        head=file_head(application, "office_decisions.show", "Prendre la décision"),
        data=data,
        diverges=diverges,
        typed=typed,
        envelope=envelope_of(application.call_version),
        warning=None if data.granted_eur is None else warn_of_strand(application, data.granted_eur, signed_in_actor()),
    )


def _decided(application: Application, data: DecisionInput) -> ResponseReturnValue:
    flash("La décision est enregistrée. Il reste à la notifier.", "success")
    granted = data.granted_eur is not None
    warning = warn_of_strand(application, Decimal(0), signed_in_actor()) if granted else None  # already counted
    if warning:
        flash(warning, "warning")
    return see_other("office_decisions.show", application_id=application.id)


def _advised(award: Award) -> dict[str, Any]:
    """Begin from what the jury advised: the director changes what must be."""
    advice = award.opinion
    if advice is None:
        return {}
    return {"kind": advice.outcome, "granted_eur": advice.amount_eur, "rank": advice.rank, "motive": advice.motive}


def _decide_page(
    application: Application, award: Award, form: DecisionForm, rows: list[dict[str, str]], errors: dict[str, str]
) -> str:
    limit = calendar_of(application.call_version.call).instant("reservations_deadline")
    return render_template(
        "office/decide.html",
        application=application,
        head=file_head(application, "office_decisions.show", "Prendre la décision"),
        award=award,
        form=form,
        rows=rows,
        row_errors={key.removeprefix("reservations-"): text for key, text in errors.items()},
        reservations_error=errors.get("reservations", ""),
        limit=paris(limit).date() if limit else None,
        envelope=envelope_of(application.call_version),
        kinds=application.call_version.decision_kinds,
    )


@bp.route("/reserves/<uuid:reservation_id>/lever", methods=["GET", "POST"])
@allow("reservation.lift", load=agency_reservation)
def lift(reservation: Reservation) -> ResponseReturnValue:
    """Lift a reservation on evidence."""
    application, form, now = reservation.decision.application, LiftForm(), clock().now()
    if form.validate_on_submit():
        try:
            with unit_of_work():
                lift_reservation(
                    reservation,
                    evidence=form.evidence.data or "",
                    late_reason=form.late_reason.data or "",
                    actor=signed_in_actor(),
                    now=now,
                )
        except InvalidError as error:
            form_errors(form, error)
        else:
            flash(f"La réserve {reservation.key} est levée.", "success")
            return see_other("office_decisions.show", application_id=application.id, _anchor="reserves")
    page = render_template(
        "office/lift.html",
        application=application,
        head=file_head(application, "office_decisions.show", f"Lever la réserve {reservation.key}"),
        reservation=reservation,
        form=form,
        late=paris(now).date() > reservation.deadline,
    )
    return page, 400 if form.errors else 200


@bp.route("/dossiers/<uuid:application_id>/notification", methods=["GET", "POST"])
@allow("application.notify", load=agency_file)
def notify(application: Application) -> ResponseReturnValue:
    """Read the letter as it will be sent, then notify."""
    if request.method == "POST":
        with unit_of_work():
            notify_decision(application, actor=signed_in_actor(), now=clock().now())
        flash("La décision est notifiée. Le courrier et le courriel partent dans la minute.", "success")
        return see_other("office_decisions.show", application_id=application.id)
    decision = _decision_of(application)
    return render_template(
        "office/notification.html",
        application=application,
        head=file_head(application, "office_decisions.show", "Notification"),
        letter=decision_letter(decision, paris(clock().now()).date()),
        mailbox=application.lead.email,
    )


def _decision_of(application: Application) -> Decision:
    decision = find_decision(application.id)
    if decision is None:
        raise NotFoundError("Aucune décision n'est prise sur ce dossier.")
    return decision


@bp.get("/dossiers/<uuid:application_id>/notification.pdf")
@allow("award.read", load=agency_file)
def letter(application: Application) -> ResponseReturnValue:
    """Download the letter that was sent."""
    award = get_award(application.id)
    return download_kept(award.letter_file_id, missing="Le courrier n'est pas encore prêt.")
