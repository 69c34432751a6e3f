"""Extending individual scoring: by a named officer, for a reason, before marks are read; its jurors are told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import joinedload

from aap import audit, french
from aap.accounts.models import User
from aap.applications.models import Application
from aap.calls.models import CalendarAmendment, CalendarStep, Call
from aap.calls.service import amend_step
from aap.db import db
from aap.errors import ConflictError, InvalidError
from aap.jury.checks import SCORING_END
from aap.jury.models import Assignment, JuryMember, ScoringClosure
from aap.jury.service.files import assign
from aap.jury.service.holding import hold_draw
from aap.outbox import promise_mail

LONGEST = 2000


def hold_scoring_end(call: Call) -> CalendarStep | None:
    """Lock the closing hour of a call and read it again: an extension and the closure wait for each other."""
    query = select(CalendarStep).where(CalendarStep.call_id == call.id, CalendarStep.key == SCORING_END)
    return db.session.scalar(query.with_for_update(), execution_options={"populate_existing": True})


def extend_scoring(call: Call, until: datetime, reason: str, *, actor: User, now: datetime) -> CalendarAmendment:
    """Move the closing hour of individual scoring later; reviews go on until then, its members are told.

    Raises:
        ConflictError: marks are already readable, the call is not published, or it is cancelled.
        NotFoundError: the calendar has no end of scoring.
        InvalidError: no reason, the hour is not later, or the steps that follow would come before it.

    """
    hold_scoring_end(call)
    if db.session.scalar(select(exists().where(ScoringClosure.call_id == call.id))):
        message = (
            "La notation est close et les notes sont lisibles : elle ne se prolonge plus. "
            "Un évaluateur supplémentaire peut être nommé sur un dossier."
        )
        raise ConflictError(message, code="notation-close")
    if len(reason) > LONGEST:
        raise InvalidError.on("reason", f"Le motif compte {LONGEST} caractères au plus.", code="motif-trop-long")
    amendment = amend_step(call, SCORING_END, until, reason, actor=actor, now=now)
    detail = {"amendment": str(amendment.id), "until": until.isoformat()}
    audit.record("jury.extend_scoring", call, actor_id=actor.id, now=now, detail=detail)
    _tell(call, amendment, now)
    return amendment


def _tell(call: Call, amendment: CalendarAmendment, now: datetime) -> None:
    members = (
        select(JuryMember)
        .where(JuryMember.call_id == call.id, JuryMember.left_at.is_(None), ~JuryMember.substitute)
        .options(joinedload(JuryMember.user))
        .order_by(JuryMember.code)
    )
    context = {
        "call_title": call.title,
        "before": french.moment(amendment.old_at),
        "after": french.moment(amendment.new_at),
        "reason": amendment.reason,
        "path": f"/jury/{call.id}",
    }
    for member in db.session.scalars(members):
        key = f"jury-scoring-extended:{amendment.id}:{member.id}"
        promise_mail(
            "jury-scoring-extended", member.user.email, context, key=key, now=now, region_code=call.region_code
        )


def name_additional_reviewer(
    member: JuryMember, application: Application, until: datetime, *, actor: User, now: datetime
) -> Assignment:
    """Ask a member to mark a file after the closure, until an hour; a mail says so.

    Raises:
        ConflictError: the draw was revealed: whoever marked now would know who passes before whom. Else as ``assign``.

    """
    draw = hold_draw(application.call_version.call)
    if draw is not None and draw.revealed_at is not None:
        message = "La graine du tirage est révélée : une note de plus serait donnée en connaissant l'ordre des ex æquo."
        raise ConflictError(message, code="tirage-revele")
    row = assign(member, application, actor=actor, now=now, why="Évaluateur supplémentaire", open_until=until)
    call = application.call_version.call
    promise_mail(
        "jury-additional",
        member.user.email,
        {
            "reference": application.reference or "",
            "call_title": call.title,
            "until": french.moment(until),
            "path": f"/jury/dossiers/{application.id}",
        },
        key=f"jury-additional:{row.id}",
        now=now,
        region_code=call.region_code,
    )
    return row
