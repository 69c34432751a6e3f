"""Who writes, reviews, validates and reads the sheets. What is published is everyone's."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select

from aap.accounts.models import RoleName, User
from aap.applications.models import Application
from aap.awards.models import Project
from aap.calls.models import CallRole, CallTeamMember, CallVersion
from aap.capitalisation.models import Sheet, SheetPublication, SheetState
from aap.capitalisation.queries import is_public
from aap.capitalisation.states import EDITOR, LEAD, OFFICER, REVIEWER, WRITER, relations_to_sheet
from aap.evaluation.people import OFFICER as CALL_OFFICER
from aap.evaluation.people import relations_to_project
from aap.jury import blindness
from aap.policies.terms import Verb, Verbs, Visibilities, anyone, holds, regions_of

_REGION_WIDE = (
    RoleName.EDITOR,
    RoleName.ADMINISTRATOR,
    RoleName.REVIEWER,
    RoleName.FINANCE,
    RoleName.OFFICER,
    RoleName.DIRECTOR,
    RoleName.READER,
)


def _related(*relations: str) -> Verb:
    def rule(actor: User | None, thing: Sheet) -> bool:
        return bool(relations_to_sheet(thing, actor) & frozenset(relations))

    return rule


def _read(actor: User | None, thing: Sheet) -> bool:
    return bool(relations_to_sheet(thing, actor))


def _create(actor: User | None, _thing: Any) -> bool:
    """Let editors start a sheet of no project."""
    return holds(actor, RoleName.EDITOR, RoleName.ADMINISTRATOR)


def _capitalise(actor: User | None, thing: Project) -> bool:
    """Let the lead, the officers and the editors start the sheet of a project."""
    found = relations_to_project(thing, actor)
    editor = actor is not None and actor.has_role_in(thing.region_code, RoleName.EDITOR)
    return editor or bool(found & {LEAD, CALL_OFFICER})


def _visible_sheets(actor: User | None) -> ColumnElement[bool]:
    if actor is None:
        return false()
    led = (
        select(Project.id)
        .join(Application, Application.id == Project.application_id)
        .where(Application.lead_id == actor.id)
    )
    of_call = (
        select(Project.id)
        .join(CallVersion, CallVersion.id == Project.call_version_id)
        .join(CallTeamMember, CallTeamMember.call_id == CallVersion.call_id)
        .where(CallTeamMember.user_id == actor.id, CallTeamMember.role == CallRole.OFFICER)
    )
    closed_to_them = (
        select(Project.id)
        .join(Application, Application.id == Project.application_id)
        .where(Application.lead_id != actor.id, blindness.recused(actor.id))
    )
    return and_(
        or_(
            Sheet.region_code.in_(regions_of(actor, *_REGION_WIDE)),
            Sheet.writer_id == actor.id,
            Sheet.project_id.in_(led),
            Sheet.project_id.in_(of_call),
        ),
        or_(Sheet.project_id.is_(None), Sheet.project_id.not_in(closed_to_them)),
    )


def _read_publication(_actor: User | None, thing: SheetPublication) -> bool:
    return thing.ended_at is None and thing.sheet.state is not SheetState.ARCHIVED


VERBS: Verbs = {
    "sheets.browse": anyone,
    "publication.read": _read_publication,
    "sheet.create": _create,
    "project.capitalise": _capitalise,
    "sheet.read": _read,
    "sheet.edit": _related(WRITER, LEAD, EDITOR),
    "sheet.submit": _related(WRITER, LEAD, EDITOR),
    "sheet.review": _related(REVIEWER),
    "sheet.validate_by_lead": _related(LEAD),
    "sheet.send_back": _related(LEAD, EDITOR),
    "sheet.validate": _related(EDITOR),
    "sheet.publish": _related(EDITOR),
    "sheet.flag": _related(WRITER, LEAD, EDITOR),
    "sheet.archive": _related(EDITOR),
    "sheet.follow": _related(EDITOR, OFFICER),
}
VISIBLE: Visibilities = {
    Sheet: _visible_sheets,
    SheetPublication: lambda _actor: is_public(),
}
