"""Promises: effects on the world, written as rows in the transaction that decided them.

A job delivers them at least once; the idempotency key makes the effect happen once. Nothing promised is forgotten:
an undelivered row stays visible on the office page of promises, with its error, until it is delivered.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, Index, func, select
from sqlalchemy.orm import Mapped, mapped_column

from aap.db import Base, Document, Identified, LongText, Str40, Str200, after_commit, db, unit_of_work
from aap.errors import NotFoundError

MAX_ATTEMPTS = 12
_REFERENCES = ("reference", "project", "call_ref")  # what mails call the thing they are about, the nearest first
Handler = Callable[["Promise", datetime], None]


class Promise(Identified, Base):
    """One promised effect. Pending until ``delivered_at``; retried later and later until ``MAX_ATTEMPTS``."""

    __tablename__ = "promises"
    __table_args__ = (
        CheckConstraint("attempts >= 0", name="attempts_not_negative"),
        Index("ix_promises_pending", "due_at"),
    )

    kind: Mapped[Str40]
    key: Mapped[Str200] = mapped_column(unique=True)
    payload: Mapped[Document]
    region_code: Mapped[str | None]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[LongText | None]
    last_attempt_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None] = mapped_column(index=True)

    @property
    def gave_up(self) -> bool:
        """Tell whether only a person's "retry" will try again."""
        return self.delivered_at is None and self.attempts >= MAX_ATTEMPTS


@dataclass(slots=True)
class Bell:
    """Told after a commit that promises wait. Rings nothing until the queue is plugged in (``aap.extensions``)."""

    ring: Callable[[], None] = field(default=lambda: None)


bell = Bell()


def promise(
    kind: str,
    payload: Mapping[str, Any],
    *,
    key: str,
    now: datetime,
    due_at: datetime | None = None,
    region_code: str | None = None,
) -> None:
    """Promise an effect in the current transaction. The same key twice is one promise.

    ``payload`` holds ids and JSON values; ``kind`` names a handler of ``aap.jobs``.
    """
    session = db.session()
    pending = (p for p in session.new if isinstance(p, Promise) and p.key == key)
    if next(pending, None) or session.scalar(select(Promise.id).where(Promise.key == key)):
        return
    session.add(
        Promise(
            kind=kind,
            key=key,
            payload=dict(payload),
            region_code=region_code,
            created_at=now,
            due_at=due_at or now,
        )
    )
    _ring_after_commit()


def _ring_after_commit() -> None:
    """Ring once for all the promises of a unit of work; one that was rolled back leaves nothing behind."""
    if _ring not in db.session().info.get("after_commit", ()):
        after_commit(_ring)


def _ring() -> None:
    bell.ring()


def promise_mail(
    template: str,
    to: str,
    context: Mapping[str, Any],
    *,
    key: str,
    now: datetime,
    region_code: str | None = None,
) -> None:
    """Promise a mail: ``templates/email/<template>.txt`` (first line "Objet : …") filled with ``context``."""
    promise(
        "mail",
        {"template": template, "to": to, "context": dict(context)},
        key=f"mail:{key}:{to}"[:200],
        now=now,
        region_code=region_code,
    )


def list_due(now: datetime, limit: int = 100) -> list[uuid.UUID]:
    """Return the ids of promises to deliver now, oldest first."""
    return list(
        db.session.scalars(
            select(Promise.id)
            .where(Promise.delivered_at.is_(None), Promise.due_at <= now, Promise.attempts < MAX_ATTEMPTS)
            .order_by(Promise.due_at, Promise.id)
            .limit(limit)
        )
    )


def deliver(promise_id: uuid.UUID, handlers: Mapping[str, Handler], now: datetime) -> bool:
    """Deliver one promise in its own transaction; return whether it is delivered.

    The handler's rows and the delivery mark commit together. A failure is written on the row with its error and the
    next attempt is set later: 10 s, 20 s, 40 s … at most one hour.
    """
    try:
        with unit_of_work() as session:
            row = session.scalar(
                select(Promise).where(Promise.id == promise_id).with_for_update(skip_locked=True, of=Promise)
            )
            if row is None:
                return False
            if row.delivered_at is None:
                handlers[row.kind](row, now)
                row.delivered_at, row.last_attempt_at, row.attempts = now, now, row.attempts + 1
                row.last_error = None
    except Exception as error:  # noqa: BLE001  # whatever failed is written on the promise, never lost
        _write_failure(promise_id, f"{type(error).__name__} : {error}", now)
        return False
    return True


