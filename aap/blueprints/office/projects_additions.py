"""What completes the plan of a project: indicators of the library, milestones added or moved."""

from __future__ import annotations

from flask import Blueprint, flash, render_template
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField, StringField
from wtforms.validators import DataRequired, Length, Optional
from wtforms.widgets import HiddenInput

from aap.awards.models import Project
from aap.awards.queries import get_project
from aap.blueprints.access import allow, form_errors, see_other, signed_in_actor
from aap.blueprints.office.inputs import DayField
from aap.blueprints.office.loading import agency_milestone, agency_project
from aap.blueprints.office.projects_indicators import GoalForm, read_number
from aap.db import unit_of_work
from aap.errors import ConflictError, InvalidError
from aap.evaluation.models import Milestone
from aap.evaluation.queries import get_plan, list_series
from aap.evaluation.service import add_indicator, add_milestone, move_milestone
from aap.extensions import clock
from aap.referentials.queries import list_indicator_definitions

bp = Blueprint("office_additions", __name__, url_prefix="/agence")


class IndicatorForm(GoalForm):
    """An indicator of the library, with its starting value and its target."""

    code = SelectField("Indicateur", validators=[DataRequired("Choisissez l'indicateur.")])


class MilestoneForm(FlaskForm):
    """A step of the project and its day."""

    label = StringField("Jalon", validators=[DataRequired("Donnez un nom au jalon."), Length(max=200)])
    due_on = DayField("Prévu le", validators=[DataRequired("Indiquez la date prévue.")])
    seen = IntegerField(widget=HiddenInput(), validators=[Optional()])


@bp.route("/projets/<uuid:project_id>/plan/indicateurs", methods=["GET", "POST"])
@allow("evaluation.edit_plan", load=agency_project)
def indicator(project: Project) -> ResponseReturnValue:
    """Follow one more indicator; the plan then waits for a new version."""
    known = {row.code for row in list_series(project)}
    form = IndicatorForm()
    form.code.choices = [
        ("", "Choisir"),
        *((row.code, f"{row.label} ({row.unit})") for row in list_indicator_definitions() if row.code not in known),
    ]
    if form.validate_on_submit():
        try:
            with unit_of_work():
                added = add_indicator(
                    get_plan(project.id),
                    form.code.data,
                    baseline=read_number("baseline", form.baseline.data),
                    baseline_period=form.baseline_period.data or "",
                    target=read_number("target", form.target.data),
                    target_on=form.target_on.data,
                    actor=signed_in_actor(),
                    now=clock().now(),
                )
                label = added.label
        except InvalidError as error:
            form_errors(form, error)
        except ConflictError as error:
            form.form_errors.append(error.message)
        else:
            flash(f"« {label} » est suivi. Le plan attend une nouvelle validation.", "success")
            return see_other("office_plans.show", project_id=project.id)
    page = render_template("office/projects/plan_indicator.html", project=project, form=form)
    return page, 400 if form.errors or form.form_errors else 200


@bp.route("/projets/<uuid:project_id>/plan/jalons", methods=["GET", "POST"])
@allow("evaluation.edit_plan", load=agency_project)
def milestone(project: Project) -> ResponseReturnValue:
    """Add a milestone."""
    form = MilestoneForm()
    if form.validate_on_submit():
        return _saved(form, project, None)
    return _milestone_page(form, project), 400 if form.errors else 200


@bp.route("/jalons/<uuid:milestone_id>", methods=["GET", "POST"])
@allow("evaluation.edit_plan", load=agency_milestone)
def moved(thing: Milestone) -> ResponseReturnValue:
    """Rename or move a milestone."""
    form, project = MilestoneForm(obj=thing, seen=thing.lock_version), get_project(thing.project_id)
    if form.validate_on_submit():
        return _saved(form, project, thing)
    return _milestone_page(form, project, thing.key), 400 if form.errors else 200


def _saved(form: MilestoneForm, project: Project, thing: Milestone | None) -> ResponseReturnValue:
    label, due_on = form.label.data or "", form.due_on.day
    person, now = signed_in_actor(), clock().now()
    try:
        with unit_of_work():
            if thing is None:
                add_milestone(get_plan(project.id), label=label, due_on=due_on, actor=person, now=now)
            else:
                move_milestone(thing, label=label, due_on=due_on, seen=form.seen.data, actor=person, now=now)
    except InvalidError as error:
        form_errors(form, error)
    else:
        flash("Le jalon est enregistré. Le plan attend une nouvelle validation.", "success")
        return see_other("office_plans.show", project_id=project.id, _anchor="jalons")
    return _milestone_page(form, project), 400


def _milestone_page(form: MilestoneForm, project: Project, key: str = "") -> str:
    return render_template("office/projects/plan_milestone.html", project=project, form=form, key=key)
