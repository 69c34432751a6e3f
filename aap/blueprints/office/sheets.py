"""Sheets seen by the agency: the list by state, drafts, the editorial circuit, what is published."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.validators import DataRequired, Length

from aap import french
from aap.accounts.models import RoleName
from aap.awards.models import Project
from aap.blueprints.access import actor, allow, form_errors, see_other, signed_in_actor
from aap.blueprints.office.loading import agency_project, agency_sheet
from aap.blueprints.paging import Pages, asked_page
from aap.blueprints.sheet_editor import edit_part, list_parts, missing_parts
from aap.blueprints.sheet_text import sheet_text
from aap.capitalisation.body import read_body
from aap.capitalisation.models import Sheet, SheetKind, SheetState
from aap.capitalisation.queries import (
    SheetRow,
    find_current,
    is_editable,
    list_figures,
    list_history,
    list_project_sheets,
    list_sheets,
)
from aap.capitalisation.service import (
    archive_sheet,
    create_sheet,
    draft_sheet_from_project,
    flag_sheet,
    publish_sheet,
    send_back,
    submit_sheet,
    validate_sheet,
)
from aap.capitalisation.states import SHEET_WORKFLOW
from aap.db import unit_of_work
from aap.errors import ConflictError, InvalidError
from aap.extensions import clock
from aap.policies import visible
from aap.policies.terms import regions_of
from aap.referentials.queries import list_regions
from aap.referentials.vocabularies import label
from aap.workflow import allowed_events

bp = Blueprint("office_sheets", __name__, url_prefix="/agence/fiches")

_KINDS = {kind.value: label("sheet_kinds", kind.value) for kind in SheetKind}


class NewSheetForm(FlaskForm):
    """A sheet without project: an initiative, a guide, a use case."""

    region = SelectField("Région")
    kind = SelectField("Nature de la fiche", choices=_KINDS)
    title = StringField("Titre", validators=[DataRequired("Donnez un titre à la fiche."), Length(max=400)])


@bp.get("")
@allow("office.enter")
def index() -> ResponseReturnValue:
    """List the sheets by state, newest first."""
    asked = {name: request.args.get(name, "").strip() for name in ("q", "etat", "suivi")}
    states = [state for state in SheetState if state.value == asked["etat"]]
    page = list_sheets(
        visible(actor(), Sheet),
        states=states,
        text=asked["q"],
        only_outdated=asked["suivi"] == "corrigee",
        page=asked_page(),
    )
    return render_template(
        "office/sheets/index.html",
        rows=[_row(row) for row in page.rows],
        pages=Pages.of(page),
        asked=asked,
        states=[(state.value, words.label) for state, words in SHEET_WORKFLOW.labels.items()],
    )


def _row(row: SheetRow) -> dict[str, Any]:
    state = SHEET_WORKFLOW.labels[row.state]
    return {
        "title": row.title,
        "href": url_for("office_sheets.show", sheet_id=row.id),
        "reference": row.reference or "",
        "kind": label("sheet_kinds", row.kind.value),
        "project": row.project_reference or "",
        "state": state.label,
        "tone": state.tone,
        "version": row.version or "",
        "published_at": row.published_at,
        "review_due": row.review_due,
        "alert": "Chiffre corrigé depuis" if row.outdated else "",
        "alert_tone": "warning",
    }


@bp.route("/nouvelle", methods=["GET", "POST"])
@allow("sheet.create")
def new() -> ResponseReturnValue:
    """Start a sheet that no project stands behind."""
    form = NewSheetForm()
    mine = regions_of(actor(), RoleName.EDITOR, RoleName.ADMINISTRATOR)
    form.region.choices = {region.code: region.name for region in list_regions() if region.code in mine}
    if form.validate_on_submit():
        try:
            with unit_of_work():
                sheet = create_sheet(
                    form.region.data,
                    SheetKind(form.kind.data),
                    form.title.data or "",
                    actor=signed_in_actor(),
                    now=clock().now(),
                )
        except InvalidError as error:
            form_errors(form, error)
        else:
            return see_other(".show", sheet_id=sheet.id)
    return render_template("office/sheets/new.html", form=form), 400 if form.errors else 200


@bp.post("/du-projet/<uuid:project_id>")
@allow("project.capitalise", load=agency_project)
def draft(project: Project) -> ResponseReturnValue:
    """Start the sheet of a project from what is known; there is one."""
    sheet = next(iter(list_project_sheets(project.id)), None)
    if sheet is None:
        with unit_of_work():
            sheet = draft_sheet_from_project(project, actor=signed_in_actor(), now=clock().now())
        flash("La fiche est commencée avec ce que l'on sait déjà du projet.", "success")
    return see_other(".show", sheet_id=sheet.id)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an action was refused, with what was typed: nothing of it is lost."""

    event: str = ""
    message: str = ""
    reason: str = ""
    problems: dict[str, str] = field(default_factory=dict)


@bp.get("/<uuid:sheet_id>")
@allow("sheet.read", load=agency_sheet)
def show(sheet: Sheet) -> ResponseReturnValue:
    """Show a sheet with its text, its circuit, and what I may do."""
    return _page(sheet, Refusal())


