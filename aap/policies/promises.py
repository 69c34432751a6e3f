"""Who sees what the service promised: administrators and officers, never about a file they stood back from."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, false, func, not_, or_, select, true

from aap.accounts.models import RoleName, User
from aap.applications.models import Application, DossierPrint, Piece, Submission
from aap.awards.models import Contract, Decision, Project
from aap.capitalisation.models import Sheet, SheetPublication
from aap.db import db
from aap.jury import blindness
from aap.outbox import Promise
from aap.policies.terms import Verbs, Visibilities, holds, regions_of

# Where a promise names what it is about: in its payload, or in the words of its mail.
_NAMES = ("application_id", "submission_id", "print_id", "decision_id", "contract_id", "publication_id", "file_id")
_WORDS = ("reference", "project")


def _closed_names(actor: User) -> frozenset[str]:
    """Return the identifiers and the references of what hangs on the files that this person stood back from."""
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
    )
    found = [name for query in queries for name in db.session.scalars(query)]
    return frozenset(str(name) for name in (*found, *ids, *(row[1] for row in closed)) if name)


def _is_about(thing: Promise, names: frozenset[str]) -> bool:
    context = thing.payload.get("context") or {}
    told = (*(thing.payload.get(name) for name in _NAMES), *(context.get(word) for word in _WORDS))
    return any(value in names for value in told if isinstance(value, str))


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
    told = (
        *(Promise.payload[name] for name in _NAMES),
        *(Promise.payload["context"][word] for word in _WORDS),
    )
    about = or_(*(func.coalesce(value.as_string().in_(names), false()) for value in told))
    return mine & not_(about)


VERBS: Verbs = {"promise.read": _handle, "promise.retry": _handle}
VISIBLE: Visibilities = {Promise: _visible}
