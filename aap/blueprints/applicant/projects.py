"""My funded projects: the board of each, its milestones, its indicators and what numbers do not tell."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import HiddenInput

from aap import french
from aap.awards.models import Project
from aap.awards.queries import get_project, list_instalments
from aap.blueprints import followed_project as words
from aap.blueprints.access import allow, form_errors, see_other, signed_in_actor
from aap.blueprints.applicant.projects_todo import things_to_do
from aap.blueprints.paging import Pages, asked_page
from aap.capitalisation.queries import list_project_sheets
from aap.clock import paris
from aap.db import unit_of_work
from aap.errors import InvalidError, NotFoundError
from aap.evaluation.models import Indicator, Milestone, NoteKind
from aap.evaluation.queries import (
    Board,
    MilestoneRow,
    get_board,
    get_indicator,
    get_milestone,
    get_note,
    get_series,
    list_follow_up,
    list_notes,
    list_periods,
    list_revisions,
)
from aap.evaluation.service import add_note, correct_measure, mark_done, remove_note
from aap.extensions import clock
from aap.forms.fields import UnreadableError
from aap.forms.fields.cleaning import read_decimal

bp = Blueprint("applicant_projects", __name__, url_prefix="/projets")

NOTE_KINDS = {
    NoteKind.LEVER: "Ce qui a aidé",
    NoteKind.BARRIER: "Ce qui a freiné",
    NoteKind.UNEXPECTED: "Ce qui n'était pas attendu",
    NoteKind.ADAPTATION: "Ce qu'il a fallu adapter",
    NoteKind.LIMIT: "Limites de la mesure",
}


class DoneForm(FlaskForm):
    """When a milestone was reached, and what shows it."""

    done_on = DateField("Date à laquelle le jalon a été atteint", validators=[InputRequired("Indiquez la date.")])
    evidence = StringField(
        "Ce qui le prouve",
        description="Par exemple : compte rendu du 22 avril, procès-verbal de recette, feuille d'émargement.",
        validators=[DataRequired("Indiquez la preuve."), Length(max=400)],
    )
    comment = TextAreaField("Commentaire", validators=[Length(max=2000)])
    seen = IntegerField(widget=HiddenInput(), validators=[Optional()])


class NoteForm(FlaskForm):
    """A lever, a barrier, something unexpected, an adaptation, a limit."""

    kind = SelectField("De quoi s'agit-il ?", choices={kind.value: text for kind, text in NOTE_KINDS.items()})
    month = IntegerField(
        "Mois du projet",
        description="1 pour le premier mois. Laissez vide si ce n'est pas daté.",
        validators=[Optional(), NumberRange(0, 120, "Indiquez un mois entre 0 et 120.")],
    )
    text = TextAreaField(
        "En une ou deux phrases",
        description="Aucun nom de personne, aucune donnée de patient.",
        validators=[DataRequired("Écrivez la note."), Length(max=1000)],
    )


class CorrectionForm(FlaskForm):
    """A new value for a period already reported, and why."""

    period = SelectField("Période")
    value = StringField("Valeur corrigée", validators=[DataRequired("Indiquez la valeur.")])
    reason = TextAreaField(
        "Pourquoi la mesure est corrigée", validators=[DataRequired("Indiquez le motif."), Length(max=1000)]
    )


@bp.get("")
@allow("account.use")
def home() -> ResponseReturnValue:
    """List the funded projects I lead."""
    mine = Project.application.has(lead_id=signed_in_actor().id)
    page = list_follow_up(mine, clock().now(), page=asked_page(), per_page=20)
    return render_template("applicant/projects/home.html", rows=page.rows, pages=Pages.of(page))


@bp.get("/<uuid:project_id>")
@allow("evaluation.read", load=get_project)
def show(project: Project) -> ResponseReturnValue:
    """Show where a project stands: what I have to do, milestones, money, reports, indicators."""
    now = clock().now()
    board = get_board(project, now)
    return render_template(
        "applicant/projects/show.html",
        project=project,
        board=board,
        badges=words.state_badges(project, board, staff=False),
        todo=things_to_do(project, board, list_project_sheets(project.id), paris(now).date()),
        milestones=words.milestone_items(board, lambda row: _milestone_href(row, board)),
        instalments=words.instalment_rows(list_instalments(project, now)),
        reports=words.report_rows(board, lambda row: url_for("applicant_reports.show", report_id=row.id), staff=False),
        indicators=words.indicator_lines(
            board, paris(now).date(), lambda row: url_for(".indicator", indicator_id=row.indicator_id)
        ),
        bars=words.progress_bars(board),
        sentence=words.targets_sentence(board, paris(now).date()),
        note_kinds=NOTE_KINDS,
    )


def _milestone_href(row: MilestoneRow, board: Board) -> str:
    """Return the page that reaches a milestone: its report's, or its own form."""
    report = next((each for each in board.reports if each.key == row.report_key), None)
    if report is not None:
        return url_for("applicant_reports.show", report_id=report.id)
    return url_for(".milestone", milestone_id=row.id)


