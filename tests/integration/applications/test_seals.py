"""`aap audit verify`: the seal of a deposit is computed again from what is stored, and compared with the journal."""

from __future__ import annotations

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from aap.applications.models import Application, Submission
from aap.applications.queries import verify_seals
from aap.applications.service import submit
from aap.applications.snapshot import seal_of
from tests.integration.applications.case import DEPOSITED, People


@pytest.fixture
def deposited(case: Application, people: People, session: Session) -> Submission:
    submission = submit(case, actor=people.lead, now=DEPOSITED)
    session.commit()
    return submission


def test_seals_hold(deposited: Submission) -> None:
    report = verify_seals()
    assert (report.checked, report.broken) == (1, ())
    assert deposited.snapshot["honour"]


def test_a_changed_snapshot_is_found(deposited: Submission, session: Session) -> None:
    deposited.snapshot["totals"]["requested"] = "130000.00"
    flag_modified(deposited, "snapshot")
    session.commit()
    (broken,) = verify_seals().broken
    assert (broken.reference, broken.number) == ("AAP-TS-2023-01-0001", 1)
    assert "ne correspond plus à son sceau" in broken.reason


def test_a_snapshot_changed_with_its_seal_contradicts_the_journal(deposited: Submission, session: Session) -> None:
    snapshot = {**deposited.snapshot, "title": "Autre projet"}
    session.execute(update(Submission).values(snapshot=snapshot, seal=seal_of(snapshot)))
    session.commit()
    (broken,) = verify_seals().broken
    assert "n'est pas celui que le journal a écrit" in broken.reason
