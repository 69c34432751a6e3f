"""A file as a juror reads and marks it, on one page; standing back from it; others' marks once scoring is closed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from flask import Blueprint, flash, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from aap.applications.models import Application, Piece
from aap.applications.queries import (
    Audience,
    get_application,
    get_application_to_write,
    get_dossier,
    get_piece,
    list_opinion_rows,
)
from aap.blueprints.access import actor, allow, form_errors, see_other, signed_in_actor
from aap.blueprints.countdown import remaining
from aap.blueprints.dossier_prints import PrintPages, ask, print_file, print_page
from aap.blueprints.downloads import download
from aap.blueprints.juror.inputs import (
    conflict_problems,
    error_list,
    marking_lines,
    seen_revisions,
    typed_marks,
)
from aap.db import unit_of_work
from aap.errors import ConflictError, InvalidError, NotFoundError, Problem, StaleError
from aap.extensions import clock
from aap.jury.checks import scoring_window
from aap.jury.models import JuryMember
from aap.jury.queries import find_member, get_review_sheet, get_summary, list_my_files, place_among
from aap.jury.service import NOTE, MarkInput, recuse, reopen_review, save_review, start_review, submit_review
from aap.policies import may

bp = Blueprint("juror_files", __name__, url_prefix="/jury/dossiers")


class ReasonForm(FlaskForm):
    """Why: a recusal, or a review taken back."""

    reason = TextAreaField("Motif", validators=[DataRequired("Indiquez le motif."), Length(max=2000)])


def seat_on(application: Application) -> JuryMember:
    """Return my seat on the jury of a file's call.

    Raises:
        NotFoundError: I have none.

    """
    seat = find_member(application.call_version.call_id, signed_in_actor().id)
    if seat is None:
        raise NotFoundError("Ce dossier n'existe pas, ou il ne vous est pas ouvert.")
    return seat


def jury_file(application_id: uuid.UUID) -> Application:
    """Return a file to a member of its call's jury: the agency and the lead read it on their own pages.

    Raises:
        NotFoundError: no such file, or the person does not sit on its jury.

    """
    application = get_application(application_id)
    seat_on(application)
    return application


def file_to_mark(application_id: uuid.UUID) -> Application:
    """Return the same file with no more than saving one mark needs: this is asked every few seconds.

    The seat, already read, is left to the view in ``g.seat``.
    """
    application = get_application_to_write(application_id)
    g.seat = seat_on(application)
    return application


def jury_piece(piece_id: uuid.UUID) -> Piece:
    """Return a piece to a member of the jury; raises as ``jury_file``."""
    found = get_piece(piece_id)
    seat_on(found.application)
    return found


@bp.get("/<uuid:application_id>")
@allow("application.read", load=jury_file)
def show(application: Application) -> ResponseReturnValue:
    """Read a file and, when it is confided to me, mark it."""
    return _page(application, seat_on(application))


def _page(
    application: Application,
    seat: JuryMember,
    *,
    typed: Mapping[str, MarkInput] | None = None,
    note: str | None = None,
    problems: tuple[Problem, ...] = (),
    seen: Mapping[str, int] | None = None,
) -> str:
    person, now = actor(), clock().now()
    marks = get_review_sheet(seat, application) if may(person, "application.mark", application) else None
    window = scoring_window(application.call_version)
    return render_template(
        "juror/file.html",
        application=application,
        seat=seat,
        dossier=get_dossier(application, now, Audience.JURY),
        opinions=list_opinion_rows(application),
        sheet=marks,
        place=place_among(list_my_files(seat), application.id) if marks else None,
        lines=marking_lines(marks, typed, problems, seen) if marks else [],
        note=note if note is not None else (marks.private_note if marks else ""),
        note_version=(marks.note_version if seen is None else seen.get(NOTE, 0)) if marks else 0,
        note_error=next((problem.message for problem in problems if problem.place == NOTE), ""),
        errors=error_list(problems, marks) if marks else [],
        open_now=marks is not None and window.is_open(now),
        time_left=remaining(window.ends_at, now) if window.ends_at and not window.is_over(now) else "",
        window=window,
        others=may(person, "application.read_marks", application),
    )


@bp.post("/<uuid:application_id>/notation")
@allow("application.mark", load=jury_file)
def mark(application: Application) -> ResponseReturnValue:
    """Save my marks; then submit my grid when asked. What was typed is saved even when the grid is not complete."""
    seat = seat_on(application)
    keys = [line.criterion.key for line in get_review_sheet(seat, application).lines]
    typed, note = typed_marks(keys, request.form), request.form.get(NOTE)
    seen, saved = seen_revisions(request.form["seen"]) if "seen" in request.form else None, False
    try:
        _save(application, seat, typed, note, seen)
        saved = True
        if request.form.get("action") == "submit":
            _submit(application, seat)
    except StaleError as error:
        problems = conflict_problems(error)
        return _page(application, seat, typed=typed, note=note, problems=problems), 409
    except (InvalidError, ConflictError) as error:
        problems = getattr(error, "problems", ()) or (Problem("", error.message),)
        # What was refused knows no more than before: what another window saved meanwhile is still to be told.
        knew = None if saved else seen
        return _page(application, seat, typed=typed, note=note, problems=problems, seen=knew), 400
    if request.form.get("action") == "submit":
        flash(f"Votre grille du dossier {application.reference} est rendue.", "success")
        place = place_among(list_my_files(seat), application.id)
        if place is not None and place.next_to_mark is not None and request.form.get("then") == "next":
            return see_other("juror_files.show", application_id=place.next_to_mark.application_id)
        return see_other("juror.desk", call_id=seat.call_id)
    flash("Votre grille est enregistrée. Elle ne compte qu'une fois rendue.", "success")
    return see_other("juror_files.show", application_id=application.id, _anchor="grille")


def _save(
    application: Application,
    seat: JuryMember,
    typed: Mapping[str, MarkInput],
    note: str | None,
    seen: Mapping[str, int] | None,
) -> None:
    """Save the marks typed; ``seen`` names the revisions the page knew, an older page names the whole grid's."""
    older = request.form.get("seen_version", type=int)
    person, now = signed_in_actor(), clock().now()
    with unit_of_work():
        review = start_review(seat, application, actor=person, now=now)
        save_review(review, typed, actor=person, now=now, seen_version=older, seen=seen, private_note=note)


