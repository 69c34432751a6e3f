"""Processes killed for good, at the worst instant: the server between a deposit and its answer, a worker in a merge."""

from __future__ import annotations

import contextlib
import http.client
import io
import os
import re
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pikepdf
import pytest
from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select

from aap import audit, outbox
from aap.accounts.models import User
from aap.app import create_app
from aap.applications.models import DossierPrint, Submission
from aap.applications.queries import Audience, get_application
from aap.applications.service import Upload, attach_piece, start_application, submit
from aap.applications.service.printing import PRINT, ask_print
from aap.calls.models import CallRole
from aap.calls.queries import current_version
from aap.calls.service import add_team_member, import_call
from aap.config import load_settings
from aap.db import db, unit_of_work
from aap.demonstration.pieces import write_pdf
from aap.extensions import DELIVERY_JOB, storage
from aap.files.models import StoredFile
from aap.jobs.delivery import HANDLERS
from aap.jobs.worker import ask
from aap.outbox import Promise
from aap.referentials.service import load_referentials
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
from tests.integration.faults.deadly import AFTER_COMMIT, DEATHS, HOUR, WHILE_MERGING

pytestmark = [pytest.mark.postgres, pytest.mark.valkey, pytest.mark.slow]

ROOT = Path(__file__).parents[3]
HOST = "127.0.0.1"
PATIENCE = 90  # seconds, on a machine that does something else too
WORD = "formulaire"


