"""The decision on my file, once it is notified: its words, its reservations, my own marks, the letter."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from aap import french
from aap.applications.models import Application
from aap.awards.letters import decision_letter
from aap.awards.queries import find_decision, get_award
from aap.blueprints.access import allow
from aap.blueprints.applicant.loading import arrival, own_application
from aap.blueprints.downloads import download_kept
from aap.clock import paris
from aap.documents.letter import CriterionMark, Outcome, wording
from aap.errors import NotFoundError

bp = Blueprint("applicant_award", __name__, url_prefix="/dossiers/<uuid:application_id>/decision")

_TONES = {
    Outcome.FAVORABLE: "success",
    Outcome.FAVORABLE_WITH_RESERVATIONS: "success",
    Outcome.WAITING_LIST: "warning",
}


@bp.get("")
@allow("award.read", load=own_application)
def show(application: Application) -> ResponseReturnValue:
    """Show the notified decision."""
    decision, award = find_decision(application.id), get_award(application.id)
    if decision is None or award.notified_at is None:
        raise NotFoundError("La décision n'est pas encore notifiée.")
    letter = decision_letter(decision, paris(award.notified_at).date())
    return render_template(
        "applicant/award.html",
        application=application,
        call=application.call_version.call,
        letter=letter,
        award=award,
        text=wording(letter),
        tone=_TONES.get(letter.outcome, "neutral"),
        marks=[_mark(mark) for mark in letter.marks],
        today=paris(arrival()).date(),
    )


@bp.get("/courrier.pdf")
@allow("award.read", load=own_application)
def letter_pdf(application: Application) -> ResponseReturnValue:
    """Give the letter as it was sent."""
    award = get_award(application.id)
    return download_kept(award.letter_file_id, missing="Le courrier est en préparation. Revenez dans une minute.")


def _mark(mark: CriterionMark) -> tuple[str, str, str]:
    mean = "–" if mark.mean is None else f"{french.mark(mark.mean)} sur {french.number(mark.maximum)}"
    return (mark.label, french.number(mark.weight), mean)
