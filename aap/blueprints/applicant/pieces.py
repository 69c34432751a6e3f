"""The pieces of a file: which are asked and why, joined, replaced, removed, read again."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from aap.applications.checks import AnnexStatus, Slot
from aap.applications.models import Application, Piece
from aap.applications.people import open_to
from aap.applications.pieces import held_pieces, orphan_pieces
from aap.applications.queries import Audience, list_left_pieces
from aap.applications.service import Upload, attach_piece, move_piece, remove_piece, replace_piece
from aap.applications.verdicts import list_annexes
from aap.blueprints.access import allow, see_other, signed_in_actor
from aap.blueprints.applicant.line_pieces import BACK, line_asked
from aap.blueprints.applicant.loading import address_part, arrival, own_application, own_piece
from aap.blueprints.applicant.uploads import receive
from aap.blueprints.downloads import download
from aap.calls.queries import load_document
from aap.db import unit_of_work
from aap.errors import InvalidError, NotFoundError
from aap.extensions import settings, storage
from aap.files.models import ScanState
from aap.files.queries import SCAN_LABELS
from aap.files.service import ACCEPTED
from aap.policies import may
from aap.policies.applications import own_audience

TOLD_STATES = frozenset({ScanState.PENDING, ScanState.INFECTED, ScanState.TOO_LARGE, ScanState.CLEAN})
SENSITIVE_FILE = (
    "ce document semble contenir un numéro de sécurité sociale. Aucune donnée de patient n'a sa place dans un "
    "dossier : vérifiez-le, et remplacez-le s'il le faut."
)

bp = Blueprint("applicant_pieces", __name__, url_prefix="/dossiers/<uuid:application_id>/pieces")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file goes: the annex itself, or one partner, co-funder, site or expense, with the files already there."""

    slot: Slot
    files: list[dict[str, Any]]
    warnings: list[str]


@bp.get("")
@allow("application.read_whole", load=own_application)
def index(application: Application) -> ResponseReturnValue:
    """List the annexes: joined, missing, optional, not asked here; each says why."""
    annexes = list_annexes(application, arrival())
    return render_template(
        "applicant/pieces.html",
        application=application,
        call=application.call_version.call,
        strays=[
            (piece.file.name, url_for("applicant_pieces.show", application_id=application.id, annex=piece.annex_key))
            for piece in orphan_pieces(application)
            if may(signed_in_actor(), "piece.read", piece)
        ],
        asked=[_task(application, one) for one in annexes if one.required or one.required is None],
        optional=[_task(application, one) for one in annexes if one.required is False],
        missing=sum(len(one.missing) for one in annexes),
    )


@bp.get("/<annex>")
@allow("application.read_whole", load=own_application)
def show(application: Application) -> ResponseReturnValue:
    """Show one annex, or one expense of it: what it is, why it is asked, the files given, and where to join one."""
    return _page(application, address_part("annex"))


@bp.post("/<annex>")
@allow("application.attach", load=own_application)
def attach(application: Application) -> ResponseReturnValue:
    """Join a file to an annex."""
    subject = request.form.get("subject", "")

    def write(upload: Upload) -> None:
        attach_piece(
            application,
            address_part("annex"),
            upload,
            storage=storage(),
            actor=signed_in_actor(),
            now=arrival(),
            subject=subject,
            note=request.form.get("note", ""),
        )

    return _received(application, write, subject)


@bp.get("/remplacement/<uuid:piece_id>")
@allow("piece.change", load=own_piece)
def replacement(piece: Piece) -> ResponseReturnValue:
    """Ask for the file that replaces another."""
    return _replacement_page(piece)


@bp.post("/remplacement/<uuid:piece_id>")
@allow("piece.change", load=own_piece)
def replace_now(piece: Piece) -> ResponseReturnValue:
    """Join a file in the place of another, which stays in the history. The service checks that the annex is open."""

    def write(upload: Upload) -> None:
        replace_piece(piece.application, piece, upload, storage=storage(), actor=signed_in_actor(), now=arrival())

    refusal = receive("file", write)
    if refusal:
        return _replacement_page(piece, refusal.message), refusal.status
    flash("Le fichier est remplacé. L'ancien reste dans l'historique.", "success")
    return see_other("applicant_pieces.show", application_id=piece.application_id, annex=piece.annex_key)


