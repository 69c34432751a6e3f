"""What the database refuses of a revised grid and of the answers to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aap.applications.models import Application
from aap.calls.models import Call, CallVersion, GridRevision
from aap.db import Base
from aap.jury.models import FrozenRubric, GridAnswer, GridChoice, Review
from tests.integration.jury.scene import MARKING, NAMED, People, even, mark, seat


@pytest.fixture
def review(session: Session, call: Call, case: Application, people: People) -> Review:
    """A submitted review: the grid is frozen."""
    return mark(seat(session, call, "J1", 0, people.officer), case, even(4), people.officer)


def revision(version: CallVersion, people: People, **changes: Any) -> GridRevision:
    values = {"number": 2, "old_fingerprint": "a" * 64, "new_fingerprint": "b" * 64, "reason": "Motif", **changes}
    known = {"call_version_id": version.id, "old_terms": {}, "changes": [], "made_at": NAMED}
    return GridRevision(**known, made_by_id=people.officer.id, **values)


def answered(review: Review, people: People, **changes: Any) -> GridAnswer:
    values = {"number": 2, "from_number": 1, "choice": GridChoice.KEEP, "at": MARKING, **changes}
    return GridAnswer(review_id=review.id, by_id=people.officer.id, **values)


ROWS: dict[str, Callable[[CallVersion, Review, People], Base]] = {
    "uq_grid_revisions_call_version_id_number": lambda version, _review, people: revision(version, people),
    "ck_grid_revisions_number_from_two": lambda version, _review, people: revision(version, people, number=1),
    "ck_grid_revisions_reason_filled": lambda version, _review, people: revision(version, people, number=3, reason=""),
    "ck_grid_revisions_old_fingerprint_is_sha256": lambda version, _review, people: revision(
        version, people, number=3, old_fingerprint="a"
    ),
    "ck_grid_revisions_new_fingerprint_is_sha256": lambda version, _review, people: revision(
        version, people, number=3, new_fingerprint="b"
    ),
    "uq_grid_answers_review_id_number_choice": lambda _version, review, people: answered(review, people),
    "ck_grid_answers_to_a_later_grid": lambda _version, review, people: answered(review, people, from_number=2),
    "uq_frozen_rubrics_call_version_id_grid_number": lambda version, review, _people: FrozenRubric(
        call_version_id=version.id, fingerprint="c" * 64, review_id=review.id, frozen_at=MARKING
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_the_database_refuses(
    session: Session, version: CallVersion, review: Review, people: People, name: str
) -> None:
    session.add_all([revision(version, people), answered(review, people)])
    session.flush()
    with pytest.raises(IntegrityError) as refusal:
        add(session, ROWS[name](version, review, people))
    assert name in str(refusal.value)


def add(session: Session, row: Base) -> None:
    with session.begin_nested():
        session.add(row)
        session.flush()
