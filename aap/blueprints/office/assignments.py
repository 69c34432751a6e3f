"""Who marks which file: a table of boxes, one column per member, filled by hand."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue

from aap import french
from aap.applications.models import Application
from aap.applications.queries import Page, get_application
from aap.blueprints.access import actor, allow, see_other, signed_in_actor
from aap.blueprints.office.jury import CONFLICT_WORDS
from aap.blueprints.office.tabs import call_crumbs
from aap.blueprints.paging import Pages, asked_page
from aap.calls.models import Call
from aap.calls.queries import current_version, get_call_by_id, load_document
from aap.db import unit_of_work
from aap.errors import ConflictError, ForbiddenError, InvalidError
from aap.extensions import clock
from aap.jury.models import Assignment
from aap.jury.queries import (
    MemberRow,
    ProgressRow,
    get_member,
    list_assignments,
    list_conflicts,
    list_members,
    list_progress,
    list_recusals,
)
from aap.jury.queries.proposing import count_loads
from aap.jury.service import assign, unassign
from aap.policies import visible

bp = Blueprint("office_assignments", __name__, url_prefix="/agence/appels")


@dataclass(frozen=True, slots=True)
class Cell:
    """A member and a file: the box, or why there is none; ``doubt`` is a candidate link not settled yet."""

    name: str
    member_id: uuid.UUID
    label: str
    checked: bool
    recused: bool
    doubt: str


@dataclass(frozen=True, slots=True)
class Line:
    """A file with one cell per member; ``elsewhere`` counts its readers who have no cell: those who left the jury."""

    file: ProgressRow
    cells: tuple[Cell, ...]
    elsewhere: int


@dataclass(frozen=True, slots=True)
class Seat:
    """A member at the head of a column; ``elsewhere`` counts the files they hold on the other pages of the table."""

    id: uuid.UUID
    code: str
    name: str
    declared: bool
    capacity: int | None
    load: str
    elsewhere: int


def _members(call: Call) -> list[MemberRow]:
    return [row for row in list_members(call.id, seen=visible(actor(), Application)) if row.left_at is None]


def _files(call: Call, number: int) -> tuple[tuple[ProgressRow, ...], int]:
    return list_progress(call.id, seen=visible(actor(), Application), page=number)


@bp.get("/<uuid:call_id>/jury/repartition")
@allow("jury.manage", load=get_call_by_id)
def edit(call: Call) -> ResponseReturnValue:
    """Show the table of one page of files."""
    return _page(call)


def _page(call: Call, problem: str = "") -> str:
    """Show the table; after a refusal, with the boxes as they were ticked and what the person knew."""
    number = asked_page()
    files, total = _files(call, number)
    members = _members(call)
    lines = _lines(call, files, members)
    given = [cell.name for line in lines for cell in line.cells if cell.checked]
    loads = count_loads(call.id, seen=visible(actor(), Assignment))
    seen, ticked = given, set(given)
    if problem:
        seen, ticked = request.form.getlist("seen"), set(request.form.getlist("pairs"))
    selection = load_document(current_version(call)).selection
    return render_template(
        "office/assignments.html",
        call=call,
        crumbs=call_crumbs(call, "Répartition des dossiers"),
        members=members,
        seats=[_seat(row, loads.get(row.id, 0), given) for row in members],
        lines=[replace(line, cells=_ticked(line.cells, ticked)) for line in lines],
        given=sum(loads.values()),
        seen=seen,
        errors=[("", problem)] if problem else [],
        page=Pages.of(Page(files, total, number, 50)),
        wanted=selection.jury.scorers_per_application.min if selection else 1,
    )


def _seat(row: MemberRow, load: int, given: list[str]) -> Seat:
    """Say how many files a member has over the whole call, and the most this person agrees to mark."""
    words = french.number(load) + ("" if row.capacity is None else f" sur {french.number(row.capacity)}")
    here = sum(name.startswith(str(row.id)) for name in given)
    return Seat(row.id, row.code, row.name, row.signed_at is not None, row.capacity, words, load - here)


def _ticked(cells: tuple[Cell, ...], names: set[str]) -> tuple[Cell, ...]:
    return tuple(replace(cell, checked=cell.name in names) for cell in cells)


def _lines(call: Call, files: tuple[ProgressRow, ...], members: list[MemberRow]) -> list[Line]:
    given = list_assignments([row.application_id for row in files], seen=visible(actor(), Assignment))
    pairs = {(row.member_id, row.application_id) for row in given}
    recused = {(row.code, row.reference) for row in list_recusals(call.id)}
    doubts = {(row.member_id, row.application_id): CONFLICT_WORDS[row.kind] for row in list_conflicts(call.id)}
    lines = []
    for file in files:
        cells = tuple(
            Cell(
                name=f"{member.id}_{file.application_id}",
                member_id=member.id,
                label=f"{member.code} note {file.reference}",
                checked=(member.id, file.application_id) in pairs,
                recused=(member.code, file.reference) in recused,
                doubt=doubts.get((member.id, file.application_id), ""),
            )
            for member in members
        )
        lines.append(Line(file, cells, max(0, file.assigned - sum(cell.checked for cell in cells))))
    return lines


@bp.post("/<uuid:call_id>/jury/repartition")
@allow("jury.manage", load=get_call_by_id)
def save(call: Call) -> ResponseReturnValue:
    """Apply what this person changed in the table shown; what another changed meanwhile stays."""
    number = asked_page()
    files, _ = _files(call, number)
    lines = _lines(call, files, _members(call))
    changes = [(line.file.application_id, cell, given) for line in lines for cell, given in _asked(line)]
    person, now, what = signed_in_actor(), clock().now(), ""
    try:
        with unit_of_work():
            for application_id, cell, given in changes:
                application, member = get_application(application_id), get_member(cell.member_id)
                what = cell.label
                if given:
                    assign(member, application, actor=person, now=now, why="À la main")
                else:
                    unassign(member, application, actor=person, now=now)
    except (ConflictError, ForbiddenError, InvalidError) as error:
        return _page(call, f"{what} : {error.message}"), 400
    flash(f"Répartition enregistrée : {french.plural(len(changes), 'changement')}.", "success")
    return see_other("office_assignments.edit", call_id=call.id, page=number)


def _asked(line: Line) -> list[tuple[Cell, bool]]:
    """Return the cells to change: ticked otherwise than the page showed them, and not so already."""
    ticked = set(request.form.getlist("pairs"))
    seen = set(request.form.getlist("seen")) if "knows" in request.form else None
    asked = []
    for cell in line.cells:
        given = cell.name in ticked
        touched = seen is None or given != (cell.name in seen)
        if touched and given != cell.checked and not cell.recused:
            asked.append((cell, given))
    return asked
