"""Handing a file to somebody who accepts, and taking over a file whose lead is gone."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue

from aap.applications.models import Application, LeadChange
from aap.applications.people import has_departed
from aap.applications.queries import get_application
from aap.applications.queries.people import get_lead_change
from aap.applications.service import (
    accept_transfer,
    cancel_transfer,
    decline_transfer,
    list_candidates,
    offer_transfer,
    take_over,
)
from aap.applications.service.leading import find_offer
from aap.blueprints.access import allow, see_other, signed_in_actor
from aap.blueprints.applicant.loading import arrival, own_application
from aap.blueprints.applicant.people_loading import own_offer
from aap.db import unit_of_work
from aap.errors import InvalidError

bp = Blueprint("applicant_transfers", __name__, url_prefix="/dossiers")


def offered(change_id: uuid.UUID) -> LeadChange:
    """Return an offer, for the person it is made to; raises NotFoundError."""
    return get_lead_change(change_id)


def any_application(application_id: uuid.UUID) -> Application:
    """Return a file for the administrator of its organisation, who may not read it yet; raises NotFoundError."""
    return get_application(application_id)


@bp.get("/<uuid:application_id>/transfert")
@allow("application.manage_people", load=own_application)
def show(application: Application) -> ResponseReturnValue:
    """Ask to whom the file goes."""
    return _page(application)


@bp.post("/<uuid:application_id>/transfert")
@allow("application.manage_people", load=own_application)
def offer(application: Application) -> ResponseReturnValue:
    """Offer the file; nothing changes before the other person accepts."""
    try:
        with unit_of_work():
            offer_transfer(application, request.form.get("to", ""), actor=signed_in_actor(), now=arrival())
    except InvalidError as error:
        return _page(application, error.message), 400
    flash("La proposition est envoyée. Vous restez porteur jusqu'à la réponse.", "success")
    return see_other("applicant_people.show", application_id=application.id)


@bp.post("/<uuid:application_id>/transfert/<uuid:change_id>/annulation")
@allow("lead_change.cancel", load=own_offer)
def cancel(change: LeadChange) -> ResponseReturnValue:
    """Take the offer back."""
    with unit_of_work():
        cancel_transfer(change, actor=signed_in_actor(), now=arrival())
    flash("La proposition est annulée. Vous restez porteur du dossier.", "success")
    return see_other("applicant_people.show", application_id=change.application_id)


@bp.get("/transferts/<uuid:change_id>")
@allow("lead_change.answer", load=offered)
def answer(change: LeadChange) -> ResponseReturnValue:
    """Show an offer to the person it is made to."""
    application = change.application
    return render_template(
        "applicant/people/offer.html",
        change=change,
        application=application,
        call=application.call_version.call,
        waits=change.outcome is None and application.lead_id == change.from_id,
    )


@bp.post("/transferts/<uuid:change_id>")
@allow("lead_change.answer", load=offered)
def answer_now(change: LeadChange) -> ResponseReturnValue:
    """Accept the file, or decline it."""
    person, now = signed_in_actor(), arrival()
    if request.form.get("answer") == "decline":
        with unit_of_work():
            decline_transfer(change, actor=person, now=now)
        flash("Vous ne reprenez pas ce dossier. Son porteur en est prévenu.", "success")
        return see_other("applicant.home")
    with unit_of_work():
        accept_transfer(change, actor=person, now=now)
    flash("Vous portez maintenant ce dossier. L'ancien porteur y reste comme coéditeur.", "success")
    return see_other("applicant_people.show", application_id=change.application_id)


@bp.get("/<uuid:application_id>/reprise")
@allow("application.take_over", load=any_application)
def takeover(application: Application) -> ResponseReturnValue:
    """Ask for a confirmation before taking over a file whose lead is gone."""
    return render_template(
        "applicant/people/takeover.html",
        application=application,
        call=application.call_version.call,
        deactivated=not application.lead.active,
    )


@bp.post("/<uuid:application_id>/reprise")
@allow("application.take_over", load=any_application)
def takeover_now(application: Application) -> ResponseReturnValue:
    """Take the file over."""
    with unit_of_work():
        take_over(application, actor=signed_in_actor(), now=arrival())
    flash("Vous portez maintenant ce dossier.", "success")
    return see_other("applicant_file.show", application_id=application.id)


def _page(application: Application, error: str = "") -> str:
    return render_template(
        "applicant/people/transfer.html",
        application=application,
        call=application.call_version.call,
        candidates=[
            (one.user.email, one.user.display_name, f"{one.why}, {one.user.email}")
            for one in list_candidates(application)
        ],
        offer=find_offer(application),
        chosen=request.form.get("to", ""),
        departed=has_departed(application),
        error=error,
    )