@bp.get("/retrait/<uuid:piece_id>")
@allow("piece.change", load=own_piece)
def removal(piece: Piece) -> ResponseReturnValue:
    """Ask for a confirmation before a file is taken out."""
    return render_template(
        "applicant/removal.html",
        application=piece.application,
        call=piece.application.call_version.call,
        piece=piece,
        annex=annex_named(piece.application, piece.annex_key),
    )


@bp.post("/retrait/<uuid:piece_id>")
@allow("piece.change", load=own_piece)
def remove(piece: Piece) -> ResponseReturnValue:
    """Take a file out. The service checks that the annex is open."""
    with unit_of_work():
        remove_piece(piece.application, piece, actor=signed_in_actor(), now=arrival())
    flash(f"Le fichier « {piece.file.name} » est retiré.", "success")
    return see_other("applicant_pieces.show", application_id=piece.application_id, annex=piece.annex_key)


@bp.post("/rattachement/<uuid:piece_id>")
@allow("piece.change", load=own_piece)
def move(piece: Piece) -> ResponseReturnValue:
    """Make a file about another partner, co-funder, site or expense. The service checks that the annex is open."""
    application = piece.application
    try:
        with unit_of_work():
            move_piece(application, piece, request.form.get("subject", ""), actor=signed_in_actor(), now=arrival())
    except InvalidError as error:
        return _page(application, piece.annex_key, stray=(piece.id, error.message)), 400
    flash(f"Le fichier « {piece.file.name} » est rattaché.", "success")
    return see_other("applicant_pieces.show", application_id=application.id, annex=piece.annex_key)


@bp.get("/fichier/<uuid:piece_id>")
@allow("piece.read", load=own_piece)
def fetch(piece: Piece) -> ResponseReturnValue:
    """Give back a file that was joined."""
    return download(piece.file, to_owner=True)


def annex_named(application: Application, key: str) -> AnnexStatus:
    """Return an annex of the file.

    Raises:
        NotFoundError: the call asks for no such annex.

    """
    found = next((one for one in list_annexes(application, arrival()) if one.key == key), None)
    if found is None:
        raise NotFoundError("L'appel ne demande pas cette pièce.")
    return found


def _received(application: Application, write: Callable[[Upload], None], subject: str) -> ResponseReturnValue:
    key, back = address_part("annex"), request.form.get(BACK, "")
    refusal = receive("file", write)
    if refusal:
        return _page(application, key, subject, refusal.message), refusal.status
    flash("Le fichier est joint.", "success")
    if any(section.id == back for section in load_document(application.call_version).form.sections):
        return _go_on("applicant_sections.show", application_id=application.id, section=back)
    return _go_on("applicant_pieces.show", application_id=application.id, annex=key)


def _go_on(endpoint: str, **address: Any) -> ResponseReturnValue:
    """Send the browser to the next page; a script that sent the file is told where, and does not read it first."""
    if request.headers.get("X-Requested-With") == "XMLHttpRequest":
        return jsonify(next=url_for(endpoint, **address))
    return see_other(endpoint, **address)


def _page(
    application: Application,
    key: str,
    subject: str = "",
    error: str = "",
    stray: tuple[uuid.UUID | None, str] = (None, ""),
) -> str:
    """``error`` is about the file given for ``subject``, ``stray`` about the one to be moved and why it cannot be."""
    whole = annex_named(application, key)
    annex, line = line_asked(whole)
    person = signed_in_actor()
    opened = annex.key in open_to(application, person, arrival()).annexes
    hidden = annex.confidential and own_audience(person, application) is Audience.GUEST
    held = [] if hidden else held_pieces(application)
    return render_template(
        "applicant/annex.html",
        application=application,
        call=application.call_version.call,
        annex=annex,
        places=[] if hidden else [_place(application, annex.key, slot, held, opened=opened) for slot in annex.slots],
        line=line,
        back=request.values.get(BACK, "") if line else "",
        hidden=hidden,
        why=why(annex),
        opened=opened,
        accepted=ACCEPTED,
        most=_limit(application, annex.key),
        wrong=subject if error else None,
        error=error,
        note=request.form.get("note", "") if error else "",
        history=[] if hidden or line else list_left_pieces(application, annex.key),
        limit=_most(application, annex.key),
        orphans=[
            _stray(piece, opened=opened, error=stray[1] if piece.id == stray[0] else "")
            for piece in orphan_pieces(application)
            if piece.annex_key == annex.key and not hidden and not line
        ],
        subjects=[(slot.subject, slot.subject_label) for slot in annex.slots],
    )


