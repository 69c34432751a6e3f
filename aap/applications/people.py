"""Who takes part in a file, and what each may read and write in it: as functions, and as SQL conditions."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import BindParameter, ColumnElement, Select, and_, or_, select

from aap.accounts.models import Membership, User
from aap.applications.models import Application, ApplicationState, Participant, ParticipantRole, Piece
from aap.applications.openness import OpenParts, open_parts
from aap.calls.queries import load_document
from aap.db import db
from aap.errors import ForbiddenError

ROLE_LABELS = {
    ParticipantRole.EDITOR: "Coéditeur",
    ParticipantRole.READER: "Lecteur",
    ParticipantRole.SIGNATORY: "Signataire",
}
_LEAVES_NO_FILE = (ApplicationState.WITHDRAWN, ApplicationState.INADMISSIBLE)


def find_participant(application: Application, user: User) -> Participant | None:
    """Return what the person was invited to do on the file, unless it ended; the lead is no participant."""
    found = (one for one in application.participants if one.user_id == user.id and one.ended_at is None)
    return next(found, None)


def takes_part(application: Application, user: User) -> bool:
    """Tell whether the file is this person's: its lead, or somebody invited to it."""
    return application.lead_id == user.id or find_participant(application, user) is not None


def reads_whole(application: Application, user: User) -> bool:
    """Tell whether the person reads the whole file as one of its own people."""
    if application.lead_id == user.id:
        return True
    held = find_participant(application, user)
    return held is not None and held.whole_file


def reads_confidential(application: Application, user: User) -> bool:
    """Tell whether the person reads the confidential pieces (bank details, accounts): all but invited readers."""
    if application.lead_id == user.id:
        return True
    held = find_participant(application, user)
    return held is not None and held.whole_file and held.role is not ParticipantRole.READER


def holds_piece(piece: Piece, user: User) -> bool:
    """Tell whether the person, one of the file's people, gave this piece or reads all of them."""
    mine = piece.added_by_id == user.id and takes_part(piece.application, user)
    return mine or reads_confidential(piece.application, user)


def given_by(user_id: uuid.UUID) -> ColumnElement[bool]:
    """Return the condition on ``Piece``: given by one of the file's people, who still takes part in it."""
    mine = select(Application.id).where(own_files(user_id))
    return and_(Piece.added_by_id == user_id, Piece.application_id.in_(mine))


def writes_whole(application: Application, user: User) -> bool:
    """Tell whether the person may change any part of the file: its lead, or an editor of the whole."""
    if application.lead_id == user.id:
        return True
    held = find_participant(application, user)
    return held is not None and held.whole_file and held.role is ParticipantRole.EDITOR


def writes(application: Application, user: User) -> bool:
    """Tell whether the person may change some part of the file."""
    if application.lead_id == user.id:
        return True
    held = find_participant(application, user)
    return held is not None and held.role is ParticipantRole.EDITOR


def sections_read(application: Application, user: User) -> frozenset[str] | None:
    """Return the sections that one of the file's people reads; ``None``: all of them."""
    if application.lead_id == user.id:
        return None
    held = find_participant(application, user)
    if held is None:
        return frozenset()
    return None if held.whole_file else frozenset(held.sections)


def sections_written(application: Application, user: User) -> frozenset[str] | None:
    """Return the sections that one of the file's people may change; ``None``: all of them."""
    return sections_read(application, user) if writes(application, user) else frozenset()


def open_to(application: Application, user: User, now: datetime) -> OpenParts:
    """Say what this person may change now: what is open, within what the invitation says."""
    parts = open_parts(application, now)
    allowed = sections_written(application, user)
    if allowed is None:
        return parts
    if not allowed:
        return OpenParts(frozenset(), frozenset(), parts.until)
    document = load_document(application.call_version)
    fields = frozenset(
        field.id for section in document.form.sections if section.id in allowed for field in section.fields
    )
    return OpenParts(parts.fields & fields, frozenset(), parts.until)


def check_writes_section(application: Application, section_id: str, user: User) -> None:
    """Refuse to whoever was not invited to change a section.

    Raises:
        ForbiddenError: the person reads the file only, or was invited to other sections.

    """
    allowed = sections_written(application, user)
    if allowed is not None and section_id not in allowed:
        message = "Votre invitation ne permet pas de modifier cette rubrique. Demandez au porteur du dossier."
        raise ForbiddenError(message, code="rubrique-hors-invitation")


def check_writes_whole(application: Application, user: User) -> None:
    """Refuse to whoever may not change the whole file (its pieces, its strand).

    Raises:
        ForbiddenError: as it says.

    """
    if not writes_whole(application, user):
        message = "Votre invitation ne permet pas de modifier cette partie du dossier. Demandez au porteur."
        raise ForbiddenError(message, code="partie-hors-invitation")


def has_departed(application: Application) -> bool:
    """Tell whether the lead is gone: account deactivated, or organisation of the file left."""
    if application.state in _LEAVES_NO_FILE:
        return False
    if not application.lead.active:
        return True
    if application.organisation_id is None:
        return False
    left = select(Membership.id).where(
        Membership.user_id == application.lead_id,
        Membership.organisation_id == application.organisation_id,
        Membership.ended_at.is_not(None),
    )
    return db.session.scalar(left.limit(1)) is not None


def lead_departed() -> ColumnElement[bool]:
    """Return the condition on ``Application``: the SQL twin of ``has_departed``."""
    deactivated = select(User.id).where(User.active.is_(False))
    left = (
        select(Membership.id)
        .where(
            Membership.user_id == Application.lead_id,
            Membership.organisation_id == Application.organisation_id,
            Membership.ended_at.is_not(None),
        )
        .correlate(Application)
        .exists()
    )
    return Application.state.not_in(_LEAVES_NO_FILE) & or_(Application.lead_id.in_(deactivated), left)


def own_files(user_id: uuid.UUID, *, invited: ColumnElement[bool] | None = None) -> ColumnElement[bool]:
    """Return the condition on ``Application``: led by the person, or taken part in (within ``invited``)."""
    return or_(Application.lead_id == user_id, Application.id.in_(_joined(user_id, invited)))


def whole_files(user_id: uuid.UUID) -> ColumnElement[bool]:
    """Return the condition on ``Application``: the SQL twin of ``reads_whole``."""
    return own_files(user_id, invited=Participant.whole_file.is_(True))


def confidential_files(user_id: uuid.UUID) -> ColumnElement[bool]:
    """Return the condition on ``Application``: the SQL twin of ``reads_confidential``."""
    return own_files(user_id, invited=Participant.whole_file.is_(True) & (Participant.role != ParticipantRole.READER))


def joined_files(user_id: uuid.UUID | BindParameter[uuid.UUID]) -> ColumnElement[bool]:
    """Return the condition on ``Application``: the person was invited to it."""
    return Application.id.in_(_joined(user_id, None))


def _joined(user_id: uuid.UUID | BindParameter[uuid.UUID], invited: ColumnElement[bool] | None) -> Select[uuid.UUID]:
    query = select(Participant.application_id).where(Participant.user_id == user_id, Participant.ended_at.is_(None))
    return query if invited is None else query.where(invited)
