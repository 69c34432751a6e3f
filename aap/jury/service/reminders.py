"""Reminders of the marks still owed, derived from data: a missed day is caught up, never told twice."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from sqlalchemy import Select, exists, func, or_, select

from aap import french
from aap.accounts.models import User
from aap.applications.models import Application
from aap.calls.models import CalendarStep, Call
from aap.db import db
from aap.jury.blindness import READABLE, is_given
from aap.jury.checks import SCORING_END, SCORING_START
from aap.jury.models import (
    Assignment,
    InterestDeclaration,
    JuryMember,
    Recusal,
    ScoringClosure,
)
from aap.outbox import promise_mail

STEPS = (timedelta(days=1), timedelta(days=7))  # the nearest first


def remind_jurors(now: datetime) -> int:
    """Promise a mail, seven days then one day before the end of scoring, to each member who owes reviews.

    A sweep that comes late sends the nearest reminder only. Who has not signed the declaration is asked to, and told
    no count. Returns how many members are concerned, told or not.
    """
    rows = db.session.execute(_owing(now)).all()
    for member_id, email, call_id, title, region_code, ends_at, left, declared in rows:
        if ends_at is None:
            continue
        step = next(step for step in STEPS if ends_at - now <= step)
        promise_mail(
            "jury-reminder",
            email,
            {
                "call_title": title,
                "left": french.plural(left, "grille") if declared else "",
                "ends_at": french.moment(ends_at),
                "path": f"/jury/{call_id}",
            },
            key=f"jury-reminder:{member_id}:{ends_at.isoformat()}:{step.days}",
            now=now,
            region_code=region_code,
        )
    return len(rows)


def _owing(now: datetime) -> Select[uuid.UUID, str, uuid.UUID, str, str, datetime | None, int, bool]:
    """Return the members who owe reviews in a scoring under way that ends soon, with how many."""
    owed = func.count(Assignment.id)
    begun = (
        select(CalendarStep.id)
        .where(CalendarStep.call_id == Call.id, CalendarStep.key == SCORING_START, CalendarStep.at > now)
        .correlate(Call)
    )
    declared = exists().where(InterestDeclaration.jury_member_id == JuryMember.id).correlate(JuryMember)
    stood_back = (
        exists()
        .where(Recusal.jury_member_id == JuryMember.id, Recusal.application_id == Application.id)
        .correlate(JuryMember, Application)
    )
    return (
        select(JuryMember.id, User.email, Call.id, Call.title, Call.region_code, CalendarStep.at, owed, declared)
        .join(User, User.id == JuryMember.user_id)
        .join(Call, Call.id == JuryMember.call_id)
        .join(CalendarStep, CalendarStep.call_id == Call.id)
        .join(Assignment, Assignment.jury_member_id == JuryMember.id)
        .join(Application, Application.id == Assignment.application_id)
        .where(
            JuryMember.left_at.is_(None),
            Application.state.in_(READABLE),
            CalendarStep.key == SCORING_END,
            CalendarStep.at > now,
            CalendarStep.at <= now + max(STEPS),
            Call.cancelled_at.is_(None),
            ~begun.exists(),
            ~select(ScoringClosure.id).where(ScoringClosure.call_id == Call.id).correlate(Call).exists(),
            or_(Assignment.open_until.is_(None), Assignment.open_until > now),
            ~is_given(),
            ~stood_back,
        )
        .group_by(JuryMember.id, User.email, Call.id, Call.title, Call.region_code, CalendarStep.at)
        .order_by(JuryMember.id)
    )
