"""Pieces: joined, replaced or removed while their annex is open; nothing given is ever lost from the history."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from aap import audit, french
from aap.accounts.models import User
from aap.applications.models import Application, Piece
from aap.applications.openness import check_annex_open
from aap.applications.people import check_writes_whole
from aap.applications.pieces import held_pieces, known_subjects
from aap.applications.terms import annex_of
from aap.applications.written import written_rows
from aap.calls.document.form import Annex
from aap.calls.queries import load_document
from aap.db import db
from aap.errors import AapError, ConflictError, InvalidError, TooLargeError
from aap.files.models import StoredFile
from aap.files.service import store_file
from aap.storage import Storage

MOST_PIECES_PER_ANNEX = 60
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it comes: its bytes in a stream, its name, and the largest size the service accepts (octets)."""

    chunks: Iterable[bytes]
    name: str
    max_bytes: int


def attach_piece(
    application: Application,
    annex_key: str,
    upload: Upload,
    *,
    storage: Storage,
    actor: User,
    now: datetime,
    subject: str = "",
    note: str = "",
) -> Piece:
    """Join a file to an annex; ``subject`` is the key of the partner, co-funder, site or expense when asked for each.

    Raises:
        ForbiddenError: the person may not change the pieces.
        ConflictError: the annex is closed, or already holds too many pieces.
        InvalidError: unknown annex or subject, or a file that is refused (on ``file``).
        TooLargeError: the file is over the limit.

    """
    check_writes_whole(application, actor)
    check_annex_open(application, annex_key, now)
    annex = annex_of(application.call_version, annex_key)
    check_subject(application, annex, subject)
    held = held_pieces(application)
    if sum(piece.annex_key == annex_key for piece in held) >= MOST_PIECES_PER_ANNEX:
        message = f"Cette pièce compte déjà {MOST_PIECES_PER_ANNEX} fichiers. Regroupez-les dans un seul document."
        raise ConflictError(message, code="trop-de-fichiers")
    file = _store(application, annex, upload, held, storage=storage, actor=actor, now=now)
    piece = Piece(
        application_id=application.id,
        annex_key=annex_key,
        subject=subject,
        file_id=file.id,
        file=file,
        note=note.strip()[:400],
        added_at=now,
        added_by_id=actor.id,
    )
    application.pieces.append(piece)
    db.session.flush()
    journal("attach_piece", application, piece, actor, now)
    return piece


def replace_piece(
    application: Application, piece: Piece, upload: Upload, *, storage: Storage, actor: User, now: datetime
) -> Piece:
    """Join a new file in the place of another, which stays in the history.

    Raises:
        ConflictError: the annex is closed, or the piece was already replaced.
        InvalidError, TooLargeError: as ``attach_piece``.

    """
    check_in_force(piece)
    piece.replaced_at, piece.replaced_by_id = now, actor.id  # it makes room for the one that takes its place
    try:
        successor = attach_piece(
            application,
            piece.annex_key,
            upload,
            storage=storage,
            actor=actor,
            now=now,
            subject=piece.subject,
            note=piece.note,
        )
    except AapError:
        piece.replaced_at = piece.replaced_by_id = None
        raise
    piece.successor_id = successor.id
    db.session.flush()
    return successor


def remove_piece(application: Application, piece: Piece, *, actor: User, now: datetime) -> None:
    """Take a piece out of the file; it stays in the history.

    Raises:
        ConflictError: the annex is closed, or the piece was already replaced.

    """
    check_writes_whole(application, actor)
    check_in_force(piece)
    check_annex_open(application, piece.annex_key, now)
    piece.replaced_at, piece.replaced_by_id = now, actor.id
    db.session.flush()
    journal("remove_piece", application, piece, actor, now)


def check_subject(application: Application, annex: Annex, subject: str) -> None:
    """Refuse a piece about a partner, a co-funder, a site or an expense that the file does not have.

    Raises:
        InvalidError: on ``subject``.

    """
    known = known_subjects(written_rows(application), annex)
    if subject not in known:
        message = "Indiquez le partenaire, le cofinanceur, le site ou la dépense que cette pièce concerne."
        raise InvalidError.on("subject", message, code="piece-sans-objet")


def check_in_force(piece: Piece) -> None:
    """Refuse to touch a piece that already left the file.

    Raises:
        ConflictError: as it says.

    """
    if piece.replaced_at is not None:
        message = "Cette pièce a déjà été remplacée ou retirée."
        raise ConflictError(message, code="piece-remplacee")


def keep_within_total(
    application: Application, held: list[Piece], limit: int, keep: Callable[[int], StoredFile]
) -> StoredFile:
    """Keep a file of at most ``limit`` octets, within what the call accepts in all beside the pieces ``held``.

    Raises:
        TooLargeError: over the limit, or no room is left; the total is told when it is what refuses.

    """
    room = _room_left(application, held)
    if room is None or room >= limit:
        return keep(limit)
    try:
        return keep(max(room, 0))
    except TooLargeError as error:
        message = _told_full(application, room)
        raise TooLargeError(message, code="total-depasse") from error


def _store(
    application: Application,
    annex: Annex,
    upload: Upload,
    held: list[Piece],
    *,
    storage: Storage,
    actor: User,
    now: datetime,
) -> StoredFile:
    def keep(most: int) -> StoredFile:
        return store_file(
            storage,
            upload.chunks,
            upload.name,
            region_code=application.region_code,
            actor_id=actor.id,
            now=now,
            max_bytes=most,
            confidential=annex.confidential,
        )

    limit = upload.max_bytes if annex.max_mb is None else min(upload.max_bytes, annex.max_mb * MEGABYTE)
    return keep_within_total(application, held, limit, keep)


def _room_left(application: Application, held: list[Piece]) -> int | None:
    """Return the octets that the call still accepts for this file, or ``None`` when it sets no total."""
    most = load_document(application.call_version).annexes_max_mb
    return None if most is None else most * MEGABYTE - sum(piece.file.size for piece in held)


def _told_full(application: Application, room: int) -> str:
    most = load_document(application.call_version).annexes_max_mb or 0
    left = f"il reste {french.size(room)}" if room > 0 else "il ne reste plus de place"
    return f"Les pièces d'un dossier ne dépassent pas {most} Mo en tout : {left}. Allégez ou retirez un fichier."


def journal(verb: str, application: Application, piece: Piece, actor: User, now: datetime) -> None:
    """Write in the journal what happened to a piece, by its hash."""
    detail = {"annex": piece.annex_key, "piece": str(piece.id), "sha256": piece.file.sha256}
    audit.record(f"applications.{verb}", application, actor_id=actor.id, now=now, detail=detail)
