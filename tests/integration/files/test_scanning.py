"""A piece and the scanner: asked by a promise, tried again, told, never said clean when it was not read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from aap import outbox
from aap.applications.models import Application, Piece
from aap.applications.pieces import pieces_to_hand_in
from aap.applications.service import Upload, attach_piece, submit
from aap.errors import NotFoundError
from aap.extensions import Services
from aap.files.models import ScanState, StoredFile
from aap.files.queries import served_to_others
from aap.jobs.delivery import HANDLERS
from aap.jobs.files import ask_scans
from aap.outbox import Promise
from aap.scanner import Scanner
from aap.storage import Storage
from tests.integration.applications.case import DEPOSITED, DRAFTED, PDF, People
from tests.integration.applications.conftest import call, draft, people, store, version
from tests.services.clamd import EICAR, Clamd, running_clamd

__all__ = ["call", "draft", "people", "store", "version"]


@pytest.fixture
def clamd() -> Iterator[Clamd]:
    with running_clamd() as server:
        yield server


@pytest.fixture
def watched(app: Flask, clamd: Clamd) -> Iterator[Storage]:
    """The service with a scanner."""
    services: Services = app.extensions["aap"]
    before = services.storage, services.scanner
    services.storage, services.scanner = Storage("memory://", scanned=True), Scanner(clamd.url)
    yield services.storage
    services.storage, services.scanner = before


def join(application: Application, people: People, storage: Storage, content: bytes = PDF) -> Piece:
    upload = Upload([content], "lettre.pdf", 1_000_000)
    return attach_piece(application, "A01", upload, storage=storage, actor=people.lead, now=DRAFTED)


def delivered(session: Session, now: object = DRAFTED) -> int:
    session.commit()
    return outbox.deliver_all(HANDLERS, now)  # type: ignore[arg-type]  # an instant


def test_a_piece_waits_then_is_clean(session: Session, draft: Application, people: People, watched: Storage) -> None:
    file = join(draft, people, watched).file
    assert file.scan_state is ScanState.PENDING
    assert not served_to_others(file)
    assert delivered(session) == 1
    assert [file.scan_state] == [ScanState.CLEAN]
    assert served_to_others(file)


def test_a_virus_goes_to_the_quarantine_and_is_told(
    session: Session, draft: Application, people: People, watched: Storage
) -> None:
    piece = join(draft, people, watched, PDF + EICAR)
    key = piece.file.storage_key
    delivered(session)
    assert (piece.file.scan_state, piece.file.virus) == (ScanState.INFECTED, "Eicar-Test-Signature")
    assert piece.file.storage_key.startswith("quarantaine/")
    assert b"".join(watched.read(piece.file.storage_key)).startswith(PDF)
    with pytest.raises(NotFoundError):
        watched.read(key)
    assert piece not in pieces_to_hand_in(draft)
    mails = [row.payload for row in session.scalars(select(Promise).where(Promise.kind == "mail"))]
    assert [(mail["template"], mail["to"]) for mail in mails] == [("application-infected", people.lead.email)]


def test_the_agency_is_told_of_a_virus_in_a_deposited_file(
    session: Session, draft: Application, people: People, watched: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aap.applications.service.submission.check_ready", lambda _reading: None)
    join(draft, people, watched, PDF + EICAR)
    submit(draft, actor=people.lead, now=DEPOSITED)
    session.commit()
    promise = session.scalars(select(Promise).where(Promise.kind == "file-scan")).one()
    assert outbox.deliver(promise.id, HANDLERS, DEPOSITED)
    mails = [row.payload for row in session.scalars(select(Promise).where(Promise.kind == "mail"))]
    told = {(mail["template"], mail["to"]) for mail in mails if "infected" in mail["template"]}
    assert told == {
        ("application-infected", people.lead.email),
        ("application-infected-agency", draft.call_version.call.contact_mailbox),
    }


def test_over_the_limit_it_is_not_scanned(
    session: Session, draft: Application, people: People, watched: Storage, clamd: Clamd
) -> None:
    clamd.limit = 10
    file = join(draft, people, watched, PDF + b"x" * 1000).file
    delivered(session)
    assert file.scan_state is ScanState.TOO_LARGE
    assert not served_to_others(file)


def test_a_scanner_that_is_down_is_asked_again(
    session: Session, draft: Application, people: People, watched: Storage, clamd: Clamd
) -> None:
    file = join(draft, people, watched).file
    clamd.answer = b"stream: Can't allocate memory ERROR\0"
    assert delivered(session) == 0
    assert file.scan_state is ScanState.PENDING
    clamd.answer = None
    assert delivered(session, DRAFTED + timedelta(minutes=1)) == 1
    assert session.scalars(select(StoredFile.scan_state)).all() == [ScanState.CLEAN]


@pytest.mark.usefixtures("session", "watched")
def test_files_received_before_the_scanner_are_read_too(draft: Application, people: People) -> None:
    unwatched = Storage("memory://")
    file = join(draft, people, unwatched).file
    assert file.scan_state is ScanState.NOT_SCANNED
    assert served_to_others(file)
    assert ask_scans(DRAFTED) == 1
    assert [file.scan_state] == [ScanState.PENDING]
    assert ask_scans(DRAFTED) == 0