def _submit(application: Application, seat: JuryMember) -> None:
    person, now = signed_in_actor(), clock().now()
    with unit_of_work():
        submit_review(start_review(seat, application, actor=person, now=now), actor=person, now=now)


@bp.route("/<uuid:application_id>/reprendre", methods=["GET", "POST"])
@allow("application.mark", load=jury_file)
def reopen(application: Application) -> ResponseReturnValue:
    """Take my submitted grid back, as long as scoring is open."""
    form = ReasonForm()
    if form.validate_on_submit():
        seat, person, now = seat_on(application), signed_in_actor(), clock().now()
        try:
            with unit_of_work():
                review = start_review(seat, application, actor=person, now=now)
                reopen_review(review, reason=form.reason.data or "", actor=person, now=now)
        except ConflictError as error:
            form.form_errors.append(error.message)
        else:
            flash("Votre grille est rouverte. Elle ne compte plus tant que vous ne l'avez pas rendue.", "success")
            return see_other("juror_files.show", application_id=application.id, _anchor="grille")
    page = render_template("juror/reopen.html", application=application, form=form)
    return page, 400 if form.errors or form.form_errors else 200


@bp.route("/<uuid:application_id>/deport", methods=["GET", "POST"])
@allow("application.recuse", load=jury_file)
def stand_back(application: Application) -> ResponseReturnValue:
    """Stand back from a file, for good: it disappears from every page of mine."""
    form, seat = ReasonForm(), seat_on(application)
    if form.validate_on_submit():
        try:
            with unit_of_work():
                recuse(seat, application, reason=form.reason.data or "", actor=signed_in_actor(), now=clock().now())
        except InvalidError as error:
            form_errors(form, error)
        else:
            flash("Vous êtes déporté de ce dossier : il n'apparaît plus dans vos pages.", "success")
            return see_other("juror.desk", call_id=seat.call_id)
    page = render_template("juror/recuse.html", application=application, form=form, seat=seat)
    return page, 400 if form.errors else 200


@bp.get("/<uuid:application_id>/notes")
@allow("application.read_marks", load=jury_file)
def marks(application: Application) -> ResponseReturnValue:
    """Read everybody's marks, once individual scoring is closed."""
    summary = get_summary(application.id)
    return render_template("juror/marks.html", application=application, seat=seat_on(application), summary=summary)


PRINTS = PrintPages("juror_files.whole", "juror_files.whole_file", "juror_files.show")


@bp.get("/<uuid:application_id>/dossier-pdf")
@allow("application.read", load=jury_file)
def whole(application: Application) -> ResponseReturnValue:
    """Say where the PDF of the file, as the jury reads it, is."""
    return print_page(application, Audience.JURY, PRINTS)


@bp.post("/<uuid:application_id>/dossier-pdf")
@allow("application.read", load=jury_file)
def ask_whole(application: Application) -> ResponseReturnValue:
    """Ask for the PDF of the file."""
    return ask(application, Audience.JURY, PRINTS)


@bp.get("/<uuid:application_id>/dossier.pdf")
@allow("application.read", load=jury_file)
def whole_file(application: Application) -> ResponseReturnValue:
    """Download the PDF of the file."""
    return print_file(application, Audience.JURY)


@bp.get("/pieces/<uuid:piece_id>")
@allow("piece.read", load=jury_piece)
def piece(found: Piece) -> ResponseReturnValue:
    """Download a piece of a file."""
    return download(found.file)
