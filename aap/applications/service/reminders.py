"""Reminders to drafts not deposited, derived from the data: seven days, two days, four hours before the closing.

A missed run is caught up by the next one; the nearest reminder alone is sent, never two at once, never after the
closing. A date that moves has its own reminders, and a draft admitted late those of the hour granted to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from aap import french
from aap.applications.lateness import late_admissions
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


@dataclass(frozen=True, slots=True)
class Nearing:
    """A draft whose own closing comes: the call's, or the later hour that its agency granted to it alone.

    ``known_at`` is when this closing began to run for the draft: reminders due before then are not sent afterwards.
    """

    application: Application
    closes_at: datetime
    granted: bool
    known_at: datetime


def remind_drafts(now: datetime) -> int:
    """Promise the reminders that are due and unsent; return how many are promised now."""
    due = [(one, reminder) for one in _drafts_near_closing(now) if (reminder := _due(one, now)) is not None]
    told = _told([_promised(*each) for each in due])
    sent = 0
    for one, reminder in due:
        if _promised(one, reminder) in told:
            continue
        context = {"closes_at": french.moment(one.closes_at), "soon": reminder.words, "granted": one.granted}
        to_lead(one.application, TEMPLATE, context, key=_key(one, reminder), now=now)
        sent += 1
    return sent


def _drafts_near_closing(now: datetime) -> list[Nearing]:
    late, horizon = late_admissions(), now + REMINDERS[-1].before
    query = (
        select(Application, CalendarStep.at, late.c.until, late.c.granted_at)
        .join(CallVersion, CallVersion.id == Application.call_version_id)
        .join(Call, Call.id == CallVersion.call_id)
        .join(CalendarStep, CalendarStep.call_id == Call.id)
        .outerjoin(late, late.c.application_id == Application.id)
        .where(
            Application.state == ApplicationState.DRAFT,
            Call.cancelled_at.is_(None),
            CalendarStep.key == CLOSING,
            or_(CalendarStep.at.between(now, horizon), late.c.until.between(now, horizon)),
        )
        .options(joinedload(Application.lead), joinedload(Application.call_version).joinedload(CallVersion.call))
        .order_by(CalendarStep.at, Application.id)
    )
    found = [_nearing(*row) for row in db.session.execute(query).unique()]
    return [one for one in found if one is not None and now < one.closes_at <= horizon]


def _nearing(
    application: Application, closes_at: datetime | None, until: datetime | None, granted_at: datetime | None
) -> Nearing | None:
    if closes_at is None:
        return None
    if until is None or granted_at is None or until <= closes_at:
        return Nearing(application, closes_at, granted=False, known_at=application.created_at)
    return Nearing(application, until, granted=True, known_at=granted_at)


def _due(one: Nearing, now: datetime) -> Reminder | None:
    """Return the nearest reminder whose hour has come, unless its closing was only known since."""
    reminder = next(each for each in REMINDERS if one.closes_at - now <= each.before)
    return reminder if one.known_at <= one.closes_at - reminder.before else None


def _key(one: Nearing, reminder: Reminder) -> str:
    return f"{reminder.key}:{one.application.id}:{one.closes_at:%Y%m%dT%H%M}"


def _promised(one: Nearing, reminder: Reminder) -> str:
    """Return the key under which the mail is promised (see ``outbox.promise_mail``)."""
    return f"mail:{TEMPLATE}:{_key(one, reminder)}:{one.application.lead.email}"[:200]


def _told(keys: list[str]) -> frozenset[str]:
    return frozenset(db.session.scalars(select(Promise.key).where(Promise.key.in_(keys)))) if keys else frozenset()
