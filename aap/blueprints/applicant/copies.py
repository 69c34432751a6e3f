"""Starting a file from an older one: the open call to choose, then what was copied, what was not, and why."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue

from aap.applications.copying import CopyLine, Fate
from aap.applications.models import Application
from aap.applications.service.duplication import duplicate_application, get_copy
from aap.blueprints.access import allow, see_other, signed_in_actor
from aap.blueprints.applicant.loading import arrival, own_application
from aap.calls.queries import CallRow, current_version, get_call, list_public_calls
from aap.db import unit_of_work
from aap.french import plural

bp = Blueprint("applicant_copies", __name__, url_prefix="/dossiers/<uuid:application_id>")

FATES = {
    Fate.TO_REVIEW: ("Copié, à vérifier", "warning"),
    Fate.ADAPTED: ("Copié et adapté", "info"),
    Fate.LEFT: ("Non copié", "neutral"),
    Fate.COPIED: ("Copié", "success"),
}


@bp.get("/reutilisation")
@allow("application.duplicate", load=own_application)
def choose(application: Application) -> ResponseReturnValue:
    """Choose the open call that the new file answers."""
    return _choice_page(application)


@bp.post("/reutilisation")
@allow("application.duplicate", load=own_application)
def copy(application: Application) -> ResponseReturnValue:
    """Start the new file."""
    wanted = request.form.get("call", "")
    if wanted not in {call.ref for call in _open_calls()}:
        return _choice_page(application, "Choisissez un appel ouvert."), 400
    with unit_of_work():
        version = current_version(get_call(wanted))
        draft = duplicate_application(application, version, actor=signed_in_actor(), now=arrival())
        draft_id = draft.id
    flash("Votre brouillon est créé à partir de l'ancien dossier. Il n'est pas déposé.", "success")
    return see_other("applicant_copies.report", application_id=draft_id)


@bp.get("/copie")
@allow("application.read_whole", load=own_application)
def report(application: Application) -> ResponseReturnValue:
    """Say what was copied in this file, what was not, and why."""
    found, lines = get_copy(application)
    groups = [(FATES[fate], [line for line in lines if line.fate is fate]) for fate in FATES]
    return render_template(
        "applicant/copy_report.html",
        application=application,
        call=application.call_version.call,
        found=found,
        groups=[(words, tone, _rows(rows)) for (words, tone), rows in groups if rows],
        summary=_summary(lines),
    )


def _rows(lines: list[CopyLine]) -> list[tuple[str, str, str]]:
    return [(line.label, line.section, line.why or "Tel quel.") for line in lines]


def _summary(lines: tuple[CopyLine, ...]) -> str:
    copied = sum(line.fate is not Fate.LEFT for line in lines)
    return f"{plural(copied, 'réponse copiée', 'réponses copiées')}, {len(lines) - copied} non copiées."


def _open_calls() -> list[CallRow]:
    return [call for call in list_public_calls(arrival()) if call.is_open]


def _choice_page(application: Application, error: str = "") -> str:
    return render_template(
        "applicant/copy.html",
        application=application,
        call=application.call_version.call,
        calls=_open_calls(),
        chosen=request.form.get("call", ""),
        error=error,
    )
