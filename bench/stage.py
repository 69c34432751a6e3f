"""The stage of the bench: PostgreSQL, Valkey, a call on a day it is open, drafts ready to deposit, a thousand files."""

from __future__ import annotations

import contextlib
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import delete, insert, select

from aap.accounts.models import Organisation, User
from aap.app import create_app
from aap.applications.models import Application
from aap.calls.queries import load_form_spec
from aap.clock import FixedClock
from aap.config import load_settings
from aap.db import db, unit_of_work
from aap.demonstration.accounts import create_accounts
from aap.demonstration.case.application import play_draft
from aap.demonstration.case.call import play_call
from aap.demonstration.stage import hour, playing
from aap.extensions import Services
from aap.forms.models import AnswerSheet
from aap.outbox import Promise
from aap.referentials.service import load_referentials
from bench import reference
from tests.services.postgres import running_postgres
from tests.services.valkey import running_valkey

OPEN_DAY = "2023-11-03T16:30:00"


@dataclass(slots=True)
class Stage:
    """The application, its clients by address, and what the subjects are about."""

    app: Flask
    call_ref: str
    call_id: uuid.UUID
    lead: str
    officer: str
    draft: uuid.UUID
    sections: list[str]
    deposits: Iterator[uuid.UUID]
    clients: dict[str, FlaskClient] = field(default_factory=dict)

    def client(self, email: str = "") -> FlaskClient:
        """Return a client signed in as this person, or as nobody."""
        if email not in self.clients:
            client = self.app.test_client()
            if email:
                with self.app.app_context():
                    key = db.session.scalars(select(User.fs_uniquifier).where(User.email == email)).one()
                with client.session_transaction() as session:
                    session.update(_user_id=key, _fresh=True, fs_cc="set")
            self.clients[email] = client
        return self.clients[email]


@contextlib.contextmanager
def staged(*, files: int, deposits: int) -> Iterator[Stage]:
    """Set the stage with ``files`` deposited applications and ``deposits`` complete drafts, then take it down."""
    with running_postgres() as server, running_valkey() as queue, tempfile.TemporaryDirectory() as folder:
        app = create_app(
            load_settings(
                {
                    "AAP_ENV": "test",
                    "AAP_SECRET_KEY": "bench-" * 8,
                    "AAP_DATA": folder,
                    "AAP_PUBLIC_URL": "http://localhost",
                    "AAP_STORAGE_URL": f"file://{Path(folder) / 'files'}",
                    "DATABASE_URL": server.create("bench"),
                    "REDIS_URL": queue,
                }
            )
        )
        app.register_blueprint(reference.bp)
        with app.app_context():
            upgrade()
            stage = _play(app, files=files, deposits=deposits)
        yield stage
        with app.app_context():
            db.engine.dispose()


def _play(app: Flask, *, files: int, deposits: int) -> Stage:
    with playing(hour("2023-09-01T09:00:00")) as clock:
        with unit_of_work():
            load_referentials()
            people = create_accounts(clock.now())
        call = play_call(clock, people)
        drafts = [play_draft(clock, people, call) for _ in range(deposits + 1)]
        clock.set(hour(OPEN_DAY))
        with unit_of_work() as session:
            _clone_applications(drafts[0], files)
            _clone_organisations(reference.ROWS)
            session.execute(delete(Promise))
        stage = Stage(
            app=app,
            call_ref=call.ref,
            call_id=call.id,
            lead=drafts[0].lead.email,
            officer=people.officer.email,
            draft=drafts[0].id,
            sections=[section.id for section in load_form_spec(drafts[0].call_version).sections],
            deposits=iter([draft.id for draft in drafts[1:]]),
        )
        now = clock.now()
    services: Services = app.extensions["aap"]
    services.clock = FixedClock(now)
    return stage


def _columns(row: object) -> dict[str, Any]:
    return {column.name: getattr(row, column.name) for column in row.__table__.columns}  # type: ignore[attr-defined]  # every mapped row has its table


def _clone_applications(model: Application, count: int) -> None:
    base, sheet = _columns(model), _columns(db.session.get_one(AnswerSheet, model.sheet_id))
    sheets = [uuid.uuid4() for _ in range(count)]
    if not count:
        return
    db.session.execute(insert(AnswerSheet), [{**sheet, "id": each} for each in sheets])
    rows = [
        {
            **base,
            "id": uuid.uuid4(),
            "sheet_id": each,
            "state": "submitted",
            "reference": f"{model.call_version.call.ref}-{number:04d}",
            "submitted_at": hour("2023-11-02T10:00:00"),
            "title": f"Projet de téléconsultation n° {number}",
        }
        for number, each in enumerate(sheets, 5000)
    ]
    db.session.connection().execute(insert(Application.__table__), rows)  # type: ignore[arg-type]  # a mapped table is a Table


def _clone_organisations(count: int) -> None:
    base = _columns(db.session.scalars(select(Organisation).limit(1)).one())
    rows = [
        {**base, "id": uuid.uuid4(), "siret": None, "name": f"Structure fictive {number}"} for number in range(count)
    ]
    db.session.execute(insert(Organisation), rows)
