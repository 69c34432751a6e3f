"""Nothing promised is forgotten, and a promise is kept once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aap import outbox
from aap.clock import FixedClock
from aap.db import unit_of_work
from aap.errors import InvalidError, UnavailableError
from aap.extensions import Services, queue
from aap.jobs.delivery import HANDLERS, deliver_due
from aap.mail import MailboxMessage
from aap.outbox import MAX_ATTEMPTS, Promise, promise, promise_mail

pytestmark = pytest.mark.sqlite


def test_a_mail_is_delivered_once_whatever_the_number_of_sweeps(session: Session, clock: FixedClock) -> None:
    with unit_of_work():
        for _ in range(2):
            promise_mail(
                "account", "a@exemple.invalid", {"subject": "Bonjour", "body": "Texte"}, key="k", now=clock.now()
            )
    assert session.scalar(select(func.count()).select_from(Promise)) == 1
    assert deliver_due() == 1
    assert deliver_due() == 0
    message = session.scalars(select(MailboxMessage)).one()
    assert (message.recipient, message.subject) == ("a@exemple.invalid", "Bonjour")
    assert "Texte" in message.text


def test_a_rollback_promises_nothing(session: Session, clock: FixedClock) -> None:
    message = "refusé"

    def promise_then_refuse() -> None:
        with unit_of_work():
            promise("mail", {}, key="k", now=clock.now())
            raise InvalidError(message)

    with pytest.raises(InvalidError):
        promise_then_refuse()
    assert session.scalar(select(func.count()).select_from(Promise)) == 0


def test_the_bell_rings_after_the_commit_and_once(app: Flask, session: Session, clock: FixedClock) -> None:
    session.execute(select(1))
    queue().empty()  # type: ignore[no-untyped-call]  # no annotations in RQ
    with unit_of_work():
        promise("mail", {}, key="a", now=clock.now())
        promise("mail", {}, key="b", now=clock.now())
        assert queue().count == 0
    assert queue().count == 1
    assert app.extensions["aap"]


def test_a_queue_that_is_lost_loses_no_promise(app: Flask, session: Session, clock: FixedClock) -> None:
    services: Services = app.extensions["aap"]
    known = services.redis
    services.redis = Redis(unix_socket_path="/nowhere/queue")
    try:
        with unit_of_work():
            promise_mail("account", "a@exemple.invalid", {"subject": "S", "body": "T"}, key="k", now=clock.now())
    finally:
        services.redis = known
    assert session.scalar(select(func.count()).select_from(Promise)) == 1
    assert deliver_due() == 1


def test_a_failure_is_written_and_tried_again_later(session: Session, clock: FixedClock) -> None:
    def refuse(_promise: Promise, _now: object) -> None:
        message = "serveur de courriel : refus"
        raise UnavailableError(message)

    with unit_of_work():
        promise("mail", {}, key="k", now=clock.now())
    assert outbox.deliver_all({"mail": refuse}, clock.now()) == 0
    row = session.scalars(select(Promise)).one()
    assert (row.attempts, row.delivered_at) == (1, None)
    assert "refus" in (row.last_error or "")
    assert outbox.list_due(clock.now()) == []
    clock.set(clock.now() + timedelta(seconds=11))
    assert outbox.list_due(clock.now()) == [row.id]


def test_what_failed_for_long_waits_for_a_person(session: Session, clock: FixedClock) -> None:
    with unit_of_work():
        promise("mail", {}, key="k", now=clock.now())
    row = session.scalars(select(Promise)).one()
    for _ in range(MAX_ATTEMPTS):
        clock.set(clock.now() + timedelta(hours=2))
        outbox.deliver_all({}, clock.now())
    session.refresh(row)
    assert row.gave_up
    assert outbox.list_due(clock.now()) == []
    with unit_of_work():
        outbox.retry(row.id, clock.now())
    assert outbox.list_due(clock.now()) == [row.id]


def test_a_handler_that_fails_midway_leaves_no_half_effect(session: Session, clock: FixedClock) -> None:
    def half(_promise: Promise, now: object) -> None:
        session.add(MailboxMessage(key="h", recipient="a", subject="s", text="t", at=clock.now()))
        session.flush()
        raise OSError(now)

    with unit_of_work():
        promise("mail", {}, key="k", now=clock.now())
    outbox.deliver_all({"mail": half}, clock.now())
    assert session.scalar(select(func.count()).select_from(MailboxMessage)) == 0


def test_every_kind_promised_in_the_code_has_a_handler(promised_kinds: Callable[[], set[str]]) -> None:
    assert promised_kinds() <= set(HANDLERS)


def test_the_bell_rings_for_what_is_promised_after_a_rollback(session: Session, clock: FixedClock) -> None:
    message = "refusé"

    def promise_then_refuse() -> None:
        with unit_of_work():
            promise("mail", {}, key="k", now=clock.now())
            raise InvalidError(message)

    session.execute(select(1))
    queue().empty()  # type: ignore[no-untyped-call]  # no annotations in RQ
    with pytest.raises(InvalidError):
        promise_then_refuse()
    assert queue().count == 0
    with unit_of_work():
        promise("mail", {}, key="k2", now=clock.now())
    assert queue().count == 1
