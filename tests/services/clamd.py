"""A scanner on loopback that speaks clamd's INSTREAM: it finds one harmless signature, and hangs up over its limit."""

from __future__ import annotations

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

HOST = "127.0.0.1"
# The industry's test signature, in two parts so that no scanner minds this file.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + b"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@dataclass(slots=True)
class Clamd:
    """The scanner: its address, its limit (octets), how it answers (None: by what it reads), and what it read."""

    url: str = ""
    limit: int = 1_000_000
    answer: bytes | None = None
    silent_hang_up: bool = False
    sizes: list[int] = field(default_factory=list)


@contextmanager
def running_clamd() -> Iterator[Clamd]:
    """Run the scanner on a free port."""
    clamd = Clamd()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            assert self.rfile.read(len(b"zINSTREAM\0")) == b"zINSTREAM\0"
            content = b""
            while length := struct.unpack("!I", self.rfile.read(4))[0]:
                content += self.rfile.read(length)
                if len(content) > clamd.limit:
                    clamd.sizes.append(len(content))
                    if not clamd.silent_hang_up:
                        self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                    return
            clamd.sizes.append(len(content))
            found = b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0"
            self.wfile.write(found if clamd.answer is None else clamd.answer)

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Say nothing of a client that went away."""

    with Server((HOST, 0), Handler) as server:
        clamd.url = f"tcp://{HOST}:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield clamd
        finally:
            server.shutdown()
            thread.join()
