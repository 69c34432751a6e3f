"""The page of the whole file as one PDF, for each audience: asked, in the making, ready. Works by reloading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import flash, render_template, url_for
from flask.typing import ResponseReturnValue

from aap.applications.models import Application, Submission
from aap.applications.queries import Audience
from aap.applications.service.printing import ask_print, find_print
from aap.blueprints.access import see_other, signed_in_actor
from aap.blueprints.downloads import download
from aap.db import unit_of_work
from aap.errors import NotFoundError
from aap.extensions import clock, read_progress


@dataclass(frozen=True, slots=True)
class PrintPages:
    """Where the pages of one audience are: the endpoints of its page, of its file, and the way to the page."""

    page: str
    file: str
    back: str


def last_deposit(application: Application) -> Submission:
    """Return the last deposit of a file.

    Raises:
        NotFoundError: it was never deposited.

    """
    if not application.submissions:
        raise NotFoundError("Ce dossier n'a pas encore été déposé : il n'y a rien à imprimer.")
    return application.submissions[-1]


def print_page(application: Application, audience: Audience, pages: PrintPages) -> ResponseReturnValue:
    """Say where the print is, and offer to ask for it or to download it."""
    found = find_print(last_deposit(application), audience)
    done, total = read_progress(f"print:{found.id}") if found is not None and found.file_id is None else (0, 0)
    address: dict[str, Any] = {"application_id": application.id}
    return render_template(
        "_dossier/print.html",
        application=application,
        found=found,
        done=done,
        total=total,
        audience=audience.value,
        back=url_for(pages.back, **address),
        here=url_for(pages.page, **address),
        file=url_for(pages.file, **address),
    )


def ask(application: Application, audience: Audience, pages: PrintPages) -> ResponseReturnValue:
    """Ask the worker for the print; asked twice, it is made once."""
    with unit_of_work():
        ask_print(last_deposit(application), audience, actor=signed_in_actor(), now=clock().now())
    flash("Le document est en préparation.", "success")
    return see_other(pages.page, application_id=application.id)


def print_file(application: Application, audience: Audience) -> ResponseReturnValue:
    """Give the print, once it is made.

    Raises:
        NotFoundError: it is not made yet.

    """
    found = find_print(last_deposit(application), audience)
    if found is None or found.file is None:
        raise NotFoundError("Ce document n'est pas encore prêt.")
    return download(found.file)
