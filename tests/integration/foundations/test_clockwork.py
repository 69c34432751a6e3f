"""Work that the hour asks for: one that fails does not hold the others back, and leaves nothing half done."""

from __future__ import annotations

import logging
from datetime import datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aap.db import db
from aap.jobs.clockwork import do_what_is_due
from aap.outbox import Promise, promise

pytestmark = pytest.mark.sqlite


def _breaks(now: datetime) -> int:
    promise("mail", {}, key="half-done", now=now)
    db.session.flush()
    raise ZeroDivisionError


def _promises(now: datetime) -> int:
    promise("mail", {}, key="done", now=now)
    return 1


def test_work_that_fails_does_not_hold_the_others_back(session: Session, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        assert do_what_is_due((_breaks, _promises)) == 1
    assert "_breaks" in caplog.text
    assert session.scalars(select(Promise.key)).all() == ["done"]
    assert session.scalar(select(func.count()).select_from(Promise)) == 1
