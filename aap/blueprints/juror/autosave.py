"""Marks saved while they are typed, told to the browser as JSON: the same exchange as the answers of a file."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, jsonify, request
from flask.typing import ResponseReturnValue

from aap import french
from aap.applications.models import Application
from aap.blueprints.access import allow, signed_in_actor
from aap.blueprints.juror.files import file_to_mark
from aap.blueprints.juror.inputs import seen_revisions, typed_marks
from aap.db import unit_of_work
from aap.errors import InvalidError
from aap.extensions import clock
from aap.jury.grid import known_grid
from aap.jury.models import JuryMember
from aap.jury.queries import get_review_sheet
from aap.jury.service import NOTE, Autosaved, MarkInput, autosave_review

bp = Blueprint("juror_autosave", __name__, url_prefix="/jury/dossiers")


@bp.post("/<uuid:application_id>/notation/brouillon")
@allow("application.mark", load=file_to_mark)
def save(application: Application) -> ResponseReturnValue:
    """Save the criteria (and the private note) that ``only`` names, made from the revisions that ``seen`` gives.

    Answers ``at`` (the hour, as the page says it), ``versions`` by criterion, ``problems`` by criterion and input,
    ``conflicts`` in words, ``refused`` (too long to be kept) and an empty ``layout``: a grid never changes shape.
    """
    seat, person, now = g.seat, signed_in_actor(), clock().now()
    only = frozenset(request.form.get("only", "").split(","))
    labels = _labels(application, seat)
    typed = typed_marks((key for key in labels if key in only), request.form)
    note = request.form.get(NOTE, "") if NOTE in only else None
    if not typed and note is None:
        raise InvalidError("Aucune note à enregistrer.", code="rien-a-enregistrer")
    seen = seen_revisions(request.form.get("seen", ""))
    with unit_of_work():
        result = autosave_review(seat, application, typed, seen, actor=person, now=now, private_note=note)
    return jsonify(
        at=french.hour(now.replace(second=0, microsecond=0)),
        versions=result.versions,
        problems={key: {f"mark-{key}": message} for key, message in result.problems.items()},
        doubts={},
        conflicts=_told(result, labels, french.moment(now)),
        refused=result.refused,
        layout="",
    )


def _labels(application: Application, seat: JuryMember) -> dict[str, str]:
    """Name the criteria of the grid that the page shows: an earlier one until its juror answers the revision."""
    version = application.call_version
    if version.grid_number == 1:
        return {line.key: line.label for line in known_grid(version).lines}
    return {line.criterion.key: line.criterion.label for line in get_review_sheet(seat, application).lines}


def _told(result: Autosaved, labels: dict[str, str], at: str) -> list[dict[str, Any]]:
    told = [(one.key, labels[one.key], _words(one.yours), _words(one.theirs), one.version) for one in result.conflicts]
    note = result.note_conflict
    if note is not None:
        told.append((NOTE, "Note privée", note.yours, note.theirs, note.version))
    return [
        {
            "field": field,
            "label": label,
            "yours": yours,
            "theirs": theirs,
            "by": "vous, dans une autre fenêtre",
            "at": f"avant le {at}",
            "version": version,
        }
        for field, label, yours, theirs, version in told
    ]


def _words(entry: MarkInput) -> str:
    mark = "Sans objet" if entry.not_applicable else f"Note : {entry.value or 'aucune'}"
    return f"{mark}\n{entry.comment}".strip()
