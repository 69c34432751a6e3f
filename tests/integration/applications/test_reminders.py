"""Reminders of drafts: due and unsent, the nearest alone, never after the closing."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from aap import french
from aap.applications.models import Application
from aap.applications.queries import list_my_applications
from aap.applications.service import admit_late, remind_drafts, start_application, submit
from aap.calls.models import CallVersion
from aap.jobs.delivery import send_mail
from aap.mail import MailboxMessage
from aap.outbox import Promise
from tests.integration.applications.case import CLOSING, DEPOSITED, People

LEFT = {"7d": timedelta(days=6), "48h": timedelta(hours=47), "4h": timedelta(hours=3)}


def sent(session: Session) -> list[str]:
    session.flush()
    rows = session.scalars(select(Promise).where(Promise.kind == "mail").order_by(Promise.created_at))
    return [row.payload["context"]["soon"] for row in rows if "reminder" in row.payload["template"]]


def run(*hours: datetime) -> list[int]:
    return [remind_drafts(hour) for hour in hours]


@pytest.mark.usefixtures("draft")
def test_three_reminders_each_once(session: Session) -> None:
    hours = [CLOSING - timedelta(days=8), *(CLOSING - left for left in LEFT.values() for _ in range(2)), CLOSING]
    assert run(*hours) == [0, 1, 0, 1, 0, 1, 0, 0]
    assert sent(session) == [
        "dans moins de sept jours",
        "dans moins de deux jours",
        "dans moins de quatre heures",
    ]


@pytest.mark.usefixtures("draft")
def test_a_missed_run_is_caught_up_by_one_mail(session: Session) -> None:
    assert run(CLOSING - LEFT["4h"], CLOSING - LEFT["4h"] + timedelta(minutes=1)) == [1, 0]
    assert sent(session) == ["dans moins de quatre heures"]


@pytest.mark.usefixtures("draft")
def test_nothing_after_the_closing() -> None:
    assert run(CLOSING, CLOSING + timedelta(seconds=1), CLOSING + timedelta(days=1)) == [0, 0, 0]


def test_a_deposited_file_is_left_alone(case: Application, people: People) -> None:
    submit(case, actor=people.lead, now=DEPOSITED)
    assert run(CLOSING - LEFT["48h"]) == [0]


def test_a_draft_begun_since_is_left_alone_until_the_next(version: CallVersion, people: People) -> None:
    start_application(version, lead=people.lead, now=CLOSING - timedelta(days=3), strand_key="B")
    assert run(CLOSING - timedelta(days=3), CLOSING - LEFT["48h"]) == [0, 1]


@pytest.mark.usefixtures("draft")
def test_the_mail_says_when_and_where(session: Session, people: People) -> None:
    run(CLOSING - LEFT["4h"])
    row = next(row for row in session.scalars(select(Promise)) if "reminder" in row.key)
    send_mail(row, CLOSING)
    assert row.payload["to"] == people.lead.email
    assert row.payload["context"]["closes_at"].endswith("à 12\u00a0h")


def test_a_draft_admitted_late_is_reminded_of_its_own_hour(
    draft: Application, version: CallVersion, people: People, session: Session
) -> None:
    start_application(version, lead=people.stranger, now=draft.created_at, strand_key="B")
    until = CLOSING + timedelta(days=3)
    admit_late(draft, until, "Panne du service.", actor=people.officer, now=CLOSING - timedelta(hours=1))
    assert run(CLOSING - timedelta(minutes=59)) == [1], "the other draft alone closes with the call"
    assert run(until - LEFT["48h"], until - LEFT["4h"], until) == [1, 1, 0]
    session.flush()
    mails = [row for row in session.scalars(select(Promise)) if "reminder" in row.key]
    told = {row.payload["to"]: row.payload["context"] for row in mails}
    assert {len(told), len(mails)} == {2, 3}
    own = told[people.lead.email]
    assert (own["granted"], own["closes_at"]) == (True, french.moment(until))
    assert told[people.stranger.email]["granted"] is False
    mine = next(row for row in list_my_applications(people.lead) if row.id == draft.id)
    assert mine.deadline == until


def test_an_hour_granted_for_less_than_a_reminder_is_not_reminded_at_once(draft: Application, people: People) -> None:
    granted = CLOSING + timedelta(minutes=5)
    admit_late(draft, granted + timedelta(hours=2), "Panne.", actor=people.officer, now=granted)
    assert run(granted + timedelta(minutes=1), granted + timedelta(hours=2)) == [0, 0]


def test_a_late_mail_speaks_of_the_delay_and_not_of_the_call(
    draft: Application, people: People, session: Session
) -> None:
    until = CLOSING + timedelta(days=3)
    admit_late(draft, until, "Panne.", actor=people.officer, now=CLOSING + timedelta(minutes=1))
    run(until - LEFT["48h"])
    session.flush()
    row = next(row for row in session.scalars(select(Promise)) if "reminder" in row.key)
    send_mail(row, until)
    mail = session.scalars(select(MailboxMessage).where(MailboxMessage.recipient == people.lead.email)).one()
    assert "fin de votre délai dans moins de deux jours" in mail.subject
    assert "a accordé" in mail.text
    assert "ferme" not in mail.text
