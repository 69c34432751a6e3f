"""Reading threads: the messages of a file, what is unread, and the threads that wait for the agency."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload, selectinload

from aap.accounts.models import User
from aap.applications.models import Application, Message, MessageFile, ThreadMark
from aap.applications.queries.lists import Page
from aap.applications.queries.unread import is_waiting
from aap.calls.models import Call, CallVersion
from aap.db import db
from aap.errors import NotFoundError
from aap.files.models import ScanState


@dataclass(frozen=True, slots=True)
class MessageFileRow:
    """A file of a message."""

    id: uuid.UUID
    name: str
    size: int
    sha256: str
    scan: ScanState


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message as it is read. ``author`` is a name; the lead reads the agency's messages without names of staff.

    ``new``: this person has not read it yet. ``seen``: somebody of the other side has.
    ``waits``: it comes from the file, and the agency has neither answered since nor settled it.
    """

    id: uuid.UUID
    from_agency: bool
    author: str
    text: str
    at: datetime
    files: tuple[MessageFileRow, ...]
    new: bool
    seen: bool
    waits: bool


@dataclass(frozen=True, slots=True)
class ThreadRow:
    """A thread that waits for an answer: of which file, since when, and how many messages."""

    application_id: uuid.UUID
    reference: str
    title: str
    applicant_name: str
    call_title: str
    waiting: int
    since: datetime


def list_messages(application: Application, person: User, *, as_agency: bool) -> tuple[MessageRow, ...]:
    """Return the messages of a file, oldest first, as this person reads them. Three queries, whatever the thread."""
    query = (
        select(Message)
        .where(Message.application_id == application.id)
        .options(joinedload(Message.author), selectinload(Message.files))
        .order_by(Message.at, Message.id)
    )
    marks = list(db.session.scalars(select(ThreadMark).where(ThreadMark.application_id == application.id)))
    mine = next((mark.read_until for mark in marks if mark.user_id == person.id), None)
    messages = list(db.session.scalars(query))
    answered = max((message.at for message in messages if message.from_agency), default=None)
    rows = []
    for message in messages:
        settled = message.settled_at is not None or (answered is not None and answered >= message.at)
        rows.append(_row(message, marks, mine, as_agency=as_agency, waits=not (message.from_agency or settled)))
    return tuple(rows)


def _row(
    message: Message, marks: list[ThreadMark], mine: datetime | None, *, as_agency: bool, waits: bool
) -> MessageRow:
    hidden = message.from_agency and not as_agency
    other = [mark.read_until for mark in marks if mark.as_agency is not message.from_agency]
    return MessageRow(
        id=message.id,
        from_agency=message.from_agency,
        author="" if hidden else message.author.display_name,
        text=message.text,
        at=message.at,
        files=tuple(
            MessageFileRow(row.id, row.file.name, row.file.size, row.file.sha256, row.file.scan_state)
            for row in message.files
        ),
        new=message.from_agency is not as_agency and (mine is None or message.at > mine),
        seen=any(until >= message.at for until in other),
        waits=waits,
    )


def get_message_file(file_id: uuid.UUID) -> MessageFile:
    """Return a file of a message, with its message and its application.

    Raises:
        NotFoundError: no such file.

    """
    query = select(MessageFile).where(MessageFile.id == file_id)
    found = db.session.scalar(query.options(joinedload(MessageFile.message).joinedload(Message.application)))
    if found is None:
        raise NotFoundError("Ce fichier n'existe pas.")
    return found


def count_waiting_threads(seen: ColumnElement[bool]) -> int:
    """Count the files of ``seen`` (a condition on ``Application``) whose thread waits for the agency; one query."""
    query = (
        select(func.count(func.distinct(Message.application_id)))
        .join(Application, Application.id == Message.application_id)
        .where(is_waiting(), seen)
    )
    return db.session.scalar(query) or 0


def list_waiting_threads(seen: ColumnElement[bool], page: int = 1, per_page: int = 50) -> Page[ThreadRow]:
    """Return one page of the threads that wait for the agency, the oldest question first. Two queries."""
    total = count_waiting_threads(seen)
    page = min(max(page, 1), max(1, -(-total // per_page)))
    waits = (
        select(
            Message.application_id,
            func.count(Message.id).label("waiting"),
            func.min(Message.at).label("since"),
        )
        .where(is_waiting())
        .group_by(Message.application_id)
        .subquery()
    )
    query = (
        select(
            Application.id,
            Application.reference,
            Application.title,
            Application.applicant_name,
            Call.short_title,
            waits.c.waiting,
            waits.c.since,
        )
        .join(waits, waits.c.application_id == Application.id)
        .join(CallVersion, CallVersion.id == Application.call_version_id)
        .join(Call, Call.id == CallVersion.call_id)
        .where(seen)
        .order_by(waits.c.since, Application.id)
        .limit(per_page)
        .offset((page - 1) * per_page)
    )
    return Page(tuple(ThreadRow(*row) for row in db.session.execute(query)), total, page, per_page)
