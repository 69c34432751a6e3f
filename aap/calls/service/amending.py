"""What may still change after publication: later dates and the contact, as dated amendments told to every draft."""

from __future__ import annotations

import re
from datetime import date, datetime

from aap import audit
from aap.accounts.models import User
from aap.calls.document.body import Calendar, Step
from aap.calls.document.checks.calendar import check_calendar
from aap.calls.models import CalendarAmendment, CalendarStep, Call, ContactAmendment
from aap.clock import paris
from aap.db import db
from aap.errors import ConflictError, InvalidError, NotFoundError
from aap.outbox import promise

CLOSING = "submission_deadline"
_MAILBOX = re.compile(r"[^@\s<>\"]+@[^@\s<>\"]+\.[^@\s<>\"]+")


def amend_step(
    call: Call,
    key: str,
    moved_to: datetime | tuple[date, date],
    reason: str,
    *,
    actor: User | None,
    now: datetime,
) -> CalendarAmendment:
    """Move a step of a published call to a later hour (aware), or to later days (first, last).

    Raises:
        ConflictError: the call is not published, is cancelled, or its closing is already past.
        NotFoundError: the calendar has no such step.
        InvalidError: the reason is missing, the date is not later, or the calendar would be out of order.

    """
    _check_amendable(call)
    step = next((step for step in call.steps if step.key == key), None)
    if step is None:
        raise NotFoundError("Cette étape n'est pas dans le calendrier.")
    reason = _reason(reason)
    db.session.refresh(step, with_for_update=True)  # two officers at once: the second sees the first's date
    if key == CLOSING and step.at is not None and step.at < now:
        raise ConflictError("La clôture est passée : elle ne se prolonge plus.", code="cloture-passee")
    at, days = _destination(step, moved_to, now)
    amendment = CalendarAmendment(
        step_id=step.id,
        old_at=step.at,
        old_from_date=step.from_date,
        old_to_date=step.to_date,
        new_at=at,
        new_from_date=days[0],
        new_to_date=days[1],
        reason=reason,
        made_at=now,
        made_by_id=None if actor is None else actor.id,
    )
    step.at, (step.from_date, step.to_date) = at, days
    _check_order(call, step)
    step.amendments.append(amendment)
    db.session.flush()
    detail = {"step": key, "amendment": str(amendment.id)}
    audit.record("call.amend-step", call, actor_id=amendment.made_by_id, now=now, detail=detail)
    _tell(call, "calendar", str(amendment.id), now)
    return amendment


def amend_contact(call: Call, mailbox: str, reason: str, actor: User | None, now: datetime) -> ContactAmendment:
    """Change the contact mailbox of a published call.

    Raises:
        ConflictError: the call is not published, or is cancelled.
        InvalidError: the reason is missing or the address is not one.

    """
    _check_amendable(call)
    reason = _reason(reason)
    if not _MAILBOX.fullmatch(mailbox) or mailbox == call.contact_mailbox:
        raise InvalidError.on("mailbox", "Une nouvelle adresse de messagerie est attendue.", code="adresse-invalide")
    amendment = ContactAmendment(
        call_id=call.id,
        old_mailbox=call.contact_mailbox,
        new_mailbox=mailbox,
        reason=reason,
        made_at=now,
        made_by_id=None if actor is None else actor.id,
    )
    call.contact_mailbox = mailbox
    db.session.add(amendment)
    db.session.flush()
    audit.record("call.amend-contact", call, actor_id=amendment.made_by_id, now=now)
    _tell(call, "contact", str(amendment.id), now)
    return amendment


def _check_amendable(call: Call) -> None:
    if call.published_at is None:
        raise ConflictError("Un brouillon se modifie directement.", code="appel-non-publie")
    if call.cancelled_at is not None:
        raise ConflictError("Cet appel est annulé.", code="appel-annule")


def _reason(reason: str) -> str:
    if not reason.strip():
        raise InvalidError.on("reason", "Indiquez le motif : il sera communiqué aux candidats.", code="motif-manquant")
    return reason.strip()


Days = tuple[date | None, date | None]


def _destination(
    step: CalendarStep, moved_to: datetime | tuple[date, date], now: datetime
) -> tuple[datetime | None, Days]:
    if (step.at is None) == isinstance(moved_to, datetime):
        raise InvalidError.on("moved_to", "Cette étape attend une heure, ou des jours.", code="date-invalide")
    if isinstance(moved_to, datetime):
        if (step.at is not None and moved_to <= step.at) or moved_to <= now:
            raise InvalidError.on("moved_to", "La nouvelle date doit être plus tardive.", code="date-anterieure")
        return moved_to, (None, None)
    first, last = moved_to
    later = step.from_date is not None and step.to_date is not None and first >= step.from_date and last >= step.to_date
    if last < first or not later or (first, last) == (step.from_date, step.to_date) or first < paris(now).date():
        raise InvalidError.on("moved_to", "Les nouvelles dates doivent être plus tardives.", code="date-anterieure")
    return None, (first, last)


def _check_order(call: Call, moved: CalendarStep) -> None:
    """Check the order of the calendar as it would be: only the steps tied to the one that moves can be at fault."""
    steps = [
        Step.model_construct(
            id=step.key,
            label=step.label,
            at=None if step.at is None else paris(step.at).replace(tzinfo=None),
            from_date=step.from_date,
            to_date=step.to_date,
        )
        for step in call.steps
    ]
    problems = list(check_calendar(Calendar.model_construct(timezone="Europe/Paris", steps=tuple(steps)), scored=False))
    if problems:
        db.session.refresh(moved)
        raise InvalidError(
            "Le calendrier ne serait plus dans l'ordre : décalez d'abord les étapes qui suivent.",
            tuple(problems),
            code="calendrier-desordonne",
        )


def _tell(call: Call, what: str, amendment_id: str, now: datetime) -> None:
    promise(
        "call-amended",
        {"call_id": str(call.id), "what": what, "amendment_id": amendment_id},
        key=f"call-amended:{amendment_id}",
        now=now,
        region_code=call.region_code,
    )
