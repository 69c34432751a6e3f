"""What is unread and what waits in threads, as expressions that lists of files count in their own query."""

from __future__ import annotations

import uuid

from sqlalchemy import ColumnElement, ScalarSelect, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from aap.applications.models import Application, Message, ThreadMark
from aap.applications.people import whole_files


def unread_by(user_id: uuid.UUID) -> ScalarSelect[int]:
    """Return the count of the agency's messages that a person of the whole file has not read; correlated to it."""
    mark = and_(ThreadMark.application_id == Message.application_id, ThreadMark.user_id == user_id)
    return (
        select(func.count(Message.id))
        .outerjoin(ThreadMark, mark)
        .where(
            Message.application_id == Application.id,
            Message.from_agency.is_(True),
            or_(ThreadMark.id.is_(None), Message.at > ThreadMark.read_until),
            whole_files(user_id),
        )
        .correlate(Application)
        .scalar_subquery()
    )


def is_waiting() -> ColumnElement[bool]:
    """Return the condition on ``Message``: it comes from the file, and the agency has neither answered nor settled."""
    later = aliased(Message)
    answered = (
        select(later.id)
        .where(later.application_id == Message.application_id, later.from_agency.is_(True), later.at >= Message.at)
        .correlate(Message)
        .exists()
    )
    return and_(Message.from_agency.is_(False), Message.settled_at.is_(None), ~answered)


def waiting_messages(threads: ColumnElement[bool]) -> ColumnElement[int]:
    """Return the count of the messages of a file that wait for the agency; correlated to the file.

    ``threads`` is a condition on ``Application``: where the thread is not read, nothing waits.
    """
    query = select(func.count(Message.id)).where(Message.application_id == Application.id, is_waiting())
    return case((threads, query.correlate(Application).scalar_subquery()), else_=0)
