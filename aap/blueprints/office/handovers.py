"""Files whose lead is gone, and the naming of another lead by the agency, with a reason."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from aap.applications.models import Application
from aap.applications.people import has_departed
from aap.applications.queries import get_application
from aap.applications.queries.people import list_orphans
from aap.applications.service import hand_over
from aap.blueprints.access import allow, see_other, signed_in_actor
from aap.db import unit_of_work
from aap.errors import InvalidError
from aap.extensions import clock
from aap.policies.applications import orphans_to_hand_over

bp = Blueprint("office_handovers", __name__, url_prefix="/agence")


def any_file(application_id: uuid.UUID) -> Application:
    """Return a file, perhaps a draft that the agency does not read; raises NotFoundError."""
    return get_application(application_id)


@bp.get("/dossiers-sans-porteur")
@allow("application.list_orphans")
def index() -> ResponseReturnValue:
    """List the files whose lead closed the account or left the organisation."""
    rows = list_orphans(orphans_to_hand_over(signed_in_actor()))
    return render_template(
        "office/orphans.html",
        rows=[(row, url_for("office_handovers.show", application_id=row.id)) for row in rows],
    )


@bp.get("/dossiers/<uuid:application_id>/porteur")
@allow("application.hand_over", load=any_file)
def show(application: Application) -> ResponseReturnValue:
    """Ask who leads the file from now on, and why."""
    return _page(application, {})


@bp.post("/dossiers/<uuid:application_id>/porteur")
@allow("application.hand_over", load=any_file)
def hand_over_now(application: Application) -> ResponseReturnValue:
    """Name another lead."""
    deposited = application.submitted_at is not None
    try:
        with unit_of_work():
            hand_over(
                application,
                request.form.get("email", ""),
                request.form.get("reason", ""),
                actor=signed_in_actor(),
                now=clock().now(),
            )
    except InvalidError as error:
        return _page(application, {one.place: one.message for one in error.problems}), 400
    flash("Le dossier a changé de porteur. Les deux personnes en sont prévenues, avec le motif.", "success")
    if deposited:
        return see_other("office_applications.show", application_id=application.id)
    return see_other("office_handovers.index")


def _page(application: Application, errors: dict[str, str]) -> str:
    return render_template(
        "office/handover.html",
        application=application,
        call=application.call_version.call,
        deposited=application.submitted_at is not None,
        departed=has_departed(application),
        email=request.form.get("email", ""),
        reason=request.form.get("reason", ""),
        errors=errors,
    )
