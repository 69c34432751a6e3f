"""The journal: append-only, each entry sealed by a hash over the entry before it.

It holds ids, never names, so that it survives people. Entries of a transaction wait in memory and are chained at the
very end, so that the chain's head is the last row locked and writers queue for as short a time as possible.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, String, event, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from aap.db import Base, Document, Str40, Str80, db

GENESIS = "0" * 64


class AuditEntry(Base):
    """One sealed fact: who (id) did what to which thing, when, with which figures."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_subject", "subject_type", "subject_id"),)

    seq: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False
    )
    at: Mapped[datetime]
    actor_id: Mapped[uuid.UUID | None]
    verb: Mapped[Str80]
    subject_type: Mapped[Str40]
    subject_id: Mapped[Str80]
    detail: Mapped[Document]
    previous: Mapped[str] = mapped_column(String(64))
    seal: Mapped[str] = mapped_column(String(64), unique=True)


class AuditHead(Base):
    """The single row that writers lock to append to the chain."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger)
    seal: Mapped[str] = mapped_column(String(64))


@dataclass(frozen=True, slots=True)
class _Pending:
    at: datetime
    actor_id: uuid.UUID | None
    verb: str
    subject_type: str
    subject_id: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of reading the whole chain: how many entries hold, and the first that does not."""

    checked: int
    broken_at: int | None
    reason: str | None

    @property
    def ok(self) -> bool:
        """Tell whether every seal holds."""
        return self.broken_at is None


def record(
    verb: str,
    subject: object,
    *,
    actor_id: uuid.UUID | None,
    now: datetime,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write a fact into the journal of the current transaction.

    ``subject`` is a row with a ``__tablename__`` and a primary key; ``detail`` holds ids, codes, amounts and hashes
    (as text), never a name.
    """
    session = db.session()
    session.flush()
    key = getattr(subject, "id", None) or getattr(subject, "code", None)
    session.info.setdefault("audit", []).append(
        _Pending(now, actor_id, verb, str(getattr(subject, "__tablename__", "")), str(key), dict(detail or {}))
    )


@event.listens_for(Session, "before_commit")
def _chain(session: Session) -> None:
    if session.in_nested_transaction():
        return
    pending: list[_Pending] = session.info.pop("audit", [])
    if not pending:
        return
    session.flush()
    head = session.scalar(select(AuditHead).where(AuditHead.id == 1).with_for_update())
    if head is None:
        head = AuditHead(id=1, seq=0, seal=GENESIS)
        session.add(head)
    for fact in pending:
        entry = AuditEntry(
            seq=head.seq + 1,
            at=fact.at,
            actor_id=fact.actor_id,
            verb=fact.verb,
            subject_type=fact.subject_type,
            subject_id=fact.subject_id,
            detail=fact.detail,
            previous=head.seal,
        )
        entry.seal = seal_of(entry)
        session.add(entry)
        head.seq, head.seal = entry.seq, entry.seal


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, _previous: object) -> None:
    if not session.in_nested_transaction():
        session.info.pop("audit", None)


def seal_of(entry: AuditEntry) -> str:
    """Return the SHA-256 of the entry's canonical JSON, which includes the previous entry's seal."""
    facts = {
        "seq": entry.seq,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": str(entry.actor_id) if entry.actor_id else None,
        "verb": entry.verb,
        "subject": [entry.subject_type, entry.subject_id],
        "detail": entry.detail,
        "previous": entry.previous,
    }
    text = json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def verify() -> Verification:
    """Read the chain from its first entry and check every seal, every link and the head."""
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.seq).execution_options(yield_per=1000))
    with closing(entries):
        return _verify(entries)


def _verify(entries: Iterable[AuditEntry]) -> Verification:
    previous, count = GENESIS, 0
    for entry in entries:
        if entry.seq != count + 1:
            return Verification(count, count + 1, "une écriture manque")
        if entry.previous != previous:
            return Verification(count, entry.seq, "le lien avec l'écriture précédente est rompu")
        if seal_of(entry) != entry.seal:
            return Verification(count, entry.seq, "le contenu ne correspond plus au sceau")
        previous, count = entry.seal, entry.seq
    head = db.session.get(AuditHead, 1)
    if head is not None and (head.seq, head.seal) != (count, previous):
        return Verification(count, head.seq, "la tête du journal ne correspond pas à la dernière écriture")
    return Verification(count, None, None)
