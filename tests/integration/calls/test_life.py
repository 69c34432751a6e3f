"""A call is published, amended, cancelled; people work on it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from aap.accounts.models import User
from aap.calls.calendar_file import calendar_ics
from aap.calls.models import CalendarAmendment, Call, CallRole
from aap.calls.phases import CallPhase
from aap.calls.queries import get_call_page, list_team, phase_of
from aap.calls.service import (
    add_team_member,
    amend_contact,
    amend_step,
    cancel_call,
    publish_call,
    remove_team_member,
)
from aap.errors import ConflictError, InvalidError, NotFoundError
from aap.outbox import Promise

from .conftest import BEFORE

pytestmark = [pytest.mark.sqlite, pytest.mark.usefixtures("session")]

OPEN = datetime(2023, 10, 2, 8, 0, tzinfo=UTC)
CLOSING = datetime(2023, 11, 6, 11, 0, tzinfo=UTC)
LATER = datetime(2023, 11, 10, 11, 0, tzinfo=UTC)


@pytest.fixture
def published(call: Call) -> Call:
    publish_call(call, None, BEFORE)
    return call


def closing_of(call: Call) -> datetime | None:
    return next(step.at for step in call.steps if step.key == "submission_deadline")


def test_publishing_freezes_the_version(published: Call) -> None:
    assert published.versions[0].frozen_at == BEFORE
    assert phase_of(published, BEFORE) is CallPhase.COMING
    with pytest.raises(ConflictError, match="déjà publié"):
        publish_call(published, None, OPEN)


def test_a_call_whose_closing_is_past_is_not_published(call: Call) -> None:
    with pytest.raises(InvalidError, match="déjà passée"):
        publish_call(call, None, CLOSING)


def test_a_later_closing_is_kept_beside_the_old_one_and_told_once(
    session: Session, published: Call, officer: User
) -> None:
    amend_step(published, "submission_deadline", LATER, "Panne du réseau régional", actor=officer, now=OPEN)
    session.commit()
    assert closing_of(published) == LATER
    amendment = session.scalars(select(CalendarAmendment)).one()
    assert (amendment.old_at, amendment.new_at, amendment.made_by_id) == (CLOSING, LATER, officer.id)
    promised = session.scalars(select(Promise)).one()
    assert promised.kind == "call-amended"
    assert promised.payload == {
        "call_id": str(published.id),
        "what": "calendar",
        "amendment_id": str(amendment.id),
    }
    page = get_call_page(published.ref, OPEN)
    assert page.closes_at == LATER
    assert page.amendments[0].before == "lundi 6\u00a0novembre 2023 à 12\u00a0h"
    assert [step.key for step in page.steps if step.amended] == ["submission_deadline"]


@pytest.mark.parametrize(
    ("moved_to", "words"),
    [
        (CLOSING - timedelta(days=1), "plus tardive"),
        (CLOSING, "plus tardive"),
        ((date(2023, 11, 7), date(2023, 11, 8)), "attend une heure"),
        (datetime(2023, 11, 20, 12, 0, tzinfo=UTC), "dans l'ordre"),
    ],
)
def test_a_closing_only_moves_later_and_in_order(
    session: Session, published: Call, moved_to: datetime | tuple[date, date], words: str
) -> None:
    with pytest.raises(InvalidError, match=words):
        amend_step(published, "submission_deadline", moved_to, "Motif", actor=None, now=OPEN)
    session.expire_all()
    assert closing_of(published) == CLOSING
    assert session.scalars(select(CalendarAmendment)).all() == []


def test_a_past_closing_never_reopens(published: Call) -> None:
    with pytest.raises(ConflictError, match="ne se prolonge plus"):
        amend_step(published, "submission_deadline", LATER, "Motif", actor=None, now=CLOSING + timedelta(seconds=1))


def test_whole_days_move_too(published: Call) -> None:
    days = (date(2024, 1, 17), date(2024, 1, 18))
    with pytest.raises(InvalidError, match="dans l'ordre"):
        amend_step(published, "hearings", (date(2024, 1, 18), date(2024, 1, 19)), "Salle", actor=None, now=OPEN)
    amend_step(published, "hearings", days, "Salle", actor=None, now=OPEN)
    hearings = next(step for step in published.steps if step.key == "hearings")
    assert (hearings.from_date, hearings.to_date) == days


def test_an_amendment_needs_a_reason_a_step_and_a_published_call(call: Call) -> None:
    with pytest.raises(ConflictError, match="brouillon"):
        amend_step(call, "submission_deadline", LATER, "Motif", actor=None, now=BEFORE)
    publish_call(call, None, BEFORE)
    with pytest.raises(InvalidError, match="motif"):
        amend_step(call, "submission_deadline", LATER, "  ", actor=None, now=OPEN)
    with pytest.raises(NotFoundError):
        amend_step(call, "inconnue", LATER, "Motif", actor=None, now=OPEN)


def test_the_contact_changes_with_a_trace(session: Session, published: Call) -> None:
    amend_contact(published, "nouvelle@exemple.invalid", "Réorganisation", None, OPEN)
    assert published.contact_mailbox == "nouvelle@exemple.invalid"
    with pytest.raises(InvalidError, match="adresse"):
        amend_contact(published, "pas une adresse", "Motif", None, OPEN)
    assert [row.kind for row in session.scalars(select(Promise))] == ["call-amended"]


def test_a_cancelled_call_says_why_and_stays_cancelled(published: Call) -> None:
    with pytest.raises(InvalidError, match="motif"):
        cancel_call(published, "", None, OPEN)
    cancel_call(published, "Crédits redéployés", None, OPEN)
    assert phase_of(published, OPEN) is CallPhase.CANCELLED
    assert get_call_page(published.ref, OPEN).cancel_reason == "Crédits redéployés"
    with pytest.raises(ConflictError):
        cancel_call(published, "Encore", None, OPEN)
    with pytest.raises(ConflictError, match="annulé"):
        amend_step(published, "submission_deadline", LATER, "Motif", actor=None, now=OPEN)


def test_people_join_and_leave_the_team(call: Call, officer: User) -> None:
    add_team_member(call, officer, CallRole.OFFICER, None, BEFORE)
    add_team_member(call, officer, CallRole.FINANCE, None, BEFORE)
    assert [(row.name, row.role) for row in list_team(call)] == [
        ("Agent Exemple", CallRole.FINANCE),
        ("Agent Exemple", CallRole.OFFICER),
    ]
    with pytest.raises(ConflictError, match="déjà ce rôle"):
        add_team_member(call, officer, CallRole.OFFICER, None, BEFORE)
    remove_team_member(call, officer, CallRole.OFFICER, None, OPEN)
    assert [row.role for row in list_team(call)] == [CallRole.FINANCE]
    with pytest.raises(NotFoundError):
        remove_team_member(call, officer, CallRole.OFFICER, None, OPEN)


def test_the_agenda_has_paris_time_and_stable_identifiers(session: Session, published: Call) -> None:
    def unfolded(now: datetime) -> list[str]:
        return calendar_ics(published, now).decode().replace("\r\n ", "").split("\r\n")

    before = unfolded(BEFORE)
    assert "DTSTART;TZID=Europe/Paris:20231106T120000" in before
    assert "DTSTART;VALUE=DATE:20240116" in before
    assert "DTEND;VALUE=DATE:20240118" in before
    uids = [line for line in before if line.startswith("UID:")]
    assert len(uids) == len(set(uids)) == len(published.steps)
    amend_step(published, "submission_deadline", LATER, "Motif", actor=None, now=OPEN)
    session.expire_all()
    after = unfolded(OPEN)
    assert [line for line in after if line.startswith("UID:")] == uids
    assert "DTSTART;TZID=Europe/Paris:20231110T120000" in after
    assert after.count("SEQUENCE:1") == 1
