"""The sheet of my project: started from what is known, written part by part, validated once reviewed."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from aap.awards.models import Project
from aap.awards.queries import get_project
from aap.blueprints.access import allow, see_other, signed_in_actor
from aap.blueprints.sheet_editor import edit_part, list_parts, missing_parts
from aap.blueprints.sheet_text import sheet_text
from aap.capitalisation.body import read_body
from aap.capitalisation.models import Sheet
from aap.capitalisation.queries import (
    find_current,
    get_sheet,
    is_editable,
    list_figures,
    list_history,
    list_project_sheets,
)
from aap.capitalisation.service import draft_sheet_from_project, send_back, submit_sheet, validate_by_lead
from aap.capitalisation.states import SHEET_WORKFLOW
from aap.db import unit_of_work
from aap.errors import ConflictError, InvalidError
from aap.extensions import clock
from aap.workflow import allowed_events

bp = Blueprint("applicant_sheets", __name__, url_prefix="/projets")

Crumbs = list[tuple[str, str | None]]


def _crumbs(sheet: Sheet, *, here: bool = False) -> Crumbs:
    crumbs: Crumbs = [("Mes projets financés", url_for("applicant_projects.home"))]
    if sheet.project is not None:
        crumbs.append((sheet.project.reference, url_for("applicant_projects.show", project_id=sheet.project.id)))
    return [*crumbs, ("Fiche", None if here else url_for("applicant_sheets.show", sheet_id=sheet.id))]


@bp.route("/<uuid:project_id>/fiche", methods=["GET", "POST"])
@allow("project.capitalise", load=get_project)
def start(project: Project) -> ResponseReturnValue:
    """Start the sheet of a project from its facts, its amounts and its measures; there is one."""
    existing = next(iter(list_project_sheets(project.id)), None)
    if existing is not None:
        return see_other(".show", sheet_id=existing.id)
    if request.method == "GET":
        return render_template("applicant/projects/sheet_start.html", project=project)
    with unit_of_work():
        sheet = draft_sheet_from_project(project, actor=signed_in_actor(), now=clock().now())
    flash("La fiche est commencée avec ce que l'on sait déjà du projet.", "success")
    return see_other(".show", sheet_id=sheet.id)


@bp.get("/fiches/<uuid:sheet_id>")
@allow("sheet.read", load=get_sheet)
def show(sheet: Sheet) -> ResponseReturnValue:
    """Show what is written, what is missing, and what the circuit asks of me."""
    return _page(sheet)


def _page(sheet: Sheet, *, problems: dict[str, str] | None = None, refusal: str = "") -> str:
    state = SHEET_WORKFLOW.labels[sheet.state]
    published = find_current(sheet)
    return render_template(
        "applicant/projects/sheet.html",
        sheet=sheet,
        crumbs=_crumbs(sheet, here=True),
        badge=(state.public_label, state.tone),
        events={row.event for row in allowed_events(SHEET_WORKFLOW, sheet, signed_in_actor())},
        editable=is_editable(sheet),
        parts=list_parts(sheet, lambda key: url_for(".edit", sheet_id=sheet.id, part=key), problems),
        problems=problems or {},
        refusal=refusal,
        text=sheet_text(sheet.title, sheet.hook, sheet.summary, read_body(sheet.body), list_figures(sheet)),
        history=list_history(sheet),
        public_href=url_for("public_sheets.show", slug=published.slug) if published else "",
    )


@bp.route("/fiches/<uuid:sheet_id>/parties/<part>", methods=["GET", "POST"])
@allow("sheet.edit", load=lambda sheet_id, part: get_sheet(sheet_id))  # noqa: ARG005  # the part is read below
def edit(sheet: Sheet) -> ResponseReturnValue:
    """Write one part of the sheet."""
    back = url_for(".show", sheet_id=sheet.id, _anchor="rediger")
    return edit_part(sheet, str((request.view_args or {})["part"]), back=back, crumbs=_crumbs(sheet))


@bp.post("/fiches/<uuid:sheet_id>/envoyer")
@allow("sheet.submit", load=get_sheet)
def submit(sheet: Sheet) -> ResponseReturnValue:
    """Hand the sheet to its reviewers; what is missing is named part by part."""
    try:
        with unit_of_work():
            submit_sheet(sheet, actor=signed_in_actor(), now=clock().now())
    except InvalidError as error:
        return _page(sheet, problems=missing_parts(error)), 400
    flash("La fiche est envoyée en relecture.", "success")
    return see_other(".show", sheet_id=sheet.id)


@bp.post("/fiches/<uuid:sheet_id>/valider")
@allow("sheet.validate_by_lead", load=get_sheet)
def validate(sheet: Sheet) -> ResponseReturnValue:
    """Validate the reviewed sheet as the project's lead."""
    try:
        with unit_of_work():
            validate_by_lead(sheet, actor=signed_in_actor(), now=clock().now())
    except ConflictError as error:
        return _page(sheet, refusal=error.message), 409
    flash("Vous avez validé la fiche. L'agence la relit une dernière fois avant de la publier.", "success")
    return see_other(".show", sheet_id=sheet.id)


@bp.post("/fiches/<uuid:sheet_id>/reprendre")
@allow("sheet.send_back", load=get_sheet)
def take_back(sheet: Sheet) -> ResponseReturnValue:
    """Take the sheet back to correct it, saying why."""
    try:
        with unit_of_work():
            send_back(sheet, request.form.get("reason", ""), actor=signed_in_actor(), now=clock().now())
    except ConflictError as error:
        return _page(sheet, refusal=error.message), 400
    flash("La fiche revient en rédaction.", "success")
    return see_other(".show", sheet_id=sheet.id)
