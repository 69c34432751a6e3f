"""Reminders of drafts: due and unsent, the nearest alone, never after the closing."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from aap.applications.models import Application
from aap.applications.service import remind_drafts, start_application, submit
from aap.calls.models import CallVersion
from aap.jobs.delivery import send_mail
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
