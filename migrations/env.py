"""Migrations run inside the application: its engine, its metadata, the same revisions on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import context
from sqlalchemy import Connection

from aap.db import Base, db


def run() -> None:
    """Run the revisions on the application's database, or on the connection that a test gives."""
    given: Connection | None = context.config.attributes.get("connection")
    if given is not None:
        _run_on(given)
        return
    with db.engine.connect() as connection, _tables_made_again(connection):
        _run_on(connection)


@contextmanager
def _tables_made_again(connection: Connection) -> Iterator[None]:
    """Let SQLite drop and make again a table that others cite: it alters tables in no other way.

    Foreign keys are read again as a whole afterwards; the setting is ignored inside a transaction, hence the raw one.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    raw: Any = connection.connection.dbapi_connection
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        raw.execute("PRAGMA foreign_keys=ON")
    orphans = raw.execute("PRAGMA foreign_key_check").fetchall()
    if orphans:
        message = f"rows cite what is not there any more: {orphans[:5]}"
        raise RuntimeError(message)


def _run_on(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
