"""The calls for projects, for everyone: the list, the page of a call, its dates and its results."""

from __future__ import annotations

import unicodedata
import uuid
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from aap import french
from aap.applications.blank_form import blank_form_of
from aap.awards.queries import list_public_results
from aap.blueprints.access import allow, public
from aap.blueprints.countdown import is_soon, remaining, until_opening
from aap.blueprints.public.calls_tables import CallTables
from aap.calls.calendar_file import calendar_ics
from aap.calls.models import Call
from aap.calls.phases import CallPhase, StepRow
from aap.calls.queries import (
    CallRow,
    current_version,
    get_call,
    get_call_page,
    list_public_calls,
    list_published_questions,
    publics_of,
)
from aap.calls.queries.documents import KEPT
from aap.calls.queries.page_rows import CallPage
from aap.clock import paris
from aap.documents.blank_form import render_blank_form
from aap.errors import NotFoundError
from aap.extensions import clock
from aap.jury.queries import find_draw
from aap.referentials.queries import list_regions
from aap.referentials.vocabularies import vocabulary

bp = Blueprint("public_calls", __name__, url_prefix="/appels")

_forms: dict[tuple[uuid.UUID, str, datetime | None], bytes] = {}  # kept by the process: a version does not change
_PUBLISHED = frozenset({CallPhase.RESULTS, CallPhase.ARCHIVED})


@dataclass(frozen=True, slots=True)
class Group:
    """Calls of one phase, under one title."""

    key: str
    title: str
    empty: str
    calls: tuple[CallRow, ...]


@bp.get("")
@public
def index() -> ResponseReturnValue:
    """List the calls: open, coming, being examined, with results."""
    now = clock().now()
    place, wanted, text = (request.args.get(name, "").strip() for name in ("region", "public", "q"))
    found = [call for call in list_public_calls(now, place or None) if _speaks_of(call, text)]
    serving = publics_of([call.id for call in found]) if wanted else {}
    calls = tuple(call for call in found if not wanted or wanted in serving.get(call.id, ()))
    return render_template(
        "public/calls.html",
        groups=_groups(calls),
        total=len(calls),
        regions=[(region.code, region.name) for region in list_regions()],
        publics=[(term.code, term.label) for term in vocabulary("target_publics").terms],
        chosen={"region": place, "public": wanted, "q": text},
        when=lambda call: _when(call, now),
        hurries=lambda call: call.is_open and call.closes_at is not None and is_soon(call.closes_at, now),
    )


def load_call(reference: str) -> Call:
    """Return the call of an address."""
    return get_call(reference)


@bp.get("/<reference>")
@allow("call.read", load=load_call, anonymous=True)
def show(thing: Call) -> ResponseReturnValue:
    """Tell a person who thinks of applying: who, what, how much, when, how it is judged, what to prepare."""
    now = clock().now()
    call = get_call_page(thing.ref, now)
    return render_template(
        "public/call.html",
        call=call,
        words=CallTables.of(call),
        steps=[_dated(step, call, now) for step in call.steps],
        left=remaining(call.closes_at, now) if call.is_open and call.closes_at else "",
        hurries=call.is_open and call.closes_at is not None and is_soon(call.closes_at, now),
        opening=until_opening(call.opens_at, now) if call.opens_at else "",
        has_results=call.phase in _PUBLISHED,
        questions=list_published_questions(thing.id),
        draw=find_draw(thing.id),
        receives_questions=_receives_questions(call, now),
    )


def _receives_questions(call: CallPage, now: datetime) -> bool:
    told = call.phase in {CallPhase.COMING, CallPhase.OPEN}
    return told and (call.questions_until is None or now <= call.questions_until)


@bp.get("/<reference>/calendrier.ics")
@allow("call.read", load=load_call, anonymous=True)
def calendar(call: Call) -> ResponseReturnValue:
    """Give the dates of a call to a calendar."""
    answer = Response(calendar_ics(call, clock().now()), mimetype="text/calendar")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{call.ref}.ics")
    return answer


