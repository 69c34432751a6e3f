"""Fixtures of every test: real databases, a real queue, an injected clock, no network, and a strict test client."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import Engine
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from aap.app import create_app
from aap.clock import FixedClock
from aap.config import Settings, load_settings
from aap.db import db, unit_of_work
from aap.extensions import Services
from aap.referentials.service import load_referentials
from tests.client import StrictClient
from tests.services.postgres import Cluster, running_postgres
from tests.services.valkey import running_valkey

pytest_plugins = ("tests.living",)

NOW = datetime(2023, 10, 2, 8, 15, tzinfo=UTC)
BACKENDS = ("postgresql", "sqlite")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every database test on PostgreSQL, and those marked ``sqlite`` on SQLite too."""
    if "backend" in metafunc.fixturenames:
        both = metafunc.definition.get_closest_marker("sqlite") is not None
        metafunc.parametrize("backend", BACKENDS if both else BACKENDS[:1], scope="session")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """One PostgreSQL server per test process."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def valkey() -> Iterator[str]:
    """One Valkey server per test process."""
    with running_valkey() as url:
        yield url


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """A short temporary folder for files and SQLite databases."""
    path = Path(tempfile.mkdtemp(prefix="aap-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


def make_settings(url: str, redis: str, folder: Path, **environ: str) -> Settings:
    """Return test settings for a database."""
    return load_settings(
        {
            "AAP_ENV": "test",
            "AAP_SECRET_KEY": "test-" * 10,
            "AAP_DATA": str(folder),
            "AAP_PUBLIC_URL": "http://localhost",
            "AAP_STORAGE_URL": f"file://{folder / 'files'}",
            "AAP_MAX_FILE_BYTES": "2000000",
            "AAP_QUEUE_NAME": f"test-{os.getpid()}",
            "DATABASE_URL": url,
            "REDIS_URL": redis,
            **environ,
        }
    )


@contextmanager
def opened(url: str, valkey: str, folder: Path) -> Iterator[Flask]:
    """Open an application on a database, and leave no connection behind."""
    app = create_app(make_settings(url, valkey, folder))
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def migrated(cluster: Cluster, valkey: str, folder: Path) -> Callable[[str], str]:
    """Return a function that makes a migrated database (``postgresql`` or ``sqlite``) and returns its URL."""
    templates: dict[str, str] = {}
    count = iter(range(1000))

    def make(backend: str) -> str:
        number = next(count)
        if backend not in templates:
            templates[backend] = (
                cluster.create("template_aap") if backend == "postgresql" else f"sqlite:///{folder}/template.sqlite3"
            )
            app = create_app(make_settings(templates[backend], valkey, folder))
            with app.app_context():
                upgrade()
                db.engine.dispose()
        if backend == "postgresql":
            return cluster.create_from_template(f"aap_{number}", "template_aap")
        copy = folder / f"aap_{number}.sqlite3"
        shutil.copy(folder / "template.sqlite3", copy)
        return f"sqlite:///{copy}"

    return make


@pytest.fixture(scope="session")
def stocked(cluster: Cluster, migrated: Callable[[str], str], valkey: str, folder: Path) -> Callable[[str], str]:
    """Return a function that makes a migrated database that holds the referentials, and returns its URL."""
    templates: dict[str, str] = {}
    count = iter(range(1000))

    def make(backend: str) -> str:
        if backend not in templates:
            templates[backend] = migrated(backend)
            with opened(templates[backend], valkey, folder) as app, app.app_context(), unit_of_work():
                load_referentials()
        template = str(make_url(templates[backend]).database)
        number = next(count)
        if backend == "postgresql":
            return cluster.create_from_template(f"furnished_{number}", template)
        copy = folder / f"furnished_{number}.sqlite3"
        shutil.copy(template, copy)
        return f"sqlite:///{copy}"

    return make


@pytest.fixture(scope="session")
def _app(backend: str, migrated: Callable[[str], str], valkey: str, folder: Path) -> Iterator[Flask]:
    with opened(migrated(backend), valkey, folder) as app:
        yield app


@pytest.fixture
def app(_app: Flask, clock: FixedClock) -> Iterator[Flask]:
    """The application on a database that forgets everything at the end of the test."""
    with _app.app_context():
        engines: dict[str | None, Any] = cast(
            "dict[str | None, Any]", db.engines
        )  # sessions bind to what they find here
        engine = engines[None]
    assert isinstance(engine, Engine)
    services: Services = _app.extensions["aap"]
    services.clock = clock
    with engine.connect() as connection:
        transaction = connection.begin()
        engines[None] = connection
        try:
            yield _app
        finally:
            engines[None] = engine
            transaction.rollback()


@pytest.fixture
def clock() -> FixedClock:
    """The injected clock, at 10:15 in Paris on 2 October 2023."""
    return FixedClock(NOW)


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """A session within the application, for tests of services. Not together with ``client``."""
    with app.app_context():
        yield db.session()
        db.session.remove()


@pytest.fixture
def within(app: Flask) -> Callable[[], AbstractContextManager[Session]]:
    """Open the application for a while, in tests that use ``client``: no context may stay open around a request."""

    @contextmanager
    def open_context() -> Iterator[Session]:
        with app.app_context():
            yield db.session()
            db.session.remove()

    return open_context


@pytest.fixture
def client(app: Flask) -> StrictClient:
    """A test client that reads every page as a strict browser and an accessibility auditor would."""
    app.test_client_class = StrictClient
    strict = app.test_client()
    assert isinstance(strict, StrictClient)
    return strict
