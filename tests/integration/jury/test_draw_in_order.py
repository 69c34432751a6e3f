"""The draw proves itself by its order: committed before marks are visible, in the journal, revealed after them."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from aap.audit import AuditEntry
from aap.calls.models import Call
from aap.errors import ConflictError
from aap.jury.service import close_scoring, commit_draw, reveal_draw
from tests.integration.jury.scene import MARKING, SCORING_END, People

pytestmark = pytest.mark.sqlite


def test_the_commitment_is_in_the_journal_and_the_seed_is_not(session: Session, call: Call) -> None:
    row = commit_draw(call, now=MARKING)
    session.commit()
    entry = session.scalars(select(AuditEntry).where(AuditEntry.verb == "jury.commit_draw")).one()
    assert entry.detail == {"commitment": row.commitment}
    assert row.seed not in str(entry.detail)


def test_no_seed_is_revealed_while_members_mark(call: Call, people: People) -> None:
    row = commit_draw(call, now=MARKING)
    with pytest.raises(ConflictError) as refused:
        reveal_draw(call, actor=people.officer, now=MARKING)
    assert refused.value.code == "tirage-impossible"
    assert row.revealed_at is None


def test_no_draw_is_prepared_once_marks_are_visible(call: Call) -> None:
    close_scoring(call, now=SCORING_END)
    with pytest.raises(ConflictError) as refused:
        commit_draw(call, now=SCORING_END)
    assert refused.value.code == "tirage-tardif"
