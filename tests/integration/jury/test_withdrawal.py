"""A file withdrawn before the decision: its members are told once, and nobody of the jury reads it any more."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from aap.applications.models import Application, ApplicationState
from aap.applications.notices import WITHDRAWN
from aap.applications.service import withdraw
from aap.errors import ConflictError
from aap.jobs.jury import HANDLERS
from aap.outbox import Promise
from aap.policies import may, visible
from aap.storage import Storage
from tests.integration.pages.office_case import SCORING, Scene, play


@pytest.fixture
def scene(session: Session) -> Scene:
    return play(session, Storage("memory://"), "marked", 1)


def test_the_jury_is_told_and_no_longer_sees_the_file(session: Session, scene: Scene) -> None:
    case, officer = scene.case, scene.people["officer"]
    assert may(scene.people["j1"], "application.read", case)
    withdraw(case, actor=officer, now=SCORING, reason="Courrier du porteur du 19 décembre.")
    session.flush()
    promise = session.scalars(select(Promise).where(Promise.kind == WITHDRAWN)).one()
    HANDLERS[WITHDRAWN](promise, SCORING)
    HANDLERS[WITHDRAWN](promise, SCORING)
    session.flush()
    told = session.scalars(select(Promise).where(Promise.payload["template"].as_string() == "jury-withdrawn")).all()
    assert sorted(row.payload["to"] for row in told) == ["j1@j1.invalid", "j2@j2.invalid", "j3@j3.invalid"]
    for name in ("j1", "j2", "j3", "j4"):
        person = scene.people[name]
        assert not may(person, "application.read", case)
        seen = session.scalars(select(Application.id).where(visible(person, Application))).all()
        assert case.id not in seen
    mails = {row.payload["template"] for row in session.scalars(select(Promise).where(Promise.kind == "mail"))}
    assert {"application-withdrawn", "application-withdrawn-agency"} <= mails


def test_a_withdrawal_needs_its_reason_once_deposited(scene: Scene) -> None:
    with pytest.raises(ConflictError) as refused:
        withdraw(scene.case, actor=scene.people["lead"], now=SCORING, reason="  ")
    assert refused.value.code == "motif-manquant"
    assert scene.case.state is ApplicationState.INSTRUCTED
