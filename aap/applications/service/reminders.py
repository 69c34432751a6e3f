"""Reminders to drafts not deposited, derived from the data: seven days, two days, four hours before the closing.

A missed run is caught up by the next one; the nearest reminder alone is sent, never two at once, never after the
closing. A date that moves has its own reminders.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from aap import french
from aap.applications.models import Application, ApplicationState
from aap.applications.notices import to_lead
from aap.calls.models import CalendarStep, Call, CallVersion
from aap.db import db
from aap.outbox import Promise

CLOSING = "submission_deadline"
TEMPLATE = "application-draft-reminder"


@dataclass(frozen=True, slots=True)
class Reminder:
    """How long before the closing, and in which words."""

    key: str
    before: timedelta
    words: str


REMINDERS = (
    Reminder("4h", timedelta(hours=4), "dans moins de quatre heures"),
    Reminder("48h", timedelta(hours=48), "dans moins de deux jours"),
    Reminder("7d", timedelta(days=7), "dans moins de sept jours"),
)


def remind_drafts(now: datetime) -> int:
    """Promise the reminders that are due and unsent; return how many are promised now."""
    due = [
        (application, closes_at, reminder)
        for application, closes_at in _drafts_near_closing(now)
        if (reminder := _due(application, closes_at, now)) is not None
    ]
    told = _told([_promised(*each) for each in due])
    sent = 0
    for application, closes_at, reminder in due:
        if _promised(application, closes_at, reminder) in told:
            continue
        key = _key(application, closes_at, reminder)
        context = {"closes_at": french.moment(closes_at), "soon": reminder.words}
        to_lead(application, TEMPLATE, context, key=key, now=now)
        sent += 1
    return sent


def _drafts_near_closing(now: datetime) -> list[tuple[Application, datetime]]:
    query = (
        select(Application, CalendarStep.at)
        .join(CallVersion, CallVersion.id == Application.call_version_id)
        .join(Call, Call.id == CallVersion.call_id)
        .join(CalendarStep, CalendarStep.call_id == Call.id)
        .where(
            Application.state == ApplicationState.DRAFT,
            Call.cancelled_at.is_(None),
            CalendarStep.key == CLOSING,
            CalendarStep.at > now,
            CalendarStep.at <= now + REMINDERS[-1].before,
        )
        .options(joinedload(Application.lead), joinedload(Application.call_version).joinedload(CallVersion.call))
        .order_by(CalendarStep.at, Application.id)
    )
    return [(application, at) for application, at in db.session.execute(query).unique() if at is not None]


def _due(application: Application, closes_at: datetime, now: datetime) -> Reminder | None:
    """Return the nearest reminder whose hour has come, unless the draft was only begun since."""
    reminder = next(one for one in REMINDERS if closes_at - now <= one.before)
    return reminder if application.created_at <= closes_at - reminder.before else None


def _key(application: Application, closes_at: datetime, reminder: Reminder) -> str:
    return f"{reminder.key}:{application.id}:{closes_at:%Y%m%dT%H%M}"


def _promised(application: Application, closes_at: datetime, reminder: Reminder) -> str:
    """Return the key under which the mail is promised (see ``outbox.promise_mail``)."""
    return f"mail:{TEMPLATE}:{_key(application, closes_at, reminder)}:{application.lead.email}"[:200]


def _told(keys: list[str]) -> frozenset[str]:
    return frozenset(db.session.scalars(select(Promise.key).where(Promise.key.in_(keys)))) if keys else frozenset()
