"""What a project waits for from its lead, most urgent first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import url_for

from aap import french
from aap.awards.models import Project
from aap.capitalisation.models import Sheet, SheetState
from aap.evaluation.models import ReportKind, ReportState
from aap.evaluation.queries import Board, ReportRow

SOON_DAYS = 60


@dataclass(frozen=True, slots=True)
class ToDo:
    """Something to do, for the component of tasks."""

    title: str
    href: str
    status: str
    tone: str
    hint: str


def things_to_do(project: Project, board: Board, sheets: list[Sheet], today: date) -> list[ToDo]:
    """Return what the lead has to do: reports returned, late or soon due, milestones passed, sheet to validate."""
    waiting = [row for row in board.reports if row.state in {ReportState.DRAFT, ReportState.RETURNED}]
    found = [
        _report(row)
        for row in waiting
        if row.kind is not ReportKind.CAPITALISATION and ((row.due_on - today).days <= SOON_DAYS or row.remark)
    ]
    found += [
        ToDo(
            f"{row.key} – {row.label}",
            url_for("applicant_projects.milestone", milestone_id=row.id),
            "En retard",
            "error",
            f"Prévu le {french.day(row.due_on)}. Indiquez la date et la preuve.",
        )
        for row in board.milestones
        if row.overdue and row.report_key is None
    ]
    return found + [_sheet(project, sheet) for sheet in sheets if sheet.state in _SHEET_WORDS]


def _report(row: ReportRow) -> ToDo:
    href = url_for("applicant_reports.show", report_id=row.id)
    if row.state is ReportState.RETURNED:
        return ToDo(row.label, href, "À compléter", "warning", row.remark or "")
    hint = f"À transmettre avant le {french.day(row.due_on)}."
    status, tone = ("En retard", "error") if row.overdue else ("À transmettre", "info")
    return ToDo(row.label, href, status, tone, hint)


_SHEET_WORDS = {
    SheetState.DRAFT: ("À rédiger", "info"),
    SheetState.CHANGES_REQUESTED: ("Corrections demandées", "warning"),
    SheetState.IN_REVIEW: ("À valider après la relecture", "info"),
    SheetState.TO_UPDATE: ("À mettre à jour", "warning"),
}


def _sheet(project: Project, sheet: Sheet) -> ToDo:
    words, tone = _SHEET_WORDS[sheet.state]
    href = url_for("applicant_sheets.show", sheet_id=sheet.id)
    return ToDo("Fiche de capitalisation", href, words, tone, f"Projet {project.reference}")
