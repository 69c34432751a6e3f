"""What services and pages load: a sheet, its reviews, its versions, its history, the office's list."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from aap.awards.models import Project
from aap.capitalisation.models import (
    Sheet,
    SheetKind,
    SheetPublication,
    SheetReview,
    SheetState,
    SheetVersion,
)
from aap.capitalisation.queries.figures import is_outdated
from aap.capitalisation.states import EDITABLE
from aap.db import db
from aap.errors import NotFoundError
from aap.referentials.vocabularies import label
from aap.workflow import list_events


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A sheet in the office's list; ``outdated`` tells that a published figure was corrected since."""

    id: uuid.UUID
    reference: str | None
    title: str
    kind: SheetKind
    state: SheetState
    version: int
    project_id: uuid.UUID | None
    project_reference: str | None
    created_at: datetime
    published_at: datetime | None
    review_due: date | None
    outdated: bool


@dataclass(frozen=True, slots=True)
class SheetPage:
    """A page of the office's list."""

    rows: tuple[SheetRow, ...]
    total: int
    page: int
    per_page: int


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """A step of the editorial circuit, by role and never by name."""

    at: datetime
    step: str
    step_label: str
    role: str
    outcome: str
    note: str
    version: int | None


def get_sheet(sheet_id: uuid.UUID) -> Sheet:
    """Return a sheet.

    Raises:
        NotFoundError: no such sheet.

    """
    sheet = db.session.get(Sheet, sheet_id)
    if sheet is None:
        raise NotFoundError("Cette fiche n'existe pas.")
    return sheet


def list_project_sheets(project_id: uuid.UUID) -> list[Sheet]:
    """Return the sheets of a project, oldest first."""
    query = select(Sheet).where(Sheet.project_id == project_id).order_by(Sheet.created_at, Sheet.id)
    return list(db.session.scalars(query))


def find_current(sheet: Sheet) -> SheetPublication | None:
    """Return what the public reads of a sheet, or ``None``."""
    query = select(SheetPublication).where(SheetPublication.sheet_id == sheet.id, SheetPublication.ended_at.is_(None))
    return db.session.scalar(query)


def list_reviews(sheet: Sheet) -> list[SheetReview]:
    """Return the reviews of a sheet, oldest first."""
    query = select(SheetReview).where(SheetReview.sheet_id == sheet.id).order_by(SheetReview.at, SheetReview.id)
    return list(db.session.scalars(query))


def list_sheet_versions(sheet: Sheet) -> list[SheetVersion]:
    """Return the sheet as it was at each submission, first to last."""
    query = select(SheetVersion).where(SheetVersion.sheet_id == sheet.id).order_by(SheetVersion.number)
    return list(db.session.scalars(query))


def list_sheets(
    visible: ColumnElement[bool],
    *,
    states: Iterable[SheetState] = (),
    text: str = "",
    only_outdated: bool = False,
    page: int = 1,
    per_page: int = 50,
) -> SheetPage:
    """Return a page of the sheets that satisfy ``visible`` (a condition on ``Sheet``), newest first. Two queries."""
    outdated = is_outdated().label("outdated")
    conditions = [visible]
    if wanted := list(states):
        conditions.append(Sheet.state.in_(wanted))
    if only_outdated:
        conditions.append(is_outdated())
    if words := text.strip():
        columns = (Sheet.title, Sheet.reference, Project.reference)
        conditions.append(or_(*(column.icontains(words, autoescape=True) for column in columns)))
    query = (
        select(
            Sheet.id,
            Sheet.reference,
            Sheet.title,
            Sheet.kind,
            Sheet.state,
            Sheet.version,
            Sheet.project_id,
            Project.reference.label("project_reference"),
            Sheet.created_at,
            Sheet.published_at,
            Sheet.review_due,
            outdated,
        )
        .outerjoin(Project, Project.id == Sheet.project_id)
        .where(*conditions)
    )
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ordered = query.order_by(Sheet.created_at.desc(), Sheet.id).limit(per_page).offset((page - 1) * per_page)
    rows = tuple(
        SheetRow(
            id=row.id,
            reference=row.reference,
            title=row.title,
            kind=row.kind,
            state=row.state,
            version=row.version,
            project_id=row.project_id,
            project_reference=row.project_reference,
            created_at=row.created_at,
            published_at=row.published_at,
            review_due=row.review_due,
            outdated=row.outdated,
        )
        for row in db.session.execute(ordered)
    )
    return SheetPage(rows, total, page, per_page)


# What each event of the life cycle is in the editorial circuit: step, role, outcome.
_CIRCUIT = {
    "create": ("redaction", "rédaction", "création"),
    "submit": ("redaction", "rédaction", "envoi en relecture"),
    "review_ok": ("relecture", "relecture", "accord"),
    "request_changes": ("relecture", "relecture", "corrections demandées"),
    "validate_by_lead": ("validation_porteur", "porteur", "accord"),
    "send_back": ("relecture", "porteur ou édition", "renvoi en rédaction"),
    "validate": ("validation_agence", "édition", "accord"),
    "publish": ("publication", "édition", "publication"),
    "flag": ("mise_a_jour", "édition", "mise à jour ouverte"),
    "archive": ("publication", "édition", "archivage"),
    "step_cadrage": ("cadrage", "rédaction", ""),
    "step_recueil": ("recueil", "rédaction", ""),
}


def list_history(sheet: Sheet) -> tuple[HistoryRow, ...]:
    """Return the editorial circuit of a sheet, oldest first."""
    versions = {version.at: version.number for version in list_sheet_versions(sheet)}
    rows = []
    for event in list_events(sheet):
        step, role, outcome = _CIRCUIT[event.event]
        version = versions.get(event.at) if event.event == "submit" else None
        words = label("editorial_steps", step)
        rows.append(HistoryRow(event.at, step, words, role, outcome, event.reason or "", version))
    return tuple(rows)


def is_editable(sheet: Sheet) -> bool:
    """Tell whether the texts may change in the sheet's state."""
    return sheet.state in EDITABLE


def content_of(sheet: Sheet) -> dict[str, Any]:
    """Return the texts of a sheet as JSON values: what a version keeps."""
    return {
        "title": sheet.title,
        "hook": sheet.hook,
        "summary": sheet.summary,
        "body": sheet.body,
        "figures": [
            {
                "position": row.position,
                "indicator_id": str(row.indicator_id) if row.indicator_id else None,
                "label": row.label,
                "unit": row.unit,
            }
            for row in sheet.figures
        ],
    }
