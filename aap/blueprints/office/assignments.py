"""Who marks which file: a table of boxes, one column per member, filled by hand."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue

from aap import french
from aap.applications.models import Application
from aap.applications.queries import Page, get_application
from aap.blueprints.access import actor, allow, see_other, signed_in_actor
from aap.blueprints.office.jury import CONFLICT_WORDS
from aap.blueprints.office.tabs import call_crumbs
from aap.blueprints.paging import Pages
from aap.calls.models import Call
from aap.calls.queries import current_version, get_call_by_id, load_document
from aap.db import unit_of_work
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
    label: str
    checked: bool
    recused: bool
    doubt: str


@dataclass(frozen=True, slots=True)
class Line:
    """A file with one cell per member."""

    file: ProgressRow
    cells: tuple[Cell, ...]


def _members(call: Call) -> list[MemberRow]:
    return [row for row in list_members(call.id, seen=visible(actor(), Application)) if row.left_at is None]


def _files(call: Call, number: int) -> tuple[tuple[ProgressRow, ...], int]:
    return list_progress(call.id, seen=visible(actor(), Application), page=number)


@bp.get("/<uuid:call_id>/jury/repartition")
@allow("jury.manage", load=get_call_by_id)
def edit(call: Call) -> ResponseReturnValue:
    """Show the table of one page of files."""
    number = max(1, request.args.get("page", 1, type=int))
    files, total = _files(call, number)
    members = _members(call)
    selection = load_document(current_version(call)).selection
    return render_template(
        "office/assignments.html",
        call=call,
        crumbs=call_crumbs(call, "Répartition des dossiers"),
        members=members,
        loads=_loads(call, members),
        lines=_lines(call, files),
        page=Pages.of(Page(files, total, number, 50)),
        wanted=selection.jury.scorers_per_application.min if selection else 1,
    )


def _loads(call: Call, members: list[MemberRow]) -> dict[uuid.UUID, str]:
    """Say how many files each member has over the whole call, and the most this person agrees to mark."""
    counts = count_loads(call.id, seen=visible(actor(), Assignment))
    return {
        row.id: french.number(counts.get(row.id, 0))
        + ("" if row.capacity is None else f" sur {french.number(row.capacity)}")
        for row in members
    }


def _lines(call: Call, files: tuple[ProgressRow, ...]) -> list[Line]:
    members = _members(call)
    given = list_assignments([row.application_id for row in files], seen=visible(actor(), Assignment))
    pairs = {(row.member_id, row.application_id) for row in given}
    recused = {(row.code, row.reference) for row in list_recusals(call.id)}
    doubts = {(row.member_id, row.application_id): CONFLICT_WORDS[row.kind] for row in list_conflicts(call.id)}
    return [
        Line(
            file,
            tuple(
                Cell(
                    name=f"{member.id}_{file.application_id}",
                    label=f"{member.code} note {file.reference}",
                    checked=(member.id, file.application_id) in pairs,
                    recused=(member.code, file.reference) in recused,
                    doubt=doubts.get((member.id, file.application_id), ""),
                )
                for member in members
            ),
        )
        for file in files
    ]


@bp.post("/<uuid:call_id>/jury/repartition")
@allow("jury.manage", load=get_call_by_id)
def save(call: Call) -> ResponseReturnValue:
    """Apply what changed in the table shown: files given to members, files taken back."""
    number = max(1, request.args.get("page", 1, type=int))
    files, _ = _files(call, number)
    ticked = set(request.form.getlist("pairs"))
    lines = _lines(call, files)
    changes = [
        (line.file.application_id, uuid.UUID(cell.name.partition("_")[0]), cell.name in ticked)
        for line in lines
        for cell in line.cells
        if not cell.recused and (cell.name in ticked) != cell.checked
    ]
    person, now = signed_in_actor(), clock().now()
    with unit_of_work():
        for application_id, member_id, given in changes:
            application, member = get_application(application_id), get_member(member_id)
            if given:
                assign(member, application, actor=person, now=now, why="À la main")
            else:
                unassign(member, application, actor=person, now=now)
    flash(f"Répartition enregistrée : {french.plural(len(changes), 'changement')}.", "success")
    return see_other("office_assignments.edit", call_id=call.id, page=number)
