"""Calls in a region whose referentials are loaded."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from aap.accounts.models import User
from aap.calls.models import Call
from aap.calls.service import import_call

DATA = Path(__file__).parents[3] / "aap" / "demonstration" / "data"
BEFORE = datetime(2023, 9, 1, 8, 0, tzinfo=UTC)


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
