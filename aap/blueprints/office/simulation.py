"""The simulator of an envelope: settings tried, the proposal they make, who enters and who leaves."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from aap.applications.models import Application
from aap.awards.queries import read_board
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
from aap.errors import InvalidError
from aap.jury.checks import scoring_window
from aap.policies import visible
from aap.policies.jury import others_marks
from aap.scoring.selection.patience import TooLongError, within

bp = Blueprint("office_simulation", __name__, url_prefix="/agence")

SECONDS = 4.0  # what a page waits for: beyond, the person is told what to lighten
_CHANGE_WORDS = {ChangeKind.ENTERS: ("Entre", "success"), ChangeKind.LEAVES: ("Sort", "error"),
                 ChangeKind.MORE: ("Reçoit plus", "info"), ChangeKind.LESS: ("Reçoit moins", "warning")}  # fmt: skip

_SHARING_SHORT = {Sharing.SEPARATE.value: "chacun la sienne", Sharing.LIMITED.value: "fongibles, limités",
                  Sharing.OPEN.value: "fongibles"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Computed:
    """What a simulation gave, or why it gave nothing. ``slow``: the time was over."""

    outcome: Outcome | None = None
    refused: str = ""
    slow: bool = False


@bp.get("/appels/<uuid:call_id>/simulateur")
@allow("envelope.simulate", load=get_call_by_id)
def show(call: Call) -> ResponseReturnValue:
    """Try an envelope, shares, quotas and levels: everything tried is in the address, nothing is kept."""
    version = current_version(call)
    if not scoring_window(version).closed:
        return _frame(call, version, closed=False)
    board = board_of(version)
    panel = read_panel(without_removed(request.args), version, board, base_of(version))
    page = _page(call, version, board, panel)
    return page, 400 if panel.errors else 200


def board_of(version: CallVersion) -> Board:
    """Return the files of a call as far as the reader may see them."""
    return read_board(version, seen=others_marks(actor()), known=visible_files())


def visible_files() -> Any:
    """Return the condition of the files that the reader may know of."""
    return visible(actor(), Application)


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


def _frame(call: Call, version: CallVersion, **context: Any) -> str:
    return render_template(
        "office/simulation.html",
        call=call,
        tabs=call_tabs(call, "office_simulation.show"),
        crumbs=call_crumbs(call, "Simulateur"),
        version=version,
        **context,
    )


def _page(call: Call, version: CallVersion, board: Board, panel: Panel) -> str:
    base = compute(board, base_of(version))
    found = compute(board, panel.settings) if panel.settings else Computed()
    outcome = found.outcome
    against = list_changes(base.outcome.granted(), outcome) if outcome and base.outcome else ()
    return _frame(
        call,
        version,
        closed=True,
        board=board,
        panel=panel,
        found=found,
        outcome=outcome,
        changes=against,
        marks={change.line.file.reference: _CHANGE_WORDS[change.kind] for change in against},
        change_words=_CHANGE_WORDS,
        why=refusal_words,
        last_funded=outcome.funded[-1].file.reference if outcome and outcome.funded else "",
        groups=_options(board),
        scales=_scales(version, board),
        address=url_for("office_simulation.show", call_id=call.id),
        query=urlencode(write_query(panel.settings)) if panel.settings else "",
        is_base=panel.settings == base_of(version),
        sharings=[(sharing.value, sharing_words(sharing)) for sharing in Sharing],
        sharing_now=_SHARING_SHORT.get(panel.sharing, ""),
        strand_words={strand.key: f"Volet {strand.key}" for strand in version.strands},
        said=_said(outcome, against),
    )


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


def _said(outcome: Outcome | None, changes: tuple[Change, ...]) -> dict[str, list[str]]:
    """List references by what becomes of them, for the sentence read aloud."""
    if outcome is None:
        return {}
    return {
        kind.value: [change.line.file.reference for change in changes if change.kind is kind] for kind in ChangeKind
    }