@bp.route("/jalons/<uuid:milestone_id>", methods=["GET", "POST"])
@allow("evaluation.mark_milestone", load=get_milestone)
def milestone(thing: Milestone) -> ResponseReturnValue:
    """Say when a milestone was reached, with its evidence."""
    now = clock().now()
    form = DoneForm(done_on=paris(now).date(), comment=thing.comment, seen=thing.lock_version)
    if form.validate_on_submit():
        try:
            with unit_of_work():
                mark_done(
                    thing,
                    done_on=form.done_on.data or date.max,
                    evidence=form.evidence.data or "",
                    comment=form.comment.data,
                    seen=form.seen.data,
                    actor=signed_in_actor(),
                    now=now,
                )
        except InvalidError as error:
            form_errors(form, error)
        else:
            flash(f"Le jalon {thing.key} est atteint.", "success")
            return see_other(".show", project_id=thing.project_id, _anchor="jalons")
    page = render_template("applicant/projects/milestone.html", milestone=thing, project=thing.project, form=form)
    return page, 400 if form.errors else 200


@bp.get("/indicateurs/<uuid:indicator_id>")
@allow("evaluation.read", load=get_indicator)
def indicator(thing: Indicator) -> ResponseReturnValue:
    """Show an indicator: what it measures, its values, every value ever given."""
    return _indicator_page(thing, _correction_form(thing))


@bp.post("/indicateurs/<uuid:indicator_id>/corriger")
@allow("evaluation.correct", load=get_indicator)
def correct(thing: Indicator) -> ResponseReturnValue:
    """Correct a value already reported; the agency validates the correction."""
    form = _correction_form(thing)
    if form.validate_on_submit():
        try:
            with unit_of_work():
                correct_measure(
                    thing,
                    form.period.data,
                    read_value(form.value.data or ""),
                    reason=form.reason.data or "",
                    actor=signed_in_actor(),
                    now=clock().now(),
                )
        except InvalidError as error:
            form_errors(form, error)
        else:
            flash("La correction est enregistrée. L'agence la validera.", "success")
            return see_other(".indicator", indicator_id=thing.id)
    return _indicator_page(thing, form), 400


def _correction_form(indicator: Indicator) -> CorrectionForm:
    form = CorrectionForm()
    form.period.choices = {
        period.key: f"{period.key} ({french.day(period.ends_on)})" for period in list_periods(indicator.project_id)
    }
    return form


def _indicator_page(indicator: Indicator, form: CorrectionForm) -> str:
    series = get_series(indicator)
    return render_template(
        "applicant/projects/indicator.html",
        project=indicator.project,
        indicator=indicator,
        series=series,
        target=words.aimed_at(series),
        baseline=words.started_from(series),
        result=words.result(series, paris(clock().now()).date()),
        values=[
            (point.period_key, french.day(point.ends_on), words.measured(point, series.unit)) for point in series.points
        ],
        revisions=[row for row in list_revisions(indicator.id) if row.revision > 1 or row.comment],
        measured=any(point.value is not None for point in series.points),
        form=form,
    )


def read_value(text: str) -> Decimal:
    """Read a measure as people type it.

    Raises:
        InvalidError: not a number, or nothing (on ``value``).

    """
    try:
        value = read_decimal(text, decimals=6)
    except UnreadableError as error:
        raise InvalidError.on("value", str(error)) from error
    if value is None:
        raise InvalidError.on("value", "Indiquez la valeur.")
    return value


@bp.route("/<uuid:project_id>/notes", methods=["GET", "POST"])
@allow("evaluation.note", load=get_project)
def notes(project: Project) -> ResponseReturnValue:
    """Write down what numbers do not tell."""
    form = NoteForm()
    if form.validate_on_submit():
        with unit_of_work():
            add_note(
                project,
                NoteKind(form.kind.data),
                form.text.data or "",
                month=form.month.data,
                actor=signed_in_actor(),
                now=clock().now(),
            )
        flash("La note est ajoutée.", "success")
        return see_other(".notes", project_id=project.id)
    page = render_template(
        "applicant/projects/notes.html",
        project=project,
        notes=list_notes(project.id),
        note_kinds=NOTE_KINDS,
        form=form,
    )
    return page, 400 if form.errors else 200


@bp.post("/<uuid:project_id>/notes/retirer")
@allow("evaluation.note", load=get_project)
def drop_note(project: Project) -> ResponseReturnValue:
    """Remove a note of this project."""
    wanted = request.form.get("note_id", type=uuid.UUID)
    note = next((row for row in list_notes(project.id) if row.id == wanted), None)
    if note is None:
        raise NotFoundError("Cette note n'existe pas.")
    with unit_of_work():
        remove_note(get_note(note.id), actor=signed_in_actor(), now=clock().now())
    flash("La note est retirée.", "success")
    return see_other(".notes", project_id=project.id)
