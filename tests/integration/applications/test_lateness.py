"""After the closing: one draft, one officer, one reason, one hour; the others stay closed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aap.applications.lateness import draft_code, list_late_admissions
from aap.applications.models import Application, ApplicationState, LateAdmission
from aap.applications.service import admit_late, find_draft, list_checks, start_application, submit
from aap.audit import AuditEntry
from aap.calls.models import CallVersion
from aap.clock import from_paris
from aap.db import constraint_of
from aap.errors import ConflictError, ForbiddenError, InvalidError
from aap.outbox import Promise
from tests.integration.applications.case import CLOSING, DRAFTED, People

AFTER = CLOSING + timedelta(minutes=10)
UNTIL = CLOSING + timedelta(days=1)


def test_a_named_officer_admits_one_draft_and_no_other(
    case: Application, version: CallVersion, people: People, session: Session
) -> None:
    other = start_application(version, lead=people.lead, now=DRAFTED, strand_key="B")
    with pytest.raises(ConflictError):
        submit(case, actor=people.lead, now=AFTER)
    assert find_draft(version.call, draft_code(case.id).lower()) is case
    admit_late(case, UNTIL, "Panne du service de 11 h 40 à 12 h 10.", actor=people.officer, now=AFTER)
    submission = submit(case, actor=people.lead, now=UNTIL)
    assert (case.state, submission.at) == (ApplicationState.SUBMITTED, UNTIL)
    assert {check.outcome.value for check in list_checks(case) if check.rule_key == "E01"} == {"passed"}
    with pytest.raises(ConflictError):
        submit(other, actor=people.lead, now=AFTER)
    (row,) = list_late_admissions(version.call_id)
    assert (row.code, row.granted_by, row.deposited_at) == (draft_code(case.id), people.officer.display_name, UNTIL)
    session.commit()
    entry = session.scalars(select(AuditEntry).where(AuditEntry.verb == "applications.admit_late")).one()
    assert entry.actor_id == people.officer.id
    mails = [row.payload["template"] for row in session.scalars(select(Promise).where(Promise.kind == "mail"))]
    assert "application-admitted-late" in mails


def test_after_the_hour_granted_it_is_too_late(case: Application, people: People) -> None:
    admit_late(case, UNTIL, "Panne.", actor=people.officer, now=AFTER)
    with pytest.raises(ConflictError):
        submit(case, actor=people.lead, now=UNTIL + timedelta(microseconds=1))


@pytest.mark.parametrize(
    ("until", "reason", "place"),
    [(UNTIL, " ", "reason"), (CLOSING, "Panne.", "until"), (AFTER, "Panne.", "until")],
)
def test_a_late_admission_has_a_reason_and_an_hour_ahead(
    draft: Application, people: People, until: datetime, reason: str, place: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        admit_late(draft, until, reason, actor=people.officer, now=AFTER)
    assert refused.value.problems[0].place == place


def test_nobody_else_admits(draft: Application, people: People) -> None:
    for person in (people.lead, people.reader, people.dd):
        with pytest.raises(ForbiddenError):
            admit_late(draft, UNTIL, "Panne.", actor=person, now=AFTER)


@pytest.mark.parametrize("code", ["", "%", "ZZZZZZZZ", "00000000"])
def test_an_unknown_code_names_nothing(version: CallVersion, draft: Application, code: str) -> None:
    assert draft.id is not None
    with pytest.raises(InvalidError):
        find_draft(version.call, code)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"until": AFTER}, "ck_late_admissions_until_is_ahead"),
        ({"reason": ""}, "ck_late_admissions_reason_filled"),
    ],
)
def test_the_database_refuses_too(
    draft: Application, people: People, session: Session, values: dict[str, object], constraint: str
) -> None:
    row = {"until": UNTIL, "reason": "Panne.", "granted_by_id": people.officer.id, "granted_at": AFTER, **values}
    session.add(LateAdmission(application_id=draft.id, **row))
    with pytest.raises(IntegrityError) as raised:
        session.flush()
    assert constraint_of(raised.value) == constraint


def test_a_closing_in_the_repeated_hour_of_october_is_the_first_one() -> None:
    closing = from_paris(datetime(2023, 10, 29, 2, 30))  # noqa: DTZ001  # a wall-clock hour of Paris
    assert closing == datetime(2023, 10, 29, 0, 30, tzinfo=UTC)
    assert closing < datetime(2023, 10, 29, 1, 30, tzinfo=UTC)  # what the wall shows again an hour later
