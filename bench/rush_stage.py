"""The stage of the rush: complete drafts, each with its own lead, on PostgreSQL and Valkey, served by gunicorn."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import insert, select

from aap.accounts.models import User
from aap.app import create_app
from aap.applications.models import Application
from aap.clock import FixedClock
from aap.config import load_settings
from aap.db import Base, db, unit_of_work
from aap.demonstration.accounts import create_accounts
from aap.demonstration.case.application import play_draft
from aap.demonstration.case.call import play_call
from aap.demonstration.stage import hour, playing
from aap.extensions import Services
from aap.outbox import Promise
from aap.referentials.service import load_referentials
from bench.rush_app import SHIFT
from tests.services.postgres import running_postgres
from tests.services.valkey import running_valkey

CLOSING = hour("2023-11-06T12:00:00")
FORM_WORD = "rush"
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Leader:
    """A project leader at the keyboard: the draft, the session's cookie and the token of its forms."""

    application_id: uuid.UUID
    cookie: str
    token: str


@dataclass(slots=True)
class RushStage:
    """The served application, who takes part, and when the closing falls on this machine's clock."""

    app: Flask
    environ: dict[str, str]
    leaders: list[Leader]
    port: int = 0
    closes: float = 0.0


@contextlib.contextmanager
def rush_staged(drafts: int) -> Iterator[RushStage]:
    """Set the stage with ``drafts`` complete drafts, then take it down."""
    with running_postgres() as server, running_valkey() as queue, tempfile.TemporaryDirectory() as folder:
        environ = {
            "AAP_ENV": "test",
            "AAP_SECRET_KEY": "bench-" * 8,
            "AAP_DATA": folder,
            "AAP_PUBLIC_URL": "http://localhost",
            "AAP_STORAGE_URL": f"file://{Path(folder) / 'files'}",
            "DATABASE_URL": server.create("rush"),
            "REDIS_URL": queue,
        }
        app = create_app(load_settings(environ))
        with app.app_context():
            upgrade()
            leaders = _play(app, drafts)
        yield RushStage(app, environ, leaders)
        with app.app_context():
            db.engine.dispose()


def _play(app: Flask, drafts: int) -> list[Leader]:
    with playing(hour("2023-09-01T09:00:00")) as clock:
        with unit_of_work():
            load_referentials()
            people = create_accounts(clock.now())
        call = play_call(clock, people)
        model = play_draft(clock, people, call)
    with unit_of_work() as session:
        session.query(Promise).delete()
        leaders = _clone(app, model, drafts)
    services: Services = app.extensions["aap"]
    services.clock = FixedClock(hour("2023-11-06T11:00:00"))
    return leaders


def _clone(app: Flask, model: Application, drafts: int) -> list[Leader]:
    """Copy a draft with every row that hangs from it; each copy has a lead of its own."""
    origin = _gather(model)
    written: dict[str, list[dict[str, Any]]] = {}
    leaders = []
    for number in range(drafts):
        fresh = {
            key: uuid.uuid4() for rows in origin.values() for row in rows if isinstance(key := row.get("id"), uuid.UUID)
        }
        token = uuid.uuid4().hex
        for name, rows in origin.items():
            changes = {"email": f"rush{number}@demo.invalid", "fs_uniquifier": token} if name == "users" else {}
            written.setdefault(name, []).extend(
                {column: _renewed(column, value, fresh) for column, value in row.items()} | changes for row in rows
            )
        leaders.append(_leader(app, fresh[model.id], token))
    for table in Base.metadata.sorted_tables:
        if table.name in written:
            db.session.execute(insert(table), written[table.name])
    return leaders


def _renewed(column: str, value: Any, fresh: dict[uuid.UUID, uuid.UUID]) -> Any:
    """Return the copy's own identifier; a file is shared by the copies."""
    return fresh.get(value, value) if isinstance(value, uuid.UUID) and column != "file_id" else value


def _gather(model: Application) -> dict[str, list[dict[str, Any]]]:
    """Return the rows to copy, by table: the lead, the answers, the application and what hangs from both."""
    found = {
        "users": _rows(User.__table__, "id", [model.lead_id]),
        "answer_sheets": _rows(Base.metadata.tables["answer_sheets"], "id", [model.sheet_id]),
        "applications": _rows(Application.__table__, "id", [model.id]),
    }
    hung = {"applications", "answer_sheets", "funders"}
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_keys:
            above, held = key.column.table.name, key.parent.name
            if above in hung & found.keys() and table.name not in found and "id" in table.c:
                rows = _rows(table, held, [row["id"] for row in found[above]])
                if rows and isinstance(rows[0]["id"], uuid.UUID):
                    found[table.name] = rows
    return found


def _rows(table: Any, column: str, owners: list[Any]) -> list[dict[str, Any]]:
    rows = db.session.execute(select(table).where(table.c[column].in_(owners))).mappings()
    return [dict(row) for row in rows]


def _leader(app: Flask, application_id: uuid.UUID, token: str) -> Leader:
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]  # Flask's own
    cookie = signer.dumps({"_user_id": token, "_fresh": True, "fs_cc": "set", "fs_paa": 2**31, "csrf_token": FORM_WORD})
    forms = URLSafeTimedSerializer(str(app.config["SECRET_KEY"]), salt="wtf-csrf-token").dumps(FORM_WORD)
    return Leader(application_id, f"aap={cookie}", str(forms))


# ------------------------------------------------------------------------------------------------------------ serving
@contextlib.contextmanager
def served(stage: RushStage, *, seconds: float, workers: int, threads: int) -> Iterator[None]:
    """Serve the application by gunicorn, its clock set so that the closing falls in ``seconds`` from its start."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        stage.port = free.getsockname()[1]
    told = Path(stage.environ["AAP_DATA"]) / "shift"
    _set_closing(stage, told, seconds)
    options = ["--bind", f"{HOST}:{stage.port}", "--workers", str(workers), "--worker-class", "gthread"]
    options += ["--threads", str(threads), "--no-control-socket", "--backlog", "2048", "--log-level", "warning"]
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", *options, "bench.rush_app:app()"],
        env={**os.environ, **stage.environ, SHIFT: str(told)},
    )
    try:
        _wait(stage.port, process)
        _set_closing(stage, told, seconds)
        yield
    finally:
        process.terminate()
        process.wait(30)


def _set_closing(stage: RushStage, told: Path, seconds: float) -> None:
    """Let the closing fall in so many seconds."""
    stage.closes = time.time() + seconds
    shift = CLOSING - datetime.fromtimestamp(stage.closes, UTC)
    fresh = told.with_suffix(".new")
    fresh.write_text(str(shift / timedelta(seconds=1)), encoding="ascii")
    fresh.replace(told)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            message = "gunicorn did not start"
            raise RuntimeError(message)
        with contextlib.suppress(OSError), contextlib.closing(http.client.HTTPConnection(HOST, port, timeout=5)) as one:
            one.request("GET", "/healthz")
            if one.getresponse().status == http.HTTPStatus.OK:
                return
        time.sleep(0.1)
    message = "gunicorn does not answer"
    raise RuntimeError(message)
