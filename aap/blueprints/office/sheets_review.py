"""Reviewing a sheet: its text, and the grid of ten points answered yes, no, or not applicable, with comments."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue

from aap.blueprints.access import allow, see_other, signed_in_actor
from aap.blueprints.office.loading import agency_sheet
from aap.blueprints.office.sheets import sheet_crumbs
from aap.blueprints.sheet_text import sheet_text
from aap.capitalisation.body import read_body
from aap.capitalisation.grid import REVIEW_GRID
from aap.capitalisation.models import GridAnswer, ReviewOutcome, Sheet, SheetState
from aap.capitalisation.queries import list_figures, list_reviews
from aap.capitalisation.service import review_sheet
from aap.capitalisation.states import SHEET_WORKFLOW
from aap.db import unit_of_work
from aap.errors import ConflictError, InvalidError, Problem
from aap.extensions import clock
from aap.policies import may
from aap.referentials.vocabularies import vocabulary

bp = Blueprint("office_reviews", __name__, url_prefix="/agence/fiches/<uuid:sheet_id>/relecture")

_OUTCOMES = {outcome.value: outcome for outcome in ReviewOutcome}
_ANSWERS = {answer.value: answer for answer in GridAnswer}


@bp.get("")
@allow("sheet.read", load=agency_sheet)
def show(sheet: Sheet) -> ResponseReturnValue:
    """Read the sheet with the grid, and the reviews already given."""
    return _page(sheet)


def _page(sheet: Sheet, typed: Mapping[str, str] | None = None, problems: tuple[Problem, ...] = ()) -> str:
    person = signed_in_actor()
    state, reviews = SHEET_WORKFLOW.labels[sheet.state], list_reviews(sheet)
    mine = [row for row in reviews if row.reviewer_id == person.id and row.version == sheet.version]
    points = {point.key: point.label for point in REVIEW_GRID}
    families = vocabulary("review_families").terms
    return render_template(
        "office/sheets/review.html",
        sheet=sheet,
        crumbs=[*sheet_crumbs(sheet), ("Relecture", None)],
        badge=(state.label, state.tone),
        asked=sheet.state is SheetState.IN_REVIEW and not mine and may(person, "sheet.review", sheet),
        text=sheet_text(sheet.title, sheet.hook, sheet.summary, read_body(sheet.body), list_figures(sheet)),
        grid=[(family.label, [point for point in REVIEW_GRID if point.family == family.code]) for family in families],
        answers=[(term.code, term.label) for term in vocabulary("review_answers").terms],
        typed=typed or {},
        errors={_input_of(problem.place): problem.message for problem in problems},
        reviews=[
            (
                number,
                review,
                [
                    (points[row.key], vocabulary("review_answers").label(row.answer.value), row.comment)
                    for row in review.answers
                ],
            )
            for number, review in enumerate(reviews, start=1)
        ],
    )


def _input_of(place: str) -> str:
    return place if place in {"note", "outcome", ""} else f"answer-{place}"


@bp.post("")
@allow("sheet.review", load=agency_sheet)
def give(sheet: Sheet) -> ResponseReturnValue:
    """Give my review of the version in review."""
    sent = request.form
    answers = {
        point.key: (_ANSWERS[sent[name]], sent.get(f"comment-{point.key}", "").strip())
        for point in REVIEW_GRID
        if sent.get(name := f"answer-{point.key}") in _ANSWERS
    }
    outcome = _OUTCOMES.get(sent.get("outcome", ""))
    try:
        if outcome is None:
            raise InvalidError.on("outcome", "Choisissez votre conclusion.")
        with unit_of_work():
            person, now = signed_in_actor(), clock().now()
            review_sheet(sheet, answers, outcome, note=sent.get("note", ""), actor=person, now=now)
    except InvalidError as error:
        return _page(sheet, sent, error.problems or (Problem("", error.message),)), 400
    except ConflictError as error:
        return _page(sheet, sent, (Problem("", error.message),)), 400
    flash("Votre relecture est enregistrée.", "success")
    return see_other("office_sheets.show", sheet_id=sheet.id)
