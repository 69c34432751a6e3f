"""The reports that a lead still has to hand in."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from aap.applications.models import Application
from aap.awards.models import Project, ProjectState
from aap.db import db
from aap.evaluation.models import Report, ReportKind, ReportState


@dataclass(frozen=True, slots=True)
class ReportAwaited:
    """A report to hand in: of which project, and by which day (included)."""

    id: uuid.UUID
    label: str
    project: str
    due_on: date
    returned: bool


def list_reports_awaited(user_id: uuid.UUID) -> tuple[ReportAwaited, ...]:
    """Return the reports of a lead's running projects that are not handed in, the first due first; one query."""
    query = (
        select(Report.id, Report.label, Project.reference, Report.due_on, Report.state)
        .join(Project, Project.id == Report.project_id)
        .join(Application, Application.id == Project.application_id)
        .where(
            Application.lead_id == user_id,
            Report.state.in_((ReportState.DRAFT, ReportState.RETURNED)),
            Report.kind != ReportKind.CAPITALISATION,
            Project.state.not_in((ProjectState.SUSPENDED, ProjectState.TERMINATED)),
        )
        .order_by(Report.due_on, Report.id)
    )
    return tuple(
        ReportAwaited(row[0], row[1], row[2], row[3], row[4] is ReportState.RETURNED)
        for row in db.session.execute(query)
    )
