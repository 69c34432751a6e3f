"""What jurors answered to a revision of the grid, and which reviews still wait for an answer."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select

from aap.applications.models import Application
from aap.calls.models import CallVersion
from aap.db import db
from aap.jury.models import GridAnswer, GridChoice, JuryMember, Mark, Review, ReviewState
from aap.jury.queries.reading import not_recused


def is_kept(review: Review, version: CallVersion) -> bool:
    """Tell whether the juror said to keep a review under the grid in force; one query when there was a revision."""
    if review.grid_number >= version.grid_number:
        return False
    return bool(db.session.scalar(select(_answered(review.id, version.grid_number))))


def _answered(review_id: object, number: object) -> ColumnElement[bool]:
    return exists().where(
        GridAnswer.review_id == review_id, GridAnswer.number == number, GridAnswer.choice == GridChoice.KEEP
    )


def awaits_answer() -> ColumnElement[bool]:
    """Return the condition on ``Review`` and ``CallVersion``: begun under an earlier grid, and not answered since."""
    begun = exists(
        select(Mark.id)
        .where(Mark.review_id == Review.id, or_(Mark.value.is_not(None), Mark.not_applicable, Mark.comment != ""))
        .correlate(Review)
    )
    kept = exists(
        select(GridAnswer.id)
        .where(
            GridAnswer.review_id == Review.id,
            GridAnswer.number == CallVersion.grid_number,
            GridAnswer.choice == GridChoice.KEEP,
        )
        .correlate(Review, CallVersion)
    )
    behind = func.coalesce(Review.grid_number < CallVersion.grid_number, False)
    return and_(behind, begun, ~kept)


@dataclass(frozen=True, slots=True)
class RevisionProgress:
    """How many reviews of a call are under which grid; no mark is read.

    Of an earlier grid: submitted and ``kept``, submitted and ``unanswered``, begun and unanswered (``drafts``).
    ``submitted`` and ``begun`` count all of them, whatever the grid.
    """

    kept: int
    unanswered: int
    drafts: int
    submitted: int
    begun: int


def count_answers(version: CallVersion, *, seen: ColumnElement[bool]) -> RevisionProgress:
    """Count the reviews of a call by what became of them under the grid in force; one query.

    ``seen`` is a condition on ``Application``: files that the reader may not know are left out of the counts.
    """
    waits, submitted = awaits_answer(), Review.state == ReviewState.SUBMITTED
    behind = Review.grid_number < CallVersion.grid_number
    query = (
        select(
            func.count(case((and_(submitted, behind, ~waits), 1))),
            func.count(case((and_(submitted, waits), 1))),
            func.count(case((and_(~submitted, waits), 1))),
            func.count(case((submitted, 1))),
            func.count(case((~submitted, 1))),
        )
        .select_from(Review)
        .join(Application, Application.id == Review.application_id)
        .join(CallVersion, CallVersion.id == Application.call_version_id)
        .where(CallVersion.id == version.id, not_recused(), seen)
    )
    return RevisionProgress(*db.session.execute(query).one())


def older_grids(application_ids: Collection[uuid.UUID], version: CallVersion) -> dict[uuid.UUID, int]:
    """Count, by file, the voting reviews given under an earlier grid; one query, none when there was no revision."""
    if version.grid_number == 1 or not application_ids:
        return {}
    query = (
        select(Review.application_id, func.count(Review.id))
        .join(JuryMember, JuryMember.id == Review.jury_member_id)
        .where(
            Review.application_id.in_(application_ids),
            Review.state == ReviewState.SUBMITTED,
            Review.grid_number < version.grid_number,
            JuryMember.voting,
            not_recused(),
        )
        .group_by(Review.application_id)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}
