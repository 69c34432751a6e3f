"""Writing in the thread of a file, marking it read, and saying that a message calls for no answer.

Mail only says that a message waits: what was written stays behind the sign-in.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from aap import audit
from aap.accounts.models import User
from aap.applications.models import Application, Message, MessageFile, ThreadMark
from aap.applications.notices import tell_message
from aap.applications.people import takes_part, writes_whole
from aap.applications.service.pieces import Upload
from aap.applications.states import is_officer
from aap.db import db, refusing
from aap.errors import ConflictError, ForbiddenError, InvalidError, Problem
from aap.files.models import StoredFile
from aap.files.service import store_file
from aap.forms.fields import UnreadableError
from aap.forms.fields.cleaning import clean_text
from aap.storage import Storage

LONGEST_TEXT = 5_000
MOST_FILES = 5


def write_message(
    application: Application,
    text: str,
    uploads: Sequence[Upload] = (),
    *,
    storage: Storage,
    actor: User,
    now: datetime,
    idempotency_key: str,
) -> Message:
    """Write in the thread, with files, and tell the other side. The same key twice is one message.

    Raises:
        ForbiddenError: the person is neither of the file nor an officer of its call.
        ConflictError: the file is not deposited yet.
        InvalidError: no text, too long a text, too many files or one that is refused (on ``text`` or ``file``).
        TooLargeError: a file is over the limit.

    """
    from_agency = side_of(application, actor)
    if application.submitted_at is None:
        raise ConflictError("La messagerie s'ouvre au dépôt du dossier.", code="dossier-non-depose")
    known = _known(application, idempotency_key)
    if known is not None:
        return known
    body = check_text(text)
    check_files(uploads)
    message = Message(
        application_id=application.id,
        author_id=actor.id,
        from_agency=from_agency,
        text=body,
        at=now,
        idempotency_key=idempotency_key[:80],
        files=[
            MessageFile(file=_stored(application, upload, storage, actor, now), position=position)
            for position, upload in enumerate(uploads)
        ],
    )
    twice = ConflictError("Ce message vient d'être envoyé.", code="message-deja-envoye")
    with refusing({"uq_messages_application_id_idempotency_key": twice}):
        db.session.add(message)
    detail = {"message": str(message.id), "files": len(message.files)}
    audit.record("applications.write_message", application, actor_id=actor.id, now=now, detail=detail)
    tell_message(application, message, now)
    return message


def side_of(application: Application, actor: User) -> bool:
    """Tell whether a person writes for the agency (True) or for the file (False).

    Raises:
        ForbiddenError: the person writes for neither.

    """
    if writes_whole(application, actor):
        return False
    if is_officer(application, actor) and not takes_part(application, actor):
        return True
    raise ForbiddenError("Seuls les personnes du dossier et les instructeurs de l'appel écrivent ici.")


def check_text(text: str) -> str:
    """Return the text of a message, its ends trimmed.

    Raises:
        InvalidError: empty or too long (on ``text``).

    """
    try:
        body = clean_text(text)
    except UnreadableError as error:
        raise InvalidError.on("text", error.message, code="texte-illisible") from error
    if not body:
        raise InvalidError.on("text", "Écrivez votre message.", code="message-vide")
    if len(body) > LONGEST_TEXT:
        raise InvalidError.on("text", "Votre message dépasse 5 000 caractères : raccourcissez-le.", code="trop-long")
    return body


def check_files(uploads: Sequence[Upload]) -> None:
    """Refuse too many files.

    Raises:
        InvalidError: on ``file``.

    """
    if len(uploads) > MOST_FILES:
        message = f"Joignez {MOST_FILES} fichiers au plus par message."
        raise InvalidError(message, (Problem("file", message),), code="trop-de-fichiers")


def mark_read(application: Application, person: User, *, until: datetime, as_agency: bool) -> None:
    """Write how far a person has read; a mark never goes back."""
    query = select(ThreadMark).where(ThreadMark.application_id == application.id, ThreadMark.user_id == person.id)
    mark = db.session.scalar(query)
    if mark is None:
        mark = ThreadMark(application_id=application.id, user_id=person.id, as_agency=as_agency, read_until=until)
        try:
            with db.session.begin_nested():
                db.session.add(mark)
        except IntegrityError:  # another tab of the same person marked it at the same instant
            mark = db.session.scalars(query.execution_options(populate_existing=True)).one()
    mark.as_agency = as_agency
    mark.read_until = max(mark.read_until, until)
    db.session.flush()


def settle_thread(application: Application, *, actor: User, now: datetime) -> int:
    """Say that the messages waiting here call for no answer; return how many there were.

    Raises:
        ForbiddenError: the person is not an officer of the call.

    """
    if not is_officer(application, actor):
        raise ForbiddenError("Cette action revient aux instructeurs de l'appel.")
    query = select(Message).where(
        Message.application_id == application.id, Message.from_agency.is_(False), Message.settled_at.is_(None)
    )
    waiting = list(db.session.scalars(query))
    for message in waiting:
        message.settled_at, message.settled_by_id = now, actor.id
    db.session.flush()
    if waiting:
        audit.record("applications.settle_thread", application, actor_id=actor.id, now=now)
    return len(waiting)


def _known(application: Application, key: str) -> Message | None:
    query = select(Message).where(Message.application_id == application.id, Message.idempotency_key == key[:80])
    return db.session.scalar(query)


def _stored(application: Application, upload: Upload, storage: Storage, actor: User, now: datetime) -> StoredFile:
    return store_file(
        storage,
        upload.chunks,
        upload.name,
        region_code=application.region_code,
        actor_id=actor.id,
        now=now,
        max_bytes=upload.max_bytes,
        confidential=True,
    )
