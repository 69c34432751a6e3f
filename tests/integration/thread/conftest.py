"""The hours and the people of the play, and the whole demonstration loaded on each backend."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from aap.app import create_app
from aap.clock import FixedClock
from aap.db import db
from aap.demonstration import load_demonstration
from aap.demonstration.accounts import People, create_accounts
from aap.demonstration.stage import at, hour, playing
from aap.referentials.service import load_referentials
from tests.conftest import make_settings
from tests.living import NOW, Demonstration

BEGINNING = hour("2023-08-25T09:00:00")


@dataclass(frozen=True, slots=True)
class Stage:
    """What a play needs."""

    session: Session
    clock: FixedClock
    people: People


@pytest.fixture
def stage(session: Session) -> Iterator[Stage]:
    """The people of the demonstration on an empty database, and a clock set by the play."""
    with playing(BEGINNING) as clock:
        with at(clock, BEGINNING) as now:
            load_referentials()
            people = create_accounts(now)
        yield Stage(session, clock, people)


@pytest.fixture(scope="module")
def loaded(
    backend: str, folder: Path, migrated: Callable[[str], str], valkey: str, request: pytest.FixtureRequest
) -> Iterator[Flask]:
    """The application with the demonstration loaded at ``NOW``; tests only read it."""
    if backend == "postgresql":
        demonstration: Demonstration = request.getfixturevalue("demonstration")
        app = demonstration.open(folder)
    else:
        app = create_app(make_settings(migrated(backend), valkey, folder / "thread"))
    app.extensions["aap"].clock = FixedClock(NOW)
    with app.app_context():
        if backend == "sqlite":
            load_demonstration(NOW, only_if_empty=False, say=lambda _step: None)
        yield app
        db.session.remove()
        db.engine.dispose()
