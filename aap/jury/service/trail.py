"""A review taken for writing: its row locked, its marks and their trail read after the wait."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Uuid, bindparam, func, select
from sqlalchemy.orm.attributes import set_committed_value

from aap.applications.models import Application
from aap.db import db
from aap.jury.models import JuryMember, Mark, MarkRevision, Review
from aap.workflow import StateEvent, list_events


@dataclass(frozen=True, slots=True)
class Trail:
    """What a new revision follows: the last number of each criterion, and why the review was reopened, if it was."""

    numbers: Mapping[uuid.UUID, int]
    reason: str | None


_FRESH = {"populate_existing": True}
_SEAT, _FILE, _REVIEW = (bindparam(name, type_=Uuid()) for name in ("seat", "file", "review"))
_HELD = select(Review).where(Review.jury_member_id == _SEAT, Review.application_id == _FILE).with_for_update()
# No mark without its review, no revision without its mark, and neither is ever removed: one query tells all three.
_MARKS = select(
    Mark,
    select(func.max(MarkRevision.number))
    .where(MarkRevision.review_id == Mark.review_id, MarkRevision.criterion_id == Mark.criterion_id)
    .correlate(Mark)
    .scalar_subquery(),
    select(StateEvent.reason)
    .where(
        StateEvent.subject_type == Review.__tablename__, StateEvent.subject_id == _REVIEW, StateEvent.event == "reopen"
    )
    .order_by(StateEvent.at.desc(), StateEvent.id.desc())
    .limit(1)
    .scalar_subquery(),
).where(Mark.review_id == _REVIEW)


def hold_review(member: JuryMember, application: Application) -> tuple[Review, Trail] | None:
    """Lock a review, then read its marks and their trail: who saves second sees what the first saved."""
    mine = {"seat": member.id, "file": application.id}
    review = db.session.scalar(_HELD, mine, execution_options=_FRESH)
    if review is None:
        return None
    found = db.session.execute(_MARKS, {"review": review.id}, execution_options=_FRESH).all()
    set_committed_value(review, "marks", [row[0] for row in found])
    numbers = {row[0].criterion_id: row[1] for row in found if row[1] is not None}
    return review, Trail(numbers, found[0][2] if found else None)


def read_trail(review: Review) -> Trail:
    """Read the trail once for all the marks saved together."""
    last = (
        select(MarkRevision.criterion_id, func.max(MarkRevision.number))
        .where(MarkRevision.review_id == review.id)
        .group_by(MarkRevision.criterion_id)
    )
    numbers = {row[0]: row[1] for row in db.session.execute(last)}
    reopenings = [event.reason for event in list_events(review) if event.event == "reopen"]
    return Trail(numbers, reopenings[-1] if reopenings else None)