def _page(sheet: Sheet, refusal: Refusal) -> str:
    state, published = SHEET_WORKFLOW.labels[sheet.state], find_current(sheet)
    return render_template(
        "office/sheets/show.html",
        sheet=sheet,
        badge=(state.label, state.tone),
        events={row.event: row.label for row in allowed_events(SHEET_WORKFLOW, sheet, signed_in_actor())},
        editable=is_editable(sheet),
        parts=list_parts(sheet, lambda key: url_for(".edit", sheet_id=sheet.id, part=key), refusal.problems),
        refusal=refusal,
        text=sheet_text(sheet.title, sheet.hook, sheet.summary, read_body(sheet.body), list_figures(sheet)),
        history=[_step(row) for row in list_history(sheet)],
        published=published,
        public_href=url_for("public_sheets.show", slug=published.slug) if published else "",
        pdf_href=url_for("public_sheets.pdf", slug=published.slug) if published and published.pdf_file_id else "",
    )


def _step(row: Any) -> dict[str, str]:
    version = f", version {row.version}" if row.version else ""
    outcome = f" : {row.outcome}" if row.outcome else ""
    return {
        "date": french.day(row.at),
        "title": f"{row.step_label}{outcome}{version}",
        "text": row.note,
        "state": "done",
    }


def sheet_crumbs(sheet: Sheet) -> list[tuple[str, str | None]]:
    """Return the way to a sheet."""
    return [
        ("Agence", url_for("office.home")),
        ("Fiches", url_for("office_sheets.index")),
        (sheet.reference or "Fiche", url_for("office_sheets.show", sheet_id=sheet.id)),
    ]


@bp.route("/<uuid:sheet_id>/parties/<part>", methods=["GET", "POST"])
@allow("sheet.edit", load=agency_sheet)
def edit(sheet: Sheet) -> ResponseReturnValue:
    """Write one part of the sheet."""
    back = url_for(".show", sheet_id=sheet.id, _anchor="rediger")
    return edit_part(sheet, str((request.view_args or {})["part"]), back=back, crumbs=sheet_crumbs(sheet))


def _act(sheet: Sheet, event: str, action: Callable[[], object], done: str) -> ResponseReturnValue:
    """Fire an event; a refusal is shown on the page with the reason that was typed."""
    reason = request.form.get("reason", "")
    try:
        with unit_of_work():
            action()
    except InvalidError as error:
        missing = missing_parts(error)
        return _page(sheet, Refusal(event, error.message, reason, missing)), 400
    except ConflictError as error:
        return _page(sheet, Refusal(event, error.message, reason)), 400
    flash(done, "success")
    return see_other(".show", sheet_id=sheet.id)


@bp.post("/<uuid:sheet_id>/envoyer")
@allow("sheet.submit", load=agency_sheet)
def submit(sheet: Sheet) -> ResponseReturnValue:
    """Hand the sheet to its reviewers."""
    person, now = signed_in_actor(), clock().now()
    return _act(
        sheet, "submit", lambda: submit_sheet(sheet, actor=person, now=now), "La fiche est envoyée en relecture."
    )


@bp.post("/<uuid:sheet_id>/renvoyer")
@allow("sheet.send_back", load=agency_sheet)
def give_back(sheet: Sheet) -> ResponseReturnValue:
    """Send the sheet back to its writer."""
    person, now, reason = signed_in_actor(), clock().now(), request.form.get("reason", "")
    return _act(
        sheet,
        "send_back",
        lambda: send_back(sheet, reason, actor=person, now=now),
        "La fiche est renvoyée en rédaction.",
    )


@bp.post("/<uuid:sheet_id>/valider")
@allow("sheet.validate", load=agency_sheet)
def validate(sheet: Sheet) -> ResponseReturnValue:
    """Validate the sheet for the agency."""
    person, now = signed_in_actor(), clock().now()
    return _act(
        sheet, "validate", lambda: validate_sheet(sheet, actor=person, now=now), "La fiche est validée par l'agence."
    )


@bp.post("/<uuid:sheet_id>/publier")
@allow("sheet.publish", load=agency_sheet)
def publish(sheet: Sheet) -> ResponseReturnValue:
    """Publish the sheet: figures are frozen, the PDF follows."""
    person, now = signed_in_actor(), clock().now()
    return _act(
        sheet,
        "publish",
        lambda: publish_sheet(sheet, actor=person, now=now),
        "La fiche est publiée. Son PDF est en préparation.",
    )


@bp.post("/<uuid:sheet_id>/mise-a-jour")
@allow("sheet.flag", load=agency_sheet)
def flag(sheet: Sheet) -> ResponseReturnValue:
    """Open an update; the public goes on reading what is published."""
    person, now, reason = signed_in_actor(), clock().now(), request.form.get("reason", "")
    return _act(sheet, "flag", lambda: flag_sheet(sheet, reason, actor=person, now=now), "La mise à jour est ouverte.")


@bp.post("/<uuid:sheet_id>/archiver")
@allow("sheet.archive", load=agency_sheet)
def archive(sheet: Sheet) -> ResponseReturnValue:
    """Take the sheet out of the catalogue."""
    person, now, reason = signed_in_actor(), clock().now(), request.form.get("reason", "")
    return _act(sheet, "archive", lambda: archive_sheet(sheet, reason, actor=person, now=now), "La fiche est archivée.")
