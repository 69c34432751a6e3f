"""Loaders of the agency's pages: a file is read here by those who work on it, never by its own lead nor a mere juror.

They have their own pages, with their own words: states of staff, advice of the jury and names are internal.
"""

from __future__ import annotations

import uuid

from aap.applications.models import Application
from aap.applications.queries import get_application
from aap.awards.models import Instalment, Project, Reservation
from aap.awards.queries import get_instalment, get_project, get_reservation
from aap.blueprints.access import signed_in_actor
from aap.errors import NotFoundError
from aap.policies import may


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


def _inside(application: Application) -> Application:
    person = signed_in_actor()
    of_team = any(member.user_id == person.id for member in application.call_version.call.team)
    if application.lead_id == person.id or not (of_team or may(person, "office.enter")):
        raise NotFoundError("Cette page n'existe pas, ou elle ne vous est pas ouverte.")
    return application
