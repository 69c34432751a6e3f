"""Reading questions: those published, one's own, those that wait for the agency."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import aliased, joinedload

from aap.accounts.models import Membership, Organisation, User
from aap.calls.models import CallQuestion, QuestionCorrection, QuestionOutcome
from aap.db import db
from aap.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class PublishedQuestion:
    """A question and its answer as everybody reads them; nothing tells who asked."""

    id: uuid.UUID
    question: str
    answer: str
    published_at: datetime | None
    corrected_at: datetime | None


@dataclass(frozen=True, slots=True)
class OldText:
    """What was published until ``until``, and who corrected it."""

    public_question: str
    answer: str
    until: datetime
    by: str


@dataclass(frozen=True, slots=True)
class MyQuestion:
    """A question as whoever asked it reads it; ``answer`` is empty while it waits."""

    text: str
    asked_at: datetime
    outcome: QuestionOutcome | None
    public_question: str
    answer: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A question in the agency's list."""

    id: uuid.UUID
    text: str
    asked_at: datetime
    asker: str
    outcome: QuestionOutcome | None
    answered_at: datetime | None


def list_published_questions(call_id: uuid.UUID) -> tuple[PublishedQuestion, ...]:
    """Return the published questions of a call, the latest first; one query."""
    corrected = (
        select(func.max(QuestionCorrection.corrected_at))
        .where(QuestionCorrection.question_id == CallQuestion.id)
        .correlate(CallQuestion)
        .scalar_subquery()
    )
    texts = (CallQuestion.public_question, CallQuestion.answer)
    query = (
        select(CallQuestion.id, *texts, CallQuestion.answered_at, corrected)
        .where(CallQuestion.call_id == call_id, CallQuestion.outcome == QuestionOutcome.PUBLISHED)
        .order_by(CallQuestion.answered_at.desc(), CallQuestion.id)
    )
    return tuple(PublishedQuestion(*row) for row in db.session.execute(query))


def list_old_texts(question_id: uuid.UUID) -> tuple[OldText, ...]:
    """Return what was published before each correction, the latest first; one query."""
    query = (
        select(QuestionCorrection, User)
        .join(User, User.id == QuestionCorrection.corrected_by_id)
        .where(QuestionCorrection.question_id == question_id)
        .order_by(QuestionCorrection.number.desc())
    )
    return tuple(
        OldText(row.public_question, row.answer, row.corrected_at, person.display_name)
        for row, person in db.session.execute(query)
    )


def list_my_questions(call_id: uuid.UUID, user_id: uuid.UUID) -> tuple[MyQuestion, ...]:
    """Return the questions that a person asked about a call, the latest first; one query."""
    other = aliased(CallQuestion)
    query = (
        select(CallQuestion, other.public_question, other.answer)
        .outerjoin(other, other.id == CallQuestion.merged_into_id)
        .where(CallQuestion.call_id == call_id, CallQuestion.asker_id == user_id)
        .order_by(CallQuestion.asked_at.desc(), CallQuestion.id)
    )
    return tuple(
        MyQuestion(
            row.text,
            row.asked_at,
            row.outcome,
            public or row.public_question,
            answer or row.answer,
            row.answered_at,
        )
        for row, public, answer in db.session.execute(query)
    )


def list_questions(call_id: uuid.UUID) -> tuple[QuestionRow, ...]:
    """Return every question of a call for its officers, those that wait first, oldest first; one query."""
    query = (
        select(CallQuestion, User)
        .outerjoin(User, User.id == CallQuestion.asker_id)
        .where(CallQuestion.call_id == call_id)
        .order_by(CallQuestion.outcome.is_not(None), CallQuestion.asked_at, CallQuestion.id)
    )
    return tuple(
        QuestionRow(
            row.id, row.text, row.asked_at, "" if asker is None else asker.display_name, row.outcome, row.answered_at
        )
        for row, asker in db.session.execute(query)
    )


def count_waiting_questions(call_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, int]:
    """Count the questions that wait for an answer, by call; one query, whatever the calls."""
    query = (
        select(CallQuestion.call_id, func.count(CallQuestion.id))
        .where(CallQuestion.call_id.in_(call_ids), CallQuestion.outcome.is_(None))
        .group_by(CallQuestion.call_id)
    )
    return {**dict.fromkeys(call_ids, 0), **{row[0]: row[1] for row in db.session.execute(query)}}


def get_question(question_id: uuid.UUID) -> CallQuestion:
    """Return a question with its call and its asker.

    Raises:
        NotFoundError: no such question.

    """
    query = select(CallQuestion).where(CallQuestion.id == question_id)
    found = db.session.scalar(query.options(joinedload(CallQuestion.call), joinedload(CallQuestion.asker)))
    if found is None:
        raise NotFoundError("Cette question n'existe pas.")
    return found


def names_of_asker(question: CallQuestion) -> tuple[str, ...]:
    """Return what would name the asker: family name, structures."""
    if question.asker is None:
        return ()
    query = (
        select(Organisation.name)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .where(Membership.user_id == question.asker_id)
        .order_by(Organisation.name)
    )
    return (*filter(None, (question.asker.family_name,)), *db.session.scalars(query))
