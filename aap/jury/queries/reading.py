"""Reading submitted reviews, all at once: the only place that says which reviews count."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction

from sqlalchemy import ColumnElement, exists, select

from aap.accounts.models import User
from aap.applications.models import Application
from aap.calls.models import CallVersion, Criterion, JuryCollege
from aap.db import db
from aap.jury.grid import known_grid
from aap.jury.models import JuryMember, Mark, Recusal, Review, ReviewState
from aap.jury.revised import project_review


@dataclass(frozen=True, slots=True)
class GivenReview:
    """A submitted review of a member who is not recused. ``counts`` is false for a consultative voice.

    ``marks`` are read under the grid in force. ``grid_number`` is the one that the review was given under: when it is
    earlier, ``older`` is true, and ``usable`` says whether the review can still count as it is.
    """

    review_id: uuid.UUID
    application_id: uuid.UUID
    code: str
    member_name: str
    college: str
    counts: bool
    submitted_at: datetime
    marks: dict[str, Fraction | None] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)
    grid_number: int = 1
    older: bool = False
    usable: bool = True


def not_recused() -> ColumnElement[bool]:
    """Return the condition on ``Review``: its member did not stand back from its file."""
    return ~exists(
        select(Recusal.id)
        .where(Recusal.jury_member_id == Review.jury_member_id, Recusal.application_id == Review.application_id)
        .correlate(Review)
    )


def read_reviews(application_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[GivenReview]]:
    """Return the submitted reviews of these files, members by code: two queries, whatever the count.

    Those given before the grid was revised are read under the one in force (``aap.jury.revised``): a few more queries
    for the grids, whatever the count.
    """
    found: dict[uuid.UUID, list[GivenReview]] = defaultdict(list)
    by_id: dict[uuid.UUID, GivenReview] = {}
    heads = db.session.execute(
        select(Review, JuryMember, User, JuryCollege.label, CallVersion.id, CallVersion.grid_number)
        .join(Application, Application.id == Review.application_id)
        .join(CallVersion, CallVersion.id == Application.call_version_id)
        .join(JuryMember, JuryMember.id == Review.jury_member_id)
        .join(User, User.id == JuryMember.user_id)
        .join(JuryCollege, JuryCollege.id == JuryMember.college_id)
        .where(Review.application_id.in_(application_ids), Review.state == ReviewState.SUBMITTED, not_recused())
    )
    behind: dict[uuid.UUID, uuid.UUID] = {}
    for review, member, user, college, version_id, number in sorted(
        heads, key=lambda row: (len(row[1].code), row[1].code)
    ):
        if review.submitted_at is None:
            continue
        given = GivenReview(
            review_id=review.id,
            application_id=review.application_id,
            code=member.code,
            member_name=user.display_name,
            college=college,
            counts=member.voting,
            submitted_at=review.submitted_at,
            grid_number=review.grid_number,
        )
        if review.grid_number < number:
            behind[review.id] = version_id
        by_id[review.id] = given
        found[review.application_id].append(given)
    marks = (
        select(Mark.review_id, Criterion.key, Mark.value, Mark.not_applicable, Mark.comment)
        .join(Criterion, Criterion.id == Mark.criterion_id)
        .join(Review, (Review.id == Mark.review_id) & (Review.grid_number == Criterion.grid_number))
    )
    for review_id, key, value, not_applicable, comment in db.session.execute(marks.where(Mark.review_id.in_(by_id))):
        if not_applicable or value is not None:
            by_id[review_id].marks[key] = None if value is None else Fraction(value)
        if comment:
            by_id[review_id].comments[key] = comment
    return _in_force_all(found, behind) if behind else found


def _in_force_all(
    found: dict[uuid.UUID, list[GivenReview]], behind: dict[uuid.UUID, uuid.UUID]
) -> dict[uuid.UUID, list[GivenReview]]:
    """Read under the grid in force the reviews that are ``behind`` (with the version of their call)."""
    query = select(CallVersion).where(CallVersion.id.in_(set(behind.values())))
    versions = {version.id: version for version in db.session.scalars(query)}
    return {
        key: [
            _in_force(each, versions[behind[each.review_id]]) if each.review_id in behind else each for each in reviews
        ]
        for key, reviews in found.items()
    }


def _in_force(given: GivenReview, version: CallVersion) -> GivenReview:
    read = project_review(known_grid(version, given.grid_number), known_grid(version), given.marks)
    return replace(given, marks=read.marks, older=True, usable=read.usable)


def latest_version(call_id: uuid.UUID) -> CallVersion | None:
    """Return the last version of a call."""
    return db.session.scalar(
        select(CallVersion).where(CallVersion.call_id == call_id).order_by(CallVersion.number.desc()).limit(1)
    )
