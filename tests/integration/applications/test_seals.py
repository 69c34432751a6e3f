"""`aap audit verify`: the seal of a deposit is computed again from what is stored, and compared with the journal."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import delete, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from aap.applications.models import Application, Submission, SubmissionPiece
from aap.applications.queries import verify_seals
from aap.applications.service import submit
from aap.applications.snapshot import seal_of
from tests.integration.applications.case import DEPOSITED, People
from tests.unit.cli.conftest import Aap, aap

__all__ = ["aap"]  # the fixture that types a command


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


def test_a_piece_that_is_read_in_the_place_of_another_is_found(deposited: Submission, session: Session) -> None:
    gone = deposited.pieces[0].id
    session.execute(delete(SubmissionPiece).where(SubmissionPiece.piece_id == gone))
    session.commit()
    (broken,) = verify_seals().broken
    assert "les pièces que l'on en lit ne sont plus celles" in broken.reason


@pytest.fixture(name="line")
def _line(aap: Aap, app: Flask, monkeypatch: pytest.MonkeyPatch) -> Aap:  # the fixture imported above
    """Type ``aap …`` on the database of the test."""
    monkeypatch.setattr("aap.cli.within.create_app", lambda: app)
    return aap


def test_the_operator_reads_that_everything_holds(deposited: Submission, line: Aap) -> None:
    said = line("audit", "verify")
    assert (said.code, said.err) == (0, "")
    assert "Journal intact : " in said.out
    assert "Sceaux des dépôts intacts : 1 vérifiés." in said.out
    assert deposited.seal not in said.out


def test_the_operator_is_told_which_seal_is_broken(deposited: Submission, session: Session, line: Aap) -> None:
    deposited.snapshot["totals"]["requested"] = "130000.00"
    flag_modified(deposited, "snapshot")
    session.commit()
    said = line("audit", "verify")
    assert said.code == 2
    assert "Journal intact : " in said.out
    assert "Sceaux des dépôts" not in said.out
    assert said.err.strip() == (
        "Sceau rompu, dossier AAP-TS-2023-01-0001, dépôt 1 : le contenu conservé ne correspond plus à son sceau."
    )
