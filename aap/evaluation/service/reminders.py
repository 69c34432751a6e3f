"""Reminders of reports, derived from the data: due soon, then late. Each is promised once, whatever the missed days."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from aap import french
from aap.accounts.models import User
from aap.applications.models import Application
from aap.awards.models import Project, ProjectState
from aap.clock import paris
from aap.db import db
from aap.evaluation.models import Report, ReportState
from aap.outbox import promise_mail

REMINDER_DAYS = 15


def remind_due(now: datetime) -> int:
    """Promise a mail to the lead of every report due within fifteen days, and another once it is late.

    Returns how many reports are concerned today, already told or not.
    """
    today = paris(now).date()
    query = (
        select(Report, Project, User.email)
        .join(Project, Project.id == Report.project_id)
        .join(Application, Application.id == Project.application_id)
        .join(User, User.id == Application.lead_id)
        .where(
            Report.state.in_((ReportState.DRAFT, ReportState.RETURNED)),
            Report.due_on <= today + timedelta(days=REMINDER_DAYS),
            Project.state.not_in((ProjectState.SUSPENDED, ProjectState.TERMINATED)),
        )
        .order_by(Report.due_on, Report.id)
    )
    rows = db.session.execute(query).all()
    for report, project, email in rows:
        late = report.due_on < today
        promise_mail(
            "evaluation-report-late" if late else "evaluation-report-due",
            email,
            {
                "project": project.reference,
                "title": project.title,
                "report": report.label,
                "due": french.day(report.due_on),
                "path": f"/projets/rapports/{report.id}",
            },
            key=f"report-{'late' if late else 'due'}:{report.id}:{report.due_on}",
            now=now,
            region_code=project.region_code,
        )
    return len(rows)
