"""Who people are to an award: the relations that life cycles, checks and policies name."""

from __future__ import annotations

from aap.accounts.models import RoleName, User
from aap.applications.models import Application
from aap.applications.states import is_officer
from aap.awards.models import Project
from aap.workflow import Actor

LEAD, OFFICER, FINANCE, DIRECTOR = "lead", "officer", "finance", "director"


def relations_to_application(application: Application, actor: Actor) -> frozenset[str]:
    """Say what a person is to an application and its award; nothing for the service itself."""
    if not isinstance(actor, User):
        return frozenset()
    found = set()
    if application.lead_id == actor.id:
        found.add(LEAD)
    if is_officer(application, actor):
        found.add(OFFICER)
    if actor.has_role_in(application.region_code, RoleName.FINANCE):
        found.add(FINANCE)
    if actor.has_role_in(application.region_code, RoleName.DIRECTOR):
        found.add(DIRECTOR)
    return frozenset(found)


def relations_to_project(project: Project, actor: Actor) -> frozenset[str]:
    """Say what a person is to a project."""
    return relations_to_application(project.application, actor)