def _stray(piece: Piece, *, opened: bool, error: str) -> dict[str, Any]:
    """Return a file about somebody or something that left the dossier: kept, not handed in, moved or taken out."""
    address: dict[str, Any] = {"application_id": piece.application_id, "piece_id": piece.id}
    return {
        "id": str(piece.id),
        "name": piece.file.name,
        "href": url_for("applicant_pieces.fetch", **address),
        "move": url_for("applicant_pieces.move", **address) if opened else "",
        "remove": removal_address(piece) if opened else "",
        "error": error,
    }


def quarantined(name: str) -> str:
    """Say that a file holds a virus and no longer counts."""
    where = "Il est mis en quarantaine et ne compte plus parmi vos pièces"
    return f"« {name} » : un virus y a été trouvé. {where}. Remplacez-le."


def removal_address(piece: Piece) -> str:
    """Return where a file is taken out, after a confirmation."""
    return url_for("applicant_pieces.removal", application_id=piece.application_id, piece_id=piece.id)


def _replacement_page(piece: Piece, error: str = "") -> str:
    return render_template(
        "applicant/replacement.html",
        application=piece.application,
        call=piece.application.call_version.call,
        piece=piece,
        annex=annex_named(piece.application, piece.annex_key),
        accepted=ACCEPTED,
        most=_limit(piece.application, piece.annex_key),
        error=error,
    )


def _limit(application: Application, key: str) -> str:
    """Write the largest size that an annex accepts."""
    return f"{_most(application, key) // 1_000_000}\u00a0Mo"


def _most(application: Application, key: str) -> int:
    """Return the largest size that an annex accepts, in octets."""
    service = settings().storage.max_file_bytes
    own = next((one.max_mb for one in load_document(application.call_version).annexes if one.id == key), None)
    return service if own is None else min(service, own * 1_000_000)


def _place(application: Application, key: str, slot: Slot, held: list[Piece], *, opened: bool) -> Place:
    mine = [one for one in held if one.annex_key == key and one.subject == slot.subject]
    warnings = [quarantined(one.file.name) for one in mine if one.file.scan_state is ScanState.INFECTED]
    warnings += [f"« {one.file.name} » : {SENSITIVE_FILE}" for one in mine if one.file.sensitive]
    return Place(slot, _files(application, mine, opened=opened), warnings)


def _files(application: Application, pieces: list[Piece], *, opened: bool) -> list[dict[str, Any]]:
    address: dict[str, Any] = {"application_id": application.id}
    return [
        {
            "name": piece.file.name,
            "href": url_for("applicant_pieces.fetch", piece_id=piece.id, **address),
            "size": piece.file.size,
            "sha256": piece.file.sha256,
            "date": piece.added_at,
            "note": piece.note,
            "status": SCAN_LABELS[piece.file.scan_state][0] if piece.file.scan_state in TOLD_STATES else "",
            "tone": SCAN_LABELS[piece.file.scan_state][1],
            "actions": [
                ("Remplacer", url_for("applicant_pieces.replacement", piece_id=piece.id, **address)),
                ("Retirer", removal_address(piece)),
            ]
            if opened
            else [],
        }
        for piece in pieces
    ]


def _task(application: Application, annex: AnnexStatus) -> dict[str, Any]:
    if annex.required is None or (annex.required and not annex.slots):
        status, tone = "Selon vos réponses", "neutral"
    elif annex.missing:
        status, tone = "À joindre" if len(annex.slots) < 2 else f"{len(annex.missing)} à joindre", "info"
    elif annex.provided:
        status, tone = "Jointe", "success"
    else:
        status, tone = ("Non demandée" if annex.condition else "Facultative"), "neutral"
    return {
        "title": annex.label,
        "href": url_for("applicant_pieces.show", application_id=application.id, annex=annex.key),
        "status": status,
        "tone": tone,
        "hint": why(annex),
    }


def why(annex: AnnexStatus) -> str:
    """Say when a conditional annex is asked, and what that gives here."""
    if not annex.condition:
        return ""
    if annex.required is None:
        return f"Demandée si {annex.condition}."
    return f"{'Demandée' if annex.required else 'Non demandée'} {annex.because.rstrip('.')}."
