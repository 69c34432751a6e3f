"""Two requests at the same instant on a real server: one seat for one link, one invitation for one address."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from aap.accounts.models import User
from aap.app import create_app
from aap.applications.models import FileInvitation, Participant, ParticipantRole
from aap.applications.queries import get_application
from aap.applications.queries.people import get_file_invitation
from aap.applications.service import Rights, accept_invitation, invite, start_application
from aap.calls.queries import current_version
from aap.calls.service import import_call
from aap.db import db, unit_of_work
from aap.errors import AapError
from tests.conftest import make_settings
from tests.integration.applications.case import CALL_FILE, DRAFTED, PUBLISHED, make_user
from tests.integration.applications.inviting import make_token

pytestmark = [pytest.mark.postgres, pytest.mark.slow]
EDITOR = Rights(ParticipantRole.EDITOR)


@pytest.fixture
def served(stocked: Callable[[str], str], valkey: str, folder: Path) -> Flask:
    """An application on a database of its own, where transactions really commit."""
    return create_app(make_settings(stocked("postgresql"), valkey, folder))


def at_once(served: Flask, act: Callable[[int], None]) -> list[str]:
    """Run ``act`` in three threads that start together; return the codes of the refusals."""
    refusals: list[str] = []
    barrier = threading.Barrier(3)

    def run(number: int) -> None:
        with served.app_context():
            barrier.wait()
            try:
                with unit_of_work():
                    act(number)
            except AapError as error:
                refusals.append(error.code)
            db.session.remove()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sorted(refusals)


def test_one_link_makes_one_seat_and_one_address_one_invitation(served: Flask) -> None:
    with served.app_context(), unit_of_work() as session:
        call = import_call(CALL_FILE.read_bytes(), None, PUBLISHED, publish=True).call
        lead, guest = make_user(session, "lead"), make_user(session, "invitee")
        file = start_application(current_version(call), lead=lead, now=DRAFTED, strand_key="B")
        file_id, lead_id, guest_id = file.id, lead.id, guest.id
        made = invite(file, guest.email, EDITOR, make_token=make_token, actor=lead, now=DRAFTED)
        invitation_id: uuid.UUID = made.id

    def accept(_number: int) -> None:
        guest = db.session.get_one(User, guest_id)
        accept_invitation(get_file_invitation(invitation_id), actor=guest, now=DRAFTED)

    def send(_number: int) -> None:
        lead = db.session.get_one(User, lead_id)
        file = get_application(file_id)
        invite(file, "meme@exemple.invalid", EDITOR, make_token=make_token, actor=lead, now=DRAFTED)

    def send_to_each(number: int) -> None:
        lead = db.session.get_one(User, lead_id)
        file = get_application(file_id)
        invite(file, f"autre{number}@exemple.invalid", EDITOR, make_token=make_token, actor=lead, now=DRAFTED)

    assert at_once(served, accept) == ["lien-deja-utilise"] * 2
    assert at_once(served, send) == ["deja-invitee"] * 2
    assert at_once(served, send_to_each) == []
    with served.app_context():
        assert db.session.scalar(select(func.count()).select_from(Participant)) == 1
        assert db.session.scalar(select(func.count()).select_from(FileInvitation)) == 5
        db.session.remove()
        db.engine.dispose()
