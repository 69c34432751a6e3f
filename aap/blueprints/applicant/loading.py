"""The file that an address names, for its own people: the agency and the jury read files on their own pages."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol, TypeVar

from flask import g, request

from aap.applications.models import Application, Piece, Submission
from aap.applications.people import takes_part
from aap.applications.queries import get_application, get_application_to_write, get_piece
from aap.blueprints.access import actor
from aap.errors import NotFoundError
from aap.extensions import clock

UNKNOWN = "Ce dossier n'existe pas, ou il n'est pas à vous."
NOT_YOURS = "Cette page n'existe pas, ou elle ne vous est pas ouverte."
Part = TypeVar("Part")


class Owner(Protocol):
    """Whatever has parts: a file, a structure."""

    @property
    def id(self) -> uuid.UUID:
        """Its identifier."""
        ...


def own_application(application_id: uuid.UUID, **_others: Any) -> Application:
    """Return a file that the person leads, or was invited to; the policy of each page says what it asks.

    Raises:
        NotFoundError: no such file, or it is somebody else's.

    """
    return _own(get_application(application_id))


def own_draft(application_id: uuid.UUID, **_others: Any) -> Application:
    """Return the same file with no more than saving one answer needs: this is asked every few seconds.

    Raises:
        NotFoundError: no such file, or it is somebody else's.

    """
    return _own(get_application_to_write(application_id))


def _own(application: Application) -> Application:
    person = actor()
    if person is None or not takes_part(application, person):
        raise NotFoundError(UNKNOWN)
    return application


def own_piece(application_id: uuid.UUID, piece_id: uuid.UUID) -> Piece:
    """Return a piece of a file that the person leads.

    Raises:
        NotFoundError: no such piece in this file, or the file is somebody else's.

    """
    piece = get_piece(piece_id)
    if piece.application_id != own_application(application_id).id:
        raise NotFoundError("Cette pièce n'existe pas.")
    return piece


def own_submission(application_id: uuid.UUID, number: int) -> Submission:
    """Return a deposit of a file that the person leads.

    Raises:
        NotFoundError: no such deposit, or the file is somebody else's.

    """
    application = own_application(application_id)
    found = next((one for one in application.submissions if one.number == number), None)
    if found is None:
        raise NotFoundError("Ce dépôt n'existe pas.")
    return found


def address_part(name: str) -> str:
    """Return a part of the current address (the view itself receives the thing it names)."""
    return str((request.view_args or {})[name])


def arrival() -> datetime:
    """Return the instant this request reached the service: closing hours are judged on it, however long the answer."""
    return g.get("arrived_at") or clock().now()


def part_of(
    owner: Callable[[uuid.UUID], Owner], get: Callable[[uuid.UUID], Part], part_id: str, owner_id: str
) -> Callable[..., Part]:
    """Return the loader of something that an address names within something else of the person.

    ``part_id`` and ``owner_id`` are the names of both identifiers in the address; the second is also the column by
    which the part tells what it belongs to. The loader raises NotFoundError when it belongs to something else.
    """

    def load(**address: Any) -> Part:
        found = get(address[part_id])
        if owner(address[owner_id]).id != getattr(found, owner_id):
            raise NotFoundError(NOT_YOURS)
        return found

    return load
