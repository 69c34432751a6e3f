"""The simulator of an envelope: settings tried, the proposal they make, who enters and who leaves."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from aap.applications.models import Application
from aap.awards.models import Scenario
from aap.awards.queries import get_scenario, granted_in_scenario, list_scenario_lines, read_board, settings_of
from aap.awards.simulation import (
    DIMENSION_WORDS,
    Board,
    Change,
    ChangeKind,
    Outcome,
    Settings,
    Sharing,
    base_settings,
    list_changes,
    refusal_words,
    sharing_words,
    simulate,
)
from aap.blueprints.access import actor, allow
from aap.blueprints.office.simulation_form import Panel, read_panel, without_removed, write_query
from aap.blueprints.office.tabs import call_crumbs, call_tabs
from aap.calls.models import Call, CallVersion
from aap.calls.queries import current_version, get_call_by_id, load_document
from aap.errors import InvalidError, NotFoundError
from aap.jury.checks import scoring_window
from aap.policies import may, visible
from aap.policies.marks import others_marks
from aap.scoring.selection.patience import TooLongError, within

bp = Blueprint("office_simulation", __name__, url_prefix="/agence")

SECONDS = 4.0  # what a page waits for: beyond, the person is told what to lighten
CHANGE_WORDS = {
    ChangeKind.ENTERS: ("Entre", "success"),
    ChangeKind.LEAVES: ("Sort", "error"),
    ChangeKind.MORE: ("Reçoit plus", "info"),
    ChangeKind.LESS: ("Reçoit moins", "warning"),
}
_SHARING_SHORT = {
    Sharing.SEPARATE.value: "chacun la sienne",
    Sharing.LIMITED.value: "fongibles, limités",
    Sharing.OPEN.value: "fongibles",
}


@dataclass(frozen=True, slots=True)
class Computed:
    """What a simulation gave, or why it gave nothing. ``slow``: the time was over."""

    outcome: Outcome | None = None
    refused: str = ""
    slow: bool = False


@dataclass(frozen=True, slots=True)
class Saving:
    """What the form that keeps a scenario shows: the name typed, and what is wrong with it."""

    name: str = ""
    error: str = ""


@bp.get("/appels/<uuid:call_id>/simulateur")
@allow("envelope.simulate", load=get_call_by_id)
def show(call: Call) -> ResponseReturnValue:
    """Try an envelope, shares, quotas and levels: everything tried is in the address, nothing is kept."""
    version = current_version(call)
    if not scoring_window(version).closed:
        return frame(call, "office/simulation.html", version=version, closed=False)
    start = start_of(call, request.args.get("depuis", ""))
    board = board_of(version)
    first = settings_of(start) if start else base_of(version)
    panel = read_panel(without_removed(request.args), version, board, first)
    return page_of(call, version, board, panel, start), 400 if panel.errors else 200


def start_of(call: Call, identifier: str) -> Scenario | None:
    """Return the scenario that an address names as the start, if the person may read it."""
    try:
        scenario = get_scenario(uuid.UUID(identifier))
    except (ValueError, NotFoundError):
        return None
    return scenario if scenario.call_id == call.id and may(actor(), "scenario.read", scenario) else None


def board_of(version: CallVersion) -> Board:
    """Return the files of a call as far as the reader may see them."""
    return read_board(version, seen=others_marks(actor()), known=visible(actor(), Application))


def base_of(version: CallVersion) -> Settings:
    """Return the settings that the call itself says."""
    return base_settings(version, load_document(version).funding.partial_levels)


def compute(board: Board, settings: Settings) -> Computed:
    """Simulate in the time of a page; what cannot be is told in plain words."""
    try:
        with within(SECONDS):
            return Computed(simulate(board, settings))
    except InvalidError as error:
        return Computed(refused=error.message)
    except (TooLongError, ArithmeticError):
        return Computed(slow=True)


def frame(call: Call, template: str, last: str = "", **context: Any) -> str:
    """Draw a page of the simulator under the tabs of its call; ``last`` names a page below it."""
    crumbs = call_crumbs(call, "Simulateur")
    if last:
        here = url_for("office_simulation.show", call_id=call.id)
        crumbs = (*crumbs[:-1], ("Simulateur", here), (last, None))
    tabs = call_tabs(call, "office_simulation.show")
    return render_template(template, call=call, tabs=tabs, crumbs=crumbs, **context)


def page_of(
    call: Call,
    version: CallVersion,
    board: Board,
    panel: Panel,
    start: Scenario | None = None,
    saving: Saving | None = None,
) -> str:
    """Draw the simulator: settings, proposal, and what it changes to the base and to the scenario it starts from."""
    base_settings_ = base_of(version)
    base = compute(board, base_settings_)
    found = compute(board, panel.settings) if panel.settings else Computed()
    outcome = found.outcome
    against = list_changes(base.outcome.granted(), outcome) if outcome and base.outcome else ()
    since = list_changes(_granted(start), outcome) if outcome and start else ()
    told = since if start else against
    return frame(
        call,
        "office/simulation.html",
        version=version,
        closed=True,
        board=board,
        panel=panel,
        found=found,
        outcome=outcome,
        start=start,
        seen_version=request.form.get("seen_version", start.lock_version, type=int) if start else None,
        mends=start is not None and may(actor(), "scenario.mend", start),
        saving=saving or Saving(),
        against=against,
        since=since,
        marks={change.line.file.reference: CHANGE_WORDS[change.kind] for change in told},
        change_words=CHANGE_WORDS,
        why=refusal_words,
        last_funded=outcome.funded[-1].file.reference if outcome and outcome.funded else "",
        groups=_options(board),
        scales=_scales(version, board),
        query=urlencode(write_query(panel.settings)) if panel.settings else "",
        is_base=panel.settings == base_settings_,
        sharings=[(sharing.value, sharing_words(sharing)) for sharing in Sharing],
        sharing_now=_SHARING_SHORT.get(panel.sharing, ""),
        strand_words={strand.key: f"Volet {strand.key}" for strand in version.strands},
        said=_said(told),
    )


def _granted(start: Scenario) -> dict[str, Decimal]:
    return granted_in_scenario(list_scenario_lines([start.id])[start.id])


def _options(board: Board) -> list[tuple[str, list[tuple[str, str]]]]:
    """Group the groups by what they are, for the list of a quota."""
    return [
        (words, [(group.key, group.label) for group in board.groups if group.dimension is dimension])
        for dimension, words in DIMENSION_WORDS.items()
        if any(group.dimension is dimension for group in board.groups)
    ]


def _scales(version: CallVersion, board: Board) -> dict[str, Decimal]:
    """Return how far each slider of money goes: twice the envelope, or all that is asked, in round thousands."""
    asked = sum((row.requested_eur for row in board.ranked), Decimal(0))
    scales = {"enveloppe": _round(max(2 * version.envelope_eur, asked))}
    for strand in version.strands:
        mine = sum((row.requested_eur for row in board.ranked if row.strand == strand.key), Decimal(0))
        scales[strand.key] = _round(max(2 * strand.envelope_eur, mine))
    return scales


def _round(amount: Decimal) -> Decimal:
    return Decimal(-(-amount // 10000) * 10000)


def _said(changes: tuple[Change, ...]) -> dict[str, list[str]]:
    """List references by what becomes of them, for the sentence read aloud."""
    return {
        kind.value: [change.line.file.reference for change in changes if change.kind is kind] for kind in ChangeKind
    }
