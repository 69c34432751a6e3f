"""Mail: kept in a local mailbox for the demonstration and the tests, sent by SMTP in production."""

from __future__ import annotations

import smtplib
import ssl
import uuid
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Protocol
from urllib.parse import unquote, urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Mapped

from aap.db import Base, Identified, LongText, Str200, Str400, db, released
from aap.errors import NotFoundError, UnavailableError

TIMEOUT_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Mail:
    """One message to one person. ``key`` is its idempotency key and makes its Message-ID."""

    key: str
    to: str
    subject: str
    text: str


class MailboxMessage(Identified, Base):
    """A message kept in the demonstration's mailbox instead of being sent."""

    __tablename__ = "mailbox_messages"

    key: Mapped[Str200]
    recipient: Mapped[Str400]
    subject: Mapped[Str400]
    text: Mapped[LongText]
    at: Mapped[datetime]


class Mailer(Protocol):
    """Anything that delivers a mail."""

    def send(self, mail: Mail, now: datetime) -> None:
        """Deliver one mail, or raise UnavailableError."""
        ...


@dataclass(frozen=True, slots=True)
class LocalMailbox:
    """Keeps mail as rows of the database."""

    def send(self, mail: Mail, now: datetime) -> None:
        """Keep the mail, once per key, in the current transaction."""
        known = db.session.scalar(select(MailboxMessage.id).where(MailboxMessage.key == mail.key))
        if known is None:
            db.session.add(
                MailboxMessage(key=mail.key, recipient=mail.to, subject=mail.subject, text=mail.text, at=now)
            )


@dataclass(frozen=True, slots=True)
class SmtpMailer:
    """Sends mail by SMTP. ``url`` is ``smtp[s]://user:password@host:port`` or ``smtp+starttls://…``."""

    url: str
    sender: str

    def send(self, mail: Mail, now: datetime) -> None:
        """Send one mail; a retry has the same Message-ID, so that servers and readers may drop the copy.

        Raises:
            UnavailableError: the server refused or does not answer, with its own words.

        """
        parts = urlsplit(self.url)
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.sender, mail.to, mail.subject
        message["Date"] = format_datetime(now)
        message["Message-ID"] = f"<{mail.key}@{self.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        try:
            with released(), self._connect(parts.scheme, parts.hostname or "localhost", parts.port) as server:
                if parts.username:
                    server.login(unquote(parts.username), unquote(parts.password or ""))
                server.send_message(message)
        except (OSError, smtplib.SMTPException) as error:
            text = f"serveur de courriel : {error}"
            raise UnavailableError(text) from error

    @staticmethod
    def _connect(scheme: str, host: str, port: int | None) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if scheme == "smtps":
            return smtplib.SMTP_SSL(host, port or 465, timeout=TIMEOUT_SECONDS, context=context)
        server = smtplib.SMTP(host, port or 25, timeout=TIMEOUT_SECONDS)
        if scheme == "smtp+starttls":
            server.starttls(context=context)
        return server


def make_mailer(url: str, sender: str) -> Mailer:
    """Choose the mailer that the settings name."""
    return LocalMailbox() if url == "local:" else SmtpMailer(url, sender)


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A kept mail, as the list shows it."""

    id: uuid.UUID
    recipient: str
    subject: str
    at: datetime


def list_messages(limit: int = 100) -> list[MessageRow]:
    """Return the newest kept mails."""
    rows = db.session.execute(
        select(MailboxMessage.id, MailboxMessage.recipient, MailboxMessage.subject, MailboxMessage.at)
        .order_by(MailboxMessage.at.desc(), MailboxMessage.id)
        .limit(limit)
    )
    return [MessageRow(*row) for row in rows]


def get_message(message_id: uuid.UUID) -> MailboxMessage:
    """Return one kept mail.

    Raises:
        NotFoundError: no such mail.

    """
    message = db.session.get(MailboxMessage, message_id)
    if message is None:
        text = "Ce courriel n'existe pas."
        raise NotFoundError(text)
    return message
