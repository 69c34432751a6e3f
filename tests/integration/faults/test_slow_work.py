"""Slow work of the worker holds nobody back, and a mail server that is down loses no mail."""

from __future__ import annotations

import contextlib
import html
import smtplib
import sqlite3
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, event, select

from aap import outbox
from aap.app import create_app
from aap.applications.models import DossierPrint
from aap.applications.queries import Audience
from aap.applications.service import start_application, submit
from aap.applications.service.printing import ask_print
from aap.calls.queries import current_version
from aap.calls.service import import_call
from aap.db import db, unit_of_work
from aap.documents.dossier import merge
from aap.extensions import Services, storage
from aap.files.models import ScanState, StoredFile
from aap.jobs import dossiers
from aap.jobs.delivery import HANDLERS
from aap.mail import SmtpMailer
from aap.outbox import Promise
from aap.referentials.service import load_referentials
from aap.scanner import Scanner, ScanResult, Verdict
from aap.storage import Storage
from tests.client import StrictClient
from tests.conftest import make_settings
from tests.integration.applications.case import (
    CALL_FILE,
    DEPOSITED,
    DRAFTED,
    PUBLISHED,
    case_answers,
    join_pieces,
    make_user,
    write_answers,
)
from tests.services.smtp import running_smtp

pytestmark = pytest.mark.slow


@pytest.fixture
def site(migrated: Callable[[str], str], valkey: str, folder: Path) -> Iterator[tuple[Flask, Path]]:
    """The service on SQLite, where one writer holds back every other one, and the path of its database."""
    url = migrated("sqlite")
    app = create_app(make_settings(url, valkey, folder))
    yield app, Path(url.removeprefix("sqlite:///"))
    with app.app_context():
        db.engine.dispose()


def can_write(database: Path) -> bool:
    """Tell whether somebody else could save a page right now."""
    with contextlib.closing(sqlite3.connect(database, timeout=0.1, isolation_level=None)) as line:
        try:
            line.execute("BEGIN IMMEDIATE")
            line.execute("ROLLBACK")
        except sqlite3.OperationalError:
            return False
    return True


def test_people_save_while_the_worker_merges_scans_and_mails(
    site: tuple[Flask, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    app, database = site
    services: Services = app.extensions["aap"]
    free: dict[str, set[bool]] = {"merge": set(), "scan": set(), "mail": set()}

    @dataclass(frozen=True, slots=True)
    class Reader(Scanner):
        def scan(self, chunks: Iterable[bytes]) -> ScanResult:
            free["scan"].add(can_write(database))
            assert b"".join(chunks)
            return ScanResult(Verdict.CLEAN)

    class Post(smtplib.SMTP):
        def send_message(self, *args: Any, **kwargs: Any) -> Any:
            free["mail"].add(can_write(database))
            return super().send_message(*args, **kwargs)

    def merged(paper: bytes, annexes: Sequence[tuple[str, Path]], output: Path, told: Callable[[int], None]) -> None:
        free["merge"].add(can_write(database))
        merge(paper, annexes, output, told)

    monkeypatch.setattr(dossiers, "merge", merged)
    monkeypatch.setattr(smtplib, "SMTP", Post)
    services.storage, services.scanner = Storage("memory://", scanned=True), Reader("tcp://127.0.0.1:1")
    with running_smtp() as sink, app.app_context():
        services.mailer = SmtpMailer("smtp://127.0.0.1:1", "agence@exemple.invalid")
        with unit_of_work() as session:
            load_referentials()
            session.flush()
            call = import_call(CALL_FILE.read_bytes(), None, PUBLISHED, publish=True).call
            lead = make_user(session, "lead")
            file = start_application(current_version(call), lead=lead, now=DRAFTED, strand_key="B")
            write_answers(file, case_answers(), lead)
            join_pieces(file, lead, storage())
            deposit = submit(file, actor=lead, now=DEPOSITED)
            ask_print(deposit, Audience.AGENCY, actor=lead, now=DEPOSITED)
            address = lead.email
        outbox.deliver_all(HANDLERS, DEPOSITED)
        mails = select(Promise).where(Promise.kind == "mail")
        waiting = db.session.scalars(mails).all()
        assert waiting
        assert {row.delivered_at for row in waiting} == {None}
        assert all("serveur de courriel" in str(row.last_error) for row in waiting)
        services.mailer = SmtpMailer(sink.url, "agence@exemple.invalid")
        later = DEPOSITED + timedelta(minutes=5)
        outbox.deliver_all(HANDLERS, later)
        outbox.deliver_all(HANDLERS, later)
        db.session.expire_all()
        left = select(Promise.kind, Promise.last_error).where(Promise.delivered_at.is_(None))
        assert db.session.execute(left).all() == []
        assert len(sink.messages) == len(waiting)
        assert sink.to(address)
        assert db.session.scalars(select(DossierPrint)).one().file is not None
        sent = select(StoredFile.scan_state).where(StoredFile.uploaded_by_id.is_not(None))
        assert set(db.session.scalars(sent)) == {ScanState.CLEAN}
        db.session.remove()
    assert free == {"merge": {True}, "scan": {True}, "mail": {True}}


def test_a_database_held_for_too_long_asks_to_come_back(site: tuple[Flask, Path]) -> None:
    app, database = site

    @event.listens_for(Engine, "connect")
    def _hurry(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA busy_timeout=50")

    with app.app_context(), unit_of_work() as session:
        token = make_user(session, "lead").fs_uniquifier
    with app.app_context():
        db.engine.dispose()
    app.config["WTF_CSRF_ENABLED"] = False
    app.test_client_class = StrictClient
    client = app.test_client()
    assert isinstance(client, StrictClient)
    client.sign_in(uuid.uuid4(), token=token)
    sent = {"family_name": "Nom", "given_name": "Prénom"}
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        page = client.post("/compte/notifications", data=sent)
        told = client.post("/compte/notifications", data=sent, headers={"Accept": "application/json"})
        other.execute("ROLLBACK")
    event.remove(Engine, "connect", _hurry)
    assert page.status_code == 503
    assert "Rien n'a été enregistré" in html.unescape(page.get_data(as_text=True))
    assert told.status_code == 503
    assert "réessayez" in told.get_json()["message"]
