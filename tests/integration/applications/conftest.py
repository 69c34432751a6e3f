"""The case of the examples: the call, its people, and the application filled in through the services."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from aap.accounts.models import RoleName
from aap.applications.models import Application
from aap.applications.service import start_application
from aap.calls.models import Call, CallRole, CallVersion
from aap.calls.queries import current_version
from aap.calls.service import add_team_member, import_call
from aap.storage import Storage
from tests.integration.applications.case import (
    CALL_FILE,
    DRAFTED,
    PUBLISHED,
    People,
    case_answers,
    join_pieces,
    make_user,
    write_answers,
)


@pytest.fixture
def call(session: Session) -> Call:
    """The call of the example, published on its day."""
    found = import_call(CALL_FILE.read_bytes(), None, PUBLISHED, publish=True).call
    session.flush()
    return found


@pytest.fixture
def version(call: Call) -> CallVersion:
    return current_version(call)


@pytest.fixture
def people(session: Session, call: Call) -> People:
    people = People(
        lead=make_user(session, "lead"),
        officer=make_user(session, "officer"),
        administrator=make_user(session, "administrator", RoleName.ADMINISTRATOR),
        dd=make_user(session, "dd77", RoleName.DD, "77"),
        dd_elsewhere=make_user(session, "dd95", RoleName.DD, "95"),
        dcgdr=make_user(session, "dcgdr", RoleName.DCGDR),
        grades=make_user(session, "grades", RoleName.GRADES),
        reader=make_user(session, "reader", RoleName.READER),
        stranger=make_user(session, "stranger"),
    )
    add_team_member(call, people.officer, CallRole.OFFICER, None, PUBLISHED)
    return people


@pytest.fixture
def store() -> Storage:
    return Storage("memory://")


@pytest.fixture
def draft(version: CallVersion, people: People) -> Application:
    """An empty draft on strand B."""
    return start_application(version, lead=people.lead, now=DRAFTED, strand_key="B")


@pytest.fixture
def case(draft: Application, people: People, store: Storage) -> Application:
    """The application of the example, every section saved and every piece joined, not deposited yet."""
    write_answers(draft, case_answers(), people.lead)
    join_pieces(draft, people.lead, store)
    return draft
