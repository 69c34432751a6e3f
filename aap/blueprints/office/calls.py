"""Calls as the agency follows them: the list of the region's, and the overview of one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from aap import french
from aap.accounts.models import User
from aap.applications.models import Application, ApplicationState
from aap.applications.queries import count_by_call, count_by_state
from aap.applications.receipts import list_gaps
from aap.applications.states import LABELS
from aap.awards.queries import list_envelopes
from aap.blueprints.access import actor, allow, signed_in_actor
from aap.blueprints.office.tabs import call_crumbs, call_tabs
from aap.calls.models import Call, CallRole
from aap.calls.phases import LABELS as PHASES
from aap.calls.phases import TONES, CallPhase, StepRow
from aap.calls.queries import CallRow, calendar_of, current_version, get_call_by_id, list_calls, list_team, phase_of
from aap.extensions import clock
from aap.policies import may, visible
from aap.policies.awards import visible_awards
from aap.policies.terms import STAFF_ROLES, regions_of

bp = Blueprint("office_calls", __name__, url_prefix="/agence/appels")

TEAM_WORDS = {
    CallRole.OFFICER: "Instruction",
    CallRole.INSTRUCTOR: "Appui à l'instruction",
    CallRole.FINANCE: "Gestion financière",
    CallRole.DECISION_MAKER: "Décision",
    CallRole.READER: "Lecture",
}


def calls_of(person: User, now: datetime) -> list[CallRow]:
    """Return the calls of the regions where the person works, the latest created first."""
    regions = regions_of(person, *STAFF_ROLES)
    return [row for row in list_calls(now, visible(person, Call)) if row.region_code in regions]


@bp.get("")
@allow("call.list_office")
def index() -> ResponseReturnValue:
    """List the calls of my region, whatever their phase."""
    calls = calls_of(signed_in_actor(), clock().now())
    counts = count_by_call([row.id for row in calls], visible(actor(), Application))
    rows = [_row(row, sum(counts[row.id].values())) for row in calls]
    return render_template("office/calls.html", rows=rows)


def _row(row: CallRow, files: int) -> dict[str, Any]:
    return {
        "ref": row.ref,
        "href": url_for("office_calls.show", call_id=row.id),
        "title": row.short_title,
        "phase": row.phase_label,
        "tone": row.tone,
        "closes": row.closes_at,
        "envelope": row.envelope_eur,
        "files": files,
    }


@bp.get("/<uuid:call_id>")
@allow("call.follow", load=get_call_by_id)
def show(call: Call) -> ResponseReturnValue:
    """Show where a call stands: files by state, money, calendar, people."""
    now = clock().now()
    version, phase = current_version(call), phase_of(call, now)
    counts = count_by_state(call.id, visible(actor(), Application))
    return render_template(
        "office/call.html",
        call=call,
        tabs=call_tabs(call, "office_calls.show"),
        crumbs=call_crumbs(call),
        badge=(PHASES[phase], TONES[phase]),
        total=sum(counts.values()),
        states=[_state(call, state, count) for state, count in counts.items()],
        envelopes=list_envelopes(version, seen=visible(actor(), Application), awarded=visible_awards(actor())),
        awards=may(actor(), "decisions.list", call),
        steps=_timeline(list(calendar_of(call).steps.values()), now),
        team=[(row.name, TEAM_WORDS[row.role], row.email) for row in list_team(call)],
        public=phase is not CallPhase.DRAFT,
        gaps=list_gaps(call),
    )


def _state(call: Call, state: ApplicationState, count: int) -> dict[str, Any]:
    label = LABELS[state]
    href = url_for("office_applications.index", call_id=call.id, etat=state.value)
    return {"label": label.label, "tone": label.tone, "count": count, "href": href}


def _timeline(steps: list[StepRow], now: datetime) -> list[dict[str, str]]:
    """Return the steps of the calendar, the next one marked as current."""
    ahead = [step for step in steps if step.end > now]
    following = min(ahead, key=lambda step: step.start).key if ahead else None
    return [
        {
            "date": french.moment(step.at) if step.at else french.period(step.from_date, step.to_date),
            "title": step.label,
            "state": "current" if step.key == following else "upcoming" if step.end > now else "done",
        }
        for step in steps
    ]
