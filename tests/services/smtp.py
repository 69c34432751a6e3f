"""A real SMTP server for the tests, on loopback: it keeps what it receives, and can be told to be ill."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"
ACCEPTED = "250 OK"


@dataclass(frozen=True, slots=True)
class Received:
    """One message as it came: the envelope, then the parsed content."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage

    @property
    def text(self) -> str:
        """Return the plain text of the message, empty when it has none."""
        body = self.message.get_body(("plain",))
        return body.get_content() if body is not None else ""


@dataclass(slots=True)
class Sink:
    """The server's mailbox. ``answer`` is what it says to a message: set "451 ..." or "550 ..." for an ill server."""

    port: int = 0
    answer: str = ACCEPTED
    messages: list[Received] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Return the address for ``AAP_MAIL_URL``."""
        return f"smtp://{HOST}:{self.port}"

    def to(self, recipient: str) -> list[Received]:
        """Return what one person received, oldest first."""
        return [received for received in self.messages if recipient in received.recipients]

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - its API
        """Keep a message, or refuse it as told."""
        if self.answer != ACCEPTED:
            return self.answer
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode()
        message = message_from_bytes(raw, policy=policy.default)
        self.messages.append(Received(envelope.mail_from or "", tuple(envelope.rcpt_tos), message))
        return ACCEPTED


@contextmanager
def running_smtp() -> Iterator[Sink]:
    """Yield a sink that listens on a free port."""
    with socket.socket() as probe:  # aiosmtpd cannot choose a port itself: it calls the number it was given
        probe.bind((HOST, 0))
        sink = Sink(port=probe.getsockname()[1])
    controller = Controller(sink, hostname=HOST, port=sink.port)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop(no_assert=True)
