"""Asking about a call: the question is read by the agency alone, its answer by everybody."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue

from aap.blueprints.access import allow, see_other, signed_in_actor
from aap.blueprints.applicant.home import published_call
from aap.calls.models import Call
from aap.calls.queries import calendar_of, list_my_questions, list_published_questions
from aap.calls.questions import questions_until
from aap.calls.service import ask_question
from aap.calls.service.questions import LONGEST_QUESTION
from aap.db import unit_of_work
from aap.errors import ConflictError, InvalidError
from aap.extensions import clock

bp = Blueprint("applicant_questions", __name__, url_prefix="/appels/<reference>/questions")


@bp.get("")
@allow("question.ask", load=published_call)
def show(call: Call) -> ResponseReturnValue:
    """Show my questions, the published answers, and the form while questions are received."""
    return _page(call)


@bp.post("")
@allow("question.ask", load=published_call)
def ask(call: Call) -> ResponseReturnValue:
    """Ask. A closed delay is told on the page, and what was typed stays there."""
    text, key = request.form.get("text", ""), request.form.get("key", "") or str(uuid.uuid4())
    try:
        with unit_of_work():
            ask_question(call, text, actor=signed_in_actor(), now=clock().now(), idempotency_key=key)
    except InvalidError as error:
        return _page(call, text, key, error.message), 400
    except ConflictError as error:
        return _page(call, text, key, error.message), 409
    flash("Votre question est envoyée. La réponse sera publiée pour tous, sans rien qui vous désigne.", "success")
    return see_other("applicant_questions.show", reference=call.ref)


def _page(call: Call, text: str = "", key: str = "", error: str = "") -> str:
    now, until = clock().now(), questions_until(calendar_of(call))
    return render_template(
        "applicant/questions.html",
        call=call,
        mine=list_my_questions(call.id, signed_in_actor().id),
        published=list_published_questions(call.id),
        until=until,
        received=call.cancelled_at is None and (until is None or now <= until),
        text=text,
        key=key or str(uuid.uuid4()),
        error=error,
        longest=LONGEST_QUESTION,
    )