def _write_failure(promise_id: uuid.UUID, text: str, now: datetime) -> None:
    with unit_of_work() as session:
        row = session.get(Promise, promise_id)
        if row is not None and row.delivered_at is None:
            row.attempts += 1
            row.last_attempt_at, row.last_error = now, text[:2000]
            row.due_at = now + timedelta(seconds=min(3600, 10 * 2 ** (row.attempts - 1)))


def deliver_all(handlers: Mapping[str, Handler], now: datetime, ids: Iterable[uuid.UUID] | None = None) -> int:
    """Deliver everything due, each in a transaction of its own; return how many were delivered."""
    wanted = list_due(now) if ids is None else ids
    db.session.commit()  # the list was read in a transaction that would not be one for writing
    return sum(deliver(promise_id, handlers, now) for promise_id in wanted)


def retry(promise_id: uuid.UUID, now: datetime) -> Promise:
    """Ask for another attempt at once, whatever failed before.

    Raises:
        NotFoundError: no such promise.

    """
    row = get_promise(promise_id)
    if row.delivered_at is None:
        row.attempts, row.due_at = 0, now
        _ring_after_commit()
    return row


@dataclass(frozen=True, slots=True)
class PromiseRow:
    """A promise as the office page lists it: ``template`` of a mail, ``about`` the reference of what it concerns.

    Neither address nor text: whoever relaunches a mail needs neither.
    """

    id: uuid.UUID
    kind: str
    key: str
    created_at: datetime
    due_at: datetime
    attempts: int
    last_error: str | None
    delivered_at: datetime | None
    template: str | None
    about: str

    @property
    def state(self) -> str:
        """Return "delivered", "failing" (an attempt failed) or "waiting"."""
        if self.delivered_at is not None:
            return "delivered"
        return "failing" if self.attempts else "waiting"


@dataclass(frozen=True, slots=True)
class PromisePage:
    """A page of promises, undelivered first, newest first."""

    rows: tuple[PromiseRow, ...]
    page: int
    per_page: int
    total: int


def list_promises(seen: ColumnElement[bool], state: str, page: int, per_page: int = 50) -> PromisePage:
    """Return a page of the promises selected by ``seen``; ``state`` as in ``PromiseRow.state``, or all."""
    conditions = {
        "delivered": Promise.delivered_at.is_not(None),
        "failing": Promise.delivered_at.is_(None) & (Promise.attempts > 0),
        "waiting": Promise.delivered_at.is_(None) & (Promise.attempts == 0),
    }
    wanted = seen & conditions[state] if state in conditions else seen
    total = db.session.scalar(select(func.count()).select_from(Promise).where(wanted)) or 0
    page = max(1, min(page, -(-total // per_page)))
    rows = db.session.execute(
        select(
            Promise.id,
            Promise.kind,
            Promise.key,
            Promise.created_at,
            Promise.due_at,
            Promise.attempts,
            Promise.last_error,
            Promise.delivered_at,
            Promise.payload["template"].as_string(),
            *(Promise.payload["context"][name].as_string() for name in _REFERENCES),
        )
        .where(wanted)
        .order_by(Promise.delivered_at.is_not(None), Promise.created_at.desc(), Promise.id)
        .limit(per_page)
        .offset((page - 1) * per_page)
    )
    return PromisePage(tuple(_row(list(row)) for row in rows), page, per_page, total)


def _row(columns: list[Any]) -> PromiseRow:
    """Make a row of its columns and of the references that its mail may bear: the first one given is kept."""
    own, references = columns[: -len(_REFERENCES)], columns[-len(_REFERENCES) :]
    return PromiseRow(*[*own, next(filter(None, references), "")])


def get_promise(promise_id: uuid.UUID) -> Promise:
    """Return one promise.

    Raises:
        NotFoundError: no such promise.

    """
    row = db.session.get(Promise, promise_id)
    if row is None:
        message = "Cet envoi n'existe pas."
        raise NotFoundError(message)
    return row