@bp.get("/<reference>/formulaire")
@allow("call.read", load=load_call, anonymous=True)
def blank_form(thing: Call) -> ResponseReturnValue:
    """Show the whole form, blank, to print and prepare together."""
    now = clock().now()
    page = get_call_page(thing.ref, now)
    form = blank_form_of(current_version(thing), page, now)
    return render_template("public/blank_form.html", call=page, form=form)


@bp.get("/<reference>/formulaire.pdf")
@allow("call.read", load=load_call, anonymous=True)
def blank_form_pdf(thing: Call) -> ResponseReturnValue:
    """Give the blank form as a document."""
    now, version = clock().now(), current_version(thing)
    page = get_call_page(thing.ref, now)
    key = (version.id, version.fingerprint, page.closes_at)
    if key not in _forms:
        while len(_forms) >= KEPT:
            _forms.pop(next(iter(_forms)))
        _forms[key] = render_blank_form(blank_form_of(version, page, now))
    answer = Response(_forms[key], mimetype="application/pdf")
    answer.headers.set("Content-Disposition", "attachment", filename=f"formulaire-{thing.ref}.pdf")
    return answer


@bp.get("/<reference>/resultats")
@allow("call.read", load=load_call, anonymous=True)
def results(thing: Call) -> ResponseReturnValue:
    """List the funded projects of a call, once every applicant was told."""
    call = get_call_page(thing.ref, clock().now())
    if call.phase not in _PUBLISHED:
        raise NotFoundError("Les résultats de cet appel ne sont pas encore publiés.")
    awards = list_public_results(thing.id)
    total = sum((award.amount_eur for award in awards), Decimal(0))
    return render_template("public/call_results.html", call=call, awards=awards, total=total)


def _groups(calls: tuple[CallRow, ...]) -> list[Group]:
    open_now = tuple(call for call in calls if call.is_open)
    coming = tuple(call for call in calls if call.is_coming)
    told = tuple(call for call in calls if call.phase in _PUBLISHED)
    rest = tuple(call for call in calls if call not in (*open_now, *coming, *told))
    return [
        Group("ouverts", "Ouverts", "Aucun appel n'est ouvert en ce moment.", open_now),
        Group("a-venir", "À venir", "Aucun appel n'est annoncé.", coming),
        Group("clos", "Clos, dossiers à l'étude", "Aucun dossier n'est à l'étude.", rest),
        Group("resultats", "Résultats publiés", "Aucun résultat n'est encore publié.", told),
    ]


def _speaks_of(call: CallRow, text: str) -> bool:
    words = _plain(text).split()
    place = _plain(f"{call.ref} {call.title} {call.short_title} {call.region_name}")
    return all(word in place for word in words)


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.replace("\u2019", "'"))
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign)).casefold()


def _when(call: CallRow, now: datetime) -> str:
    if call.is_open and call.closes_at:
        return remaining(call.closes_at, now)
    return until_opening(call.opens_at, now) if call.is_coming and call.opens_at else ""


def _dated(step: StepRow, call: CallPage, now: datetime) -> dict[str, object]:
    """Return a step as the timeline shows it; the closing of an open call is what everybody looks for."""
    state = "current" if step.start <= now < step.end else "done" if step.end <= now else "upcoming"
    left = remaining(step.start, now) if step.key == "submission_deadline" and call.is_open else ""
    notes = [
        f"{left[:1].upper()}{left[1:]}." if left else "",
        "Aucun dossier n'est reçu après cette heure." if step.strict else "",
        "Cette date a été modifiée." if step.amended else "",
    ]
    return {"date": _words(step), "title": step.label, "state": state, "text": " ".join(filter(None, notes))}


def _words(step: StepRow) -> str:
    """Write the date of a step: days, a day, or an hour (midnight is a day)."""
    if step.at is not None:
        midnight = paris(step.at).time() == time(0)
        return french.weekday(step.at) if midnight else french.moment(step.at)
    if step.from_date is None or step.to_date is None:
        return ""
    if step.from_date == step.to_date:
        return french.weekday(step.from_date)
    return french.period(step.from_date, step.to_date)
