"""The virus scanner: clamd by its INSTREAM command, on a local socket or over TCP.

What the scanner did not read to the end was not scanned: it is never said to be clean.
"""

from __future__ import annotations

import contextlib
import enum
import socket
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from aap.errors import UnavailableError

TIMEOUT_SECONDS = 60
_LONGEST_ANSWER = 4096
_CHUNK = 64 * 1024


class Verdict(enum.Enum):
    """What the scanner said of a stream."""

    CLEAN = "clean"
    INFECTED = "infected"
    TOO_LARGE = "too_large"


@dataclass(frozen=True, slots=True)
class ScanResult:
    """A verdict, and the name of what was found (empty otherwise)."""

    verdict: Verdict
    found: str = ""


@dataclass(frozen=True, slots=True)
class Scanner:
    """A clamd reached by ``unix:///path`` or ``tcp://host:port``."""

    url: str

    def scan(self, chunks: Iterable[bytes]) -> ScanResult:
        """Send a stream and return the verdict.

        Raises:
            UnavailableError: the scanner does not answer, or answers something else than a verdict.

        """
        try:
            with contextlib.closing(self._connect()) as connection:
                connection.sendall(b"zINSTREAM\0")
                cut = not _send(connection, chunks)
                answer = _read(connection)
        except OSError as error:
            message = f"antivirus : {error}"
            raise UnavailableError(message) from error
        return _understand(answer, cut=cut)

    def _connect(self) -> socket.socket:
        parts = urlsplit(self.url)
        if parts.scheme == "unix":
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.settimeout(TIMEOUT_SECONDS)
            try:
                connection.connect(parts.path)
            except OSError:
                connection.close()
                raise
            return connection
        return socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 3310), TIMEOUT_SECONDS)


def _send(connection: socket.socket, chunks: Iterable[bytes]) -> bool:
    """Send the stream; return False when clamd hung up before its end, as it does above its limit."""
    try:
        for part in _parts(chunks):
            connection.sendall(struct.pack("!I", len(part)) + part)
        connection.sendall(struct.pack("!I", 0))
    except (BrokenPipeError, ConnectionResetError):
        return False
    return True


def _parts(chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        for start in range(0, len(chunk), _CHUNK):
            yield chunk[start : start + _CHUNK]


def _read(connection: socket.socket) -> str:
    answer = b""
    with contextlib.suppress(ConnectionResetError, BrokenPipeError):
        while len(answer) < _LONGEST_ANSWER and not answer.endswith(b"\0"):
            part = connection.recv(_LONGEST_ANSWER)
            if not part:
                break
            answer += part
    return answer.rstrip(b"\0\n").decode("utf-8", "replace")


def _understand(answer: str, *, cut: bool) -> ScanResult:
    words = answer.removeprefix("stream: ")
    if words.endswith(" FOUND"):
        return ScanResult(Verdict.INFECTED, words.removesuffix(" FOUND")[:200])
    if "size limit exceeded" in answer or (cut and not answer):
        return ScanResult(Verdict.TOO_LARGE)
    if words == "OK" and not cut:
        return ScanResult(Verdict.CLEAN)
    message = f"antivirus : réponse inattendue ({answer[:200] or 'aucune'})"
    raise UnavailableError(message)
