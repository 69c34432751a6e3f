"""Questions about a call on the agency's side: read, reworded, previewed, answered for everybody or for one file."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue

from aap.applications.queries import list_applicant_names
from aap.blueprints.access import allow, see_other, signed_in_actor
from aap.blueprints.office.tabs import call_crumbs, call_tabs
from aap.calls.anonymity import traces
from aap.calls.models import Call, CallQuestion
from aap.calls.queries import (
    calendar_of,
    get_call_by_id,
    get_question,
    list_old_texts,
    list_published_questions,
    list_questions,
    names_of_asker,
)
from aap.calls.questions import questions_until
from aap.calls.service import add_entry, answer_privately, merge_question, publish_answer
from aap.db import unit_of_work
from aap.errors import ConflictError, InvalidError, NotFoundError
from aap.extensions import clock

bp = Blueprint("office_questions", __name__, url_prefix="/agence")


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer being written: what was typed, what still tells who asked, and whether it is shown as published."""

    public_question: str = ""
    answer: str = ""
    warnings: tuple[str, ...] = ()
    preview: bool = False
    checked: bool = False
    errors: dict[str, str] = field(default_factory=dict)


@bp.get("/appels/<uuid:call_id>/questions")
@allow("call.manage", load=get_call_by_id)
def index(call: Call) -> ResponseReturnValue:
    """List the questions of a call: those that wait first."""
    return render_template(
        "office/questions.html",
        call=call,
        tabs=call_tabs(call, "office_questions.index"),
        crumbs=call_crumbs(call, "Questions"),
        rows=list_questions(call.id),
        until=questions_until(calendar_of(call)),
    )


@bp.get("/appels/<uuid:call_id>/questions/ajout")
@allow("call.manage", load=get_call_by_id)
def entry(call: Call) -> ResponseReturnValue:
    """Write a question and its answer that nobody asked in writing."""
    return _entry_page(call, Draft())


@bp.post("/appels/<uuid:call_id>/questions/ajout")
@allow("call.manage", load=get_call_by_id)
def add(call: Call) -> ResponseReturnValue:
    """Preview or publish an entry of the agency's own."""
    draft = read_draft(())
    if holds_back(draft):
        return _entry_page(call, draft), 200 if not draft.errors else 400
    try:
        with unit_of_work():
            add_entry(call, draft.public_question, draft.answer, actor=signed_in_actor(), now=clock().now())
    except InvalidError as error:
        return _entry_page(call, refused(draft, error)), 400
    flash("La réponse est publiée sur la page de l'appel, et les brouillons en sont prévenus.", "success")
    return see_other("office_questions.index", call_id=call.id)


@bp.get("/questions/<uuid:question_id>")
@allow("question.answer", load=get_question)
def show(question: CallQuestion) -> ResponseReturnValue:
    """Read a question and answer it."""
    return _page(question, Draft(public_question=question.text if question.outcome is None else ""))


@bp.post("/questions/<uuid:question_id>/reponse")
@allow("question.answer", load=get_question)
def publish(question: CallQuestion) -> ResponseReturnValue:
    """Preview, or publish; a text that still names its author asks to be read again first."""
    names = (*names_of_asker(question), *list_applicant_names(question.call_id, question.asker_id))
    draft = read_draft(names)
    if holds_back(draft):
        return _page(question, draft), 200 if not draft.errors else 400
    try:
        with unit_of_work():
            publish_answer(question, draft.public_question, draft.answer, actor=signed_in_actor(), now=clock().now())
    except InvalidError as error:
        return _page(question, refused(draft, error)), 400
    except ConflictError as error:
        return _page(question, draft, refusal=error.message, unsent=f"{draft.public_question}\n\n{draft.answer}"), 409
    flash("La réponse est publiée sur la page de l'appel, et les brouillons en sont prévenus.", "success")
    return see_other("office_questions.index", call_id=question.call_id)


@bp.post("/questions/<uuid:question_id>/reponse-particuliere")
@allow("question.answer", load=get_question)
def answer(question: CallQuestion) -> ResponseReturnValue:
    """Answer the asker alone, with the reason."""
    typed = {name: request.form.get(name, "") for name in ("private_answer", "reason")}
    try:
        with unit_of_work():
            answer_privately(
                question, typed["private_answer"], typed["reason"], actor=signed_in_actor(), now=clock().now()
            )
    except InvalidError as error:
        places = {"answer": "private_answer"}
        errors = {places.get(row.place, row.place): row.message for row in error.problems}
        return _page(question, Draft(public_question=question.text, errors=errors), typed), 400
    except ConflictError as error:
        return _page(question, Draft(), refusal=error.message, unsent=typed["private_answer"]), 409
    flash("La réponse est envoyée à la personne qui a posé la question, et à elle seule.", "success")
    return see_other("office_questions.index", call_id=question.call_id)


@bp.post("/questions/<uuid:question_id>/rattachement")
@allow("question.answer", load=get_question)
def merge(question: CallQuestion) -> ResponseReturnValue:
    """Say that a published answer already answers this question."""
    try:
        other = uuid.UUID(request.form.get("other", ""))
        with unit_of_work():
            merge_question(question, other, actor=signed_in_actor(), now=clock().now())
    except (ValueError, NotFoundError):
        errors = {"other": "Choisissez une réponse publiée."}
        return _page(question, Draft(public_question=question.text, errors=errors)), 400
    flash("La question est rattachée à la réponse publiée, et son auteur en est prévenu.", "success")
    return see_other("office_questions.index", call_id=question.call_id)


def read_draft(names: tuple[str, ...]) -> Draft:
    """Read the answer being written, with what in it still tells one of ``names``."""
    question, answer_text = request.form.get("public_question", ""), request.form.get("answer", "")
    return Draft(
        public_question=question,
        answer=answer_text,
        warnings=traces(f"{question}\n{answer_text}", names),
        preview=True,
        checked=request.form.get("checked") == "y",
    )


def holds_back(draft: Draft) -> bool:
    """Tell whether the text is only shown: a preview was asked, or what it still tells was not checked."""
    if request.form.get("do") != "publish":
        return True
    if draft.warnings and not draft.checked:
        draft.errors["checked"] = "Relisez le texte, corrigez-le, ou confirmez qu'il ne désigne personne."
        return True
    return False


def refused(draft: Draft, error: InvalidError) -> Draft:
    """Return the answer with what is wrong in it."""
    errors = {problem.place: problem.message for problem in error.problems}
    return replace(draft, preview=False, errors=errors)


def _page(
    question: CallQuestion,
    draft: Draft,
    private: dict[str, str] | None = None,
    *,
    refusal: str = "",
    unsent: str = "",
) -> str:
    """Draw a question; ``unsent`` is an answer that came after somebody else's, and ``refusal`` says so."""
    return render_template(
        "office/question.html",
        question=question,
        call=question.call,
        crumbs=call_crumbs(question.call, "Question"),
        names=names_of_asker(question),
        published=list_published_questions(question.call_id),
        draft=draft,
        private=private or {"private_answer": "", "reason": ""},
        old=list_old_texts(question.id),
        refusal=refusal,
        unsent=unsent,
    )


def _entry_page(call: Call, draft: Draft) -> str:
    return render_template("office/question_entry.html", call=call, crumbs=call_crumbs(call, "Question"), draft=draft)
