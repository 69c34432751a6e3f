"""Checking the answers, declaring on honour, depositing, the receipt, and the withdrawal."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from aap.applications.comparison import compare_deposits, without_secrets
from aap.applications.facts import Reading, read_application
from aap.applications.models import Application, ApplicationState, Submission
from aap.applications.openness import open_parts
from aap.applications.queries import Audience, get_dossier
from aap.applications.receipts import acknowledgement_of, received_pieces
from aap.applications.sensitive import sensitive_fields
from aap.applications.service import list_obstacles, resubmit, submit, withdraw
from aap.applications.states import OPEN_TO_LEAD
from aap.applications.terms import honour_statements
from aap.blueprints.access import allow, see_other, signed_in_actor
from aap.blueprints.applicant.completion import list_missing
from aap.blueprints.applicant.fields import field_of, place_of, said
from aap.blueprints.applicant.loading import arrival, own_application, own_submission
from aap.blueprints.countdown import remaining
from aap.blueprints.dossier_prints import PrintPages, ask, print_file, print_page
from aap.blueprints.downloads import download
from aap.calls.queries import load_form_spec
from aap.db import unit_of_work
from aap.errors import ConflictError, InvalidError, NotFoundError, Problem
from aap.forms.fields.field_type import MISSING
from aap.forms.spec import FormSpec, SectionSpec
from aap.policies import may
from aap.policies.applications import own_audience

bp = Blueprint("applicant_deposit", __name__, url_prefix="/dossiers/<uuid:application_id>")

HONOUR = "honour"
_TOLD_HONOUR = "Cochez l'attestation sur l'honneur pour déposer le dossier."


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What keeps the file from being deposited, and where to mend it."""

    place: str
    message: str
    href: str


@bp.get("/verification")
@allow("application.read_whole", load=own_application)
def check(application: Application) -> ResponseReturnValue:
    """Show every answer and every obstacle before the deposit; a file that is deposited is followed instead."""
    if application.state not in OPEN_TO_LEAD:
        return redirect(url_for("applicant_file.show", application_id=application.id))
    reading = read_application(application, arrival())  # once, for what is missing and for what is shown
    return _check_page(application, _obstacles(application, reading), key=str(uuid.uuid4()), reading=reading)


@bp.post("/verification")
@allow("application.read_whole", load=own_application)
def deposit(application: Application) -> ResponseReturnValue:
    """Deposit the file, or send it back completed.

    The policy is the reading one: the second click of a double click finds the file deposited and goes to its receipt.
    The service checks the lead, the hour and the state.
    """
    now, person = arrival(), signed_in_actor()
    key = request.form.get("key", "")
    if request.form.get(HONOUR) != "y":
        obstacles = _obstacles(application)
        told = "" if obstacles else _TOLD_HONOUR  # one thing at a time: the box is the last
        return _check_page(application, obstacles, key=key, honour_error=told, refused=True), 400
    receipt_address = see_other("applicant_deposit.receipt", application_id=application.id)
    write = resubmit if application.state is ApplicationState.COMPLETION_REQUESTED else submit
    try:
        with unit_of_work():
            write(application, actor=person, now=now, idempotency_key=key)
    except InvalidError as error:
        return _check_page(application, _told(application, error.problems), key=key, refused=True), 400
    return receipt_address


@bp.get("/apercu")
@allow("application.read_whole", load=own_application)
def preview(application: Application) -> ResponseReturnValue:
    """Read the file as its jury will: without blind fields nor confidential pieces."""
    now = arrival()
    reading = read_application(application, now)
    dossier = get_dossier(application, now, Audience.JURY, reading=reading)
    return render_template("applicant/preview.html", application=application, dossier=dossier)


@bp.get("/recepisse")
@allow("application.read_whole", load=own_application)
def receipt(application: Application) -> ResponseReturnValue:
    """Show the receipt of the last deposit, at once."""
    if not application.submissions:
        raise NotFoundError("Ce dossier n'a pas encore été déposé.")
    last = application.submissions[-1]
    return render_template(
        "applicant/receipt.html",
        application=application,
        call=application.call_version.call,
        last=last,
        pieces=_pieces(last),
        told=acknowledgement_of(application, last),
        deposits=application.submissions,
    )


@bp.get("/depots/<int:number>/recepisse.pdf")
@allow("submission.read", load=own_submission)
def receipt_pdf(submission: Submission) -> ResponseReturnValue:
    """Give the receipt as a document, once the worker has made it."""
    if submission.receipt_file is None:
        raise NotFoundError("Le récépissé PDF est en préparation. Rechargez la page du récépissé dans une minute.")
    return download(submission.receipt_file)


@bp.get("/depots/<int:number>/differences")
@allow("submission.read", load=own_submission)
def differences(submission: Submission) -> ResponseReturnValue:
    """Say what a deposit changed in the one before."""
    application = submission.application
    found = compare_deposits(application, submission.number)
    if own_audience(signed_in_actor(), application) is Audience.GUEST:
        found = without_secrets(found, application)
    return render_template("applicant/differences.html", application=application, found=found)


PRINTS = PrintPages("applicant_deposit.whole", "applicant_deposit.whole_file", "applicant_file.show")


def print_audience(application: Application) -> Audience:
    """Say how the person reads the print of the own file: whole, or without confidential pieces for invited readers."""
    return own_audience(signed_in_actor(), application)


