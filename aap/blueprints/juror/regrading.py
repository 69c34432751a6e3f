"""The grid was revised: a juror sees what changes for one file, and keeps the review or marks it again."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue

from aap import french
from aap.applications.models import Application
from aap.blueprints.access import allow, see_other, signed_in_actor
from aap.blueprints.juror.files import jury_file, seat_on
from aap.calls.queries import list_grid_revisions
from aap.db import unit_of_work
from aap.errors import ConflictError, InvalidError, NotFoundError
from aap.extensions import clock
from aap.jury.checks import scoring_window
from aap.jury.models import GridChoice
from aap.jury.queries import find_review
from aap.jury.service import CarriedLine, Outlook, answer_revision, look_ahead

bp = Blueprint("juror_regrading", __name__, url_prefix="/jury/dossiers/<uuid:application_id>/grille-revisee")

CHOICES = {choice.value: choice for choice in GridChoice}


@bp.get("")
@allow("application.mark", load=jury_file)
def show(application: Application) -> ResponseReturnValue:
    """Show what changed in the grid, and what each answer does to my review."""
    return _page(application)


@bp.post("")
@allow("application.mark", load=jury_file)
def answer(application: Application) -> ResponseReturnValue:
    """Keep my review, or mark it again."""
    choice = CHOICES.get(request.form.get("choice", ""))
    if choice is None:
        return _page(application, "Dites si vous gardez votre évaluation ou si vous renotez."), 400
    seat, person = seat_on(application), signed_in_actor()
    seen = request.form.get("seen", 0, type=int)
    try:
        with unit_of_work():
            review = answer_revision(seat, application, choice, seen=seen, actor=person, now=clock().now())
            number = review.grid_number
    except InvalidError as error:
        return _page(application, error.problems[0].message), 400
    except ConflictError as error:
        return _page(application, error.message), 409
    if choice is GridChoice.KEEP and number < application.call_version.grid_number:
        flash(f"Votre évaluation du dossier {application.reference} est gardée telle quelle.", "success")
        return see_other("juror.desk", call_id=seat.call_id)
    flash("Votre grille est à jour. Complétez ce qui manque, puis rendez-la : elle ne compte qu'une fois rendue.")
    return see_other("juror_files.show", application_id=application.id, _anchor="grille")


def _page(application: Application, error: str = "") -> str:
    seat, version = seat_on(application), application.call_version
    review = find_review(seat, application)
    if review is None:
        raise NotFoundError("Vous n'avez rien noté sur ce dossier.")
    outlook = look_ahead(review, version)
    return render_template(
        "juror/regrading.html",
        application=application,
        outlook=outlook,
        revisions=list_grid_revisions(version, after=outlook.from_number),
        rows=[(line.label, _before(line), _after(line)) for line in outlook.lines],
        choices=_choices(outlook),
        chosen=request.form.get("choice", ""),
        error=error,
        open_now=scoring_window(version).is_open(clock().now()),
    )


def _before(line: CarriedLine) -> str:
    if line.added:
        return "critère ajouté"
    if line.was_na:
        return "sans objet"
    return "pas encore noté" if line.before is None else french.number(line.before)


def _after(line: CarriedLine) -> str:
    """Say what marking again does to a mark."""
    if line.added or (line.before is None and not line.was_na):
        return "à noter"
    if line.same:
        return "reprise telle quelle"
    return "à noter de nouveau ; votre commentaire est repris"


def _choices(outlook: Outlook) -> list[tuple[str, str, str]]:
    if not outlook.submitted:
        keep = "Toutes vos notes sont reprises, sauf là où l’échelle a changé ; le reste est à compléter."
        again = "Seules les notes des critères inchangés sont reprises."
        return [("keep", "Garder ce que j’ai saisi", keep), ("remark", "Renoter ce qui change", again)]
    again = "Votre évaluation redevient un brouillon : elle ne compte plus tant que vous ne l’avez pas rendue."
    choices = [("remark", "Renoter", again)]
    if outlook.usable and not outlook.kept:
        choices.insert(0, ("keep", "Garder mon évaluation telle quelle", _kept_words(outlook)))
    return choices


def _kept_words(outlook: Outlook) -> str:
    if outlook.total_before is None or outlook.total_kept is None:
        return "Vos notes ne changent pas ; elles sont lues avec la nouvelle grille."
    was, now = french.mark(outlook.total_before), french.mark(outlook.total_kept)
    scales = french.number(outlook.scale_before), french.number(outlook.scale_after)
    if (was, scales[0]) == (now, scales[1]):
        return f"Vos notes ne changent pas, et votre total reste de {now} sur {scales[1]}."
    told = f"Vos notes ne changent pas. Votre total était de {was} sur {scales[0]} ; "
    return told + f"lu avec la nouvelle grille, il est de {now} sur {scales[1]}."
