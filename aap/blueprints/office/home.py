"""The agency's way in: what waits for me; the promises under way, and the living page of components."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue

from aap.blueprints.access import actor, allow, see_other, signed_in_actor
from aap.blueprints.office.desks import list_desks, list_duties
from aap.blueprints.office.promise_words import mail_words
from aap.blueprints.paging import Pages, asked_page
from aap.db import unit_of_work
from aap.extensions import clock
from aap.outbox import Promise, get_promise, list_promises, retry
from aap.policies import visible

bp = Blueprint("office", __name__, url_prefix="/agence")


@bp.get("")
@allow("office.enter")
def home() -> ResponseReturnValue:
    """Say what waits for me, by call and phase, then what waits across calls."""
    person, now = signed_in_actor(), clock().now()
    return render_template("office/home.html", desks=list_desks(person, now), duties=list_duties(person, now))


@bp.get("/envois")
@allow("office.promises")
def promises() -> ResponseReturnValue:
    """List what was promised and is not delivered yet, then what was, with errors and a way to retry."""
    chosen = request.args.get("etat", "")
    page = list_promises(visible(actor(), Promise), chosen, asked_page())
    return render_template(
        "office/promises.html", rows=page.rows, page=Pages.of(page), state=chosen, mail_words=mail_words
    )


@bp.post("/envois/<uuid:promise_id>/relancer")
@allow("promise.retry", load=get_promise)
def retry_promise(promise: Promise) -> ResponseReturnValue:
    """Ask for another attempt at once."""
    with unit_of_work():
        retry(promise.id, clock().now())
    flash("L'envoi est relancé. Rechargez cette page dans quelques secondes.", "success")
    return see_other("office.promises")


@bp.get("/ui")
@allow("office.components")
def components() -> ResponseReturnValue:
    """Show every component of the pages, alive."""
    return render_template("office/ui.html")


# The address that engineers type, as in the code and the documents.
english = Blueprint("office_ui", __name__, url_prefix="/office")


@english.get("/ui")
@allow("office.components")
def address() -> ResponseReturnValue:
    """Lead to the living page of components."""
    return see_other("office.components")
