"""Two requests at the same instant, on a real server: one deposit for one file, two numbers for two files."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from aap.accounts.models import User
from aap.app import create_app
from aap.applications.models import Application
from aap.applications.queries import get_application
from aap.applications.service import start_application, submit
from aap.calls.models import CallRole, CallVersion
from aap.calls.queries import current_version
from aap.calls.service import add_team_member, import_call
from aap.db import db, unit_of_work
from aap.storage import Storage
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

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


@pytest.fixture
def served(stocked: Callable[[str], str], valkey: str, folder: Path) -> Flask:
    """An application on a database of its own, where transactions really commit."""
    return create_app(make_settings(stocked("postgresql"), valkey, folder))


def test_deposits_at_the_same_instant(served: Flask) -> None:
    with served.app_context(), unit_of_work() as session:
        call = import_call(CALL_FILE.read_bytes(), None, PUBLISHED, publish=True).call
        lead = make_user(session, "lead")
        add_team_member(call, make_user(session, "officer"), CallRole.OFFICER, None, PUBLISHED)
        files = [_ready(call_lead=lead, version=current_version(call)) for _ in range(2)]
        lead_id, file_ids = lead.id, [file.id for file in files]
    told: list[tuple[str, str]] = []
    barrier = threading.Barrier(4)

    def deposit(number: int) -> None:
        with served.app_context():
            barrier.wait()
            with unit_of_work():
                application = get_application(file_ids[number % 2])
                actor = db.session.get_one(User, lead_id)
                submission = submit(application, actor=actor, now=DEPOSITED, idempotency_key=f"{number}")
                told.append((str(application.reference), str(submission.id)))
            db.session.remove()

    threads = [threading.Thread(target=deposit, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(told) == 4
    assert len(set(told)) == 2
    assert {reference for reference, _ in told} == {"AAP-TS-2023-01-0001", "AAP-TS-2023-01-0002"}
    with served.app_context():
        db.engine.dispose()


def _ready(call_lead: User, version: CallVersion) -> Application:
    application = start_application(version, lead=call_lead, now=DRAFTED, strand_key="B")
    write_answers(application, case_answers(), call_lead)
    join_pieces(application, call_lead, Storage("memory://"))
    return application
