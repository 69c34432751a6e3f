"""When the jury hears the people of a file."""

from __future__ import annotations

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from aap.applications.models import Application
from aap.blueprints.access import allow
from aap.blueprints.applicant.loading import own_application
from aap.errors import NotFoundError
from aap.extensions import clock
from aap.jury.calendar_file import hearing_ics
from aap.jury.queries import find_hearing

bp = Blueprint("applicant_hearing", __name__, url_prefix="/dossiers/<uuid:application_id>")


@bp.get("/audition")
@allow("application.read", load=own_application)
def show(application: Application) -> ResponseReturnValue:
    """Say when and where, or that there is none."""
    return render_template("applicant/hearing.html", application=application, hearing=find_hearing(application.id))


@bp.get("/audition.ics")
@allow("application.read", load=own_application)
def calendar(application: Application) -> ResponseReturnValue:
    """Hand the hearing to an agenda."""
    found = find_hearing(application.id)
    if found is None:
        raise NotFoundError("Aucune audition n'est prévue.")
    answer = Response(hearing_ics(found, clock().now()), mimetype="text/calendar")
    answer.headers["Content-Disposition"] = "attachment; filename=audition.ics"
    return answer
