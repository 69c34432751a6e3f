"""Questions about a call: until when, answered for everybody, or for one file with the reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aap.applications.news import tell_question_published
from aap.applications.service import start_application
from aap.audit import AuditEntry
from aap.calls.models import CalendarStep, Call, CallQuestion, CallVersion, QuestionCorrection, QuestionOutcome
from aap.calls.queries import (
    calendar_of,
    count_waiting_questions,
    list_my_questions,
    list_old_texts,
    list_published_questions,
    names_of_asker,
)
from aap.calls.questions import questions_until
from aap.calls.service import (
    add_entry,
    answer_privately,
    ask_question,
    correct_answer,
    merge_question,
    publish_answer,
)
from aap.clock import from_paris
from aap.db import constraint_of
from aap.errors import ConflictError, InvalidError, NotFoundError, StaleError
from aap.outbox import Promise
from tests.integration.applications.case import CLOSING, DRAFTED, People
from tests.integration.applications.conftest import call, people, version

__all__ = ["call", "people", "version"]
pytestmark = pytest.mark.sqlite
DEADLINE = from_paris(datetime(2023, 10, 27, 18))  # noqa: DTZ001  # a wall-clock hour of Paris
ASKED, ANSWERED = DRAFTED, DRAFTED + timedelta(days=1)
WORDS = "L'EHPAD du Val Fleuri peut-il acheter un chariot d'occasion ?"


@pytest.fixture
def question(call: Call, people: People) -> CallQuestion:
    return ask_question(call, WORDS, actor=people.lead, now=ASKED, idempotency_key="q1")


def mails(session: Session, template: str) -> list[Promise]:
    session.flush()
    return [
        row for row in session.scalars(select(Promise).where(Promise.kind == "mail"))
        if row.payload["template"] == template
    ]  # fmt: skip


def test_the_delay_is_the_calendar_s_to_the_microsecond(call: Call, people: People) -> None:
    assert questions_until(calendar_of(call)) == DEADLINE
    ask_question(call, WORDS, actor=people.lead, now=DEADLINE, idempotency_key="last")
    late = DEADLINE + timedelta(microseconds=1)
    with pytest.raises(ConflictError) as refused:
        ask_question(call, WORDS, actor=people.lead, now=late, idempotency_key="late")
    assert "vendredi 27\xa0octobre 2023 à 18\xa0h" in refused.value.message


def test_without_a_step_it_is_four_days_before_the_closing(session: Session, call: Call) -> None:
    step = session.scalars(
        select(CalendarStep).where(CalendarStep.call_id == call.id, CalendarStep.key == "questions_deadline")
    ).one()
    session.execute(delete(CalendarStep).where(CalendarStep.id == step.id))
    session.expire_all()
    assert questions_until(calendar_of(call)) == CLOSING - timedelta(days=4)


def test_a_double_click_is_one_question(session: Session, call: Call, people: People, question: CallQuestion) -> None:
    assert ask_question(call, WORDS, actor=people.lead, now=ASKED, idempotency_key="q1") is question
    assert session.scalar(select(func.count(CallQuestion.id))) == 1
    (mail,) = mails(session, "call-question-asked")
    assert "chariot" not in str(mail.payload)


def test_an_answer_is_everybody_s_and_names_nobody(
    session: Session, call: Call, version: CallVersion, people: People, question: CallQuestion
) -> None:
    start_application(version, lead=people.stranger, now=DRAFTED)
    start_application(version, lead=people.stranger, now=DRAFTED)
    publish_answer(question, "Un matériel d'occasion est-il admis ?", "Oui.", actor=people.officer, now=ANSWERED)
    (row,) = list_published_questions(call.id)
    assert (row.question, row.answer, row.published_at) == ("Un matériel d'occasion est-il admis ?", "Oui.", ANSWERED)
    assert tell_question_published(question.id, ANSWERED) == 2
    told = mails(session, "application-question-published")
    assert [mail.payload["to"] for mail in told] == [people.stranger.email]  # once for two drafts
    assert "Val Fleuri" not in str(told[0].payload)
    assert [mail.payload["to"] for mail in mails(session, "call-question-answered")] == [people.lead.email]
    (mine,) = list_my_questions(call.id, people.lead.id)
    assert (mine.text, mine.answer) == (WORDS, "Oui.")


def test_a_private_answer_needs_its_reason(
    session: Session, call: Call, people: People, question: CallQuestion
) -> None:
    with pytest.raises(InvalidError) as refused:
        answer_privately(question, "Votre compte est réactivé.", " ", actor=people.officer, now=ANSWERED)
    assert refused.value.problems[0].place == "reason"
    answer_privately(question, "Votre compte est réactivé.", "Panne de compte.", actor=people.officer, now=ANSWERED)
    assert list_published_questions(call.id) == ()
    (mail,) = mails(session, "call-question-answered")
    assert "réactivé" not in str(mail.payload)
    assert list_my_questions(call.id, people.stranger.id) == ()
    assert list_my_questions(call.id, people.lead.id)[0].answer == "Votre compte est réactivé."


def test_a_question_already_answered_is_merged(call: Call, people: People, question: CallQuestion) -> None:
    entry = add_entry(call, "Un matériel d'occasion est-il admis ?", "Oui.", actor=people.officer, now=ANSWERED)
    with pytest.raises(NotFoundError):
        merge_question(question, question.id, actor=people.officer, now=ANSWERED)
    merge_question(question, entry.id, actor=people.officer, now=ANSWERED)
    assert list_my_questions(call.id, people.lead.id)[0].answer == "Oui."
    assert count_waiting_questions([call.id]) == {call.id: 0}
    with pytest.raises(ConflictError):
        publish_answer(question, "Q ?", "R.", actor=people.officer, now=ANSWERED)
    assert len(list_published_questions(call.id)) == 1


def test_the_agency_knows_what_would_name_the_asker(people: People, question: CallQuestion) -> None:
    assert people.lead.family_name in names_of_asker(question)


DONE: dict[str, Any] = {"answered_at": ANSWERED}
FAULTS: dict[str, Callable[[People], dict[str, Any]]] = {
    "ck_call_questions_text_filled": lambda _p: {"text": ""},
    "ck_call_questions_answered_is_dated": lambda p: {
        "outcome": QuestionOutcome.PUBLISHED, "public_question": "Q", "answer": "R", "answered_by_id": p.officer.id,
    },
    "ck_call_questions_answered_by_somebody": lambda _p: {
        "outcome": QuestionOutcome.PUBLISHED, "public_question": "Q", "answer": "R", **DONE,
    },
    "ck_call_questions_published_is_worded": lambda p: {
        "outcome": QuestionOutcome.PUBLISHED, "answer": "R", "answered_by_id": p.officer.id, **DONE,
    },
    "ck_call_questions_particular_has_reason": lambda p: {
        "outcome": QuestionOutcome.PARTICULAR, "answer": "R", "answered_by_id": p.officer.id, **DONE,
    },
    "ck_call_questions_merged_into_another": lambda p: {
        "outcome": QuestionOutcome.MERGED, "answered_by_id": p.officer.id, **DONE,
    },
    "uq_call_questions_call_id_idempotency_key": lambda _p: {"idempotency_key": "twice"},
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_the_database_refuses(session: Session, call: Call, people: People, name: str) -> None:
    plain = {"call_id": call.id, "asker_id": people.lead.id, "text": "Q", "asked_at": ASKED}
    session.add(CallQuestion(**plain, idempotency_key="twice"))
    session.flush()
    row = CallQuestion(**{**plain, "idempotency_key": "other", **FAULTS[name](people)})
    with pytest.raises(IntegrityError) as raised:
        add(session, row)
    assert constraint_of(raised.value) == name


def add(session: Session, row: CallQuestion) -> None:
    with session.begin_nested():
        session.add(row)
        session.flush()


def test_a_published_answer_is_corrected_and_the_old_text_kept(
    session: Session, call: Call, people: People, question: CallQuestion, version: CallVersion
) -> None:
    start_application(version, lead=people.stranger, now=ASKED)
    publish_answer(question, "L'occasion ?", "Oui.", actor=people.officer, now=ANSWERED)
    tell_question_published(question.id, ANSWERED)
    later = ANSWERED + timedelta(days=1)
    row = correct_answer(question, "L'occasion ?", "Non.", seen=0, actor=people.officer, now=later)
    assert (row.number, row.answer) == (1, "Oui.")
    (shown,) = list_published_questions(call.id)
    assert (shown.answer, shown.published_at, shown.corrected_at) == ("Non.", ANSWERED, later)
    (old,) = list_old_texts(question.id)
    assert (old.answer, old.until, old.by) == ("Oui.", later, people.officer.display_name)
    assert list_my_questions(call.id, people.lead.id)[0].answer == "Non."
    with pytest.raises(StaleError):
        correct_answer(question, "L'occasion ?", "Peut-être.", seen=0, actor=people.officer, now=later)
    with pytest.raises(InvalidError, match="déjà publié"):
        correct_answer(question, "L'occasion ?", "Non.", seen=1, actor=people.officer, now=later)
    assert tell_question_published(question.id, later, correction=1) >= 1
    told = [mail.payload["context"] for mail in mails(session, "application-question-published")]
    assert [(context["answer"], context["corrected"]) for context in told] == [("Oui.", False), ("Non.", True)]
    session.commit()
    verbs = session.scalars(select(AuditEntry.verb).where(AuditEntry.verb == "call.correct-answer")).all()
    assert len(verbs) == 1


def test_only_a_published_answer_is_corrected(people: People, question: CallQuestion) -> None:
    with pytest.raises(ConflictError, match="pas de réponse publiée"):
        correct_answer(question, "Q ?", "R.", seen=0, actor=people.officer, now=ANSWERED)


CORRECTION_FAULTS: dict[str, dict[str, Any]] = {
    "uq_call_question_corrections_question_id_number": {"number": 1},
    "ck_call_question_corrections_number_positive": {"number": 0},
    "ck_call_question_corrections_old_text_kept": {"number": 2, "answer": ""},
}


@pytest.mark.parametrize("name", CORRECTION_FAULTS)
def test_the_database_refuses_a_correction(session: Session, people: People, question: CallQuestion, name: str) -> None:
    plain = {"question_id": question.id, "corrected_at": ANSWERED, "corrected_by_id": people.officer.id}
    session.add(QuestionCorrection(**plain, number=1, public_question="Q", answer="R"))
    session.flush()
    session.add(QuestionCorrection(**{**plain, "public_question": "Q", "answer": "R", **CORRECTION_FAULTS[name]}))
    with pytest.raises(IntegrityError) as refused:
        session.flush()
    assert constraint_of(refused.value) == name
