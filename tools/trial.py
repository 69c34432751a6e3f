"""What a trial on one machine needs to know: where its data lives, on which port, with which environment.

Bare Python only: the checks run before anything is installed.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import shutil
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
LAST_PORT = 65535


class TrialError(Exception):
    """The trial cannot start or be erased; the message is for the person at the keyboard."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One trial: its folder, its port and the environment given by the person."""

    data: Path
    port: int
    environ: Mapping[str, str]

    @property
    def address(self) -> str:
        """Return what to type in a browser."""
        return f"http://{HOST}:{self.port}"

    @property
    def logs(self) -> Path:
        """Return the folder of the logs."""
        return self.data / "log"

    @property
    def embedded_queue(self) -> bool:
        """Tell whether we bring the queue ourselves."""
        return not self.environ.get("REDIS_URL")

    @property
    def database(self) -> Path | None:
        """Return the file of the trial's own database, nothing when ``DATABASE_URL`` names another."""
        return None if self.environ.get("DATABASE_URL") else self.data / "aap.sqlite3"

    def variables(self, queue: str) -> dict[str, str]:
        """Return the environment of every program of the trial; what the person set wins."""
        ours = {
            "AAP_DATA": str(self.data),
            "AAP_DEMO": "1",
            "AAP_PUBLIC_URL": self.address,
            "AAP_SECRET_KEY": self._secret(),
            "DATABASE_URL": f"sqlite:///{self.data / 'aap.sqlite3'}",
            "REDIS_URL": queue,
        }
        given = {key: value for key, value in self.environ.items() if value}
        return {**ours, **given, "AAP_DATA": str(self.data), "PYTHONUNBUFFERED": "1"}

    def _secret(self) -> str:
        path = self.data / "secret-key"
        if not path.exists():
            self.data.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
                file.write(secrets.token_urlsafe(48))
        return path.read_text(encoding="ascii").strip()

    # ------------------------------------------------------------------------------------------------- one at a time
    def hold(self) -> IO[str]:
        """Take the folder for this process and return the lock, held until it is closed.

        Raises:
            TrialError: another supervisor holds it.

        """
        self.data.mkdir(parents=True, exist_ok=True)
        lock = (self.data / "run.lock").open("a+", encoding="ascii")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            message = (
                f"Le service tourne déjà sur les données de {self.data}.\n"
                "Arrêtez-le d'abord (Ctrl-C dans sa fenêtre), ou donnez un autre dossier : AAP_DATA=…"
            )
            raise TrialError(message) from None
        return lock

    def check_port(self) -> None:
        """Refuse to start where somebody else answers.

        Raises:
            TrialError: the port is taken.

        """
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, self.port))
            except OSError as error:
                message = (
                    f"Le port {self.port} n'est pas libre sur cette machine ({error.strerror}).\n"
                    f"Choisissez-en un autre : AAP_PORT={self.port + 1 if self.port < LAST_PORT else 8000} make run"
                )
                raise TrialError(message) from error

    def erase(self) -> bool:
        """Delete the folder; return whether there was one.

        Raises:
            TrialError: a service runs on it, or the folder is not one that a trial made.

        """
        if not self.data.exists():
            return False
        known = (self.data / "run.lock").exists() or (self.data / "secret-key").exists()
        if not known or self.data in {Path.home(), ROOT, *ROOT.parents}:
            message = f"{self.data} n'est pas un dossier créé par « make run » : il n'est pas effacé."
            raise TrialError(message)
        with self.hold():
            shutil.rmtree(self.data)
        return True

    # ------------------------------------------------------------------------------------------- what is done already
    def migrations(self) -> str:
        """Key what the database depends on: the revisions and the database they were run on."""
        digest = hashlib.sha256(self.environ.get("DATABASE_URL", "").encode())
        for path in sorted((ROOT / "migrations").rglob("*.py")):
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def is_done(self, step: str, key: str) -> bool:
        """Tell whether a step of the start was done with this key, on a database that is still there."""
        database = self.database
        return database is not None and database.exists() and self._done().get(step) == key

    def mark_done(self, step: str, key: str) -> None:
        """Remember a step, so that the second start is quick."""
        self._notes.write_text(json.dumps({**self._done(), step: key}), encoding="utf-8")

    @property
    def _notes(self) -> Path:
        return self.data / "started.json"

    def _done(self) -> dict[str, str]:
        try:
            notes = json.loads(self._notes.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return notes if isinstance(notes, dict) else {}


def read_trial(environ: Mapping[str, str]) -> Trial:
    """Read ``AAP_DATA`` (``var``) and ``AAP_PORT`` (8000).

    Raises:
        TrialError: the port is not a number between 1 and 65535.

    """
    text = environ.get("AAP_PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) <= LAST_PORT:
        message = f"AAP_PORT vaut « {text} » ; il faut un nombre de 1 à {LAST_PORT}."
        raise TrialError(message)
    return Trial(data=(ROOT / (environ.get("AAP_DATA") or "var")).resolve(), port=int(text), environ=environ)
