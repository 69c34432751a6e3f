"""Mails a person may refuse, and the private address of an agenda: what is kept, and what the database refuses."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aap.accounts.feeds import open_feed, owner_of
from aap.accounts.models import AgendaFeed, NotificationRefusal
from aap.accounts.notifications import category_of, choose_notifications, is_refused, refused_by
from aap.db import constraint_of
from aap.errors import NotFoundError
from aap.jobs.delivery import send_mail
from aap.mail import MailboxMessage
from aap.outbox import Promise
from tests.integration.applications.case import PUBLISHED, make_user

pytestmark = pytest.mark.sqlite


def test_a_refused_mail_is_let_go_and_the_others_leave(session: Session) -> None:
    person = make_user(session, "quiet")
    choose_notifications(person, {"reminders"}, PUBLISHED)
    assert refused_by(person) == {"messages", "questions", "sheets"}
    assert is_refused(person.email, "application-message")
    assert not is_refused(person.email, "application-completion-requested")
    assert not is_refused("other@exemple.invalid", "application-message")
    for template in ("application-message", "account"):
        context = {"reference": "R", "title": "T", "path": "/", "subject": "S", "body": "B"}
        payload = {"template": template, "to": person.email, "context": context}
        send_mail(
            Promise(kind="mail", key=template, payload=payload, created_at=PUBLISHED, due_at=PUBLISHED), PUBLISHED
        )
    session.flush()
    assert session.scalars(select(MailboxMessage.subject)).all() == ["S"]
    choose_notifications(person, {"messages", "questions", "sheets", "reminders"}, PUBLISHED)
    assert refused_by(person) == frozenset()


def test_nothing_is_written_to_whoever_is_gone(session: Session) -> None:
    person = make_user(session, "gone")
    context = {"reference": "R", "title": "T", "path": "/", "subject": "S", "body": "B"}
    payload = {"template": "account", "to": person.email, "context": context}
    for key, active in (("before", True), ("after", False)):
        person.active = active
        session.flush()
        send_mail(Promise(kind="mail", key=key, payload=payload, created_at=PUBLISHED, due_at=PUBLISHED), PUBLISHED)
    session.flush()
    assert session.scalars(select(MailboxMessage.key)).all() == ["before"]


@pytest.mark.parametrize(
    "template", ["application-receipt", "award-notification", "account", "application-call-amended"]
)
def test_the_procedure_is_told_to_everybody(template: str) -> None:
    assert category_of(template).obligatory


def test_a_new_address_replaces_the_former(session: Session) -> None:
    person = make_user(session, "agenda")
    first, second = open_feed(person, PUBLISHED), open_feed(person, PUBLISHED)
    assert owner_of(second).id == person.id
    with pytest.raises(NotFoundError):
        owner_of(first)
    assert session.scalars(select(AgendaFeed.secret_sha256)).one() != second
    person.active = False
    session.flush()
    with pytest.raises(NotFoundError):
        owner_of(second)


def test_the_database_refuses(session: Session) -> None:
    person = make_user(session, "rows")
    choose_notifications(person, {"reminders", "questions", "sheets"}, PUBLISHED)
    open_feed(person, PUBLISHED)
    kept = session.scalars(select(AgendaFeed.secret_sha256)).one()
    other = make_user(session, "other-rows")
    rows = {
        "ck_notification_refusals_procedure_is_obligatory": refusal(person.id, "procedure"),
        "uq_notification_refusals_user_id_category": refusal(person.id, "messages"),
        "uq_agenda_feeds_user_id": AgendaFeed(user_id=person.id, secret_sha256="a" * 64, created_at=PUBLISHED),
        "uq_agenda_feeds_secret_sha256": AgendaFeed(user_id=other.id, secret_sha256=kept, created_at=PUBLISHED),
        "ck_agenda_feeds_secret_is_hashed": AgendaFeed(user_id=other.id, secret_sha256="a", created_at=PUBLISHED),
    }
    for name, row in rows.items():
        with pytest.raises(IntegrityError) as raised:
            add(session, row)
        assert constraint_of(raised.value) == name


def refusal(user_id: object, category: str) -> NotificationRefusal:
    return NotificationRefusal(user_id=user_id, category=category, refused_at=PUBLISHED)


def add(session: Session, row: object) -> None:
    with session.begin_nested():
        session.add(row)
        session.flush()
