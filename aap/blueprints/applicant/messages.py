"""The thread between a file's people and the directorate, on the side of the file."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from aap.applications.models import Application, MessageFile
from aap.applications.queries import get_message_file
from aap.blueprints.access import allow, see_other, signed_in_actor
from aap.blueprints.applicant.loading import own_application
from aap.blueprints.downloads import download
from aap.blueprints.thread import ThreadPage, receive_mark, receive_message, thread_page
from aap.errors import NotFoundError

bp = Blueprint("applicant_messages", __name__, url_prefix="/dossiers/<uuid:application_id>/messages")


def own_message_file(application_id: uuid.UUID, message_file_id: uuid.UUID) -> MessageFile:
    """Return a file of the thread of a file that the person leads.

    Raises:
        NotFoundError: no such file in this thread, or it is somebody else's.

    """
    found = get_message_file(message_file_id)
    if found.message.application_id != own_application(application_id).id:
        raise NotFoundError("Ce fichier n'existe pas.")
    return found


@bp.get("")
@allow("thread.read", load=own_application)
def show(application: Application) -> ResponseReturnValue:
    """Read the thread and write in it."""
    return _page(application, thread_page(application, as_agency=False))


@bp.post("")
@allow("thread.write", load=own_application)
def send(application: Application) -> ResponseReturnValue:
    """Write to the agency."""
    text, errors = receive_message(application, as_agency=False)
    if errors:
        key = request.form.get("key", "")
        return _page(application, thread_page(application, as_agency=False, text=text, errors=errors, key=key)), 400
    flash("Votre message est envoyé à l'agence.", "success")
    return see_other("applicant_messages.show", application_id=application.id)


@bp.post("/lus")
@allow("thread.read", load=own_application)
def mark(application: Application) -> ResponseReturnValue:
    """Mark the thread read: the button of the page, or its script once the page was seen."""
    receive_mark(application, as_agency=False)
    return see_other("applicant_messages.show", application_id=application.id)


@bp.get("/fichiers/<uuid:message_file_id>")
@allow("message_file.read", load=own_message_file)
def fetch(found: MessageFile) -> ResponseReturnValue:
    """Give back a file of the thread."""
    return download(found.file, to_owner=found.message.author_id == signed_in_actor().id)


def _page(application: Application, thread: ThreadPage) -> str:
    return render_template(
        "applicant/messages.html",
        application=application,
        call=application.call_version.call,
        thread=thread,
        fetch=lambda identifier: url_for(
            "applicant_messages.fetch", application_id=application.id, message_file_id=identifier
        ),
    )
