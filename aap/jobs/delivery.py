"""Delivering promises: every kind of promise has one handler, declared by the file of its domain."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from flask import render_template

from aap import outbox
from aap.accounts.links import LINK_MAIL, is_revoked, make_token
from aap.accounts.notifications import is_refused
from aap.accounts.queries import has_closed_account
from aap.extensions import clock, mailer, settings
from aap.jobs import applications, awards, bundles, capitalisation, dossiers, files, jury, proposals
from aap.mail import Mail
from aap.outbox import Handler, Promise


def send_mail(promise: Promise, now: datetime) -> None:
    """Render ``templates/email/<template>.txt`` and send it. Its first line is "Objet : …".

    A mail that its recipient refuses (``aap.accounts.notifications``), or whose recipient's account was closed, is let
    go: the promise is kept. A decision is notified to whoever asked for the money, gone or not.
    """
    payload = promise.payload
    if has_closed_account(payload["to"]) and not payload["template"].startswith("award-"):
        return
    _send(promise, promise.payload["context"], now)


def _send(promise: Promise, context: dict[str, Any], now: datetime) -> None:
    payload = promise.payload
    if is_refused(payload["to"], payload["template"]):
        return
    site = settings()
    text = render_template(
        f"email/{payload['template']}.txt",
        public_url=site.web.public_url,
        service_name=site.web.service_name,
        **context,
    )
    first, _, body = text.partition("\n")
    subject = " ".join(first.removeprefix("Objet :").split())
    mailer().send(Mail(key=promise.key, to=payload["to"], subject=subject, text=body.strip() + "\n"), now)


def send_link(promise: Promise, now: datetime) -> None:
    """Send the mail of a one-time link; its secret is made here, and written nowhere else.

    A link that was taken back meanwhile is not sent: whoever is no longer invited is told nothing of the file.
    """
    payload, site = promise.payload, settings()
    if is_revoked(uuid.UUID(payload["link_id"])):
        return
    token = make_token(site.web.secret_key.get_secret_value(), uuid.UUID(payload["link_id"]))
    link = f"{site.web.public_url}{payload['path']}{token}"
    _send(promise, {**payload["context"], "link": link}, now)


HANDLERS: dict[str, Handler] = {
    "mail": send_mail,
    LINK_MAIL: send_link,
    **applications.HANDLERS,
    **awards.HANDLERS,
    **jury.HANDLERS,
    **capitalisation.HANDLERS,
    **files.HANDLERS,
    **dossiers.HANDLERS,
    **bundles.HANDLERS,
    **proposals.HANDLERS,
}


def deliver_due() -> int:
    """Deliver everything that is due; return how many promises were delivered."""
    return outbox.deliver_all(HANDLERS, clock().now())
