"""The threads of files on the agency's side: those that wait for an answer, and each one."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from aap.applications.models import Application, MessageFile
from aap.applications.queries import get_message_file, list_waiting_threads
from aap.applications.service import settle_thread
from aap.blueprints.access import allow, see_other, signed_in_actor
from aap.blueprints.downloads import download
from aap.blueprints.office.loading import agency_file
from aap.blueprints.office.tabs import file_head
from aap.blueprints.paging import Pages, asked_page
from aap.blueprints.thread import ThreadPage, receive_mark, receive_message, thread_page
from aap.db import unit_of_work
from aap.extensions import clock
from aap.policies.jury import threads

bp = Blueprint("office_messages", __name__, url_prefix="/agence")


def agency_message_file(message_file_id: uuid.UUID) -> MessageFile:
    """Return a file of a thread to somebody who works for its agency; raises as ``agency_file``."""
    found = get_message_file(message_file_id)
    agency_file(found.message.application_id)
    return found


@bp.get("/messages")
@allow("thread.list")
def index() -> ResponseReturnValue:
    """List the threads that wait for an answer, the oldest question first."""
    page = list_waiting_threads(threads(signed_in_actor()), asked_page())
    return render_template(
        "office/threads.html",
        rows=page.rows,
        page=Pages.of(page),
        href=lambda identifier: url_for("office_messages.show", application_id=identifier),
    )


@bp.get("/dossiers/<uuid:application_id>/messages")
@allow("thread.read", load=agency_file)
def show(application: Application) -> ResponseReturnValue:
    """Read the thread of a file and answer."""
    return _page(application, thread_page(application, as_agency=True))


@bp.post("/dossiers/<uuid:application_id>/messages")
@allow("thread.write", load=agency_file)
def send(application: Application) -> ResponseReturnValue:
    """Write to the people of the file."""
    text, errors = receive_message(application, as_agency=True)
    if errors:
        key = request.form.get("key", "")
        return _page(application, thread_page(application, as_agency=True, text=text, errors=errors, key=key)), 400
    flash("Le message est envoyé au porteur.", "success")
    return see_other("office_messages.show", application_id=application.id)


@bp.post("/dossiers/<uuid:application_id>/messages/lus")
@allow("thread.read", load=agency_file)
def mark(application: Application) -> ResponseReturnValue:
    """Mark the thread read."""
    receive_mark(application, as_agency=True)
    return see_other("office_messages.show", application_id=application.id)


@bp.post("/dossiers/<uuid:application_id>/messages/sans-suite")
@allow("thread.write", load=agency_file)
def settle(application: Application) -> ResponseReturnValue:
    """Say that what waits here calls for no answer."""
    with unit_of_work():
        settled = settle_thread(application, actor=signed_in_actor(), now=clock().now())
    flash("Cet échange n'attend plus de réponse." if settled else "Aucun message n'attendait de réponse.", "success")
    return see_other("office_messages.index")


@bp.get("/messages/fichiers/<uuid:message_file_id>")
@allow("message_file.read", load=agency_message_file)
def fetch(found: MessageFile) -> ResponseReturnValue:
    """Download a file of a thread."""
    return download(found.file, to_owner=found.message.author_id == signed_in_actor().id)


def _page(application: Application, thread: ThreadPage) -> str:
    return render_template(
        "office/messages.html",
        application=application,
        head=file_head(application, "office_messages.show"),
        thread=thread,
        waits=thread.waits,
        fetch=lambda identifier: url_for("office_messages.fetch", message_file_id=identifier),
    )
