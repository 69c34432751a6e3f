"""Who is asked to mark what, and how much of it is given: by member, by file, by call. No mark is read."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, ScalarSelect, Select, func, select

from aap.applications.models import Application
from aap.db import db
from aap.jury.models import Assignment, InterestDeclaration, JuryMember, Review, ReviewState
from aap.jury.queries.reading import not_recused


@dataclass(frozen=True, slots=True)
class AssignmentRow:
    """A member is asked to mark a file."""

    member_id: uuid.UUID
    application_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class JuryLoad:
    """How far a call's jury is: members still sitting, those yet to declare, reviews asked of them and submitted."""

    members: int = 0
    undeclared: int = 0
    assigned: int = 0
    submitted: int = 0


def assigned_files(seen: ColumnElement[bool]) -> ScalarSelect[int]:
    """Count the files confided to the member of the outer query. ``seen`` is a condition on ``Application``."""
    return (
        select(func.count(Assignment.id))
        .where(Assignment.jury_member_id == JuryMember.id, Assignment.application_id.in_(_files(seen)))
        .correlate(JuryMember)
        .scalar_subquery()
    )


def submitted_reviews(seen: ColumnElement[bool]) -> ScalarSelect[int]:
    """Count the reviews submitted by the member of the outer query, recused files left out; ``seen`` as above."""
    return (
        select(func.count(Review.id))
        .where(
            Review.jury_member_id == JuryMember.id,
            Review.state == ReviewState.SUBMITTED,
            not_recused(),
            Review.application_id.in_(_files(seen)),
        )
        .correlate(JuryMember)
        .scalar_subquery()
    )


def _files(seen: ColumnElement[bool]) -> Select[uuid.UUID]:
    """Name the files that may be counted: a number would betray the others."""
    return select(Application.id).where(seen)


def list_assignments(application_ids: Collection[uuid.UUID], *, seen: ColumnElement[bool]) -> tuple[AssignmentRow, ...]:
    """Return who is asked to mark which of these files, by file then member; one query.

    ``seen`` is a condition on ``Assignment``.
    """
    query = (
        select(Assignment.jury_member_id, Assignment.application_id)
        .where(Assignment.application_id.in_(application_ids), seen)
        .order_by(Assignment.application_id, Assignment.jury_member_id)
    )
    return tuple(AssignmentRow(member_id, application_id) for member_id, application_id in db.session.execute(query))


def count_jury_loads(call_ids: Collection[uuid.UUID], *, seen: ColumnElement[bool]) -> Mapping[uuid.UUID, JuryLoad]:
    """Return how far the jury of each of these calls is, members who left put aside; one query, whatever the calls.

    ``seen`` is a condition on ``Application``: the others are not counted.
    """
    sitting = (
        select(
            JuryMember.call_id,
            InterestDeclaration.signed_at,
            assigned_files(seen).label("assigned"),
            submitted_reviews(seen).label("submitted"),
        )
        .outerjoin(InterestDeclaration, InterestDeclaration.jury_member_id == JuryMember.id)
        .where(JuryMember.call_id.in_(call_ids), JuryMember.left_at.is_(None))
        .subquery()
    )
    columns = sitting.c
    query = select(
        columns.call_id,
        func.count(),
        func.count() - func.count(columns.signed_at),
        func.sum(columns.assigned),
        func.sum(columns.submitted),
    ).group_by(columns.call_id)
    found = {call_id: JuryLoad(*(int(count) for count in counts)) for call_id, *counts in db.session.execute(query)}
    return {call_id: found.get(call_id, JuryLoad()) for call_id in call_ids}
