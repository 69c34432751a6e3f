"""Loaders of the agency's pages: a file is read here by those who work on it, never by its own lead nor a mere juror.

They have their own pages, with their own words: states of staff, advice of the jury and names are internal.
"""

from __future__ import annotations

import uuid
from typing import Any

from aap.applications.models import Application, Piece, Submission
from aap.applications.queries import get_application, get_piece, get_submission
from aap.awards.models import Instalment, Project, Reservation
from aap.awards.queries import get_instalment, get_project, get_reservation
from aap.blueprints.access import signed_in_actor
from aap.capitalisation.models import Sheet
from aap.capitalisation.queries import get_sheet
from aap.errors import NotFoundError
from aap.evaluation.models import Indicator, Milestone, Report
from aap.evaluation.queries import get_indicator, get_milestone, get_report
from aap.policies import may

CLOSED = "Cette page n'existe pas, ou elle ne vous est pas ouverte."


def agency_file(application_id: uuid.UUID) -> Application:
    """Return a file to somebody who works for its agency.

    Raises:
        NotFoundError: no such file, or the person has no business with it here.

    """
    return _inside(get_application(application_id))


def agency_project(project_id: uuid.UUID) -> Project:
    """Return a project to somebody who works for its agency; raises as ``agency_file``."""
    project = get_project(project_id)
    _inside(project.application)
    return project


def agency_reservation(reservation_id: uuid.UUID) -> Reservation:
    """Return a reservation to somebody who works for its agency; raises as ``agency_file``."""
    reservation = get_reservation(reservation_id)
    _inside(reservation.decision.application)
    return reservation


def agency_instalment(instalment_id: uuid.UUID) -> Instalment:
    """Return an instalment to somebody who works for its agency; raises as ``agency_file``."""
    instalment = get_instalment(instalment_id)
    _inside(instalment.project.application)
    return instalment


def agency_report(report_id: uuid.UUID) -> Report:
    """Return a report to somebody who works for its agency; raises as ``agency_file``."""
    report = get_report(report_id)
    _inside(report.project.application)
    return report


def agency_indicator(indicator_id: uuid.UUID) -> Indicator:
    """Return an indicator to somebody who works for its agency; raises as ``agency_file``."""
    indicator = get_indicator(indicator_id)
    _inside(indicator.project.application)
    return indicator


def agency_milestone(milestone_id: uuid.UUID) -> Milestone:
    """Return a milestone to somebody who works for its agency; raises as ``agency_file``."""
    milestone = get_milestone(milestone_id)
    _inside(milestone.project.application)
    return milestone


def agency_sheet(sheet_id: uuid.UUID, **_others: Any) -> Sheet:
    """Return a sheet to its writer (perhaps nobody of the agency) and its readers, its lead excepted.

    Raises:
        NotFoundError: no such sheet, or it is that of the person's own project.

    """
    sheet = get_sheet(sheet_id)
    if sheet.project is not None and sheet.project.application.lead_id == signed_in_actor().id:
        raise NotFoundError(CLOSED)
    return sheet


def agency_piece(piece_id: uuid.UUID) -> Piece:
    """Return a piece to somebody who works for its agency; raises as ``agency_file``."""
    piece = get_piece(piece_id)
    _inside(piece.application)
    return piece


def agency_submission(submission_id: uuid.UUID) -> Submission:
    """Return a deposit to somebody who works for its agency; raises as ``agency_file``."""
    submission = get_submission(submission_id)
    _inside(submission.application)
    return submission


def _inside(application: Application) -> Application:
    person = signed_in_actor()
    of_team = any(member.user_id == person.id for member in application.call_version.call.team)
    if application.lead_id == person.id or not (of_team or may(person, "office.enter")):
        raise NotFoundError(CLOSED)
    return application
