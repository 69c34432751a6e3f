"""A row that never was: it leaves the database with everything that hangs on it, promises of mails included."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable

from sqlalchemy import ColumnElement, Table, delete, or_, select
from sqlalchemy.orm import Session

from aap.db import Base
from aap.outbox import Promise


def erase(session: Session, root: str, identifiers: Iterable[uuid.UUID]) -> None:
    """Delete these rows of a table, and every row that refers to them, near or far."""
    gone: dict[Table, set[uuid.UUID]] = {Base.metadata.tables[root]: set(identifiers)}
    conditions: dict[Table, ColumnElement[bool]] = {}
    for table in Base.metadata.sorted_tables:
        named = [
            key.parent.in_(gone[key.column.table])
            for key in table.foreign_keys
            if key.column.table in gone and key.column.table is not table
        ]
        own = [table.c.id.in_(gone[table])] if table in gone else []
        if not named and not own:
            continue
        conditions[table] = or_(*named, *own)
        if "id" in table.c:
            gone[table] = set(session.scalars(select(table.c.id).where(conditions[table])))
    every = (identifier for found in gone.values() for identifier in found)
    _unpromise(session, {str(one) for one in every if isinstance(one, uuid.UUID)})  # a number is part of any text
    for table in reversed(Base.metadata.sorted_tables):
        if table in conditions:
            session.execute(delete(table).where(conditions[table]))
    session.expire_all()


def _unpromise(session: Session, names: set[str]) -> None:
    """Delete the promises about what never was."""
    for promise in session.scalars(select(Promise)):
        told = f"{promise.key} {json.dumps(promise.payload)}"
        if any(name in told for name in names):
            session.delete(promise)
    session.flush()
