"""Mails betray nothing either: what a person is sent is the same, to the letter, whether a closed file is there or not.

In one world everything happens to the file that can be told: the sweeps of the day before the marks are due, then its
withdrawal. In the other the file never was, and the same sweeps run. Mails carry no attachment.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from aap.accounts.models import User
from aap.applications.models import Application, ApplicationState
from aap.applications.service import withdraw
from aap.db import db
from aap.jobs.clockwork import WORK
from aap.jobs.delivery import HANDLERS
from aap.jury.checks import SCORING_END
from aap.jury.models import Recusal, Review
from aap.mail import MailboxMessage
from aap.outbox import Promise
from tests.architecture.erasing import erase
from tests.architecture.secret_samples import OUTSIDE, PEOPLE, file_in
from tests.living import Living

TOLD_ON_THE_WAY = ("application-withdrawn",)  # promises that promise mails once the worker delivers them


@contextmanager
def a_world(living: Living) -> Iterator[Session]:
    """Open the demonstration, and forget what happens in it."""
    with living.app.app_context(), living.forgetting():
        yield db.session()
        db.session.remove()


def sweep(session: Session, now: datetime) -> None:
    """Do all the work whose hour has come, then what it promised to tell."""
    for work in WORK:
        work(now)
    session.flush()
    for promise in session.scalars(select(Promise).where(Promise.kind.in_(TOLD_ON_THE_WAY))).all():
        HANDLERS[promise.kind](promise, now)
    session.flush()


def mails_to(session: Session, address: str, now: datetime) -> list[tuple[str, str]]:
    """Write the mails promised to somebody; return their subjects and texts."""
    session.execute(delete(MailboxMessage))
    for promise in session.scalars(select(Promise).order_by(Promise.key)).all():
        if promise.payload.get("to") == address:
            HANDLERS[promise.kind](promise, now)
    session.flush()
    return sorted((row.subject, row.text) for row in session.scalars(select(MailboxMessage)))


def day_before(file: Application) -> datetime:
    """Return the day before the marks of a file are due."""
    ends_at = next(step.at for step in file.call_version.call.steps if step.key == SCORING_END)
    assert ends_at is not None
    return ends_at - timedelta(hours=20)


def officer_of(session: Session) -> User:
    return session.scalars(select(User).where(User.email == "instruction@demo.invalid")).one()


@pytest.mark.parametrize("watcher", OUTSIDE)
def test_no_mail_betrays_a_file_that_is_closed_to_its_reader(living: Living, watcher: str) -> None:
    sent = []
    for there in (True, False):
        with a_world(living) as session:
            file = file_in(session, ApplicationState.INSTRUCTED)
            address, now = PEOPLE[watcher](session, file).email, day_before(file)
            reviews = session.scalars(select(Review.id).where(Review.application_id == file.id)).all()
            erase(session, "reviews", reviews)  # its marks are still owed
            if there:
                sweep(session, now)
                withdraw(file, actor=officer_of(session), now=now, reason="Courrier du porteur.")
            else:
                erase(session, "applications", [file.id])
            sweep(session, now)
            sent.append(mails_to(session, address, now))
    assert sent[0] == sent[1]


def test_a_juror_of_the_file_is_told_of_both(living: Living) -> None:
    """The proof that the other test looks where mails are."""
    with a_world(living) as session:
        file = file_in(session, ApplicationState.INSTRUCTED)
        person, now = PEOPLE["recused juror"](session, file), day_before(file)
        reference = str(file.reference)
        session.execute(delete(Recusal).where(Recusal.by_id == person.id))
        session.flush()
        sweep(session, now)
        withdraw(file, actor=officer_of(session), now=now, reason="Courrier du porteur.")
        sweep(session, now)
        subjects = [subject for subject, _ in mails_to(session, person.email, now)]
    assert any(reference in subject for subject in subjects)
