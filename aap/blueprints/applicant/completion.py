"""What the agency asks to complete: the named items only, and where to mend each."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from aap.applications.facts import read_application
from aap.applications.models import Application, ApplicationState, CompletionItem, CompletionItemKind
from aap.applications.openness import open_parts
from aap.applications.people import sections_read
from aap.applications.verdicts import annexes_of, progress_of
from aap.blueprints.access import allow, see_other, signed_in_actor
from aap.blueprints.applicant.fields import field_of
from aap.blueprints.applicant.loading import arrival, own_application
from aap.blueprints.countdown import remaining
from aap.calls.queries import load_document, load_form_spec
from aap.errors import Problem

bp = Blueprint("applicant_completion", __name__, url_prefix="/dossiers/<uuid:application_id>/complements")


@bp.get("")
@allow("application.read", load=own_application)
def show(application: Application) -> ResponseReturnValue:
    """Show the request: the agency's words, the items, the deadline."""
    if application.state is not ApplicationState.COMPLETION_REQUESTED:
        return see_other("applicant_file.show", application_id=application.id)
    now = arrival()
    asked = application.completion_requests[-1]
    missing = list_missing(application, now)
    only = sections_read(application, signed_in_actor())
    return render_template(
        "applicant/completion.html",
        application=application,
        call=application.call_version.call,
        asked=asked,
        items=[_task(application, item, missing) for item in asked.items if _opens(application, item, only)],
        whole=only is None,
        left=remaining(asked.deadline, now),
    )


def list_missing(application: Application, now: datetime) -> tuple[Problem, ...]:
    """Return what was asked and is still missing or wrong; places as the deposit names them."""
    parts = open_parts(application, now)
    reading = read_application(application, now)
    answers = [
        problem
        for section in progress_of(reading).sections
        for status in section.fields
        if status.id in parts.fields
        for problem in (*status.missing, *status.wrong)
    ]
    pieces = [
        Problem(f"annex-{status.key}", f"Il manque la pièce « {status.label} ».")
        for status in annexes_of(reading)
        if status.key in parts.annexes and status.missing
    ]
    return (*answers, *pieces)


def _task(application: Application, item: CompletionItem, missing: tuple[Problem, ...]) -> dict[str, Any]:
    title, href, open_problems = _where(application, item, missing)
    return {
        "title": title,
        "href": href,
        "hint": item.note,
        "status": "À corriger" if open_problems else "À vérifier",
        "tone": "error" if open_problems else "info",
    }


def _opens(application: Application, item: CompletionItem, only: frozenset[str] | None) -> bool:
    """Tell whether an item is within what the person reads (``only`` these sections; ``None``: everything)."""
    if only is None or item.kind is CompletionItemKind.ANNEX:
        return only is None
    if item.kind is CompletionItemKind.SECTION:
        return item.key in only
    sections = load_form_spec(application.call_version).sections
    return any(section.id in only and any(spec.id == item.key for spec in section.fields) for section in sections)


def _where(
    application: Application, item: CompletionItem, missing: tuple[Problem, ...]
) -> tuple[str, str, list[Problem]]:
    version = application.call_version
    address: dict[str, Any] = {"application_id": application.id}
    if item.kind is CompletionItemKind.ANNEX:
        title = next((one.label for one in load_document(version).annexes if one.id == item.key), item.key)
        found = [problem for problem in missing if problem.place == f"annex-{item.key}"]
        return title, url_for("applicant_pieces.show", annex=item.key, **address), found
    for section in load_form_spec(version).sections:
        mine = [problem for problem in missing if field_of(section, problem.place)]
        if item.kind is CompletionItemKind.SECTION and section.id == item.key:
            return section.title, url_for("applicant_sections.show", section=section.id, **address), mine
        spec = next((one for one in section.fields if one.id == item.key), None)
        if item.kind is CompletionItemKind.FIELD and spec is not None:
            href = url_for("applicant_sections.show", section=section.id, _anchor=spec.id, **address)
            return spec.label, href, [one for one in mine if field_of(section, one.place) is spec]
    return item.key, url_for("applicant_file.show", **address), []
