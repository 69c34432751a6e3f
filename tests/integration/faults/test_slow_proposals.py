"""A proposal of assignments that takes its time holds nobody back."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from aap import outbox
from aap.calls.service import import_call
from aap.db import db, unit_of_work
from aap.errors import InvalidError
from aap.jobs import proposals
from aap.jobs.delivery import HANDLERS
from aap.jury.models import AssignmentProposal
from aap.jury.proposal import Wishes
from aap.jury.service.deferred import PROPOSE, ask_proposal
from aap.outbox import Promise
from aap.referentials.service import load_referentials
from tests.integration.applications.case import CALL_FILE, DEPOSITED, PUBLISHED, make_user
from tests.integration.faults.test_slow_work import can_write, site

__all__ = ["site"]

pytestmark = pytest.mark.slow


def test_people_save_while_the_worker_computes_a_proposal(
    site: tuple[Flask, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    app, database = site
    free: list[bool] = []

    def compute(*_: object) -> None:
        free.append(can_write(database))
        raise InvalidError("Aucun membre n'est disponible.")

    monkeypatch.setattr(proposals, "_material", lambda row: row.wishes)
    monkeypatch.setattr(proposals, "propose", compute)
    with app.app_context():
        with unit_of_work() as session:
            load_referentials()
            session.flush()
            call = import_call(CALL_FILE.read_bytes(), None, PUBLISHED, publish=True).call
            ask_proposal(call, Wishes(2, 0, 9), actor=make_user(session, "officer"), now=DEPOSITED)
        asked = db.session.scalars(select(Promise.id).where(Promise.kind == PROPOSE)).all()
        db.session.commit()
        assert outbox.deliver_all(HANDLERS, DEPOSITED, asked) == 1
        assert free == [True]
        assert db.session.scalars(select(AssignmentProposal.failure)).one() == "Aucun membre n'est disponible."
