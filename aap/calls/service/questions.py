"""Asking about a call and answering: for everybody, unless the question is particular to one file."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import select

from aap import audit
from aap.accounts.models import User
from aap.calls.models import Call, CallQuestion, QuestionOutcome
from aap.calls.queries.calendars import calendar_of
from aap.calls.questions import check_questions_open
from aap.db import db, refusing
from aap.errors import ConflictError, InvalidError, NotFoundError
from aap.forms.fields import UnreadableError
from aap.forms.fields.cleaning import clean_text
from aap.outbox import promise, promise_mail

LONGEST_QUESTION, LONGEST_ANSWER, LONGEST_REASON = 2_000, 5_000, 1_000
PUBLISHED = "call-question-published"


def ask_question(call: Call, text: str, *, actor: User, now: datetime, idempotency_key: str) -> CallQuestion:
    """Ask a question and tell the agency; the same key twice is one question.

    Raises:
        ConflictError: the call does not receive questions now.
        InvalidError: no text, or too long a text (on ``text``).

    """
    key = f"{actor.id}:{idempotency_key}"[:80]
    known = db.session.scalar(
        select(CallQuestion).where(CallQuestion.call_id == call.id, CallQuestion.idempotency_key == key)
    )
    if known is not None:
        return known
    check_questions_open(call, calendar_of(call), now)
    asked = checked_text(text, "text", LONGEST_QUESTION, "Écrivez votre question.")
    row = CallQuestion(call_id=call.id, asker_id=actor.id, text=asked, asked_at=now, idempotency_key=key)
    twice = ConflictError("Cette question vient d'être posée.", code="question-deja-posee")
    with refusing({"uq_call_questions_call_id_idempotency_key": twice}):
        db.session.add(row)
    audit.record("call.ask-question", row, actor_id=actor.id, now=now, detail={"call": str(call.id)})
    promise_mail(
        "call-question-asked",
        call.contact_mailbox,
        {"call_title": call.title, "call_ref": call.ref, "path": f"/agence/questions/{row.id}"},
        key=f"call-question-asked:{row.id}",
        now=now,
        region_code=call.region_code,
    )
    return row


def publish_answer(
    question: CallQuestion, public_question: str, answer: str, *, actor: User, now: datetime
) -> CallQuestion:
    """Publish a reworded question and its answer on the page of the call; its drafts and its asker are told.

    Raises:
        ConflictError: already answered.
        InvalidError: a text is missing or too long (on ``public_question`` or ``answer``).

    """
    _check_waiting(question)
    question.public_question = checked_text(
        public_question, "public_question", LONGEST_QUESTION, "Récrivez la question sans rien qui désigne son auteur."
    )
    question.answer = checked_text(answer, "answer", LONGEST_ANSWER, "Écrivez la réponse.")
    _close(question, QuestionOutcome.PUBLISHED, actor, now)
    call = question.call
    promise(
        PUBLISHED,
        {"question_id": str(question.id)},
        key=f"{PUBLISHED}:{question.id}",
        now=now,
        region_code=call.region_code,
    )
    return question


def add_entry(call: Call, public_question: str, answer: str, *, actor: User, now: datetime) -> CallQuestion:
    """Publish a question and its answer that nobody asked in writing.

    Raises:
        ConflictError: the call is not published.
        InvalidError: as ``publish_answer``.

    """
    if call.published_at is None:
        raise ConflictError("Cet appel n'est pas encore publié.", code="appel-non-publie")
    text = checked_text(public_question, "public_question", LONGEST_QUESTION, "Écrivez la question.")
    checked_text(answer, "answer", LONGEST_ANSWER, "Écrivez la réponse.")
    row = CallQuestion(call_id=call.id, call=call, text=text, asked_at=now, idempotency_key=str(uuid.uuid4()))
    db.session.add(row)
    db.session.flush()
    return publish_answer(row, public_question, answer, actor=actor, now=now)


def answer_privately(question: CallQuestion, answer: str, reason: str, *, actor: User, now: datetime) -> CallQuestion:
    """Answer the asker alone, because the answer serves nobody else; the reason is kept.

    Raises:
        ConflictError: already answered, or nobody asked.
        InvalidError: no answer, or no reason (on ``answer`` or ``reason``).

    """
    _check_waiting(question)
    if question.asker_id is None:
        raise ConflictError("Personne n'a posé cette question : elle ne peut qu'être publiée.", code="sans-auteur")
    question.answer = checked_text(answer, "answer", LONGEST_ANSWER, "Écrivez la réponse.")
    missing = "Dites pourquoi cette réponse ne sert à aucun autre candidat."
    question.reason = checked_text(reason, "reason", LONGEST_REASON, missing)
    _close(question, QuestionOutcome.PARTICULAR, actor, now)
    tell_asker(question, now)
    return question


def merge_question(question: CallQuestion, other_id: uuid.UUID, *, actor: User, now: datetime) -> CallQuestion:
    """Say that a published answer already answers this question.

    Raises:
        ConflictError: already answered.
        NotFoundError: no published question of the same call has this identifier.

    """
    _check_waiting(question)
    other = db.session.get(CallQuestion, other_id)
    if other is None or other.call_id != question.call_id or other.outcome is not QuestionOutcome.PUBLISHED:
        raise NotFoundError("Cette réponse publiée n'existe pas.")
    question.merged_into = other
    _close(question, QuestionOutcome.MERGED, actor, now)
    tell_asker(question, now)
    return question


def tell_asker(question: CallQuestion, now: datetime, *, correction: int = 0) -> None:
    """Tell whoever asked that an answer is there or corrected, without its words: it may be about one file."""
    if question.asker is None:
        return
    call = question.call
    promise_mail(
        "call-question-answered",
        question.asker.email,
        {
            "call_title": call.title,
            "call_ref": call.ref,
            "public": question.outcome is not QuestionOutcome.PARTICULAR,
            "path": f"/appels/{call.ref}/questions",
            "corrected": bool(correction),
        },
        key=f"call-question-answered:{question.id}" + (f":{correction}" if correction else ""),
        now=now,
        region_code=call.region_code,
    )


def _check_waiting(question: CallQuestion) -> None:
    db.session.flush()
    db.session.refresh(question, with_for_update={"of": CallQuestion})  # two officers at once: one answer
    if question.outcome is not None:
        raise ConflictError("Cette question a déjà sa réponse.", code="question-repondue")


def _close(question: CallQuestion, outcome: QuestionOutcome, actor: User, now: datetime) -> None:
    question.outcome, question.answered_at, question.answered_by_id = outcome, now, actor.id
    db.session.flush()
    detail = {"call": str(question.call_id), "outcome": outcome.value}
    audit.record("call.answer-question", question, actor_id=actor.id, now=now, detail=detail)


def checked_text(text: str, place: str, longest: int, missing: str) -> str:
    """Return a text cleaned.

    Raises:
        InvalidError: blank, too long or unreadable (on ``place``).

    """
    try:
        clean = clean_text(text)
    except UnreadableError as error:
        raise InvalidError.on(place, error.message, code="texte-illisible") from error
    if not clean:
        raise InvalidError.on(place, missing, code="texte-manquant")
    if len(clean) > longest:
        most = f"{longest:,}".replace(",", " ")
        raise InvalidError.on(place, f"Ce texte dépasse {most} caractères : raccourcissez-le.", code="texte-trop-long")
    return clean
