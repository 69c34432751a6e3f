"""Signing the file before its deposit, by whoever may sign for the applicant."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue

from aap.applications.models import Application
from aap.applications.service import sign_file
from aap.applications.service.signing import content_sha256, find_signature, who_asks
from aap.blueprints.access import allow, see_other, signed_in_actor
from aap.blueprints.applicant.loading import arrival, own_application
from aap.db import unit_of_work
from aap.errors import InvalidError

bp = Blueprint("applicant_signing", __name__, url_prefix="/dossiers/<uuid:application_id>/signature")


@bp.get("")
@allow("application.sign", load=own_application)
def show(application: Application) -> ResponseReturnValue:
    """Say what is signed, and ask for a name and a capacity."""
    return _page(application, None)


@bp.post("")
@allow("application.sign", load=own_application)
def sign(application: Application) -> ResponseReturnValue:
    """Sign the file as it stands."""
    try:
        with unit_of_work():
            sign_file(
                application,
                request.form.get("name", ""),
                request.form.get("capacity", ""),
                actor=signed_in_actor(),
                now=arrival(),
            )
    except InvalidError as error:
        return _page(application, error), 400
    flash("Le dossier est signé. Son porteur peut le déposer.", "success")
    return see_other("applicant_people.show", application_id=application.id)


def _page(application: Application, error: InvalidError | None) -> str:
    person, last = signed_in_actor(), find_signature(application)
    return render_template(
        "applicant/people/signature.html",
        application=application,
        call=application.call_version.call,
        asker=who_asks(application),
        last=last,
        holds=last is not None and last.content_sha256 == content_sha256(application),
        name=request.form.get("name", person.display_name),
        capacity=request.form.get("capacity", person.job_title),
        errors={problem.place: problem.message for problem in error.problems} if error else {},
    )
