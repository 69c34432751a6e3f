"""Delivering promises: every kind of promise has one handler, declared by the file of its domain."""

from __future__ import annotations

from datetime import datetime

from flask import render_template

from aap import outbox
from aap.extensions import clock, mailer, settings
from aap.jobs import applications, awards, capitalisation, dossiers, files, jury
from aap.mail import Mail
from aap.outbox import Handler, Promise


def send_mail(promise: Promise, now: datetime) -> None:
    """Render ``templates/email/<template>.txt`` and send it. Its first line is "Objet : …"."""
    payload = promise.payload
    site = settings()
    text = render_template(
        f"email/{payload['template']}.txt",
        public_url=site.web.public_url,
        service_name=site.web.service_name,
        **payload["context"],
    )
    first, _, body = text.partition("\n")
    subject = " ".join(first.removeprefix("Objet :").split())
    mailer().send(Mail(key=promise.key, to=payload["to"], subject=subject, text=body.strip() + "\n"), now)


HANDLERS: dict[str, Handler] = {
    "mail": send_mail,
    **applications.HANDLERS,
    **awards.HANDLERS,
    **jury.HANDLERS,
    **capitalisation.HANDLERS,
    **files.HANDLERS,
    **dossiers.HANDLERS,
}


def deliver_due() -> int:
    """Deliver everything that is due; return how many promises were delivered."""
    return outbox.deliver_all(HANDLERS, clock().now())
