"""Calls on a database of their own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

import aap.outbox  # noqa: F401  # declares its table
from aap.accounts.models import User
from aap.calls.models import Call
from aap.calls.service import import_call
from aap.db import Base, db
from aap.referentials.service import load_referentials

DATA = Path(__file__).parents[3] / "aap" / "demonstration" / "data"
BEFORE = datetime(2023, 9, 1, 8, 0, tzinfo=UTC)


@pytest.fixture
def session() -> Iterator[Session]:
    app = Flask("calls")
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"poolclass": StaticPool}
    db.init_app(app)
    with app.app_context():
        Base.metadata.create_all(db.engine)
        load_referentials()
        db.session.commit()
        yield db.session()
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def example() -> bytes:
    return (DATA / "call.yaml").read_bytes()


@pytest.fixture
def hdf() -> bytes:
    return (DATA / "hdf.yaml").read_bytes()


@pytest.fixture
def call(session: Session, example: bytes) -> Call:
    found = import_call(example, None, BEFORE).call
    session.flush()
    return found


@pytest.fixture
def officer(session: Session) -> User:
    user = User(
        email="agent@exemple.invalid",
        active=True,
        fs_uniquifier="agent",
        created_at=BEFORE,
        given_name="Agent",
        family_name="Exemple",
        job_title="",
    )
    session.add(user)
    session.flush()
    return user
