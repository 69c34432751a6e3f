"""Concluding a project: targets, balance, the three verdicts, the recommendation, what a body decided next."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from aap import french
from aap.awards.arithmetic import balance
from aap.awards.models import Project
from aap.awards.service import settle_project
from aap.blueprints import followed_project as words
from aap.blueprints.access import allow, form_errors, see_other, signed_in_actor
from aap.blueprints.office.loading import agency_project
from aap.clock import paris
from aap.db import unit_of_work
from aap.errors import ConflictError, InvalidError, StaleError
from aap.evaluation.models import RecommendationValue, VerdictValue
from aap.evaluation.queries import Board, Conclusion, get_board
from aap.evaluation.service import answer_seal, give_verdict, recommend, record_decision
from aap.extensions import clock
from aap.referentials.vocabularies import vocabulary

bp = Blueprint("office_conclusions", __name__, url_prefix="/agence/projets/<uuid:project_id>/conclusion")

QUESTIONS = ("Q1", "Q2", "Q3")
_VERDICTS = {term.code: term.label for term in vocabulary("verdicts").terms}
_RECOMMENDATIONS = {term.code: term.label for term in vocabulary("recommendations").terms}


class VerdictForm(FlaskForm):
    """The answers to the three questions, as they come, and the recommendation."""

    Q1 = RadioField("Appréciation", choices=_VERDICTS, validators=[Optional()])
    Q1_text = TextAreaField("Pourquoi", validators=[Length(max=3000)])
    Q2 = RadioField("Appréciation", choices=_VERDICTS, validators=[Optional()])
    Q2_text = TextAreaField("Pourquoi", validators=[Length(max=3000)])
    Q3 = RadioField("Appréciation", choices=_VERDICTS, validators=[Optional()])
    Q3_text = TextAreaField("Pourquoi", validators=[Length(max=3000)])
    recommendation = SelectField("Recommandation", choices={"": "Choisir", **_RECOMMENDATIONS})
    recommendation_text = TextAreaField("Précisions", validators=[Length(max=3000)])


class DecisionForm(FlaskForm):
    """What a steering body decided on the project's future."""

    body = StringField("Instance", validators=[DataRequired("Indiquez l'instance qui a décidé."), Length(max=200)])
    decided_on = DateField("Date de la décision", validators=[InputRequired("Indiquez la date.")])
    outcome = SelectField("Suite donnée", choices=_RECOMMENDATIONS)
    text = TextAreaField("Décision", validators=[DataRequired("Écrivez la décision."), Length(max=5000)])


@bp.get("")
@allow("evaluation.read", load=agency_project)
def show(project: Project) -> ResponseReturnValue:
    """Show what the evaluation concludes so far, and what remains to do."""
    return _page(project)


def _page(
    project: Project,
    *,
    verdicts: VerdictForm | None = None,
    decision: DecisionForm | None = None,
    compared: StaleError | None = None,
) -> str:
    """Show the conclusion; ``compared`` holds what was typed and what somebody else wrote meanwhile."""
    now = clock().now()
    board = get_board(project, now)
    return render_template(
        "office/projects/conclusion.html",
        project=project,
        board=board,
        badges=words.state_badges(project, board, staff=True),
        sentence=words.targets_sentence(board, paris(now).date()),
        formula=balance_sentence(project, board),
        questions=[(key, vocabulary("art51_questions").label(key)) for key in QUESTIONS],
        verdicts=verdicts or _verdict_form(board.conclusion),
        seen=_seen(board.conclusion, verdicts),
        compared=compared,
        decision=decision or DecisionForm(outcome=_recommended(board.conclusion)),
        forms_with_errors=[form for form in (verdicts, decision) if form is not None],
    )


def balance_sentence(project: Project, board: Board) -> str:
    """Write the balance as a calculation anybody can do again; empty before any expense."""
    made = project.balance
    spent = made.spent_eur if made else board.spent_eur
    if spent is None:
        return ""
    paid = made.paid_eur if made else project.paid_total_eur
    result = balance(spent_eur=spent, budget_eur=project.budget_eur, subsidy_eur=project.subsidy_eur, paid_eur=paid)
    return (
        f"{french.euros(spent)} dépensés × {french.euros(project.subsidy_eur)} de subvention / "
        f"{french.euros(project.budget_eur)} de budget = {french.euros(result.subsidy_due_eur)} dus, "
        f"moins {french.euros(paid)} versés : {french.euros(result.balance_eur)}."
    )


def _recommended(conclusion: Conclusion) -> str | None:
    return conclusion.recommendation.value if conclusion.recommendation else None


