"""The journal is chained: any line changed, removed or added afterwards is seen."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from aap import audit
from aap.accounts.service import create_user, rename_user
from aap.audit import AuditEntry, AuditHead
from aap.clock import FixedClock
from aap.db import unit_of_work
from aap.errors import InvalidError

pytestmark = pytest.mark.sqlite


@pytest.fixture
def written(session: Session, clock: FixedClock) -> Session:
    with unit_of_work():
        person = create_user("camille@exemple.invalid", now=clock.now(), given_name="Camille", family_name="Exemple")
    for number in range(3):
        with unit_of_work():
            rename_user(person, given_name=f"C{number}", family_name="Exemple", job_title="", now=clock.now())
    return session


def test_a_journal_left_alone_holds(written: Session) -> None:
    assert audit.verify() == audit.Verification(4, None, None)
    assert written.scalars(select(AuditEntry.seq).order_by(AuditEntry.seq)).all() == [1, 2, 3, 4]


def test_it_holds_ids_and_never_names(written: Session) -> None:
    rows = written.scalars(select(AuditEntry)).all()
    text = " ".join(f"{row.verb} {row.subject_type} {row.subject_id} {row.detail}" for row in rows)
    assert "Camille" not in text
    assert "exemple.invalid" not in text


def test_a_changed_line_is_seen(written: Session) -> None:
    written.execute(update(AuditEntry).where(AuditEntry.seq == 2).values(verb="user.nothing"))
    assert audit.verify().broken_at == 2


def test_a_removed_line_is_seen(written: Session) -> None:
    written.execute(delete(AuditEntry).where(AuditEntry.seq == 3))
    assert audit.verify().broken_at == 3


def test_a_truncated_end_is_seen(written: Session) -> None:
    written.execute(delete(AuditEntry).where(AuditEntry.seq == 4))
    assert not audit.verify().ok


def test_a_moved_head_is_seen(written: Session) -> None:
    written.execute(update(AuditHead).values(seal="0" * 64))
    assert not audit.verify().ok


def test_a_refused_unit_writes_nothing(written: Session, clock: FixedClock) -> None:
    with pytest.raises(InvalidError), unit_of_work():
        create_user("camille@exemple.invalid", now=clock.now())
    assert audit.verify().checked == 4
    assert written.scalar(select(AuditHead.seq)) == 4
