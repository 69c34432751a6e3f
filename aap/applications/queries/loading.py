"""One application, piece or deposit, by its identifier: loaders for the pages."""

from __future__ import annotations

import uuid

from sqlalchemy import select
from sqlalchemy.orm import defer, joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption as ORMOption

from aap.applications.models import Application, Piece, Submission
from aap.calls.models import Call, CallVersion
from aap.db import db
from aap.errors import NotFoundError

_LEAN = (defer(CallVersion.document),)  # as long as the call: read once per process by ``load_document``


def get_application(application_id: uuid.UUID) -> Application:
    """Return an application with its call and its team.

    Raises:
        NotFoundError: no such application.

    """
    call = joinedload(CallVersion.call).options(selectinload(Call.team), selectinload(Call.steps))
    return _application(
        application_id, joinedload(Application.strand), joinedload(Application.call_version).options(call, *_LEAN)
    )


def get_application_to_write(application_id: uuid.UUID) -> Application:
    """Return an application with the calendar of its call, and no more: what saving one answer needs.

    Raises:
        NotFoundError: no such application.

    """
    call = joinedload(CallVersion.call).options(selectinload(Call.steps))
    return _application(application_id, joinedload(Application.call_version).options(call, *_LEAN))


def _application(application_id: uuid.UUID, *options: ORMOption) -> Application:
    found = db.session.scalar(select(Application).where(Application.id == application_id).options(*options))
    if found is None:
        raise NotFoundError("Ce dossier n'existe pas.")
    return found


def get_application_by_reference(reference: str) -> Application:
    """Return a deposited application by its reference.

    Raises:
        NotFoundError: no deposit bears this reference.

    """
    found = db.session.scalar(select(Application).where(Application.reference == reference))
    if found is None:
        raise NotFoundError("Ce dossier n'existe pas.")
    return found


def get_piece(piece_id: uuid.UUID) -> Piece:
    """Return a piece with its file and its application.

    Raises:
        NotFoundError: no such piece.

    """
    query = select(Piece).where(Piece.id == piece_id)
    found = db.session.scalar(query.options(joinedload(Piece.file), joinedload(Piece.application)))
    if found is None:
        raise NotFoundError("Cette pièce n'existe pas.")
    return found


def get_submission(submission_id: uuid.UUID) -> Submission:
    """Return a deposit with its application.

    Raises:
        NotFoundError: no such deposit.

    """
    query = select(Submission).where(Submission.id == submission_id)
    found = db.session.scalar(query.options(joinedload(Submission.application), joinedload(Submission.receipt_file)))
    if found is None:
        raise NotFoundError("Ce dépôt n'existe pas.")
    return found
