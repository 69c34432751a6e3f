"""What left a file: pieces replaced or removed, when and by whom. Nothing given is ever lost from the history."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import aliased

from aap.accounts.models import User
from aap.applications.models import Application, Piece
from aap.db import db
from aap.files.models import StoredFile


def list_pieces_of(file_id: uuid.UUID) -> list[Piece]:
    """Return the pieces in force that a stored file is: several when it serves again in another file."""
    query = select(Piece).where(Piece.file_id == file_id, Piece.replaced_at.is_(None))
    return list(db.session.scalars(query.order_by(Piece.added_at, Piece.id)))


@dataclass(frozen=True, slots=True)
class LeftPiece:
    """A piece that left the file. ``successor`` is the name of the file that took its place, "" when none did.

    ``moved``: the file itself stayed, about somebody or something else.
    """

    name: str
    size: int
    sha256: str
    added_at: datetime
    left_at: datetime
    by: str
    successor: str
    moved: bool


def list_left_pieces(application: Application, annex_key: str) -> list[LeftPiece]:
    """Return the pieces of an annex that were replaced or removed, the last one first."""
    after, next_file = aliased(Piece), aliased(StoredFile)
    rows = db.session.execute(
        select(Piece, User, next_file.name, after.file_id)
        .join(User, User.id == Piece.replaced_by_id)
        .outerjoin(after, after.id == Piece.successor_id)
        .outerjoin(next_file, next_file.id == after.file_id)
        .where(Piece.application_id == application.id, Piece.annex_key == annex_key, Piece.replaced_at.is_not(None))
        .order_by(Piece.replaced_at.desc(), Piece.id)
    )
    return [
        LeftPiece(
            piece.file.name,
            piece.file.size,
            piece.file.sha256,
            piece.added_at,
            piece.replaced_at or piece.added_at,
            person.display_name,
            successor or "",
            moved=successor_file == piece.file_id,
        )
        for piece, person, successor, successor_file in rows
    ]
