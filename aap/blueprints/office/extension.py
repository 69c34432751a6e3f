"""More time to mark: the closing hour moved for the whole jury, or one more reviewer on one file after it."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, render_template
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import SelectField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from aap import french
from aap.applications.models import Application
from aap.blueprints.access import allow, form_errors, see_other, signed_in_actor
from aap.blueprints.office.inputs import HourField
from aap.blueprints.office.loading import agency_file
from aap.blueprints.office.tabs import call_crumbs, file_head
from aap.calls.models import Call
from aap.calls.queries import current_version, get_call_by_id
from aap.clock import from_paris
from aap.db import unit_of_work
from aap.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from aap.extensions import clock
from aap.jury.checks import scoring_window
from aap.jury.models import Assignment
from aap.jury.queries import MemberRow, get_member, list_assignments, list_members, list_recusals
from aap.jury.service import extend_scoring, name_additional_reviewer
from aap.policies import visible

bp = Blueprint("office_extension", __name__, url_prefix="/agence")


class ExtensionForm(FlaskForm):
    """Until when everybody may mark, and why."""

    moved_to = HourField(
        "Nouvelle heure de fin",
        description="Heure de Paris.",
        validators=[InputRequired("Indiquez la date et l'heure.")],
    )
    reason = TextAreaField(
        "Motif",
        description="Publié avec la nouvelle date sur la page de l'appel, et envoyé aux membres du jury.",
        validators=[DataRequired("Indiquez le motif."), Length(max=2000)],
    )


class ReviewerForm(FlaskForm):
    """Who marks a file after the closure, and until when."""

    member = SelectField("Membre", validators=[DataRequired("Choisissez un membre.")])
    open_until = HourField(
        "Jusqu'à quand", description="Heure de Paris.", validators=[InputRequired("Indiquez la date et l'heure.")]
    )


@bp.route("/appels/<uuid:call_id>/jury/notation/prolonger", methods=["GET", "POST"])
@allow("jury.manage", load=get_call_by_id)
def extend(call: Call) -> ResponseReturnValue:
    """Move the closing hour of scoring later; its jurors are told."""
    form = ExtensionForm()
    if form.validate_on_submit() and form.moved_to.data is not None:
        until = from_paris(form.moved_to.data)
        try:
            with unit_of_work():
                extend_scoring(call, until, form.reason.data or "", actor=signed_in_actor(), now=clock().now())
        except InvalidError as error:
            if error.code == "calendrier-desordonne":  # its problems are those of the steps that follow
                form.moved_to.errors = [error.message]
            else:
                form_errors(form, error)
        except ConflictError as error:
            form.form_errors.append(error.message)
        else:
            flash(f"La notation est prolongée jusqu'au {french.moment(until)}. Le jury en est prévenu.", "success")
            return see_other("office_jury.progress", call_id=call.id)
    window = scoring_window(current_version(call))
    page = render_template(
        "office/extension.html",
        call=call,
        crumbs=call_crumbs(call, "Prolonger la notation"),
        form=form,
        ends_at=window.ends_at,
        closed=window.closed,
    )
    return page, 400 if form.errors or form.form_errors else 200


@bp.route("/dossiers/<uuid:application_id>/evaluateur-supplementaire", methods=["GET", "POST"])
@allow("application.assign", load=agency_file)
def add_reviewer(application: Application) -> ResponseReturnValue:
    """Ask one more member to mark a file once scoring is closed, when its reviews diverge or are too few."""
    if application.reference is None:
        raise NotFoundError("Ce dossier n'est pas déposé.")
    form, call = ReviewerForm(), application.call_version.call
    form.member.choices = [("", "Choisir"), *((str(row.id), f"{row.code} – {row.name}") for row in _free(application))]
    if form.validate_on_submit() and form.open_until.data is not None:
        member, until = get_member(uuid.UUID(form.member.data)), from_paris(form.open_until.data)
        try:
            with unit_of_work():
                name_additional_reviewer(member, application, until, actor=signed_in_actor(), now=clock().now())
        except InvalidError as error:
            form_errors(form, error)
        except (ConflictError, ForbiddenError) as error:
            form.form_errors.append(error.message)
        else:
            flash(f"{member.user.display_name} note ce dossier jusqu'au {french.moment(until)}.", "success")
            return see_other("office_ranking.index", call_id=call.id)
    page = render_template(
        "office/additional_reviewer.html",
        application=application,
        head=file_head(application, "office_ranking.marks", "Évaluateur supplémentaire"),
        form=form,
        closed=scoring_window(application.call_version).closed,
    )
    return page, 400 if form.errors or form.form_errors else 200


def _free(application: Application) -> list[MemberRow]:
    """List the members who may be asked: sitting, declared, and neither asked yet nor recused."""
    call_id = application.call_version.call_id
    asked = {row.member_id for row in list_assignments([application.id], seen=visible(signed_in_actor(), Assignment))}
    recused = {row.code for row in list_recusals(call_id) if row.reference == application.reference}
    return [
        row
        for row in list_members(call_id, seen=visible(signed_in_actor(), Application))
        if row.left_at is None
        and not row.substitute
        and row.voting
        and row.signed_at is not None
        and row.id not in asked
        and row.code not in recused
    ]
