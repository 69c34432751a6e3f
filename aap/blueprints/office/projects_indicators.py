"""One indicator of a project for the agency: its goal, its values, their corrections."""

from __future__ import annotations

import uuid
from decimal import Decimal

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional
from wtforms.widgets import HiddenInput

from aap import french
from aap.blueprints import followed_project as words
from aap.blueprints.access import allow, form_errors, see_other, signed_in_actor
from aap.blueprints.office.loading import agency_indicator
from aap.clock import paris
from aap.db import unit_of_work
from aap.errors import InvalidError
from aap.evaluation.models import Indicator, PlanState
from aap.evaluation.queries import get_plan, get_series, list_periods, list_revisions
from aap.evaluation.service import correct_measure, set_goal, validate_measure
from aap.extensions import clock
from aap.forms.fields import UnreadableError
from aap.forms.fields.cleaning import read_decimal

bp = Blueprint("office_indicators", __name__, url_prefix="/agence/indicateurs")

CLOSED = (PlanState.FINAL_VALIDATED, PlanState.DECIDED)


class GoalForm(FlaskForm):
    """The starting value and the target of an indicator. Either may be 0; the first may be missing."""

    baseline = StringField("Valeur de départ", description="Laissez vide si elle n'a pas été mesurée.")
    baseline_period = StringField(
        "Période de la valeur de départ",
        description="Par exemple : 2023, 2023-T4, ou « non mesuré ».",
        validators=[Length(max=80)],
    )
    target = StringField("Cible")
    target_on = DateField("Date de la cible", validators=[Optional()])
    seen = IntegerField(widget=HiddenInput(), validators=[Optional()])


class CorrectionForm(FlaskForm):
    """A validated value corrected by the agency, and why."""

    period = SelectField("Période")
    value = StringField("Valeur corrigée", validators=[DataRequired("Indiquez la valeur.")])
    reason = TextAreaField(
        "Pourquoi la mesure est corrigée", validators=[DataRequired("Indiquez le motif."), Length(max=1000)]
    )


@bp.get("/<uuid:indicator_id>")
@allow("evaluation.read", load=agency_indicator)
def show(thing: Indicator) -> ResponseReturnValue:
    """Show an indicator with its values, its corrections, its goal."""
    return _indicator_page(thing, _goal_form(thing), _correction_form(thing))


@bp.post("/<uuid:indicator_id>/cible")
@allow("evaluation.edit_plan", load=agency_indicator)
def goal(thing: Indicator) -> ResponseReturnValue:
    """Set the starting value and the target; the plan then waits for a new version."""
    form = _goal_form(thing)
    if form.validate_on_submit():
        try:
            with unit_of_work():
                set_goal(
                    thing,
                    baseline=read_number("baseline", form.baseline.data),
                    baseline_period=form.baseline_period.data or "",
                    target=read_number("target", form.target.data),
                    target_on=form.target_on.data,
                    seen=form.seen.data,
                    actor=signed_in_actor(),
                    now=clock().now(),
                )
        except InvalidError as error:
            form_errors(form, error)
        else:
            flash("La cible est enregistrée. Le plan attend une nouvelle validation.", "success")
            return see_other(".show", indicator_id=thing.id)
    return _indicator_page(thing, form, _correction_form(thing)), 400


@bp.post("/<uuid:indicator_id>/corriger")
@allow("evaluation.correct", load=agency_indicator)
def correct(thing: Indicator) -> ResponseReturnValue:
    """Correct a value; what computes from it is computed again."""
    form = _correction_form(thing)
    if form.validate_on_submit():
        try:
            with unit_of_work():
                correct_measure(
                    thing,
                    form.period.data,
                    read_number("value", form.value.data) or Decimal(0),
                    reason=form.reason.data or "",
                    actor=signed_in_actor(),
                    now=clock().now(),
                )
        except InvalidError as error:
            form_errors(form, error)
        else:
            flash("La correction est enregistrée et validée.", "success")
            return see_other(".show", indicator_id=thing.id)
    return _indicator_page(thing, _goal_form(thing), form), 400


@bp.post("/<uuid:indicator_id>/valider")
@allow("evaluation.validate_measure", load=agency_indicator)
def validate(thing: Indicator) -> ResponseReturnValue:
    """Validate a correction that the lead made."""
    wanted = request.form.get("measure_id", type=uuid.UUID)
    measure = next((row for row in list_revisions(thing.id) if row.id == wanted), None)
    if measure is not None:
        with unit_of_work():
            validate_measure(measure, actor=signed_in_actor(), now=clock().now())
        flash("La mesure est validée.", "success")
    return see_other(".show", indicator_id=thing.id)


def _goal_form(thing: Indicator) -> GoalForm:
    return GoalForm(
        baseline=_plain(thing.baseline),
        baseline_period=thing.baseline_period,
        target=_plain(thing.target),
        target_on=thing.target_on,
        seen=thing.lock_version,
    )


def _correction_form(thing: Indicator) -> CorrectionForm:
    form = CorrectionForm()
    form.period.choices = {
        period.key: f"{period.key} ({french.day(period.ends_on)})" for period in list_periods(thing.project_id)
    }
    return form


def _indicator_page(thing: Indicator, goal_form: GoalForm, correction: CorrectionForm) -> str:
    series, today = get_series(thing), paris(clock().now()).date()
    return render_template(
        "office/projects/indicator.html",
        project=thing.project,
        indicator=thing,
        series=series,
        target=words.aimed_at(series),
        baseline=words.started_from(series),
        result=words.result(series, today),
        values=[
            (point.period_key, french.day(point.ends_on), words.measured(point, series.unit)) for point in series.points
        ],
        revisions=[row for row in list_revisions(thing.id) if row.revision > 1 or row.comment],
        plan_open=get_plan(thing.project_id).state not in CLOSED,
        measured=any(point.value is not None for point in series.points),
        goal=goal_form,
        correction=correction,
    )


def _plain(value: Decimal | None) -> str:
    return "" if value is None else f"{value:f}".replace(".", ",")


def read_number(name: str, text: str | None) -> Decimal | None:
    """Read a number as people type it; blank is nothing.

    Raises:
        InvalidError: not a number, on the field ``name``.

    """
    try:
        return read_decimal(text or "", decimals=6)
    except UnreadableError as error:
        raise InvalidError.on(name, str(error)) from error
