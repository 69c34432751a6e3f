"""The thread of a file: two sides, files, mail without the words, read marks, and what waits for the agency."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aap.applications.models import Application, Message, MessageFile, ThreadMark
from aap.applications.queries import (
    count_waiting_threads,
    list_messages,
    list_my_applications,
    list_office_applications,
    list_waiting_threads,
)
from aap.applications.service import Upload, mark_read, settle_thread, submit, write_message
from aap.db import constraint_of
from aap.errors import ConflictError, ForbiddenError, InvalidError
from aap.outbox import Promise
from aap.policies import may
from aap.policies.jury import threads
from aap.storage import Storage
from tests.integration.applications.case import DEPOSITED, PDF, People

pytestmark = pytest.mark.sqlite
LATER, LATEST = DEPOSITED + timedelta(days=1), DEPOSITED + timedelta(days=2)
WORDS = "Pouvons-nous remplacer la lettre du centre de santé ?"


@pytest.fixture
def deposited(case: Application, people: People) -> Application:
    submit(case, actor=people.lead, now=DEPOSITED)
    return case


def write(application: Application, actor: Any, text: str, now: Any, key: str = "", **more: Any) -> Message:
    store = more.pop("store", None) or Storage("memory://")
    return write_message(
        application, text, more.get("uploads", ()), storage=store, actor=actor, now=now,
        idempotency_key=key or str(uuid.uuid4()),
    )  # fmt: skip


def mails(session: Session) -> list[Promise]:
    session.flush()
    rows = session.scalars(select(Promise).where(Promise.kind == "mail"))
    return [row for row in rows if row.payload["template"].startswith("application-message")]


def test_the_agency_is_told_without_the_words(session: Session, deposited: Application, people: People) -> None:
    write(deposited, people.lead, WORDS, LATER)
    (mail,) = mails(session)
    assert mail.payload["to"] == deposited.call_version.call.contact_mailbox
    assert "lettre" not in str(mail.payload)
    assert mail.payload["context"]["path"] == f"/agence/dossiers/{deposited.id}/messages"


def test_the_lead_reads_the_answer_without_names(session: Session, deposited: Application, people: People) -> None:
    write(deposited, people.lead, WORDS, LATER)
    write(deposited, people.officer, "Oui, jusqu'à vendredi.", LATEST)
    assert [mail.payload["to"] for mail in mails(session)][-1] == people.lead.email
    question, answer = list_messages(deposited, people.lead, as_agency=False)
    assert (question.author, answer.author) == ("lead", "")
    assert (question.new, answer.new) == (False, True)
    assert [row.author for row in list_messages(deposited, people.officer, as_agency=True)] == ["lead", "officer"]
    assert list_my_applications(people.lead)[0].unread == 1
    mark_read(deposited, people.lead, until=LATEST, as_agency=False)
    assert list_my_applications(people.lead)[0].unread == 0
    assert list_messages(deposited, people.officer, as_agency=True)[1].seen


def test_a_mark_never_goes_back(session: Session, deposited: Application, people: People) -> None:
    mark_read(deposited, people.lead, until=LATEST, as_agency=False)
    mark_read(deposited, people.lead, until=LATER, as_agency=False)
    assert session.scalars(select(ThreadMark.read_until)).all() == [LATEST]


def test_what_waits_is_listed_until_it_is_answered_or_settled(deposited: Application, people: People) -> None:
    seen = threads(people.officer)
    assert count_waiting_threads(seen) == 0
    write(deposited, people.lead, WORDS, LATER)
    write(deposited, people.lead, "Je relance.", LATER + timedelta(hours=2))
    (row,) = list_waiting_threads(seen).rows
    assert (row.reference, row.waiting, row.since) == (deposited.reference, 2, LATER)
    mine = Application.id == deposited.id
    office = list_office_applications(deposited.call_version.call_id, mine, threads=seen)
    assert office.rows[0].waiting_messages == 2
    write(deposited, people.officer, "Oui.", LATEST)
    assert list_waiting_threads(seen).rows == ()
    write(deposited, people.lead, "Merci !", LATEST + timedelta(hours=1))
    assert count_waiting_threads(seen) == 1
    assert settle_thread(deposited, actor=people.officer, now=LATEST + timedelta(hours=2)) == 3
    assert count_waiting_threads(seen) == 0
    assert settle_thread(deposited, actor=people.officer, now=LATEST + timedelta(hours=3)) == 0


def test_the_same_message_twice_is_one(session: Session, deposited: Application, people: People) -> None:
    first = write(deposited, people.lead, WORDS, LATER, key="k1")
    assert write(deposited, people.lead, WORDS, LATER, key="k1") is first
    session.flush()
    assert session.scalar(select(func.count(Message.id))) == 1
    assert len(mails(session)) == 1


def test_files_are_typed_and_counted(deposited: Application, people: People, store: Storage) -> None:
    good = Upload([PDF], "lettre.pdf", 10**6)
    sent = write(deposited, people.lead, "Voici.", LATER, uploads=(good,), store=store)
    assert [row.file.name for row in sent.files] == ["lettre.pdf"]
    assert sent.files[0].file.sha256 != ""
    with pytest.raises(InvalidError) as refused:
        write(deposited, people.lead, "Voici.", LATER, uploads=(Upload([b"MZ"], "lettre.pdf", 10**6),), store=store)
    assert refused.value.problems[0].place == "file"
    six = tuple(Upload([PDF], f"{n}.pdf", 10**6) for n in range(6))
    with pytest.raises(InvalidError) as many:
        write(deposited, people.lead, "Voici.", LATER, uploads=six, store=store)
    assert many.value.code == "trop-de-fichiers"


@pytest.mark.parametrize("text", ["", " \n ", "x" * 5001, "nul\x00"])
def test_a_text_that_cannot_be_kept_is_refused_at_its_field(deposited: Application, people: People, text: str) -> None:
    with pytest.raises(InvalidError) as refused:
        write(deposited, people.lead, text, LATER)
    assert refused.value.problems[0].place == "text"


def test_a_draft_has_no_thread(case: Application, people: People) -> None:
    assert not may(people.lead, "thread.read", case)
    with pytest.raises(ConflictError):
        write(case, people.lead, WORDS, LATER)


def test_only_the_file_and_the_directorate_read_it(deposited: Application, people: People) -> None:
    readers = {name: may(getattr(people, name), "thread.read", deposited) for name in People.__slots__}
    assert {name for name, reads in readers.items() if reads} == {"lead", "officer", "administrator"}
    with pytest.raises(ForbiddenError):
        write(deposited, people.reader, WORDS, LATER)


FAULTS: dict[str, Callable[[Application, People], Any]] = {
    "ck_messages_text_filled": lambda a, p: message(a, p, text=""),
    "ck_messages_settled_by_somebody": lambda a, p: message(a, p, settled_at=LATER),
    "ck_messages_agency_message_needs_no_settling": lambda a, p: message(
        a, p, from_agency=True, settled_at=LATER, settled_by_id=p.officer.id
    ),
}


def message(application: Application, people: People, **changes: Any) -> Message:
    values = {"application_id": application.id, "author_id": people.lead.id, "from_agency": False, "text": "a"}
    return Message(**{**values, "at": LATER, "idempotency_key": str(uuid.uuid4()), **changes})


@pytest.mark.parametrize("name", FAULTS)
def test_the_database_refuses(session: Session, deposited: Application, people: People, name: str) -> None:
    assert refused_by(session, FAULTS[name](deposited, people)) == name


def refused_by(session: Session, row: Any) -> str:
    with pytest.raises(IntegrityError) as raised:
        add(session, row)
    return constraint_of(raised.value)


def add(session: Session, row: Any) -> None:
    with session.begin_nested():
        session.add(row)
        session.flush()


def test_keys_marks_and_positions_are_unique(session: Session, deposited: Application, people: People) -> None:
    sent = write(deposited, people.lead, "Voici.", LATER, key="k1", uploads=(Upload([PDF], "a.pdf", 10**6),))
    mark_read(deposited, people.lead, until=LATER, as_agency=False)
    mark = ThreadMark(application_id=deposited.id, user_id=people.lead.id, as_agency=False, read_until=LATER)
    rows = {
        "uq_messages_application_id_idempotency_key": message(deposited, people, idempotency_key="k1"),
        "uq_thread_marks_application_id_user_id": mark,
        "uq_message_files_message_id_position": MessageFile(
            message_id=sent.id, file_id=sent.files[0].file_id, position=0
        ),
    }
    for name, row in rows.items():
        assert refused_by(session, row) == name
