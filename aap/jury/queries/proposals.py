"""Reading a proposal that the worker made: loads of members, and readings by page of files the reader may see."""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select

from aap.accounts.models import User
from aap.applications.models import Application
from aap.calls.models import JuryCollege
from aap.db import db
from aap.jury.models import Assignment, AssignmentProposal, InterestDeclaration, JuryMember, ProposedPair

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class ProposedReader:
    """A member proposed for a file, and why."""

    name: str
    why: str
    told: str
    bridging: bool
    undeclared: bool


@dataclass(frozen=True, slots=True)
class ProposedFile:
    """A file of a proposal: who reads it already, who is proposed, how many are missing."""

    reference: str
    title: str
    kept: tuple[str, ...]
    added: tuple[ProposedReader, ...]
    missing: int


@dataclass(frozen=True, slots=True)
class ProposedLoad:
    """The load of a member in a proposal; ``under`` is how much is missing to reach the minimum."""

    name: str
    college: str
    left: bool
    declared: bool
    before: int
    after: int
    maximum: int
    under: int


def list_proposed_loads(proposal: AssignmentProposal) -> tuple[ProposedLoad, ...]:
    """Return the load of each member, by code: one query."""
    told: dict[str, Any] = (proposal.outcome or {}).get("members", {})
    rows = db.session.execute(
        select(JuryMember, User, JuryCollege.label, InterestDeclaration.signed_at)
        .join(User, User.id == JuryMember.user_id)
        .join(JuryCollege, JuryCollege.id == JuryMember.college_id)
        .outerjoin(InterestDeclaration, InterestDeclaration.jury_member_id == JuryMember.id)
        .where(JuryMember.call_id == proposal.call_id)
        .order_by(func.length(JuryMember.code), JuryMember.code)
    )
    return tuple(
        ProposedLoad(
            f"{member.code} {user.display_name}",
            college,
            member.left_at is not None,
            signed_at is not None,
            *told[str(member.id)],
        )
        for member, user, college, signed_at in rows
        if str(member.id) in told
    )


def list_proposed_files(
    proposal: AssignmentProposal, *, seen: ColumnElement[bool], page: int
) -> tuple[tuple[ProposedFile, ...], int]:
    """Return a page of the files that gain or lack a reader, by reference, and how many there are: four queries.

    ``seen`` is a condition on ``Application``: a file closed to the reader since is not shown.
    """
    missing: dict[str, int] = (proposal.outcome or {}).get("missing", {})
    gaining = select(ProposedPair.application_id).where(ProposedPair.proposal_id == proposal.id)
    lacking = [uuid.UUID(key) for key in missing]
    wanted = (Application.id.in_(gaining) | Application.id.in_(lacking)) & seen
    total = db.session.scalar(select(func.count(Application.id)).where(wanted)) or 0
    files = db.session.execute(
        select(Application.id, Application.reference, Application.title)
        .where(wanted)
        .order_by(Application.reference)
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
    ).all()
    ids = [file.id for file in files]
    kept, added = _kept(ids), _added(proposal, ids)
    return tuple(
        ProposedFile(
            file.reference or "", file.title, tuple(kept[file.id]), tuple(added[file.id]), missing.get(str(file.id), 0)
        )
        for file in files
    ), total


def _kept(ids: list[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
    found: dict[uuid.UUID, list[str]] = defaultdict(list)
    query = (
        select(Assignment.application_id, JuryMember.code, User)
        .join(JuryMember, JuryMember.id == Assignment.jury_member_id)
        .join(User, User.id == JuryMember.user_id)
        .where(Assignment.application_id.in_(ids), JuryMember.left_at.is_(None))
        .order_by(func.length(JuryMember.code), JuryMember.code)
    )
    for application_id, code, user in db.session.execute(query):
        found[application_id].append(f"{code} {user.display_name}")
    return found


def _added(proposal: AssignmentProposal, ids: list[uuid.UUID]) -> dict[uuid.UUID, list[ProposedReader]]:
    found: dict[uuid.UUID, list[ProposedReader]] = defaultdict(list)
    query = (
        select(ProposedPair, JuryMember.code, User, InterestDeclaration.signed_at)
        .join(JuryMember, JuryMember.id == ProposedPair.jury_member_id)
        .join(User, User.id == JuryMember.user_id)
        .outerjoin(InterestDeclaration, InterestDeclaration.jury_member_id == JuryMember.id)
        .where(ProposedPair.proposal_id == proposal.id, ProposedPair.application_id.in_(ids))
        .order_by(func.length(JuryMember.code), JuryMember.code)
    )
    for pair, code, user, signed_at in db.session.execute(query):
        found[pair.application_id].append(
            ProposedReader(f"{code} {user.display_name}", pair.why, pair.told, pair.bridging, signed_at is None)
        )
    return found
