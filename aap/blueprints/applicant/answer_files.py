"""Questions answered by a file, within the page of their section: joined with its form, or at once by the browser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, flash, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from aap.applications.models import Application, Piece
from aap.applications.pieces import held_pieces
from aap.applications.service import Joined, Upload, attach_answer, detach_answer
from aap.blueprints.access import allow, signed_in_actor
from aap.blueprints.applicant.loading import address_part, arrival, own_application
from aap.blueprints.applicant.pieces import SENSITIVE_FILE, TOLD_STATES, quarantined
from aap.blueprints.applicant.uploads import is_sent, receive
from aap.calls.document.form import FieldKind
from aap.db import unit_of_work
from aap.errors import ConflictError, Problem
from aap.extensions import settings, storage
from aap.files.models import ScanState
from aap.files.queries import SCAN_LABELS
from aap.files.service import ACCEPTED
from aap.forms.spec import FieldSpec, SectionSpec
from aap.policies import may

DETACH = "detach"  # the button that takes the file of a question out: detach=<field>

bp = Blueprint("applicant_files", __name__, url_prefix="/dossiers/<uuid:application_id>/rubriques")


@dataclass(frozen=True, slots=True)
class FileView:
    """The file of a question, as its section shows it, and where another goes. ``held`` is empty without a file."""

    held: Mapping[str, object]
    warnings: tuple[str, ...]
    most: int
    limit: str
    accepted: str
    send: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the files that came with the form of a section."""

    problems: tuple[Problem, ...]
    changed: bool


@bp.post("/<section>/fichiers/<field>")
@allow("application.edit", load=own_application)
def attach(application: Application) -> ResponseReturnValue:
    """Join the file of a question while its section is being written; answers JSON: ``said`` and ``version``."""
    done: list[Joined] = []

    def write(upload: Upload) -> None:
        done.append(_attach(application, address_part("field"), upload, arrival()))

    refusal = receive("file", write)
    if refusal is not None:
        return jsonify(message=refusal.message), refusal.status
    return jsonify(said=_told(done[0]), version=done[0].version)


def take_files(application: Application, section: SectionSpec, now: datetime) -> Taken:
    """Join the files that came with the form of a section and take out the one whose button was pressed."""
    problems, changed = [], False
    for spec in section.fields:
        if spec.type != FieldKind.FILE.value:
            continue
        if is_sent(spec.id):
            problem = _take(application, spec, now)
            problems += [] if problem is None else [problem]
            changed = changed or problem is None
        elif request.form.get(DETACH) == spec.id:
            with unit_of_work():
                left = detach_answer(application, spec.id, actor=signed_in_actor(), now=now)
            changed = True
            if left.before is not None:
                told = f"Le fichier « {left.before.name} » est retiré. Il reste dans les versions de la rubrique."
                flash(told, "info")
    return Taken(tuple(problems), changed)


def file_views(application: Application, section: SectionSpec) -> dict[str, FileView]:
    """Return what the page shows of each question of the section that a file answers."""
    asked = [spec for spec in section.fields if spec.type == FieldKind.FILE.value]
    held = {piece.annex_key: piece for piece in held_pieces(application)} if asked else {}
    return {spec.id: _view(application, section, spec, held.get(spec.id)) for spec in asked}


def _take(application: Application, spec: FieldSpec, now: datetime) -> Problem | None:
    done: list[Joined] = []

    def write(upload: Upload) -> None:
        done.append(_attach(application, spec.id, upload, now))

    try:
        refusal = receive(spec.id, write)
    except ConflictError as error:
        return Problem(spec.id, error.message)
    if refusal is not None:
        return Problem(spec.id, refusal.message)
    flash(_told(done[0]), "success")
    return None


def _attach(application: Application, field_id: str, upload: Upload, now: datetime) -> Joined:
    return attach_answer(application, field_id, upload, storage=storage(), actor=signed_in_actor(), now=now)


def _told(joined: Joined) -> str:
    name = "" if joined.now is None else joined.now.name
    if joined.before is None:
        return f"Le fichier « {name} » est joint."
    return f"Le fichier « {name} » remplace « {joined.before.name} », qui reste dans les versions de la rubrique."


def _view(application: Application, section: SectionSpec, spec: FieldSpec, piece: Piece | None) -> FileView:
    service = settings().storage.max_file_bytes
    most = service if spec.max is None else min(service, int(spec.max) * 1_000_000)
    return FileView(
        held={} if piece is None else _held(piece),
        warnings=() if piece is None else tuple(_warnings(piece)),
        most=most,
        limit=f"{most // 1_000_000}\u00a0Mo",
        accepted=ACCEPTED,
        send=url_for("applicant_files.attach", application_id=application.id, section=section.id, field=spec.id),
    )


def _held(piece: Piece) -> dict[str, object]:
    file = piece.file
    reads = may(signed_in_actor(), "piece.read", piece)
    address = url_for("applicant_pieces.fetch", application_id=piece.application_id, piece_id=piece.id)
    return {
        "name": file.name,
        "href": address if reads else "",
        "size": file.size,
        "sha256": file.sha256,
        "date": piece.added_at,
        "status": SCAN_LABELS[file.scan_state][0] if file.scan_state in TOLD_STATES else "",
        "tone": SCAN_LABELS[file.scan_state][1],
    }


def _warnings(piece: Piece) -> list[str]:
    told = [quarantined(piece.file.name)] if piece.file.scan_state is ScanState.INFECTED else []
    return [*told, f"« {piece.file.name} » : {SENSITIVE_FILE}"] if piece.file.sensitive else told
