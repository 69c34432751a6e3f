"""My files, and the start of a new one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue

from aap.applications.models import ApplicationState
from aap.applications.queries import MyApplicationRow, list_my_applications
from aap.applications.service import start_application
from aap.applications.service.drafting import check_call_open
from aap.blueprints.access import allow, see_other, signed_in_actor
from aap.blueprints.applicant.starting import StartForm, read_start
from aap.blueprints.applicant.steps import NEXT_STEPS
from aap.blueprints.countdown import remaining
from aap.calls.models import Call
from aap.calls.queries import current_version, get_call, get_call_page, list_public_calls
from aap.db import unit_of_work
from aap.errors import InvalidError, NotFoundError
from aap.extensions import clock
from aap.french import plural

bp = Blueprint("applicant", __name__, url_prefix="/dossiers")

_S = ApplicationState
_OVER = frozenset({_S.INADMISSIBLE, _S.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class MyFile:
    """A file of the list with what its lead has to do next. ``expired``: a draft that nobody can deposit any more."""

    row: MyApplicationRow
    badges: list[tuple[str, str]]
    meta: list[str]
    expired: bool


@bp.get("")
@allow("application.list_mine")
def home() -> ResponseReturnValue:
    """List my files: what I have to do, what is being examined, what is over."""
    now = clock().now()
    files = [_file(row, now) for row in list_my_applications(signed_in_actor())]
    over = [one for one in files if one.expired or one.row.state in _OVER]
    to_do = [one for one in files if one not in over and one.row.deadline is not None]
    rest = [one for one in files if one not in over and one not in to_do]
    calls = [call for call in list_public_calls(now) if call.is_open]
    return render_template("applicant/home.html", to_do=to_do, rest=rest, over=over, calls=calls)


def published_call(reference: str) -> Call:
    """Return a published call.

    Raises:
        NotFoundError: no published call has this reference.

    """
    call = get_call(reference)
    if call.published_at is None:
        raise NotFoundError("Cet appel n'existe pas.")
    return call


@bp.get("/nouveau/<reference>")
@allow("application.start", load=published_call)
def start(call: Call) -> ResponseReturnValue:
    """Ask for what, and for whom, before the first section."""
    check_call_open(current_version(call), clock().now())
    return _start_page(StartForm.blank(call, signed_in_actor()), call)


@bp.post("/nouveau/<reference>")
@allow("application.start", load=published_call)
def start_now(call: Call) -> ResponseReturnValue:
    """Open a draft."""
    now, person = clock().now(), signed_in_actor()
    form = StartForm.sent(call, person, request.form)
    try:
        with unit_of_work():
            choice = read_start(form, call, person, now)
            application = start_application(
                current_version(call),
                lead=person,
                now=now,
                strand_key=choice.strand_key,
                organisation=choice.organisation,
            )
            file_id = application.id
    except InvalidError as error:
        return _start_page(form.with_errors(error), call), 400
    flash("Votre brouillon est créé. Il n'est pas déposé : remplissez-le à votre rythme.", "success")
    return see_other("applicant_file.show", application_id=file_id)


def _start_page(form: StartForm, call: Call) -> str:
    now = clock().now()
    page = get_call_page(call.ref, now)
    drafts = [
        row for row in list_my_applications(signed_in_actor()) if row.call_ref == call.ref and row.state is _S.DRAFT
    ]
    left = remaining(page.closes_at, now) if page.closes_at else ""
    return render_template("applicant/start.html", form=form, call=page, drafts=drafts, left=left)


def _file(row: MyApplicationRow, now: datetime) -> MyFile:
    left = remaining(row.deadline, now) if row.deadline else ""
    expired = row.state is _S.DRAFT and row.deadline is not None and not left
    badges = [(row.state_label, row.tone)]
    if row.state is _S.DRAFT:
        badges.append(("Non déposé, clos", "error") if expired else ("Ce dossier n'est pas déposé", "warning"))
    if not row.leads:
        badges.append(("Sur invitation", "neutral"))
    if row.unread:
        badges.append((plural(row.unread, "message non lu", "messages non lus"), "info"))
    return MyFile(row, badges, list(_meta(row, left)), expired)


def _meta(row: MyApplicationRow, left: str) -> Iterable[str]:
    yield row.reference or row.call_ref
    if row.strand_label:
        yield row.strand_label
    if left and row.state is _S.DRAFT:
        yield f"À déposer : {left}"
    elif left:
        yield f"Compléments à envoyer : {left}"
    elif row.state in NEXT_STEPS:
        yield NEXT_STEPS[row.state]
