"""A piece moved to another partner, co-funder, site or expense: the file stays, and what it was about stays told."""

from __future__ import annotations

from datetime import datetime

from aap.accounts.models import User
from aap.applications.models import Application, Piece
from aap.applications.openness import check_annex_open
from aap.applications.people import check_writes_whole
from aap.applications.service.pieces import check_in_force, check_subject, journal
from aap.applications.terms import annex_of
from aap.db import db
from aap.errors import InvalidError


def move_piece(application: Application, piece: Piece, subject: str, *, actor: User, now: datetime) -> Piece:
    """Make a piece about somebody or something else of the file; what it was stays in the history, as a replaced one.

    A deposit that holds the piece keeps it as it was: the file goes on under a new piece.

    Raises:
        ForbiddenError: the person may not change the pieces.
        ConflictError: the annex is closed, or the piece was already replaced.
        InvalidError: nobody and nothing of the file has this key, or the piece is already about it (on ``subject``).

    """
    check_writes_whole(application, actor)
    check_in_force(piece)
    check_annex_open(application, piece.annex_key, now)
    check_subject(application, annex_of(application.call_version, piece.annex_key), subject)
    if subject == piece.subject:
        raise InvalidError.on("subject", "Ce fichier y est déjà rattaché.", code="piece-deja-la")
    successor = Piece(
        application_id=application.id,
        annex_key=piece.annex_key,
        subject=subject,
        file_id=piece.file_id,
        file=piece.file,
        note=piece.note,
        added_at=now,
        added_by_id=piece.added_by_id,
    )
    application.pieces.append(successor)
    db.session.flush()
    piece.replaced_at, piece.replaced_by_id, piece.successor_id = now, actor.id, successor.id
    db.session.flush()
    journal("move_piece", application, successor, actor, now)
    return successor
