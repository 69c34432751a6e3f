"""The call of the example, its staff, and its file, ready for the jury."""

from __future__ import annotations

from importlib.resources import files

import pytest
from sqlalchemy.orm import Session

from aap.accounts.models import RoleName
from aap.applications.models import Application
from aap.calls.models import Call, CallRole, CallVersion
from aap.calls.service import add_team_member, import_call
from tests.integration.jury.scene import PUBLISHED, People, make_case, make_user


@pytest.fixture
def call(session: Session) -> Call:
    """The call of the example, published on its day."""
    content = (files("aap.demonstration") / "data" / "call.yaml").read_bytes()
    found = import_call(content, None, PUBLISHED, publish=True).call
    session.flush()
    return found


@pytest.fixture
def version(call: Call) -> CallVersion:
    """The version in force."""
    return call.versions[-1]


@pytest.fixture
def people(session: Session, call: Call) -> People:
    """Staff of the agency, a lead, and somebody from nowhere."""
    people = People(
        lead=make_user(session, "lead"),
        officer=make_user(session, "officer"),
        administrator=make_user(session, "administrator", RoleName.ADMINISTRATOR),
        director=make_user(session, "director", RoleName.DIRECTOR),
        finance=make_user(session, "finance", RoleName.FINANCE),
        reader=make_user(session, "reader", RoleName.READER),
        dd=make_user(session, "dd", RoleName.DD, department="77"),
        stranger=make_user(session, "stranger"),
    )
    add_team_member(call, people.officer, CallRole.OFFICER, None, PUBLISHED)
    return people


@pytest.fixture
def case(session: Session, version: CallVersion, people: People) -> Application:
    """The file of the example, instructed."""
    return make_case(session, version, people.lead)