@bp.get("/dossier-pdf")
@allow("application.read_whole", load=own_application)
def whole(application: Application) -> ResponseReturnValue:
    """Say where the PDF of the whole file is."""
    return print_page(application, print_audience(application), PRINTS)


@bp.post("/dossier-pdf")
@allow("application.read_whole", load=own_application)
def ask_whole(application: Application) -> ResponseReturnValue:
    """Ask for the PDF of the whole file."""
    return ask(application, print_audience(application), PRINTS)


@bp.get("/dossier.pdf")
@allow("application.read_whole", load=own_application)
def whole_file(application: Application) -> ResponseReturnValue:
    """Download the PDF of the whole file."""
    return print_file(application, print_audience(application))


@bp.get("/retrait")
@allow("application.withdraw", load=own_application)
def withdrawal(application: Application) -> ResponseReturnValue:
    """Ask for a confirmation, and for the reason once the file is deposited."""
    return _withdrawal_page(application)


@bp.post("/retrait")
@allow("application.withdraw", load=own_application)
def withdraw_now(application: Application) -> ResponseReturnValue:
    """Withdraw the file."""
    reason, draft = request.form.get("reason", ""), application.submitted_at is None
    try:
        with unit_of_work():
            withdraw(application, actor=signed_in_actor(), now=arrival(), reason=reason)
    except ConflictError as error:
        if error.code != "motif-manquant":
            raise
        return _withdrawal_page(application, reason, "Dites en une phrase pourquoi vous retirez ce dossier."), 400
    flash("Le brouillon est abandonné." if draft else "Le dossier est retiré. L'agence en est informée.", "success")
    return see_other("applicant.home")


def _check_page(
    application: Application,
    obstacles: Iterable[Obstacle],
    *,
    key: str,
    honour_error: str = "",
    refused: bool = False,
    reading: Reading | None = None,
) -> str:
    now = arrival()
    parts = open_parts(application, now)
    return render_template(
        "applicant/check.html",
        application=application,
        call=application.call_version.call,
        dossier=get_dossier(application, now, own_audience(signed_in_actor(), application), reading=reading),
        obstacles=_grouped(obstacles),
        parts=parts,
        left=remaining(parts.until, now) if parts.until else "",
        completing=application.state is ApplicationState.COMPLETION_REQUESTED,
        key=key,
        now=now,
        honour_error=honour_error,
        statements=honour_statements(application.call_version),
        sensitive=_sensitive(application),
        refused=refused,
        is_lead=may(signed_in_actor(), "application.submit", application),
    )


def _sensitive(application: Application) -> list[tuple[str, str]]:
    """Return the answers that seem to hold a social security number, and where they are."""
    return [
        (
            spec.label,
            url_for("applicant_sections.show", application_id=application.id, section=section.id, _anchor=spec.id),
        )
        for section, spec in sensitive_fields(application)
    ]


def _obstacles(application: Application, reading: Reading | None = None) -> list[Obstacle]:
    now = arrival()
    if application.state is ApplicationState.COMPLETION_REQUESTED:
        return _told(application, list_missing(application, now))
    return _told(application, list_obstacles(application, now, reading=reading))


def _told(application: Application, problems: Iterable[Problem]) -> list[Obstacle]:
    form = load_form_spec(application.call_version)
    return [_obstacle(application, form, problem) for problem in problems]


def _obstacle(application: Application, form: FormSpec, problem: Problem) -> Obstacle:
    kind, _, key = problem.place.partition("-")
    address: dict[str, Any] = {"application_id": application.id}
    if kind == "annex":
        return Obstacle("Pièces", problem.message, url_for("applicant_pieces.show", annex=key, **address))
    if kind == "rule":
        return Obstacle("Conditions de l'appel", problem.message, url_for("applicant_file.conditions", **address))
    if problem.place == "strand":
        return Obstacle("Volet", problem.message, url_for("applicant_file.strand", **address))
    for section in form.sections:
        if field_of(section, problem.place) is not None:
            anchor = place_of(section, problem.place)
            href = url_for("applicant_sections.show", section=section.id, controle=1, _anchor=anchor, **address)
            return Obstacle(section.title, _to_do(section, problem), href)
    return Obstacle("Dossier", problem.message, url_for("applicant_file.show", **address))


def _to_do(section: SectionSpec, problem: Problem) -> str:
    """Say what to do: the name of the question is enough when its answer is missing."""
    return said(section, problem).removesuffix(f" : {MISSING}")


def _grouped(obstacles: Iterable[Obstacle]) -> list[tuple[str, list[Obstacle]]]:
    """Return the obstacles under the part of the file each belongs to, in the order of the file."""
    found: dict[str, list[Obstacle]] = {}
    for obstacle in obstacles:
        found.setdefault(obstacle.place, []).append(obstacle)
    return list(found.items())


def _pieces(submission: Submission) -> list[dict[str, object]]:
    """Return the pieces as they were sealed, for the component of files."""
    return [
        {"name": piece.name, "href": "", "size": piece.size, "sha256": piece.sha256, "note": piece.label}
        for piece in received_pieces(submission)
    ]


def _withdrawal_page(application: Application, reason: str = "", error: str = "") -> str:
    return render_template(
        "applicant/withdrawal.html",
        application=application,
        call=application.call_version.call,
        draft=application.submitted_at is None,
        reason=reason,
        error=error,
    )
