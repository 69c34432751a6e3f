"""Late admissions: an officer gives one draft a later deadline than its call, by name and with a reason."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue

from aap import french
from aap.applications.lateness import list_late_admissions
from aap.applications.service import admit_late, find_draft
from aap.blueprints.access import allow, see_other, signed_in_actor
from aap.blueprints.office.tabs import call_crumbs, call_tabs
from aap.calls.models import Call
from aap.calls.queries import calendar_of, get_call_by_id
from aap.clock import from_paris
from aap.db import unit_of_work
from aap.errors import ConflictError, InvalidError
from aap.extensions import clock

bp = Blueprint("office_lateness", __name__, url_prefix="/agence/appels/<uuid:call_id>/delais")


@bp.get("")
@allow("call.manage", load=get_call_by_id)
def show(call: Call) -> ResponseReturnValue:
    """List the late admissions of a call, and offer one more."""
    return _page(call)


@bp.post("")
@allow("call.manage", load=get_call_by_id)
def admit(call: Call) -> ResponseReturnValue:
    """Give a draft a later deadline."""
    try:
        until = _hour(request.form.get("until", ""))
        with unit_of_work():
            application = find_draft(call, request.form.get("code", ""))
            reason = request.form.get("reason", "")
            admit_late(application, until, reason, actor=signed_in_actor(), now=clock().now())
    except InvalidError as error:
        return _page(call, {problem.place: problem.message for problem in error.problems}), 400
    except ConflictError as error:
        return _page(call, {"code": error.message}), 409
    flash(f"Le délai est accordé jusqu'au {french.moment(until)}. Le porteur en est informé.", "success")
    return see_other("office_lateness.show", call_id=call.id)


def _hour(text: str) -> datetime:
    try:
        return from_paris(datetime.fromisoformat(text).replace(tzinfo=None))
    except (ValueError, OverflowError) as error:
        raise InvalidError.on("until", "Indiquez le jour et l'heure, par exemple 07/11/2023 18:00.") from error


def _page(call: Call, errors: dict[str, str] | None = None) -> str:
    return render_template(
        "office/lateness.html",
        call=call,
        tabs=call_tabs(call, "office_lateness.show"),
        crumbs=call_crumbs(call, "Délais accordés"),
        closes_at=calendar_of(call).closes_at,
        rows=list_late_admissions(call.id),
        typed={name: request.form.get(name, "") for name in ("code", "until", "reason")},
        errors=errors or {},
    )
