"""Who sees what the service promised: administrators and officers, never about a file they stood back from."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, false, literal, not_, or_, select, true

from aap.accounts.models import RoleName, User
from aap.applications.models import (
    Application,
    CommitmentRequest,
    DossierPrint,
    FileInvitation,
    Message,
    MessageFile,
    Piece,
    Submission,
)
from aap.awards.models import Contract, Decision, Project
from aap.capitalisation.models import Sheet, SheetPublication
from aap.db import db
from aap.evaluation.models import Report
from aap.jury import blindness
from aap.outbox import Promise
from aap.policies.terms import Verbs, Visibilities, holds, regions_of


def _closed_names(actor: User) -> frozenset[str]:
    """Return the identifiers and the references of what hangs on the files that this person stood back from.

    A promise is about such a file when any of them is anywhere in its key or its payload: in an identifier, in
    the words of a mail or in the address it leads to.
    """
    closed = db.session.execute(
        select(Application.id, Application.reference).where(
            blindness.recused(actor.id), Application.lead_id != actor.id
        )
    ).all()
    if not closed:
        return frozenset()
    ids = [row[0] for row in closed]
    projects = select(Project.id).where(Project.application_id.in_(ids))
    queries: tuple[Any, ...] = (
        select(Submission.id).where(Submission.application_id.in_(ids)),
        select(DossierPrint.id).join(Submission).where(Submission.application_id.in_(ids)),
        select(Decision.id).where(Decision.application_id.in_(ids)),
        select(Project.reference).where(Project.application_id.in_(ids)),
        select(Contract.id).where(Contract.project_id.in_(projects)),
        select(SheetPublication.id).join(Sheet).where(Sheet.project_id.in_(projects)),
        select(Piece.file_id).where(Piece.application_id.in_(ids)),
        select(MessageFile.file_id).join(Message).where(Message.application_id.in_(ids)),
        select(FileInvitation.id).where(FileInvitation.application_id.in_(ids)),
        select(CommitmentRequest.id).where(CommitmentRequest.application_id.in_(ids)),
        projects,
        select(Report.id).where(Report.project_id.in_(projects)),
        select(Sheet.id).where(Sheet.project_id.in_(projects)),
        select(literal("/fiches/") + Sheet.slug).where(Sheet.project_id.in_(projects)),
    )
    found = [name for query in queries for name in db.session.scalars(query)]
    return frozenset(str(name) for name in (*found, *ids, *(row[1] for row in closed)) if name)


def _is_about(thing: Promise, names: frozenset[str]) -> bool:
    told = f"{thing.key} {json.dumps(thing.payload, default=str)}"
    return any(name in told for name in names)


def _handle(actor: User | None, thing: Promise) -> bool:
    if actor is None:
        return False
    shared = thing.region_code is None and holds(actor, RoleName.ADMINISTRATOR)
    mine = thing.region_code in regions_of(actor, RoleName.ADMINISTRATOR, RoleName.OFFICER)
    return (shared or mine) and not _is_about(thing, _closed_names(actor))


def _visible(actor: User | None) -> ColumnElement[bool]:
    if actor is None:
        return false()
    shared = true() if holds(actor, RoleName.ADMINISTRATOR) else false()
    regions = regions_of(actor, RoleName.ADMINISTRATOR, RoleName.OFFICER)
    mine = or_(Promise.region_code.is_(None) & shared, Promise.region_code.in_(regions))
    names = sorted(_closed_names(actor))
    if not names:
        return mine
    told = Promise.key + " " + cast(Promise.payload, Text)
    about = or_(*(told.contains(name, autoescape=True) for name in names))
    return mine & not_(about)


VERBS: Verbs = {"promise.read": _handle, "promise.retry": _handle}
VISIBLE: Visibilities = {Promise: _visible}
