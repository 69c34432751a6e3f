"""Scenarios side by side, and every table of the simulator taken away as ODS, XLSX or CSV."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from urllib.parse import quote

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue

from aap.awards.models import Scenario
from aap.awards.queries import get_scenario, granted_in_scenario, list_scenario_lines, list_scenarios, settings_of
from aap.awards.simulation import FEWEST, MOST, Board, Contender, compare, settings_words
from aap.awards.spreadsheets import comparison_sheets, proposal_sheets, scenario_sheets
from aap.blueprints.access import actor, allow
from aap.blueprints.office.simulation import base_of, board_of, compute, frame, page_of, start_of
from aap.blueprints.office.simulation_form import read_panel
from aap.calls.models import Call, CallVersion
from aap.calls.queries import current_version, get_call_by_id
from aap.documents.workbook import CSV, ODS, XLSX, Sheet, comma_separated, ods, xlsx
from aap.errors import NotFoundError
from aap.jury.checks import scoring_window
from aap.policies import visible

bp = Blueprint("office_scenario_tables", __name__, url_prefix="/agence")

BASE = "base"
FORMATS = ("ods", "xlsx", "csv")


@bp.get("/appels/<uuid:call_id>/scenarios/comparaison")
@allow("envelope.simulate", load=get_call_by_id)
def comparison(call: Call) -> ResponseReturnValue:
    """Compare two to four scenarios; the base proposal is one that may be chosen."""
    version = current_version(call)
    if not scoring_window(version).closed:
        return frame(call, "office/scenario_comparison.html", "Comparaison", closed=False)
    board, chosen = board_of(version), list(dict.fromkeys(request.args.getlist("s")))
    contenders = _contenders(call, version, board, chosen)
    problem = "" if FEWEST <= len(contenders) <= MOST else f"Cochez de {FEWEST} à {MOST} scénarios."
    found = None if problem else compare(board, contenders)
    if found and request.args.get("format"):
        return _download(comparison_sheets(found), f"comparaison-{call.ref}")
    rows = list_scenarios(call.id, seen=visible(actor(), Scenario))
    page = frame(
        call,
        "office/scenario_comparison.html",
        "Comparaison",
        closed=True,
        comparison=found,
        choices=[(BASE, "Proposition de base"), *((str(row.id), row.name) for row in rows)],
        chosen=chosen,
        problem=problem if chosen else "",
        formats=_formats(call, chosen),
    )
    return page, 400 if chosen and problem else 200


def _contenders(call: Call, version: CallVersion, board: Board, chosen: Sequence[str]) -> list[Contender]:
    """Read the scenarios that an address names, as far as the person may: two queries."""
    wanted = []
    for text in chosen:
        try:
            wanted.append(uuid.UUID(text))
        except ValueError:
            continue
    rows = {row.id: row.name for row in list_scenarios(call.id, seen=visible(actor(), Scenario)) if row.id in wanted}
    lines = list_scenario_lines(list(rows))
    found: list[Contender] = []
    for text in chosen[: MOST + 1]:
        if text == BASE:
            settings = base_of(version)
            outcome = compute(board, settings).outcome
            found.append(Contender("Proposition de base", settings, outcome.granted() if outcome else {}))
        elif (known := next((one for one in rows if str(one) == text), None)) is not None:
            settings = settings_of(get_scenario(known))
            found.append(Contender(rows[known], settings, granted_in_scenario(lines[known])))
    return found


@bp.get("/appels/<uuid:call_id>/simulateur/export")
@allow("envelope.simulate", load=get_call_by_id)
def proposal(call: Call) -> ResponseReturnValue:
    """Take away what the simulator shows."""
    version = current_version(call)
    if not scoring_window(version).closed:
        raise NotFoundError("Le simulateur s'ouvre à la fin de la notation.")
    board, start = board_of(version), start_of(call, request.args.get("depuis", ""))
    panel = read_panel(request.args, version, board, settings_of(start) if start else base_of(version))
    found = compute(board, panel.settings).outcome if panel.settings else None
    if found is None or panel.settings is None:
        return page_of(call, version, board, panel, start), 400
    told = settings_words(panel.settings, board.label_of)
    return _download(proposal_sheets(found, told), f"simulation-{call.ref}")


@bp.get("/scenarios/<uuid:scenario_id>/export")
@allow("scenario.read", load=get_scenario)
def kept(scenario: Scenario) -> ResponseReturnValue:
    """Take away a scenario as it was kept."""
    call = get_call_by_id(scenario.call_id)
    board = board_of(current_version(call))
    told = settings_words(settings_of(scenario), board.label_of)
    told += [("Empreinte du classement", scenario.ranking_seal)]
    lines = list_scenario_lines([scenario.id])[scenario.id]
    return _download(scenario_sheets(lines, told), f"scenario-{call.ref}")


def _formats(call: Call, chosen: Sequence[str]) -> list[tuple[str, str]]:
    endpoint = "office_scenario_tables.comparison"
    return [(name.upper(), url_for(endpoint, call_id=call.id, s=chosen, format=name)) for name in FORMATS]


def _download(sheets: Sequence[Sheet], name: str) -> Response:
    """Answer with the sheets in the format asked, ODS otherwise; CSV holds the first one."""
    wanted = request.args.get("format", "")
    ending = wanted if wanted in FORMATS else "ods"
    if ending == "csv":
        answer = Response(comma_separated(sheets), mimetype=CSV)
    elif ending == "xlsx":
        answer = Response(xlsx(sheets), mimetype=XLSX)
    else:
        answer = Response(ods(sheets), mimetype=ODS)
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(f'{name}.{ending}')}"
    return answer
