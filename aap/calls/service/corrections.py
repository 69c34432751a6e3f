"""Correcting a published answer: everybody reads the new text and when it changed; the old one is kept."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from aap import audit
from aap.accounts.models import User
from aap.calls.models import CallQuestion, QuestionCorrection, QuestionOutcome
from aap.calls.service.questions import LONGEST_ANSWER, LONGEST_QUESTION, PUBLISHED, checked_text
from aap.db import db
from aap.errors import ConflictError, InvalidError, StaleError
from aap.outbox import promise


def correct_answer(
    question: CallQuestion, public_question: str, answer: str, *, seen: int, actor: User, now: datetime
) -> QuestionCorrection:
    """Replace the text of a published question or answer; its drafts are told again, the old text stays in history.

    ``seen`` is how many corrections the page was made from.

    Raises:
        ConflictError: the question has no published answer; a ``StaleError`` when somebody corrected it meanwhile.
        InvalidError: a text is missing or too long, or nothing changed (on ``public_question`` or ``answer``).

    """
    db.session.flush()
    db.session.refresh(question, with_for_update={"of": CallQuestion})
    if question.outcome is not QuestionOutcome.PUBLISHED:
        raise ConflictError("Cette question n'a pas de réponse publiée.", code="reponse-non-publiee")
    if count_corrections(question) != seen:
        message = "Quelqu'un d'autre vient de corriger cette réponse : relisez-la, puis corrigez-la de nouveau."
        raise StaleError(message, yours=answer, theirs=question.answer)
    missing = "Récrivez la question sans rien qui désigne son auteur."
    asked = checked_text(public_question, "public_question", LONGEST_QUESTION, missing)
    answered = checked_text(answer, "answer", LONGEST_ANSWER, "Écrivez la réponse.")
    if (asked, answered) == (question.public_question, question.answer):
        raise InvalidError.on("answer", "Ce texte est celui qui est déjà publié.", code="rien-a-corriger")
    row = QuestionCorrection(
        question_id=question.id,
        number=seen + 1,
        public_question=question.public_question,
        answer=question.answer,
        corrected_at=now,
        corrected_by_id=actor.id,
    )
    db.session.add(row)
    question.public_question, question.answer = asked, answered
    db.session.flush()
    detail = {"call": str(question.call_id), "correction": row.number}
    audit.record("call.correct-answer", question, actor_id=actor.id, now=now, detail=detail)
    promise(
        PUBLISHED,
        {"question_id": str(question.id), "correction": row.number},
        key=f"{PUBLISHED}:{question.id}:{row.number}",
        now=now,
        region_code=question.call.region_code,
    )
    return row


def count_corrections(question: CallQuestion) -> int:
    """Count the corrections of a question."""
    query = select(func.count(QuestionCorrection.id)).where(QuestionCorrection.question_id == question.id)
    return db.session.scalar(query) or 0
