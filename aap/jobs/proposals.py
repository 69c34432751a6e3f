"""Proposals of assignments too large for a page: computed, then written once adopted. Killed half-way, made again."""

from __future__ import annotations

import uuid
from datetime import datetime

from aap.accounts.models import User
from aap.applications.models import Application
from aap.calls.models import Call
from aap.db import db, released
from aap.errors import ConflictError, InvalidError, NotFoundError
from aap.extensions import tell_progress
from aap.jury.models import AssignmentProposal
from aap.jury.proposal import Wishes, propose
from aap.jury.queries.proposing import Material, read_material
from aap.jury.service.deferred import ADOPT, PROPOSE, adopt, fail, keep_proposal
from aap.outbox import Handler, Promise
from aap.policies import may, visible
from aap.referentials.vocabularies import vocabulary

STEPS = 3  # read, computed, written
GONE = "Vous n'êtes plus chargé de cet appel."


def compute_proposal(promise: Promise, now: datetime) -> None:
    """Compute a proposal with what its asker may see; one already made or set aside is left alone.

    Raises:
        NotFoundError: no such proposal.

    """
    row = _find(promise)
    if row.made_at is not None or row.closed_at is not None:
        return
    material = _material(row)
    if material is None:
        fail(row, GONE, now)
        return
    _tell(row, 1)
    labels = {term.code: term.label for name in ("target_publics", "act_types") for term in vocabulary(name).terms}
    wishes = Wishes(**row.wishes)
    try:
        with released():
            found = propose(material, wishes, labels)
    except InvalidError as error:
        fail(row, error.message, now)
        return
    _tell(row, 2)
    keep_proposal(row, material, found, now)
    _tell(row, 3)


def adopt_proposal(promise: Promise, now: datetime) -> None:
    """Write the readings of a proposal that was adopted, all or none; why not is told on its page."""
    row = _find(promise)
    if row.closed_at is not None or row.failure is not None:
        return
    material = _material(row)
    if material is None:
        fail(row, GONE, now)
        return
    try:
        adopt(row, material, now)
    except ConflictError as error:
        fail(row, error.message, now)


def _find(promise: Promise) -> AssignmentProposal:
    row = db.session.get(AssignmentProposal, uuid.UUID(promise.payload["proposal_id"]))
    if row is None:
        message = "Cette proposition n'existe pas."
        raise NotFoundError(message)
    return row


def _material(row: AssignmentProposal) -> Material | None:
    """Read what a proposal rests on as its asker sees it; ``None`` when the asker no longer runs the call."""
    asker = db.session.get_one(User, row.asked_by_id)
    if not may(asker, "jury.manage", db.session.get_one(Call, row.call_id)):
        return None
    return read_material(row.call_id, seen=visible(asker, Application), reader_id=asker.id)


def _tell(row: AssignmentProposal, step: int) -> None:
    tell_progress(f"proposal:{row.id}", step, STEPS)


HANDLERS: dict[str, Handler] = {PROPOSE: compute_proposal, ADOPT: adopt_proposal}
