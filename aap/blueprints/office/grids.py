"""The grid of a call as the agency follows it: the one in force, its dated revisions, and revising it."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from typing import Any

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue

from aap import french
from aap.applications.models import Application
from aap.blueprints.access import allow, see_other, signed_in_actor
from aap.blueprints.office.grid_form import Typed, place_problems, read_grid_form, shown_grid
from aap.blueprints.office.tabs import call_crumbs, call_tabs
from aap.calls.document.composing import compose_rubric
from aap.calls.models import Call
from aap.calls.queries import current_version, get_call_by_id, list_grid_revisions
from aap.db import unit_of_work
from aap.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, Problem
from aap.extensions import clock
from aap.jury.checks import scoring_window
from aap.jury.grid import Grid, known_grid
from aap.jury.queries import RevisionProgress, count_answers
from aap.jury.service import Revised, check_revisable, grid_in_force, keys_ever, prepare_revision, revise_grid
from aap.policies import visible

bp = Blueprint("office_grids", __name__, url_prefix="/agence/appels/<uuid:call_id>/grille")


@bp.get("")
@allow("jury.manage", load=get_call_by_id)
def show(call: Call) -> ResponseReturnValue:
    """Show the grid in force, how jurors answered its last revision, and every revision with its reason."""
    version = current_version(call)
    grid = _grid_of(call)
    return render_template(
        "office/grid.html",
        call=call,
        tabs=call_tabs(call, "office_jury.progress"),
        crumbs=call_crumbs(call, "Grille de notation"),
        grid=grid,
        rows=_rows(grid),
        revisions=list_grid_revisions(version)[::-1],
        progress=_progress(call) if grid.number > 1 else None,
        refused=_why_not(call),
        ends_at=scoring_window(version).ends_at,
    )


def _grid_of(call: Call) -> Grid:
    try:
        return known_grid(current_version(call))
    except ConflictError as error:
        raise NotFoundError(error.message) from error


def _rows(grid: Grid) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for line in grid.lines:
        criterion = grid.criteria[line.key]
        scale = f"{_number(criterion.minimum)} à {_number(criterion.maximum)}"
        scale += "" if criterion.step is None else f", de {_number(criterion.step)} en {_number(criterion.step)}"
        floor = "" if criterion.threshold is None else _number(criterion.threshold)
        rows.append((line.label, _number(criterion.weight), scale, floor, "admis" if criterion.na_allowed else ""))
    return rows


def _number(value: Fraction) -> str:
    return french.number(value)


def _why_not(call: Call) -> str:
    """Say why the person may not revise the grid now; empty when nothing prevents it."""
    try:
        check_revisable(call, signed_in_actor(), clock().now())
    except (ConflictError, ForbiddenError) as error:
        return error.message
    return ""


@bp.get("/reviser")
@allow("jury.manage", load=get_call_by_id)
def revise(call: Call) -> ResponseReturnValue:
    """Write the grid again, from the one in force."""
    _grid_of(call)
    check_revisable(call, signed_in_actor(), clock().now())
    return _page(call, shown_grid(grid_in_force(current_version(call))))


@bp.post("/reviser")
@allow("jury.manage", load=get_call_by_id)
def publish(call: Call) -> ResponseReturnValue:
    """Check the grid typed and show what it changes; publish it once that was read."""
    _grid_of(call)
    version = check_revisable(call, signed_in_actor(), clock().now())
    rubric, tree = grid_in_force(version), compose_rubric(version) or {}
    typed, made = read_grid_form(request.form, tree, rubric, keys_ever(version))
    if typed.problems:
        return _page(call, typed), 400
    try:
        revised = prepare_revision(version, made)
    except InvalidError as error:
        typed.problems = place_problems(error.problems, typed)
        return _page(call, typed), 400
    if request.form.get("action") != "publish" or request.form.get("checked") != _digest(revised):
        return _page(call, typed, revised)
    try:
        with unit_of_work():
            revision = revise_grid(
                call,
                made,
                reason=typed.values.get("reason", ""),
                seen=request.form.get("seen", 0, type=int),
                actor=signed_in_actor(),
                now=clock().now(),
            )
    except InvalidError as error:
        typed.problems = place_problems(error.problems, typed)
        return _page(call, typed, revised), 400
    except ConflictError as error:
        typed.problems = [Problem("", error.message)]
        return _page(call, typed, revised), 409
    flash(
        f"La grille est révisée : version {revision.number}. Les membres du jury en sont prévenus, et le changement "
        "est daté sur la page de l'appel.",
        "success",
    )
    return see_other("office_grids.show", call_id=call.id)


def _page(call: Call, typed: Typed, revised: Revised | None = None) -> str:
    version = current_version(call)
    return render_template(
        "office/grid_revision.html",
        call=call,
        crumbs=call_crumbs(call, "Réviser la grille"),
        typed=typed,
        errors=[(problem.place, problem.message) for problem in typed.problems],
        revised=revised,
        checked="" if revised is None else _digest(revised),
        effects=[] if revised is None else _effects(revised, _progress(call)),
        seen=version.grid_number,
    )


def _progress(call: Call) -> RevisionProgress:
    return count_answers(current_version(call), seen=visible(signed_in_actor(), Application))


def _digest(revised: Revised) -> str:
    """Sign what was shown, so that nothing else is published."""
    text = repr([(change.what, change.before, change.after) for change in revised.changes])
    return hashlib.sha256(text.encode()).hexdigest()


def _effects(revised: Revised, progress: RevisionProgress) -> list[str]:
    """Say what the revision does to the reviews already begun."""
    if not progress.submitted and not progress.begun:
        return ["Aucune évaluation n’est commencée : tous les dossiers seront notés avec la nouvelle grille."]
    told = []
    if progress.submitted:
        count = french.plural(progress.submitted, "évaluation rendue", "évaluations rendues")
        told.append(f"{count} : chaque juré dira s’il la garde ou s’il renote. {_kept_words(revised)}")
    if progress.begun:
        count = french.plural(progress.begun, "évaluation commencée", "évaluations commencées")
        told.append(f"{count} : chaque juré dira s’il garde ce qu’il a saisi ou s’il renote ce qui change.")
    return told


def _kept_words(revised: Revised) -> str:
    """Say whether a submitted review without « sans objet » could be kept."""
    known: set[Any] = {criterion.id for criterion in revised.before.criteria}
    added = [criterion for criterion in revised.after.criteria if criterion.id not in known]
    if not added:
        return "Gardée, elle compte avec les nouveaux poids."
    share = Fraction(sum(row.weight for row in added)) / Fraction(sum(row.weight for row in revised.after.criteria))
    thresholds = revised.after.thresholds
    limit = Fraction(3, 10) if revised.after.na_limit is None else Fraction(revised.after.na_limit)
    if share > limit or (thresholds is not None and thresholds.raw_sum_min is not None):
        return (
            "Aucune ne peut être gardée : trop de critères y sont sans note. Elles ne comptent plus sans être renotées."
        )
    return "Gardée, elle compte avec les nouveaux poids, les critères ajoutés étant laissés hors de son total."
