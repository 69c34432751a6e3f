"""One member, two windows, the same second, on a real server: one grid, no mark lost, no mark written over."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from aap.accounts.models import User
from aap.app import create_app
from aap.applications.models import Application
from aap.calls.service import import_call
from aap.db import db, unit_of_work
from aap.jury.models import JuryMember, MarkRevision, Review
from aap.jury.service import Autosaved, MarkInput, assign, autosave_review
from tests.conftest import make_settings
from tests.integration.jury.scene import MARKING, NAMED, PUBLISHED, make_file, make_user, seat

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


@pytest.fixture
def served(stocked: Callable[[str], str], valkey: str, folder: Path) -> Flask:
    """An application on a database of its own, where transactions really commit."""
    return create_app(make_settings(stocked("postgresql"), valkey, folder))


def set_scene() -> tuple[uuid.UUID, uuid.UUID]:
    """Return a member and the file this member marks."""
    with unit_of_work() as session:
        content = (files("aap.demonstration") / "data" / "call.yaml").read_bytes()
        call = import_call(content, None, PUBLISHED, publish=True).call
        officer, lead = make_user(session, "officer"), make_user(session, "lead")
        file = make_file(session, call.versions[-1], lead, 1)
        member = seat(session, call, "J1", 0, officer)
        assign(member, file, actor=officer, now=NAMED)
        return member.id, file.id


def test_two_windows_open_and_save_the_same_grid(served: Flask) -> None:
    with served.app_context():
        member_id, file_id = set_scene()
        db.session.remove()
    results: dict[str, Autosaved] = {}
    barrier = threading.Barrier(3)

    def save(name: str, entries: dict[str, MarkInput]) -> None:
        with served.app_context():
            member = db.session.get_one(JuryMember, member_id)
            actor = db.session.get_one(User, member.user_id)
            barrier.wait()
            with unit_of_work():
                file = db.session.get_one(Application, file_id)
                results[name] = autosave_review(member, file, entries, {}, actor=actor, now=MARKING)
            db.session.remove()

    windows = {
        "first": {"C1": MarkInput("4", comment="Premier."), "C2": MarkInput("3")},
        "second": {"C1": MarkInput("2", comment="Second."), "C3": MarkInput("5")},
        "same": {"C2": MarkInput("3"), "C3": MarkInput("5")},
    }
    threads = [threading.Thread(target=save, args=window) for window in windows.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert set(results) == set(windows)
    conflicts = [conflict for result in results.values() for conflict in result.conflicts]
    assert [(conflict.key, {conflict.yours.comment, conflict.theirs.comment}) for conflict in conflicts] == [
        ("C1", {"Premier.", "Second."})
    ]
    with served.app_context():
        assert db.session.scalar(select(func.count()).select_from(Review)) == 1
        assert db.session.scalar(select(func.count()).select_from(MarkRevision)) == 3
        db.session.remove()
        db.engine.dispose()
