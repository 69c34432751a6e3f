"""The reports of my project: measures of the period, expenses and texts, saved as they come, then handed in."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue

from aap.blueprints.access import allow, see_other, signed_in_actor
from aap.blueprints.applicant.projects_inputs import moved, places_of_submission, read_page, save_report
from aap.capitalisation.queries import list_project_sheets
from aap.db import unit_of_work
from aap.errors import ConflictError, InvalidError, Problem, StaleError
from aap.evaluation.models import Report, ReportKind, ReportState
from aap.evaluation.queries import get_report
from aap.evaluation.service import submit_report
from aap.evaluation.states import REPORT_WORKFLOW
from aap.extensions import clock

bp = Blueprint("applicant_reports", __name__, url_prefix="/projets/rapports")


@bp.get("/<uuid:report_id>")
@allow("report.read", load=get_report)
def show(report: Report) -> ResponseReturnValue:
    """Write a report, or read it once handed in. The report of capitalisation is the sheet."""
    if report.kind is ReportKind.CAPITALISATION:
        sheet = next(iter(list_project_sheets(report.project_id)), None)
        if sheet is None:
            return see_other("applicant_sheets.start", project_id=report.project_id)
        return see_other("applicant_sheets.show", sheet_id=sheet.id)
    return _page(report)


def _page(report: Report, sent: Mapping[str, str] | None = None, problems: tuple[Problem, ...] = ()) -> str:
    state = REPORT_WORKFLOW.labels[report.state]
    return render_template(
        "applicant/projects/report.html",
        report=report,
        project=report.project,
        badge=(state.public_label, state.tone),
        page=read_page(report, sent),
        errors={problem.place: problem.message for problem in problems},
        editable=report.state in {ReportState.DRAFT, ReportState.RETURNED},
        returned=report.state is ReportState.RETURNED,
        final=report.kind is ReportKind.FINAL,
        seen=(sent or {}).get("seen", report.lock_version),
    )


@bp.post("/<uuid:report_id>")
@allow("report.edit", load=get_report)
def save(report: Report) -> ResponseReturnValue:
    """Save the report; hand it in when asked. What was typed is saved even when the report is not complete."""
    if report.kind is ReportKind.CAPITALISATION:
        return see_other(".show", report_id=report.id)
    person, now = signed_in_actor(), clock().now()
    handed_in = request.form.get("action") == "submit"
    try:
        with unit_of_work():
            save_report(report, request.form, actor=person, now=now)
        if handed_in:
            with unit_of_work():
                submit_report(report, actor=person, now=now)
    except StaleError:
        raise
    except InvalidError as error:
        problems = tuple(moved(error, places_of_submission(report)))
        return _page(report, _still_typed(report), problems), 400
    except ConflictError as error:
        return _page(report, _still_typed(report), (Problem("", error.message),)), 400
    if handed_in:
        flash(f"« {report.label} » est transmis à l'agence.", "success")
        return see_other("applicant_projects.show", project_id=report.project_id, _anchor="rapports")
    flash("Le rapport est enregistré. Il n'est pas encore transmis à l'agence.", "success")
    return see_other(".show", report_id=report.id)


def _still_typed(report: Report) -> dict[str, str]:
    """Return what was typed, over the version of the report that is now saved."""
    return {**request.form, "seen": str(report.lock_version)}
