"""A published answer corrected: previewed like a new one, dated for everybody, told again to the drafts."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue

from aap.applications.queries import list_applicant_names
from aap.blueprints.access import allow, see_other, signed_in_actor
from aap.blueprints.office.questions import Draft, holds_back, read_draft, refused
from aap.blueprints.office.tabs import call_crumbs
from aap.calls.models import CallQuestion, QuestionOutcome
from aap.calls.queries import get_question, list_old_texts, names_of_asker
from aap.calls.service import correct_answer
from aap.db import unit_of_work
from aap.errors import InvalidError, NotFoundError, StaleError
from aap.extensions import clock

bp = Blueprint("office_corrections", __name__, url_prefix="/agence/questions/<uuid:question_id>/correction")


@bp.get("")
@allow("question.answer", load=get_question)
def correction(question: CallQuestion) -> ResponseReturnValue:
    """Write the text that replaces a published answer."""
    _check_published(question)
    return _page(question, Draft(public_question=question.public_question, answer=question.answer))


@bp.post("")
@allow("question.answer", load=get_question)
def correct(question: CallQuestion) -> ResponseReturnValue:
    """Preview the new text, or publish it; one that still names its author asks to be read again first."""
    _check_published(question)
    names = (*names_of_asker(question), *list_applicant_names(question.call_id, question.asker_id))
    draft = read_draft(names)
    if holds_back(draft):
        return _page(question, draft), 200 if not draft.errors else 400
    seen = request.form.get("seen", 0, type=int)
    try:
        with unit_of_work():
            correct_answer(
                question,
                draft.public_question,
                draft.answer,
                seen=seen,
                actor=signed_in_actor(),
                now=clock().now(),
            )
    except InvalidError as error:
        return _page(question, refused(draft, error)), 400
    except StaleError as error:
        draft.errors["answer"] = error.message
        return _page(question, draft, meanwhile=True), 409
    flash("La correction est publiée sur la page de l'appel, et les brouillons en sont prévenus.", "success")
    return see_other("office_questions.show", question_id=question.id)


def _check_published(question: CallQuestion) -> None:
    if question.outcome is not QuestionOutcome.PUBLISHED:
        raise NotFoundError("Cette question n'a pas de réponse publiée.")


def _page(question: CallQuestion, draft: Draft, *, meanwhile: bool = False) -> str:
    return render_template(
        "office/question_correction.html",
        question=question,
        call=question.call,
        crumbs=call_crumbs(question.call, "Correction"),
        draft=draft,
        seen=len(list_old_texts(question.id)),
        meanwhile=meanwhile,
    )