@dataclass(frozen=True, slots=True)
class Service:
    """A database with a complete draft, and what its processes are started with."""

    app: Flask
    environ: dict[str, str]
    folder: Path
    file_id: uuid.UUID
    lead_id: uuid.UUID

    def doom(self, moment: str) -> Path:
        """Order the next process that reaches a moment to die there; the order is gone once obeyed."""
        order = self.folder / moment
        order.touch()
        return order

    @contextlib.contextmanager
    def running(self, *command: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run a process of the service."""
        process = subprocess.Popen([sys.executable, *command], cwd=ROOT, env={**os.environ, **self.environ})
        try:
            yield process
        finally:
            process.terminate()
            process.wait(PATIENCE)


@pytest.fixture
def service(migrated: Callable[[str], str], valkey: str, tmp_path: Path) -> Iterator[Service]:
    """A draft that only waits for its deposit, on a database of its own, where transactions really commit."""
    environ = {
        "AAP_ENV": "test",
        "AAP_SECRET_KEY": "faults-" * 8,
        "AAP_DATA": str(tmp_path),
        "AAP_PUBLIC_URL": "http://localhost",
        "AAP_STORAGE_URL": f"file://{tmp_path / 'files'}",
        "AAP_QUEUE_NAME": f"faults-{uuid.uuid4().hex}",
        "DATABASE_URL": migrated("postgresql"),
        "REDIS_URL": valkey,
        "TMPDIR": str(tmp_path),
        HOUR: DEPOSITED.isoformat(),
        DEATHS: str(tmp_path),
    }
    app = create_app(load_settings(environ))
    with app.app_context():
        with unit_of_work() as session:
            load_referentials()
            session.flush()
            call = import_call(CALL_FILE.read_bytes(), None, PUBLISHED, publish=True).call
            lead = make_user(session, "lead")
            add_team_member(call, make_user(session, "officer"), CallRole.OFFICER, None, PUBLISHED)
            file = start_application(current_version(call), lead=lead, now=DRAFTED, strand_key="B")
            write_answers(file, case_answers(), lead)
            join_pieces(file, lead, storage())
            project = Upload([write_pdf("PROJET DE SANTE")], "A12.pdf", 1_000_000)
            attach_piece(file, "A12", project, storage=storage(), actor=lead, now=DRAFTED)
            ids = file.id, lead.id
        db.session.remove()
    yield Service(app, environ, tmp_path, *ids)
    with app.app_context():
        db.engine.dispose()


# ------------------------------------------------------------------------------------------------------- web server
@dataclass(frozen=True, slots=True)
class Answered:
    """What came back."""

    status: int
    location: str
    text: str


@dataclass(frozen=True, slots=True)
class Lead:
    """The project leader's browser, signed in."""

    port: int
    cookie: str
    token: str

    def ask(self, path: str, fields: dict[str, str] | None = None) -> Answered:
        """Send one request; raises ``OSError`` or ``HTTPException`` when the line is cut."""
        body = None if fields is None else urlencode({"csrf_token": self.token, **fields})
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        with contextlib.closing(http.client.HTTPConnection(HOST, self.port, timeout=PATIENCE)) as line:
            line.request("GET" if body is None else "POST", path, body, headers)
            answer = line.getresponse()
            return Answered(answer.status, answer.headers.get("Location", ""), answer.read().decode(errors="replace"))


def lead_of(service: Service, port: int) -> Lead:
    with service.app.app_context():
        person = db.session.get_one(User, service.lead_id).fs_uniquifier
        db.session.remove()
    signer: Any = service.app.session_interface
    known = {"_user_id": person, "_fresh": True, "fs_cc": "set", "fs_paa": 2**31, "csrf_token": WORD}
    cookie = signer.get_signing_serializer(service.app).dumps(known)
    forms = URLSafeTimedSerializer(str(service.app.config["SECRET_KEY"]), salt="wtf-csrf-token")
    return Lead(port, f"{service.app.config['SESSION_COOKIE_NAME']}={cookie}", str(forms.dumps(WORD)))


@contextlib.contextmanager
def served(service: Service) -> Iterator[Lead]:
    """Serve by gunicorn, one worker: killed, another takes its place."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    options = ["--bind", f"{HOST}:{port}", "--workers", "1", "--worker-class", "gthread", "--threads", "2"]
    options += ["--no-control-socket", "--log-level", "critical"]
    with service.running("-m", "gunicorn", *options, "tests.integration.faults.deadly:app()"):
        lead = lead_of(service, port)
        wait_until(lambda: answers(lead))
        yield lead


def answers(lead: Lead) -> bool:
    try:
        return lead.ask("/healthz").status == 200
    except (OSError, http.client.HTTPException):
        return False


def wait_until(done: Callable[[], bool]) -> None:
    limit = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < limit, "nothing happened in time"
        time.sleep(0.1)


def test_a_server_killed_before_its_answer_has_deposited_once(service: Service) -> None:
    path = f"/dossiers/{service.file_id}"
    with served(service) as lead:
        page = lead.ask(f"{path}/verification")
        key = re.search(r'name="key" value="([^"]+)"', page.text)
        assert key is not None, page.status
        sent = {"key": key[1], "honour": "y"}
        order = service.doom(AFTER_COMMIT)
        with pytest.raises((OSError, http.client.HTTPException)):
            lead.ask(f"{path}/verification", sent)
        assert not order.exists()
        wait_until(lambda: answers(lead))
        retried = [lead.ask(f"{path}/verification", sent) for _click in range(2)]
        assert [answer.status for answer in retried] == [303, 303]
        assert {answer.location.partition("?")[0] for answer in retried} == {f"{path}/recepisse"}
        assert "AAP-TS-2023-01-0001" in lead.ask(f"{path}/recepisse").text
        with service.app.app_context():
            (submission,) = db.session.scalars(select(Submission))
            assert (submission.number, submission.application.reference) == (1, "AAP-TS-2023-01-0001")
            assert outbox.deliver_all(HANDLERS, DEPOSITED) > 0  # what the dead server promised and never rang for
            db.session.expire_all()
            (submission,) = db.session.scalars(select(Submission))
            assert submission.receipt_file is not None
            assert b"".join(storage().read(submission.receipt_file.storage_key)).startswith(b"%PDF")
            assert audit.verify().ok
            db.session.remove()
        assert lead.ask(f"{path}/depots/1/recepisse.pdf").status == 200


# ----------------------------------------------------------------------------------------------------------- worker
def test_a_worker_killed_while_merging_leaves_nothing_half_done(service: Service) -> None:
    with service.app.app_context():
        with unit_of_work():
            file, lead = get_application(service.file_id), db.session.get_one(User, service.lead_id)
            print_id = ask_print(submit(file, actor=lead, now=DEPOSITED), Audience.AGENCY, actor=lead, now=DEPOSITED).id
        order = service.doom(WHILE_MERGING)
        work = ("-c", "from tests.integration.faults.deadly import work; work()")
        with service.running(*work) as worker:
            worker.wait(PATIENCE)
        assert worker.returncode == -9
        assert not order.exists()
        assert made(print_id) is None
        waiting = db.session.scalars(select(Promise).where(Promise.kind == PRINT)).one()
        assert (waiting.delivered_at, waiting.last_error) == (None, None)
        db.session.remove()
        with service.running(*work):
            ask(DELIVERY_JOB)  # the scheduler's next sweep
            wait_until(lambda: made(print_id) is not None)
        stored = made(print_id)
        assert stored is not None
        with pikepdf.open(io.BytesIO(b"".join(storage().read(stored.storage_key)))) as document:
            drawn = b"".join(
                page.Contents.read_bytes() for page in document.pages if isinstance(page.Contents, pikepdf.Stream)
            )
        assert b"PROJET DE SANTE" in drawn
        known = set(db.session.scalars(select(StoredFile.storage_key)))
        assert kept(service.folder / "files") == known
        assert not list(service.folder.glob("aap-work-*")), "the folder of the killed worker is still there"
        db.session.remove()


def made(print_id: uuid.UUID) -> StoredFile | None:
    db.session.rollback()
    row = db.session.get_one(DossierPrint, print_id, populate_existing=True)
    return row.file


def kept(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
