"""A world built once for a module: long stories are told once, and each test undoes what it did."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from flask import Flask
from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

from aap.db import db


@contextmanager
def opened(app: Flask) -> Iterator[Session]:
    """Open a session on a connection that forgets everything at the end."""
    with app.app_context():
        engines = cast("dict[str | None, Engine | Connection]", db.engines)
        engine = engines[None]
        assert isinstance(engine, Engine)
        db.session.remove()
        with engine.connect() as connection:
            transaction = connection.begin()
            db.session.configure(join_transaction_mode="create_savepoint")
            engines[None] = connection  # Flask-SQLAlchemy binds sessions to what it finds here
            try:
                yield db.session()
            finally:
                db.session.remove()
                engines[None] = engine
                transaction.rollback()


@contextmanager
def undone(session: Session) -> Iterator[Session]:
    """Undo what the block did, and keep what was there before."""
    session.flush()
    savepoint = session.begin_nested()
    try:
        yield session
    finally:
        savepoint.rollback()
        session.info.clear()
        session.expire_all()
