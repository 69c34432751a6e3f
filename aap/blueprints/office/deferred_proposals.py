"""A proposal that the worker computes: in the making, to be read page by page, then adopted or set aside."""

from __future__ import annotations

from flask import Blueprint, flash, render_template
from flask.typing import ResponseReturnValue

from aap.applications.models import Application
from aap.applications.queries import Page
from aap.blueprints.access import allow, see_other, signed_in_actor
from aap.blueprints.office.tabs import call_crumbs
from aap.blueprints.paging import Pages, asked_page
from aap.calls.models import Call
from aap.calls.queries import get_call_by_id
from aap.db import unit_of_work
from aap.errors import ConflictError, NotFoundError
from aap.extensions import clock, read_progress
from aap.jury.affinity import ACT_POINTS, DEPARTMENT_POINTS, PUBLIC_POINTS
from aap.jury.models import AssignmentProposal
from aap.jury.proposal import Wishes
from aap.jury.queries.proposals import PER_PAGE, list_proposed_files, list_proposed_loads
from aap.jury.service.deferred import ask_adoption, find_proposal, set_aside
from aap.policies import visible

bp = Blueprint("office_deferred_proposals", __name__, url_prefix="/agence/appels")


@bp.get("/<uuid:call_id>/jury/repartition/proposition/calcul")
@allow("jury.manage", load=get_call_by_id)
def show(call: Call) -> ResponseReturnValue:
    """Show where my proposal is; once made, what it says."""
    proposal = find_proposal(call.id, signed_in_actor().id)
    if proposal is None:
        return see_other("office_proposals.ask", call_id=call.id)
    made = proposal.outcome is not None and proposal.adopting_at is None and proposal.failure is None
    done, total = (0, 0) if made else read_progress(f"proposal:{proposal.id}")
    page = asked_page()
    rows, count = list_proposed_files(proposal, seen=visible(signed_in_actor(), Application), page=page)
    return render_template(
        "office/deferred_proposal.html",
        call=call,
        crumbs=call_crumbs(call, "Proposer une répartition"),
        proposal=proposal,
        outcome=proposal.outcome or {},
        wishes=Wishes(**proposal.wishes),
        made=made,
        done=done,
        total=total,
        loads=list_proposed_loads(proposal),
        rows=rows,
        page=Pages.of(Page(rows, count, page, PER_PAGE)),
        points={"public": PUBLIC_POINTS, "act": ACT_POINTS, "department": DEPARTMENT_POINTS},
    )


def _mine(call: Call) -> AssignmentProposal:
    found = find_proposal(call.id, signed_in_actor().id)
    if found is None:
        raise NotFoundError("Vous n'avez pas de proposition en cours pour cet appel.")
    return found


@bp.post("/<uuid:call_id>/jury/repartition/proposition/calcul/adopter")
@allow("jury.manage", load=get_call_by_id)
def adopt(call: Call) -> ResponseReturnValue:
    """Ask the worker to write what was read."""
    try:
        with unit_of_work():
            ask_adoption(_mine(call), actor=signed_in_actor(), now=clock().now())
    except ConflictError as error:
        flash(error.message, "error")
    else:
        flash("La répartition s'enregistre.", "success")
    return see_other("office_deferred_proposals.show", call_id=call.id)


@bp.post("/<uuid:call_id>/jury/repartition/proposition/calcul/ecarter")
@allow("jury.manage", load=get_call_by_id)
def discard(call: Call) -> ResponseReturnValue:
    """Set my proposal aside: nothing of it is written."""
    try:
        with unit_of_work():
            set_aside(_mine(call), clock().now())
    except ConflictError as error:
        flash(error.message, "error")
        return see_other("office_deferred_proposals.show", call_id=call.id)
    flash("La proposition est écartée : rien n'a changé.", "success")
    return see_other("office_proposals.ask", call_id=call.id)
