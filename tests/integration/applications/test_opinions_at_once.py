"""Two people of one body give one opinion at the same instant, on a real server: the first stands, both are shown."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from aap.accounts.models import RoleName, User
from aap.app import create_app
from aap.applications.models import Application, ApplicationState
from aap.applications.service import give_opinion, start_application
from aap.calls.queries import current_version
from aap.calls.service import import_call
from aap.db import db, unit_of_work
from aap.errors import StaleError
from aap.referentials.service import load_referentials
from tests.conftest import make_settings
from tests.integration.applications.case import CALL_FILE, DEPOSITED, DRAFTED, PUBLISHED, make_user

pytestmark = [pytest.mark.postgres, pytest.mark.slow]
ADVISED = DEPOSITED + timedelta(days=20)
WAITS = text("SELECT count(*) FROM pg_locks WHERE NOT granted")


@pytest.fixture
def served(migrated: Callable[[str], str], valkey: str, folder: Path) -> Flask:
    """An application on a database of its own, where transactions really commit."""
    return create_app(make_settings(migrated("postgresql"), valkey, folder))


def _prepare() -> tuple[uuid.UUID, uuid.UUID, uuid.UUID]:
    with unit_of_work() as session:
        load_referentials()
        session.flush()
        call = import_call(CALL_FILE.read_bytes(), None, PUBLISHED, publish=True).call
        application = start_application(
            current_version(call), lead=make_user(session, "lead"), now=DRAFTED, strand_key="B"
        )
        application.reference, application.submitted_at = "AAP-TS-2023-01-0001", DEPOSITED
        application.state = ApplicationState.ADMISSIBLE
        first, second = (make_user(session, name, RoleName.GRADES) for name in ("first", "second"))
        return application.id, first.id, second.id


def test_the_first_opinion_stands_and_the_second_is_told_whose(served: Flask) -> None:
    caught: list[StaleError] = []
    with served.app_context():
        application_id, first_id, second_id = _prepare()
        db.session.remove()

    def follow() -> None:
        with served.app_context():
            application = db.session.get_one(Application, application_id)
            actor = db.session.get_one(User, second_id)
            try:
                with unit_of_work():
                    give_opinion(application, "grades", "defavorable", "Le second.", actor=actor, now=ADVISED)
            except StaleError as error:
                caught.append(error)
            db.session.remove()

    with served.app_context():
        application = db.session.get_one(Application, application_id)
        thread = threading.Thread(target=follow)
        with unit_of_work() as session:
            first = session.get_one(User, first_id)
            give_opinion(application, "grades", "favorable", "Le premier.", actor=first, now=ADVISED)
            thread.start()
            until = time.monotonic() + 20
            while not session.scalar(WAITS) and time.monotonic() < until:
                time.sleep(0.05)
        thread.join(30)
        [error] = caught
        assert "first a donné cet avis" in error.message
        assert "c'est le sien qui est gardé" in error.message
        assert "Le second." in str(error.yours)
        assert "Le premier." in str(error.theirs)
        db.session.remove()
        db.engine.dispose()
