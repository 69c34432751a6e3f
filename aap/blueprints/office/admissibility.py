"""Admissibility of a file: automatic verdicts explained, manual rules answered, completion asked, decision taken."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import RadioField, TextAreaField
from wtforms.validators import InputRequired, Length

from aap.applications.models import Application, ApplicationState, CheckMode, CompletionItemKind
from aap.applications.queries import (
    CheckRow,
    get_decision,
    list_check_rows,
    list_completion_rows,
)
from aap.applications.service import (
    ItemAsked,
    decide_admissibility,
    outcomes_of,
    request_completion,
    tick_manual_rule,
)
from aap.applications.service.admissibility import completion_deadline
from aap.blueprints.access import actor, allow, form_errors, see_other, signed_in_actor
from aap.blueprints.office.inputs import LONGEST
from aap.blueprints.office.loading import agency_file
from aap.blueprints.office.tabs import file_head
from aap.calls.queries import load_document
from aap.db import unit_of_work
from aap.errors import ConflictError, InvalidError, NotFoundError
from aap.extensions import clock
from aap.policies import may
from aap.referentials.vocabularies import label

bp = Blueprint("office_admissibility", __name__, url_prefix="/agence/dossiers")

_STATES = {"passed": "held", "failed": "not_held", "pending": "unknown"}


class DecisionForm(FlaskForm):
    """Admissible or not, with the coded motive of a refusal and its words."""

    outcome = RadioField("Décision de recevabilité", validators=[InputRequired("Choisissez une issue.")])
    motive = TextAreaField(
        "Motif",
        description="Obligatoire si le dossier est irrecevable. Le porteur le lit, avec les voies de recours.",
        validators=[Length(max=LONGEST)],
    )


@bp.get("/<uuid:application_id>/recevabilite")
@allow("application.read_instruction", load=agency_file)
def show(application: Application) -> ResponseReturnValue:
    """Show the verdicts on the last deposit, what is asked, and the decision."""
    return _page(application)


def _page(application: Application, errors: dict[str, str] | None = None, typed: dict[str, str] | None = None) -> str:
    checks = list_check_rows(application)
    return render_template(
        "office/admissibility.html",
        application=application,
        head=file_head(application, "office_admissibility.show"),
        automatic=[_rule(row) for row in checks if row.mode is CheckMode.AUTO],
        manual=[row for row in checks if row.mode is CheckMode.MANUAL],
        failed=[row for row in checks if row.mode is CheckMode.AUTO and row.outcome.value == "failed"],
        can_check=may(actor(), "application.check", application),
        completions=list_completion_rows(application),
        compared=_completed_deposit(application),
        decision=get_decision(application),
        errors=errors or {},
        typed=typed or {},
    )


def _completed_deposit(application: Application) -> uuid.UUID | None:
    """Return the last deposit when it completes another, to somebody who may compare them."""
    last = application.submissions[-1] if len(application.submissions) > 1 else None
    return last.id if last is not None and may(actor(), "submission.read", last) else None


def _rule(row: CheckRow) -> dict[str, Any]:
    return {
        "label": f"{row.key} – {row.label}",
        "state": _STATES[row.outcome.value],
        "why": row.because,
        "blocking": row.blocking,
    }


@bp.post("/<uuid:application_id>/recevabilite")
@allow("application.check", load=agency_file)
def tick(application: Application) -> ResponseReturnValue:
    """Answer one manual rule, with its reason."""
    rule, because = request.form.get("rule", ""), request.form.get("because", "")
    try:
        with unit_of_work():
            if request.form.get("answer") not in {"yes", "no"}:
                raise InvalidError.on("answer", "Dites si la règle est respectée.")
            passed = request.form["answer"] == "yes"
            tick_manual_rule(
                application, rule, passed=passed, because=because, actor=signed_in_actor(), now=clock().now()
            )
    except InvalidError as error:
        typed = {f"{rule}-{name}": request.form.get(name, "") for name in ("answer", "because")}
        return _page(application, {f"{rule}-{row.place}": row.message for row in error.problems}, typed), 400
    flash(f"La réponse à la règle {rule} est enregistrée.", "success")
    return see_other("office_admissibility.show", application_id=application.id, _anchor="a-verifier")


@bp.route("/<uuid:application_id>/recevabilite/decision", methods=["GET", "POST"])
@allow("application.decide_admissibility", load=agency_file)
def decide(application: Application) -> ResponseReturnValue:
    """Declare the file admissible or not; the applicant is told at once."""
    form = DecisionForm()
    form.outcome.choices = {code: label("admissibility_outcomes", code) for code in outcomes_of(application)}
    if form.validate_on_submit():
        try:
            with unit_of_work():
                decide_admissibility(
                    application,
                    form.outcome.data,
                    form.motive.data or "",
                    actor=signed_in_actor(),
                    now=clock().now(),
                )
        except InvalidError as error:
            form_errors(form, error)
        except ConflictError as error:
            form.form_errors.append(error.message)
        else:
            flash("La décision est enregistrée, et le porteur prévenu.", "success")
            return see_other("office_admissibility.show", application_id=application.id)
    checks = list_check_rows(application)
    page = render_template(
        "office/admissibility_decision.html",
        application=application,
        head=file_head(application, "office_admissibility.show", "Décision de recevabilité"),
        form=form,
        broken=[row for row in checks if row.blocking and row.outcome.value != "passed"],
    )
    return page, 400 if form.errors or form.form_errors else 200


@bp.route("/<uuid:application_id>/complements", methods=["GET", "POST"])
@allow("application.request_completion", load=agency_file)
def completion(application: Application) -> ResponseReturnValue:
    """Ask to complete named items only, until a deadline that the call gives."""
    if application.state is not ApplicationState.SUBMITTED:
        raise NotFoundError("Ce dossier n'est pas à l'examen de recevabilité.")
    message, errors = request.form.get("message", ""), {}
    if request.method == "POST":
        try:
            with unit_of_work():
                request_completion(application, _items(), message, actor=signed_in_actor(), now=clock().now())
        except InvalidError as error:
            errors = {problem.place: problem.message for problem in error.problems} or {"message": error.message}
        else:
            flash("La demande de compléments est envoyée au porteur.", "success")
            return see_other("office_admissibility.show", application_id=application.id)
    document = load_document(application.call_version)
    page = render_template(
        "office/completion.html",
        application=application,
        head=file_head(application, "office_admissibility.show", "Demande de compléments"),
        groups=_tree(document),
        chosen=request.form.getlist("items"),
        notes={name: value for name, value in request.form.items() if name.startswith("note-")},
        message=message,
        deadline=completion_deadline(application, clock().now()),
        errors=errors,
    )
    return page, 400 if errors else 200


def _items() -> list[ItemAsked]:
    """Read the boxes ticked: ``section:S2``, ``field:need``, ``annex:A09``, each with its own remark."""
    kinds = {kind.value: kind for kind in CompletionItemKind}
    items = []
    for name in request.form.getlist("items"):
        kind, _, key = name.partition(":")
        if kind in kinds:
            items.append(ItemAsked(kinds[kind], key, request.form.get(f"note-{kind}-{key}", "")))
    return items


def _tree(document: Any) -> list[dict[str, Any]]:
    """Return what may be asked again: each section whole or by field, then the annexes."""
    groups = [
        {
            "title": section.title,
            "items": [
                (f"section:{section.id}", "Toute la rubrique", f"note-section-{section.id}"),
                *((f"field:{field.id}", field.label, f"note-field-{field.id}") for field in section.fields),
            ],
        }
        for section in document.form.sections
    ]
    annexes = [
        (f"annex:{annex.id}", f"{annex.id} – {annex.label}", f"note-annex-{annex.id}") for annex in document.annexes
    ]
    return [{"title": "Pièces jointes", "items": annexes}, *groups] if annexes else groups
