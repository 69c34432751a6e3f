"""Who people are to a funded project: the relations that life cycles and policies name."""

from __future__ import annotations

import uuid

from aap.accounts.models import RoleName, User
from aap.awards.models import Project
from aap.calls.models import CallRole, CallTeamMember
from aap.db import db
from aap.jury.blindness import is_true, recused
from aap.workflow import Actor

LEAD = "lead"
OFFICER = "officer"
DD = "dd"
DIRECTOR = "director"
WATCHER = "watcher"

WATCHING_ROLES = (RoleName.FINANCE, RoleName.EDITOR, RoleName.READER)


def get_person(actor: Actor | None) -> User | None:
    """Return the signed-in person behind an actor, ``None`` for nobody and for the service itself."""
    if actor is None or actor.id is None:
        return None
    return actor if isinstance(actor, User) else db.session.get(User, actor.id)


def relations_to_project(project: Project, actor: Actor | None) -> frozenset[str]:
    """Return what a person is to a project: ``lead``, ``officer``, ``dd``, ``director``, ``watcher`` (reads only).

    Whoever stood back from the application is nothing to its project, in whatever capacity, except its lead.
    """
    person = get_person(actor)
    if person is None:
        return frozenset()
    application = project.application
    region = project.region_code
    found = _team_relations(project.call_version.call.team, person.id)
    if application.lead_id == person.id:
        found.add(LEAD)
    elif is_true(recused(person.id), application.id):
        return frozenset()
    if person.has_role_in(region, RoleName.ADMINISTRATOR):
        found.add(OFFICER)
    if person.has_role_in(region, RoleName.DIRECTOR):
        found.add(DIRECTOR)
    if {None, application.department_code} & person.departments_as(region, RoleName.DD):
        found.add(DD)
    if person.has_role_in(region, *WATCHING_ROLES):
        found.add(WATCHER)
    return frozenset(found)


def _team_relations(team: list[CallTeamMember], person_id: uuid.UUID) -> set[str]:
    return {OFFICER if member.role is CallRole.OFFICER else WATCHER for member in team if member.user_id == person_id}
