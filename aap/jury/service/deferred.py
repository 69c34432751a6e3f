"""Proposals too large for a page: asked, made by the worker, read, then adopted or set aside."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from aap import audit
from aap.accounts.models import User
from aap.applications.models import Application
from aap.calls.models import Call
from aap.db import db, refusing
from aap.errors import ConflictError
from aap.jury import checks
from aap.jury.models import Assignment, AssignmentProposal, ProposedPair
from aap.jury.proposal import Proposal, Wishes
from aap.jury.queries.proposing import Material
from aap.outbox import promise

PROPOSE, ADOPT = "assignment-proposal", "assignment-adoption"
STALE = "Le jury ou les dossiers ont changé depuis : demandez une nouvelle proposition. Rien n'est enregistré."


def find_proposal(call_id: uuid.UUID, asker_id: uuid.UUID) -> AssignmentProposal | None:
    """Return the open proposal of an officer for a call."""
    return db.session.scalar(
        select(AssignmentProposal).where(
            AssignmentProposal.call_id == call_id,
            AssignmentProposal.asked_by_id == asker_id,
            AssignmentProposal.closed_at.is_(None),
        )
    )


def ask_proposal(call: Call, wishes: Wishes, *, actor: User, now: datetime) -> AssignmentProposal:
    """Ask the worker for a proposal, in place of the one this officer had open.

    Raises:
        ConflictError: the former one is being adopted, or this one was asked at the same instant.

    """
    known = find_proposal(call.id, actor.id)
    if known is not None:
        set_aside(known, now)
    row = AssignmentProposal(
        id=uuid.uuid4(), call_id=call.id, asked_by_id=actor.id, asked_at=now, wishes=asdict(wishes)
    )
    twice = ConflictError("Cette proposition vient déjà d'être demandée.", code="deja-demandee")
    with refusing({"uq_assignment_proposals_open": twice}):
        db.session.add(row)
    audit.record("jury.ask_proposal", call, actor_id=actor.id, now=now, detail={"proposal": str(row.id)})
    payload = {"proposal_id": str(row.id)}
    promise(PROPOSE, payload, key=f"{PROPOSE}:{row.id}", now=now, region_code=call.region_code)
    return row


def set_aside(proposal: AssignmentProposal, now: datetime) -> None:
    """Close a proposal without adopting it.

    Raises:
        ConflictError: it is being adopted, or closed already.

    """
    db.session.refresh(proposal, with_for_update=True)
    if proposal.adopting_at is not None and proposal.failure is None:
        raise ConflictError("Cette proposition est en cours d'enregistrement.", code="adoption-en-cours")
    if proposal.closed_at is not None:
        raise ConflictError("Cette proposition est déjà close.", code="proposition-close")
    proposal.closed_at = now
    db.session.flush()


def keep_proposal(row: AssignmentProposal, material: Material, found: Proposal, now: datetime) -> None:
    """Write down what was found, with what it rests on."""
    db.session.refresh(row, with_for_update=True)
    if row.closed_at is not None:
        return
    row.made_at, row.outcome = now, _outcome(material, found)
    db.session.flush()
    pairs = [
        {
            "id": uuid.uuid4(),
            "proposal_id": row.id,
            "application_id": one.application_id,
            "jury_member_id": one.member_id,
            "why": one.why,
            "told": one.told,
            "bridging": one.bridging,
        }
        for one in found.added
    ]
    if pairs:
        db.session.execute(insert(ProposedPair), pairs)


def _outcome(material: Material, found: Proposal) -> dict[str, Any]:
    return {
        "material": material.fingerprint,
        "added": len(found.added),
        "total": found.total,
        "bound": found.bound,
        "optimal": found.optimal,
        "components": found.components,
        "worst": found.worst,
        "worst_bound": found.worst_bound,
        "blind": found.blind,
        "missing": {str(share.file.id): share.missing for share in found.files if share.missing},
        "members": {
            str(share.seat.id): [share.before, share.after, share.maximum, share.under] for share in found.members
        },
    }


def fail(row: AssignmentProposal, message: str, now: datetime) -> None:
    """Write down why nothing was found, or why it could not be adopted."""
    row.failure, row.made_at = message, row.made_at or now
    db.session.flush()


def ask_adoption(proposal: AssignmentProposal, *, actor: User, now: datetime) -> None:
    """Ask the worker to write the readings of a proposal that was read.

    Raises:
        ConflictError: not made yet, failed, empty, closed, or already being adopted.

    """
    db.session.refresh(proposal, with_for_update=True)
    ready = proposal.outcome is not None and proposal.failure is None and proposal.closed_at is None
    if not ready or proposal.adopting_at is not None:
        raise ConflictError("Cette proposition n'est pas à adopter.", code="proposition-non-prete")
    proposal.adopting_at = now
    db.session.flush()
    call = db.session.get_one(Call, proposal.call_id)
    audit.record("jury.adopt_proposal", call, actor_id=actor.id, now=now, detail={"proposal": str(proposal.id)})
    payload = {"proposal_id": str(proposal.id)}
    promise(ADOPT, payload, key=f"{ADOPT}:{proposal.id}", now=now, region_code=call.region_code)


def adopt(proposal: AssignmentProposal, material: Material, now: datetime) -> int:
    """Confide every file of a proposal to its member, all or none; return how many readings were added.

    ``material`` is read again now: what the proposal rests on must still hold.

    Raises:
        ConflictError: the jury or the files changed since, or individual scoring is over.

    """
    outcome = proposal.outcome or {}
    call = db.session.get_one(Call, proposal.call_id)
    if outcome.get("material") != material.fingerprint or checks.scoring_window(call.versions[-1]).is_over(now):
        raise ConflictError(STALE, code="proposition-perimee")
    pairs = db.session.execute(
        select(ProposedPair.application_id, ProposedPair.jury_member_id, ProposedPair.why)
        .where(ProposedPair.proposal_id == proposal.id)
        .order_by(ProposedPair.application_id, ProposedPair.jury_member_id)
    ).all()
    rows = [
        {
            "id": uuid.uuid4(),
            "application_id": application_id,
            "jury_member_id": member_id,
            "why": why,
            "assigned_at": now,
            "assigned_by_id": proposal.asked_by_id,
        }
        for application_id, member_id, why in pairs
    ]
    taken = ConflictError(STALE, code="proposition-perimee")
    with refusing({"uq_assignments_jury_member_id_application_id": taken}):
        if rows:
            db.session.execute(insert(Assignment), rows)
    _write_down(proposal, [(one.application_id, one.jury_member_id) for one in pairs], now)
    proposal.applied_at = proposal.closed_at = now
    db.session.flush()
    return len(rows)


def _write_down(proposal: AssignmentProposal, pairs: list[tuple[uuid.UUID, uuid.UUID]], now: datetime) -> None:
    """Keep a line of the journal per file, as when boxes are ticked by hand."""
    members: dict[uuid.UUID, list[str]] = {}
    for application_id, member_id in pairs:
        members.setdefault(application_id, []).append(str(member_id))
    files = {one.id: one for one in db.session.scalars(select(Application).where(Application.id.in_(members)))}
    for application_id, named in members.items():
        detail = {"members": named, "proposal": str(proposal.id)}
        audit.record("jury.assign", files[application_id], actor_id=proposal.asked_by_id, now=now, detail=detail)
