"""The demonstration in a database: loaded once per version of the sources, then copied in a second.

Loading plays four calls and takes most of a minute. Its rows and files are kept in pytest's cache, under the hash of
every source that takes part in it, so that processes of one run and following runs share them
(``pytest --cache-clear`` forgets them). Tests see a database that forgets everything at their end, as in
``tests/conftest.py``.
"""

from __future__ import annotations

import fcntl
import hashlib
import itertools
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import psycopg
import pytest
from flask import Flask
from flask_migrate import upgrade
from psycopg import sql
from sqlalchemy import Connection, Engine

from aap import outbox
from aap.app import create_app
from aap.clock import FixedClock
from aap.db import Base, db
from aap.demonstration import load_demonstration
from tests.conftest import make_settings
from tests.services.postgres import OWNER, Cluster

NOW = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = "template_living"
KEPT = 2  # versions of the sources whose demonstration stays in the cache
# What stands above the demonstration changes nothing in its rows.
PAGES = ("blueprints", "assembly")


@dataclass(frozen=True, slots=True)
class Demonstration:
    """Where the loaded demonstration is: a template database of the cluster, and a folder of files."""

    cluster: Cluster
    valkey: str
    files: Path
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def open(self, folder: Path, **environ: str) -> Flask:
        """Make an application on its own copy of the database and of the files (under ``folder``)."""
        number = next(self._numbers)
        url = self.cluster.create_from_template(f"living_{number}", TEMPLATE)
        place = folder / f"living-{number}"
        shutil.copytree(self.files, place / "files")
        return create_app(make_settings(url, self.valkey, place, **environ))


@dataclass(frozen=True, slots=True)
class Living:
    """The application on the demonstration, on one connection that forgets everything at the end of the test."""

    app: Flask
    connection: Connection
    clock: FixedClock

    @contextmanager
    def forgetting(self) -> Iterator[None]:
        """Forget what the block writes."""
        savepoint = self.connection.begin_nested()
        try:
            yield
        finally:
            savepoint.rollback()


@pytest.fixture(scope="session")
def demonstration(cluster: Cluster, valkey: str, folder: Path, pytestconfig: pytest.Config) -> Demonstration:
    """The demonstration at ``NOW``, from the cache or freshly loaded."""
    shelf = pytestconfig.cache.mkdir("demonstration")
    url = cluster.create(TEMPLATE)
    app = create_app(make_settings(url, valkey, folder / "demonstration"))
    kept = shelf / _fingerprint()
    with (shelf / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with app.app_context():
            upgrade()
            if not kept.exists():
                _load(cluster, folder / "demonstration" / "files", kept)
                _forget_old(shelf)
            else:
                _restore(cluster, kept)
            db.session.remove()
            db.engine.dispose()
    return Demonstration(cluster, valkey, kept / "files")


@pytest.fixture(scope="session")
def _living_app(demonstration: Demonstration, folder: Path) -> Iterator[Flask]:
    app = demonstration.open(folder)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def living(_living_app: Flask) -> Iterator[Living]:
    """The application on the demonstration, at ``NOW``; what the test writes is forgotten."""
    with in_transaction(_living_app) as found:
        yield found


@contextmanager
def in_transaction(app: Flask) -> Iterator[Living]:
    """Put the application on one connection whose transaction is rolled back, with its clock at ``NOW``."""
    clock = FixedClock(NOW)
    app.extensions["aap"].clock = clock
    with app.app_context():
        engines = cast("dict[str | None, Any]", db.engines)  # sessions bind to what they find here
    engine, ring = engines[None], outbox.bell.ring
    assert isinstance(engine, Engine)
    with engine.connect() as connection:
        transaction = connection.begin()
        engines[None], outbox.bell.ring = connection, _silence
        try:
            yield Living(app, connection, clock)
        finally:
            engines[None], outbox.bell.ring = engine, ring
            transaction.rollback()


def _silence() -> None:
    """Ring nobody: no worker listens to these tests."""


def _fingerprint() -> str:
    digest = hashlib.sha256(NOW.isoformat().encode())
    roots = (ROOT / "aap", ROOT / "migrations", ROOT / "templates" / "email")
    for path in sorted(path for root in roots for path in ([root] if root.is_file() else root.rglob("*"))):
        if path.suffix in {".py", ".yaml", ".txt"} and not (set(PAGES) & set(path.relative_to(ROOT).parts)):
            digest.update(str(path.relative_to(ROOT)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _load(cluster: Cluster, files: Path, kept: Path) -> None:
    """Play the demonstration in the template, then write its rows and files down."""
    load_demonstration(NOW, only_if_empty=False, say=lambda _step: None)
    started = kept.with_suffix(".started")
    shutil.rmtree(started, ignore_errors=True)
    shutil.copytree(files, started / "files")
    with _connect(cluster) as connection, connection.cursor() as cursor:
        for table in Base.metadata.sorted_tables:
            with (started / f"{table.name}.rows").open("wb") as rows, cursor.copy(_copy(table, "TO STDOUT")) as copied:
                for chunk in copied:
                    rows.write(chunk)
    started.rename(kept)


def _restore(cluster: Cluster, kept: Path) -> None:
    """Copy the rows into the migrated template."""
    with _connect(cluster) as connection, connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # tables come in any order
        for table in Base.metadata.sorted_tables:
            cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table.name)))  # a migration may write rows
            with cursor.copy(_copy(table, "FROM STDIN")) as copied:
                copied.write((kept / f"{table.name}.rows").read_bytes())
            for column in table.columns:
                cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", (table.name, column.name))
                sequence = (cursor.fetchone() or (None,))[0]
                if sequence:
                    following = sql.SQL("SELECT setval({}, coalesce((SELECT max({}) FROM {}), 1))")
                    names = (sql.Literal(sequence), sql.Identifier(column.name), sql.Identifier(table.name))
                    cursor.execute(following.format(*names))


def _copy(table: Any, direction: str) -> sql.Composed:
    columns = sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns)
    statement = sql.SQL("COPY {} ({}) {} (FORMAT binary)")
    return statement.format(sql.Identifier(table.name), columns, sql.SQL(cast("Any", direction)))


def _connect(cluster: Cluster) -> psycopg.Connection[Any]:
    return psycopg.connect(host=cluster.folder, user=OWNER, dbname=TEMPLATE)


def _forget_old(shelf: Path) -> None:
    found = sorted((path for path in shelf.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime)
    for path in found[:-KEPT]:
        shutil.rmtree(path, ignore_errors=True)
