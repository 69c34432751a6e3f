"""The plan of evaluation of a project: how it is evaluated, who evaluates, its versions and their reasons."""

from __future__ import annotations

from flask import Blueprint, flash, render_template
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import IntegerField, TextAreaField
from wtforms.validators import Length, Optional
from wtforms.widgets import HiddenInput

from aap.awards.models import Project
from aap.blueprints import followed_project as words
from aap.blueprints.access import allow, form_errors, see_other, signed_in_actor
from aap.blueprints.office.loading import agency_project
from aap.clock import paris
from aap.db import unit_of_work
from aap.errors import ConflictError, InvalidError
from aap.evaluation.models import EvaluationPlan, EvaluatorKind
from aap.evaluation.queries import get_board, get_plan
from aap.evaluation.service import describe_plan, validate_plan
from aap.extensions import clock

bp = Blueprint("office_plans", __name__, url_prefix="/agence/projets/<uuid:project_id>/plan")


class PlanForm(FlaskForm):
    """The method, the protection of data, the evaluators by function."""

    method = TextAreaField("Méthode", validators=[Length(max=5000)])
    data_protection = TextAreaField("Protection des données", validators=[Length(max=3000)])
    internal = TextAreaField(
        "Qui évalue dans le projet", description="Une fonction par ligne, jamais un nom.", validators=[Length(max=1000)]
    )
    external = TextAreaField(
        "Qui évalue de l'extérieur", description="Un organisme par ligne.", validators=[Length(max=1000)]
    )
    seen = IntegerField(widget=HiddenInput(), validators=[Optional()])


class VersionForm(FlaskForm):
    """Why the plan changes; the first version needs no reason."""

    reason = TextAreaField("Ce qui change et pourquoi", validators=[Length(max=2000)])


@bp.get("")
@allow("evaluation.read", load=agency_project)
def show(project: Project) -> ResponseReturnValue:
    """Read the plan, its indicators' goals and its versions."""
    return _page(project, VersionForm())


def _page(project: Project, form: VersionForm) -> str:
    now = clock().now()
    board = get_board(project, now)
    return render_template(
        "office/projects/plan.html",
        project=project,
        board=board,
        badges=words.state_badges(project, board, staff=True),
        plan=get_plan(project.id) if board.plan_state else None,
        lines=words.indicator_lines(board, paris(now).date(), lambda row: str(row.indicator_id)),
        form=form,
    )


@bp.post("/valider")
@allow("evaluation.validate_plan", load=agency_project)
def validate(project: Project) -> ResponseReturnValue:
    """Validate the plan as it stands: a new version, with its reason after the first."""
    form = VersionForm()
    if form.validate_on_submit():
        try:
            with unit_of_work():
                number = validate_plan(
                    get_plan(project.id), reason=form.reason.data, actor=signed_in_actor(), now=clock().now()
                )
        except InvalidError as error:
            form_errors(form, error)
        except ConflictError as error:
            form.form_errors.append(error.message)
        else:
            flash(f"La version {number} du plan d'évaluation est validée.", "success")
            return see_other(".show", project_id=project.id)
    return _page(project, form), 400


@bp.route("/modifier", methods=["GET", "POST"])
@allow("evaluation.edit_plan", load=agency_project)
def edit(project: Project) -> ResponseReturnValue:
    """Write how the project is evaluated and by whom."""
    plan = get_plan(project.id)
    form = _plan_form(plan)
    if form.validate_on_submit():
        with unit_of_work():
            describe_plan(
                plan,
                method=form.method.data or "",
                data_protection=form.data_protection.data or "",
                evaluators=[
                    (kind, line.strip())
                    for kind, text in (
                        (EvaluatorKind.INTERNAL, form.internal.data),
                        (EvaluatorKind.EXTERNAL, form.external.data),
                    )
                    for line in (text or "").splitlines()
                    if line.strip()
                ],
                seen=form.seen.data,
                actor=signed_in_actor(),
                now=clock().now(),
            )
        flash("Le plan est enregistré. Il attend une nouvelle validation.", "success")
        return see_other(".show", project_id=project.id)
    page = render_template("office/projects/plan_edit.html", project=project, form=form)
    return page, 400 if form.errors else 200


def _plan_form(plan: EvaluationPlan) -> PlanForm:
    by_kind = {kind: "\n".join(row.label for row in plan.evaluators if row.kind is kind) for kind in EvaluatorKind}
    return PlanForm(
        method=plan.method,
        data_protection=plan.data_protection,
        internal=by_kind[EvaluatorKind.INTERNAL],
        external=by_kind[EvaluatorKind.EXTERNAL],
        seen=plan.lock_version,
    )
