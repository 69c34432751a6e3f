"""Mails and jobs about a file, as the administrators of a region see them."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from aap.accounts.models import RegionalRole, RoleName
from aap.applications.models import Application, Message, MessageFile
from aap.calls.models import Call
from aap.files.models import StoredFile
from aap.jury.service import recuse
from aap.outbox import Promise, promise
from aap.policies import promises as policies
from tests.integration.jury.scene import MARKING, NAMED, People, seat

pytestmark = pytest.mark.sqlite


def test_no_promise_betrays_a_file_to_whoever_stood_back_from_it(
    session: Session, call: Call, case: Application, people: People
) -> None:
    member = seat(session, call, "J1", 0, people.officer)
    role = {"region_code": case.region_code, "role": RoleName.ADMINISTRATOR}
    session.add(RegionalRole(user_id=member.user_id, granted_at=NAMED, **role))
    attached = _attached(session, case, people)
    told: dict[str, dict[str, Any]] = {
        "a scan": {"file_id": str(attached.id)},
        "a mail of the draft": {"template": "people-joined", "context": {"path": f"/dossiers/{case.id}"}},
        f"a job:{case.id}": {},
        "another mail": {"template": "people-joined", "context": {"path": f"/dossiers/{uuid.uuid4()}"}},
    }
    for name, payload in told.items():
        promise("mail", payload, key=name, now=MARKING, region_code=case.region_code)
    session.flush()

    def shown() -> set[str]:
        rows = session.scalars(select(Promise).where(Promise.key.in_(told))).all()
        allowed = {row.key for row in rows if policies.VERBS["promise.read"](member.user, row)}
        query = select(Promise.key).where(policies.VISIBLE[Promise](member.user), Promise.key.in_(told))
        assert set(session.scalars(query)) == allowed
        return allowed

    assert shown() == set(told)
    recuse(member, case, reason="Lien familial", actor=member.user, now=MARKING)
    assert shown() == {"another mail"}


def _attached(session: Session, case: Application, people: People) -> StoredFile:
    file = StoredFile(
        region_code=case.region_code,
        name="precision.pdf",
        media_type="application/pdf",
        size=3,
        sha256="0" * 64,
        storage_key="precision",
        uploaded_at=NAMED,
    )
    message = Message(
        application_id=case.id,
        author_id=people.officer.id,
        from_agency=True,
        text="Une précision.",
        at=NAMED,
        idempotency_key="precision",
    )
    session.add_all([file, message])
    session.flush()
    session.add(MessageFile(message_id=message.id, file_id=file.id, position=0))
    return file
