"""The reports of funded projects, read by the agency: returned with a remark, or validated with their measures."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from aap import french
from aap.blueprints import followed_project as words
from aap.blueprints.access import allow, form_errors, see_other, signed_in_actor
from aap.blueprints.office.loading import agency_report
from aap.capitalisation.queries import list_project_sheets
from aap.clock import paris
from aap.db import unit_of_work
from aap.errors import InvalidError
from aap.evaluation.models import Report, ReportKind
from aap.evaluation.queries import Series, list_expenses, list_series
from aap.evaluation.service import return_report, validate_report
from aap.evaluation.states import REPORT_WORKFLOW
from aap.extensions import clock
from aap.workflow import list_events

bp = Blueprint("office_reports", __name__, url_prefix="/agence/rapports")


class RemarkForm(FlaskForm):
    """What the lead must complete."""

    remark = TextAreaField(
        "Ce qu'il faut compléter", validators=[DataRequired("Dites ce qu'il faut compléter."), Length(max=2000)]
    )


@bp.get("/<uuid:report_id>")
@allow("report.read", load=agency_report)
def show(report: Report) -> ResponseReturnValue:
    """Read a report with its measures beside the earlier ones; the report of capitalisation is the sheet."""
    sheet = next(iter(list_project_sheets(report.project_id)), None)
    if report.kind is ReportKind.CAPITALISATION and sheet is not None:
        return see_other("office_sheets.show", sheet_id=sheet.id)
    return _page(report, RemarkForm())


def _page(report: Report, form: RemarkForm) -> str:
    today, label = paris(clock().now()).date(), REPORT_WORKFLOW.labels[report.state]
    key, project = report.period_key or "", report.project
    pairs = [(each, point) for each in list_series(project) for point in each.points if point.period_key == key]
    return render_template(
        "office/projects/report.html",
        report=report,
        project=project,
        badge=(label.label, label.tone),
        measures=[
            (
                each.label,
                words.started_from(each),
                words.aimed_at(each),
                _before(each, key),
                words.measured(point, each.unit),
            )
            for each, point in pairs
            if point.value is not None
        ],
        missing=[
            (each.label, url_for("office_indicators.show", indicator_id=each.indicator_id))
            for each, point in pairs
            if point.value is None and each.mandatory
        ],
        spent=list_expenses(project.id).get(key),
        lines=[
            (line.label, french.euros(line.planned_eur), french.euros(line.actual_eur))
            for line in (project.budget_lines if report.kind is ReportKind.FINAL else ())
        ],
        late=report.submitted_at is not None and paris(report.submitted_at).date() > report.due_on,
        overdue=report.submitted_at is None and today > report.due_on,
        history=[
            {"date": french.day(event.at), "title": _EVENTS[event.event], "text": event.reason, "state": "done"}
            for event in list_events(report)
        ],
        form=form,
    )


_EVENTS = {"submit": "Transmis par le porteur", "return": "Renvoyé par l'agence", "validate": "Validé"}


def _before(series: Series, key: str) -> str:
    """Write the last value before this period."""
    keys = [point.period_key for point in series.points]
    earlier = [point for point in series.points[: keys.index(key)] if point.value is not None]
    return words.measured(earlier[-1], series.unit) if earlier else ""


@bp.post("/<uuid:report_id>/renvoyer")
@allow("report.return", load=agency_report)
def send_back(report: Report) -> ResponseReturnValue:
    """Give a report back with what to complete."""
    form = RemarkForm()
    if form.validate_on_submit():
        try:
            with unit_of_work():
                return_report(report, form.remark.data or "", actor=signed_in_actor(), now=clock().now())
        except InvalidError as error:
            form_errors(form, error)
        else:
            flash("Le rapport est renvoyé au porteur avec votre remarque.", "success")
            return see_other("office_projects.show", project_id=report.project_id, _anchor="rapports")
    return _page(report, form), 400


@bp.post("/<uuid:report_id>/valider")
@allow("report.validate", load=agency_report)
def validate(report: Report) -> ResponseReturnValue:
    """Validate a report with the measures of its period, and open the instalment of its rank."""
    with unit_of_work():
        validate_report(report, actor=signed_in_actor(), now=clock().now())
    opened = f" Le versement {report.unlocks_rank} est exigible." if report.unlocks_rank is not None else ""
    flash(f"Le rapport est validé avec ses mesures.{opened}", "success")
    return see_other("office_projects.show", project_id=report.project_id, _anchor="rapports")
