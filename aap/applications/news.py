"""News of the call for its applicants: dates moved, contact changed, call cancelled. Jobs deliver them."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload

from aap import french
from aap.applications.models import Application, ApplicationState
from aap.applications.notices import to_lead
from aap.calls.models import CalendarAmendment, Call, CallVersion, ContactAmendment, GridRevision
from aap.calls.queries import get_question
from aap.calls.service.questions import tell_asker
from aap.db import db
from aap.errors import NotFoundError


def tell_call_amended(call_id: uuid.UUID, what: str, amendment_id: uuid.UUID, now: datetime) -> int:
    """Tell every draft of a call what changed (``calendar``, ``contact`` or ``grid``); return how many are told.

    Raises:
        NotFoundError: no such amendment.

    """
    context = {"calendar": _moved_step, "contact": _new_contact, "grid": _revised_grid}[what](amendment_id)
    drafts = _applications(call_id, Application.state == ApplicationState.DRAFT)
    for application in drafts:
        key = f"{amendment_id}:{application.id}"
        to_lead(application, "application-call-amended", context, key=key, now=now)
    return len(drafts)


def tell_call_cancelled(call_id: uuid.UUID, now: datetime) -> int:
    """Tell every lead of a call that it is cancelled and why; return how many are told.

    Raises:
        NotFoundError: no such call.

    """
    call = db.session.get(Call, call_id)
    if call is None:
        raise NotFoundError("Cet appel n'existe pas.")
    concerned = _applications(call_id, Application.state != ApplicationState.WITHDRAWN)
    context = {"reason": call.cancel_reason or ""}
    for application in concerned:
        key = f"{call_id}:{application.id}"
        to_lead(application, "application-call-cancelled", context, key=key, now=now)
    return len(concerned)


def tell_question_published(question_id: uuid.UUID, now: datetime, *, correction: int = 0) -> int:
    """Tell every draft of a call that a question was answered, and its asker; return how many drafts are told.

    ``correction`` is the number of the correction when a published answer has changed.

    Raises:
        NotFoundError: no such question.

    """
    question = get_question(question_id)
    context = {
        "question": question.public_question,
        "answer": question.answer,
        "anchor": f"question-{question.id}",
        "corrected": bool(correction),
    }
    drafts = _applications(question.call_id, Application.state == ApplicationState.DRAFT)
    what = f"{question.id}:{correction}" if correction else str(question.id)
    for application in drafts:
        key = f"{what}:{application.lead_id}"  # one mail for several drafts of one person
        to_lead(application, "application-question-published", context, key=key, now=now)
    if question.asker_id not in {application.lead_id for application in drafts}:
        tell_asker(question, now, correction=correction)
    return len(drafts)


def _moved_step(amendment_id: uuid.UUID) -> dict[str, str]:
    amendment = db.session.get(CalendarAmendment, amendment_id)
    if amendment is None:
        raise NotFoundError("Ce changement de calendrier n'existe pas.")
    return {
        "subject": "Changement de calendrier",
        "what": amendment.step.label,
        "before": _when(amendment.old_at, amendment.old_from_date, amendment.old_to_date),
        "after": _when(amendment.new_at, amendment.new_from_date, amendment.new_to_date),
        "reason": amendment.reason,
    }


def _when(at: datetime | None, first: date | None, last: date | None) -> str:
    return french.moment(at) if at is not None else french.period(first, last)


def _new_contact(amendment_id: uuid.UUID) -> dict[str, str]:
    amendment = db.session.get(ContactAmendment, amendment_id)
    if amendment is None:
        raise NotFoundError("Ce changement d'adresse n'existe pas.")
    return {
        "subject": "Nouvelle adresse de contact",
        "what": "Adresse de contact",
        "before": amendment.old_mailbox,
        "after": amendment.new_mailbox,
        "reason": amendment.reason,
    }


def _revised_grid(amendment_id: uuid.UUID) -> dict[str, str]:
    revision = db.session.get(GridRevision, amendment_id)
    if revision is None:
        raise NotFoundError("Cette révision de la grille n'existe pas.")
    return {
        "subject": "Grille de notation révisée",
        "what": "Grille de notation",
        "before": f"version {revision.number - 1}",
        "after": f"version {revision.number}, publiée sur la page de l'appel",
        "reason": revision.reason,
    }


def _applications(call_id: uuid.UUID, condition: ColumnElement[bool]) -> list[Application]:
    query = (
        select(Application)
        .join(CallVersion, CallVersion.id == Application.call_version_id)
        .where(CallVersion.call_id == call_id, condition)
        .options(joinedload(Application.lead), joinedload(Application.call_version).joinedload(CallVersion.call))
        .order_by(Application.created_at, Application.id)
    )
    return list(db.session.scalars(query))
