"""What later stages add to the page of a file: a decision to read, a project to follow.

A stage adds one function to ``LINKS``; the page of a file calls them in order and shows what they return.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import url_for

from aap import french
from aap.accounts.models import User
from aap.applications.models import Application
from aap.applications.queries import list_messages
from aap.awards.queries import find_project_of
from aap.policies import may


@dataclass(frozen=True, slots=True)
class FileLink:
    """A place that a file leads to."""

    title: str
    href: str
    text: str = ""


def links_of(application: Application, person: User) -> list[FileLink]:
    """Return the places that this file leads to now, for this person."""
    return [link for link in (make(application, person) for make in LINKS) if link is not None]


def _decision(application: Application, person: User) -> FileLink | None:
    if not may(person, "award.read", application):
        return None
    href = url_for("applicant_award.show", application_id=application.id)
    return FileLink("Lire la décision", href, "Le montant, les réserves à lever, vos notes et le courrier.")


def _project(application: Application, person: User) -> FileLink | None:
    if application.submitted_at is None:
        return None
    project = find_project_of(application.id)
    if project is None or not may(person, "evaluation.read", project):
        return None
    href = url_for("applicant_projects.show", project_id=project.id)
    return FileLink("Suivre le projet", href, "Les jalons, les versements, les indicateurs et les rapports.")


def _messages(application: Application, person: User) -> FileLink | None:
    if not may(person, "thread.read", application):
        return None
    unread = sum(row.new for row in list_messages(application, person, as_agency=False))
    title = f"Messages ({french.plural(unread, 'non lu', 'non lus')})" if unread else "Messages"
    href = url_for("applicant_messages.show", application_id=application.id)
    return FileLink(title, href, "Vos échanges avec l'agence sur ce dossier.")


def _reuse(application: Application, person: User) -> FileLink | None:
    if not may(person, "application.duplicate", application):
        return None
    href = url_for("applicant_copies.choose", application_id=application.id)
    return FileLink("Réutiliser ce dossier", href, "Commencer un brouillon pour un autre appel, avec ces réponses.")


LINKS: tuple[Callable[[Application, User], FileLink | None], ...] = (_decision, _project, _messages, _reuse)
