"""My files as one PDF to read offline: asked, in the making, ready. Each download is written down."""

from __future__ import annotations

from flask import Blueprint, flash, render_template
from flask.typing import ResponseReturnValue

from aap.blueprints.access import allow, see_other, signed_in_actor
from aap.blueprints.downloads import download_kept
from aap.blueprints.juror.home import seat_of
from aap.calls.models import Call
from aap.calls.queries import get_call_by_id
from aap.db import unit_of_work
from aap.errors import ConflictError
from aap.extensions import clock, read_progress
from aap.jury.queries import list_my_files
from aap.jury.service import ask_bundle, bundle_gap, find_bundle, hand_bundle

bp = Blueprint("juror_bundles", __name__, url_prefix="/jury")


@bp.get("/<uuid:call_id>/hors-ligne")
@allow("jury.enter", load=get_call_by_id)
def show(call: Call) -> ResponseReturnValue:
    """Say where the PDF of my files is, and what has changed since it was made."""
    seat = seat_of(call)
    if seat.declaration is None:
        return see_other("juror.declaration", call_id=call.id)
    return _page(call)


def _page(call: Call, refusal: str = "") -> str:
    seat = seat_of(call)
    found = find_bundle(seat)
    made = found is not None and found.file_id is not None
    done, total = read_progress(f"bundle:{found.id}") if found is not None and not made else (0, 0)
    return render_template(
        "juror/bundle.html",
        call=call,
        seat=seat,
        files=list_my_files(seat),
        found=found,
        gap=bundle_gap(found) if found is not None and made else None,
        done=done,
        total=total,
        refusal=refusal,
    )


@bp.post("/<uuid:call_id>/hors-ligne")
@allow("jury.enter", load=get_call_by_id)
def ask(call: Call) -> ResponseReturnValue:
    """Ask for the PDF of my files, as they are open to me now."""
    seat = seat_of(call)
    if seat.declaration is None:
        return see_other("juror.declaration", call_id=call.id)
    try:
        with unit_of_work():
            ask_bundle(seat, actor=signed_in_actor(), now=clock().now())
    except ConflictError as error:
        return _page(call, error.message), 409
    flash("Le document est en préparation.", "success")
    return see_other("juror_bundles.show", call_id=call.id)


@bp.post("/<uuid:call_id>/hors-ligne/pdf")
@allow("jury.enter", load=get_call_by_id)
def take(call: Call) -> ResponseReturnValue:
    """Download the PDF of my files; the journal keeps who took it, when, and what is inside."""
    seat = seat_of(call)
    if seat.declaration is None:
        return see_other("juror.declaration", call_id=call.id)
    try:
        with unit_of_work():
            file_id = hand_bundle(seat, actor=signed_in_actor(), now=clock().now()).file_id
    except ConflictError as error:
        return _page(call, error.message), 409
    return download_kept(file_id, missing="Ce document n'est pas encore prêt.")