def _verdict_form(conclusion: Conclusion) -> VerdictForm:
    given: dict[str, str | None] = {
        "recommendation": _recommended(conclusion),
        "recommendation_text": conclusion.recommendation_text,
    }
    for row in conclusion.verdicts:
        given |= {row.question: row.verdict.value, f"{row.question}_text": row.text}
    return VerdictForm(data=given)


def _seen(conclusion: Conclusion, typed: VerdictForm | None) -> dict[str, str]:
    """Return the seal of each answer that the page shows; of an answer left as it was, the seal that came with it."""
    shown = {key: answer_seal("", "") for key in (*QUESTIONS, "recommendation")}
    shown |= {row.question: answer_seal(row.verdict.value, row.text) for row in conclusion.verdicts}
    if conclusion.recommendation:
        shown["recommendation"] = answer_seal(conclusion.recommendation.value, conclusion.recommendation_text or "")
    if typed is None:
        return shown
    return {key: seal if _touched(typed, key) else request.form.get(f"seen-{key}", seal) for key, seal in shown.items()}


def _touched(form: VerdictForm, key: str) -> bool:
    """Tell whether an answer is not the one that its page showed."""
    seen = request.form.get(f"seen-{key}")
    return seen is None or seen != answer_seal(form[key].data or "", form[f"{key}_text"].data or "")


@bp.post("/appreciations")
@allow("evaluation.conclude", load=agency_project)
def judge(project: Project) -> ResponseReturnValue:
    """Save the answers given so far to the three questions, and the recommendation."""
    form = VerdictForm()
    if form.validate_on_submit():
        try:
            with unit_of_work():
                _save_verdicts(project, form)
        except InvalidError as error:
            form_errors(form, error)
        except StaleError as error:
            return _page(project, verdicts=form, compared=error), 409
        except ConflictError as error:
            form.form_errors.append(error.message)
        else:
            flash("Les appréciations sont enregistrées.", "success")
            return see_other(".show", project_id=project.id)
    return _page(project, verdicts=form), 400


def _save_verdicts(project: Project, form: VerdictForm) -> None:
    stale = [error for key in QUESTIONS if (error := _save_verdict(project, form, key))]
    if form.recommendation.data and _touched(form, "recommendation"):
        value, seen = RecommendationValue(form.recommendation.data), request.form.get("seen-recommendation")
        text, person = form.recommendation_text.data or "", signed_in_actor()
        try:
            recommend(project, value, text, actor=person, now=clock().now(), seen=seen)
        except StaleError as error:
            stale.append(error)
    if stale:
        message = " ".join(dict.fromkeys(one.message for one in stale))
        yours, theirs = ("\n\n".join(f"{getattr(one, side)}" for one in stale) for side in ("yours", "theirs"))
        raise StaleError(message, yours=yours, theirs=theirs)


def _save_verdict(project: Project, form: VerdictForm, key: str) -> StaleError | None:
    """Save one answer if it was touched; return what somebody else wrote meanwhile, to be shown with the others."""
    verdict, text = form[key].data, form[f"{key}_text"].data or ""
    if not verdict and text.strip():
        raise InvalidError.on(key, f"Choisissez l'appréciation de la question {key}.")
    if verdict and not text.strip():
        raise InvalidError.on(f"{key}_text", f"Motivez l'appréciation de la question {key}.")
    if not verdict or not _touched(form, key):
        return None
    person, now, seen = signed_in_actor(), clock().now(), request.form.get(f"seen-{key}")
    try:
        give_verdict(project, key, VerdictValue(verdict), text, actor=person, now=now, seen=seen)
    except StaleError as error:
        return error
    return None


@bp.post("/suites")
@allow("evaluation.decide", load=agency_project)
def decide(project: Project) -> ResponseReturnValue:
    """Record what a steering body decided: the evaluation is then closed."""
    form = DecisionForm()
    if form.validate_on_submit():
        try:
            with unit_of_work():
                record_decision(
                    project,
                    body=form.body.data or "",
                    decided_on=form.decided_on.data or date.max,
                    outcome=RecommendationValue(form.outcome.data),
                    text=form.text.data or "",
                    actor=signed_in_actor(),
                    now=clock().now(),
                )
        except InvalidError as error:
            form_errors(form, error)
        except ConflictError as error:
            form.form_errors.append(error.message)
        else:
            flash("La décision sur les suites est enregistrée.", "success")
            return see_other(".show", project_id=project.id)
    return _page(project, decision=form), 400


@bp.post("/cloture")
@allow("project.settle", load=agency_project)
def close(project: Project) -> ResponseReturnValue:
    """Close a project whose balance is computed and paid."""
    with unit_of_work():
        settle_project(project, actor=signed_in_actor(), now=clock().now())
    flash("Le projet est soldé.", "success")
    return see_other(".show", project_id=project.id)
