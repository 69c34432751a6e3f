"""Samples of what follows an award: projects, reports, sheets and reservations."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from aap.applications.models import Application
from aap.awards.models import Decision, Instalment, Project, ProjectState, Reservation
from aap.capitalisation.models import Sheet, SheetPublication, SheetState
from aap.evaluation.models import Indicator, Milestone, Report, ReportState
from tests.architecture.sample import Sample, about_file, case_of, first_of, missing


def list_projects(session: Session) -> Iterator[Sample]:
    """Give the project of the case, one still running, and a report in each state."""
    running = session.scalars(
        select(Project).where(Project.state == ProjectState.RUNNING).order_by(Project.reference.desc())
    ).first() or missing("running project")
    for label, project in (("project settled", case_of(session)), ("project running", running)):
        values = {
            "project_id": project.id,
            **first_of(
                session, "indicator_id", Indicator, Indicator.project_id == project.id, order=Indicator.position
            ),
            **first_of(session, "milestone_id", Milestone, Milestone.project_id == project.id, order=Milestone.key),
            **first_of(
                session, "instalment_id", Instalment, Instalment.project_id == project.id, order=Instalment.rank
            ),
        }
        yield Sample(label, values, **about_file(project.application))
    for state in ReportState:
        report = session.scalars(
            select(Report)
            .join(Project, Project.id == Report.project_id)
            .where(Report.state == state)
            .order_by(Project.reference, Report.due_on, Report.label)
        ).first()
        if report is not None:
            about = about_file(report.project.application)
            yield Sample(f"report {state.value}", {"report_id": report.id}, **about)


def list_sheets(session: Session) -> Iterator[Sample]:
    """Give the sheet of the case as it is, and two others as they were before they were published."""
    case = case_of(session)
    published = session.scalars(select(Sheet).where(Sheet.project_id == case.id)).one()
    others = session.scalars(select(Sheet).where(Sheet.project_id != case.id).order_by(Sheet.reference)).all()
    for sheet, state in zip(others, (SheetState.IN_REVIEW, SheetState.DRAFT), strict=False):
        sheet.state = state
    slug = session.scalars(select(SheetPublication.slug).where(SheetPublication.sheet_id == published.id)).first()
    for sheet in (published, *others[:2]):
        named = {"sheet_id": sheet.id, "part": "head", **({"slug": slug} if sheet is published else {})}
        about = about_file(sheet.project.application) if sheet.project else {}
        yield Sample(f"sheet {sheet.state.value}", named, **about)


def list_reservations(session: Session) -> Iterator[Sample]:
    """Give a reservation that is open and one that was lifted."""
    for label, lifted in (("reservation open", False), ("reservation lifted", True)):
        condition = Reservation.lifted_at.is_not(None) if lifted else Reservation.lifted_at.is_(None)
        row = session.scalars(
            select(Reservation)
            .join(Reservation.decision)
            .join(Application, Application.id == Decision.application_id)
            .where(condition)
            .order_by(Application.reference, Reservation.key)
        ).first()
        if row is not None:
            yield Sample(label, {"reservation_id": row.id}, **about_file(row.decision.application))
