"""The scenarios of a call: kept from the simulator, read, duplicated, deleted, adopted as the start of the session."""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import parse_qsl

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from aap.awards.models import Scenario
from aap.awards.queries import get_scenario, list_scenario_lines, list_scenarios, opinions_begun, settings_of
from aap.awards.service import adopt_scenario, delete_scenario, duplicate_scenario, mend_scenario, save_scenario
from aap.awards.simulation import fingerprint, refusal_words, settings_words
from aap.blueprints.access import actor, allow, see_other, signed_in_actor
from aap.blueprints.office.simulation import (
    Saving,
    base_of,
    board_of,
    compute,
    frame,
    page_of,
    start_of,
)
from aap.blueprints.office.simulation_form import read_panel
from aap.calls.models import Call
from aap.calls.queries import current_version, get_call_by_id
from aap.db import unit_of_work
from aap.errors import ConflictError, InvalidError
from aap.extensions import clock
from aap.jury.checks import scoring_window
from aap.policies import may, visible

bp = Blueprint("office_scenarios", __name__, url_prefix="/agence")


@bp.get("/appels/<uuid:call_id>/scenarios")
@allow("envelope.simulate", load=get_call_by_id)
def index(call: Call) -> ResponseReturnValue:
    """List the scenarios that were kept, the start of the session first."""
    version = current_version(call)
    closed = scoring_window(version).closed
    rows = list_scenarios(call.id, seen=visible(actor(), Scenario)) if closed else ()
    return frame(
        call,
        "office/scenarios.html",
        "Scénarios",
        closed=closed,
        rows=rows,
        seal=fingerprint(board_of(version).files) if rows else "",
    )


@bp.post("/appels/<uuid:call_id>/scenarios")
@allow("envelope.simulate", load=get_call_by_id)
def save(call: Call) -> ResponseReturnValue:
    """Keep what the simulator shows under a name, or mend one's own draft."""
    version = current_version(call)
    if not scoring_window(version).closed:
        return see_other("office_simulation.show", call_id=call.id)
    board = board_of(version)
    start = start_of(call, request.form.get("depuis", ""))
    typed = dict(parse_qsl(request.form.get("reglages", ""), keep_blank_values=True))
    panel = read_panel(typed, version, board, settings_of(start) if start else base_of(version))
    name, problem = request.form.get("nom", ""), ""
    found = compute(board, panel.settings) if panel.settings else None
    if found is None or panel.settings is None or found.outcome is None:
        problem = "Corrigez d'abord les réglages : rien n'est proposé."
    else:
        person, now = signed_in_actor(), clock().now()
        seen, tried = request.form.get("seen_version", type=int), (panel.settings, board, found.outcome)
        try:
            with unit_of_work():
                if start and request.form.get("action") == "mend" and may(person, "scenario.mend", start):
                    named = name.strip() or start.name
                    kept = mend_scenario(start, named, *tried, actor=person, now=now, seen_version=seen)
                else:
                    kept = save_scenario(call, name, *tried, actor=person, now=now, start=start)
        except (InvalidError, ConflictError) as error:
            problem = error.message
        else:
            flash(f"Le scénario « {kept.name} » est enregistré.", "success")
            return see_other("office_scenarios.show", scenario_id=kept.id)
    return page_of(call, version, board, panel, start, Saving(name, problem)), 400


@bp.get("/scenarios/<uuid:scenario_id>")
@allow("scenario.read", load=get_scenario)
def show(scenario: Scenario) -> ResponseReturnValue:
    """Read a scenario as it was kept, and whether the ranking has changed since."""
    return _page(scenario)


def _page(scenario: Scenario, problem: str = "") -> str:
    call = get_call_by_id(scenario.call_id)
    version = current_version(call)
    board = board_of(version)
    lines = list_scenario_lines([scenario.id])[scenario.id]
    granted = [line for line in lines if line.granted_eur is not None]
    adopts = scenario.adopted_at is None and may(actor(), "scenario.adopt", scenario)
    begun = adopts and opinions_begun(call.id)
    return frame(
        call,
        "office/scenario.html",
        scenario.name,
        scenario=scenario,
        lines=lines,
        settings=settings_words(settings_of(scenario), board.label_of),
        envelope=settings_of(scenario).envelope_eur,
        spent=sum((line.granted_eur or Decimal(0) for line in granted), Decimal(0)),
        funded=len(granted),
        last_funded=granted[-1].reference if granted else "",
        changed=scenario.ranking_seal != fingerprint(board.files),
        in_force=scenario.adopted_at is not None and scenario.replaced_at is None,
        mends=may(actor(), "scenario.mend", scenario),
        adopts=adopts and not begun,
        begun=begun,
        why=refusal_words,
        problem=problem,
        tries=url_for("office_simulation.show", call_id=call.id, depuis=scenario.id),
    )


@bp.post("/scenarios/<uuid:scenario_id>/dupliquer")
@allow("scenario.read", load=get_scenario)
def duplicate(scenario: Scenario) -> ResponseReturnValue:
    """Copy a scenario into a draft of one's own."""
    with unit_of_work():
        copy = duplicate_scenario(scenario, actor=signed_in_actor(), now=clock().now())
    flash(f"« {copy.name} » est un brouillon à vous : ouvrez-le dans le simulateur pour le modifier.", "success")
    return see_other("office_scenarios.show", scenario_id=copy.id)


@bp.post("/scenarios/<uuid:scenario_id>/supprimer")
@allow("scenario.mend", load=get_scenario)
def delete(scenario: Scenario) -> ResponseReturnValue:
    """Delete one's own draft."""
    call_id, name = scenario.call_id, scenario.name
    with unit_of_work():
        delete_scenario(scenario, actor=signed_in_actor(), now=clock().now())
    flash(f"Le brouillon « {name} » est supprimé.", "success")
    return see_other("office_scenarios.index", call_id=call_id)


@bp.post("/scenarios/<uuid:scenario_id>/adopter")
@allow("scenario.adopt", load=get_scenario)
def adopt(scenario: Scenario) -> ResponseReturnValue:
    """Make a scenario the start of the session."""
    board = board_of(current_version(get_call_by_id(scenario.call_id)))
    try:
        with unit_of_work():
            adopt_scenario(scenario, board, actor=signed_in_actor(), now=clock().now())
    except ConflictError as error:
        return _page(scenario, error.message), 409
    flash("La séance part de ce scénario : avis et montants y sont proposés, tout écart se motive.", "success")
    return see_other("office_scenarios.show", scenario_id=scenario.id)
