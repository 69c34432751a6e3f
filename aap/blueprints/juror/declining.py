"""Giving a file back before marking it: its officer is told why, and finds somebody else."""

from __future__ import annotations

from flask import Blueprint, flash, render_template
from flask.typing import ResponseReturnValue

from aap.applications.models import Application
from aap.blueprints.access import allow, form_errors, see_other, signed_in_actor
from aap.blueprints.juror.files import ReasonForm, jury_file, seat_on
from aap.db import unit_of_work
from aap.errors import ConflictError, InvalidError
from aap.extensions import clock
from aap.jury.service import decline_assignment

bp = Blueprint("juror_declining", __name__, url_prefix="/jury/dossiers")


@bp.route("/<uuid:application_id>/rendre-sans-noter", methods=["GET", "POST"])
@allow("application.mark", load=jury_file)
def give_back(application: Application) -> ResponseReturnValue:
    """Say that I cannot mark a file confided to me."""
    form, seat = ReasonForm(), seat_on(application)
    if form.validate_on_submit():
        person, now = signed_in_actor(), clock().now()
        try:
            with unit_of_work():
                decline_assignment(seat, application, reason=form.reason.data or "", actor=person, now=now)
        except InvalidError as error:
            form_errors(form, error)
        except ConflictError as error:
            form.form_errors.append(error.message)
        else:
            flash("L'agence est prévenue : ce dossier ne vous est plus confié.", "success")
            return see_other("juror.desk", call_id=seat.call_id)
    page = render_template("juror/give_back.html", application=application, form=form)
    return page, 400 if form.errors or form.form_errors else 200
