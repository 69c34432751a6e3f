"""The right to mark one file, read in one query: every save asks it again, after its lock, on its own transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Uuid, bindparam, exists, select

from aap.accounts.models import User
from aap.applications.models import Application
from aap.db import db
from aap.jury import checks
from aap.jury.models import Assignment, InterestDeclaration, JuryMember, Recusal, ScoringClosure

_SEAT, _FILE, _CALL = bindparam("seat", type_=Uuid()), bindparam("file", type_=Uuid()), bindparam("call", type_=Uuid())
_ASKED = (Assignment.jury_member_id == _SEAT, Assignment.application_id == _FILE)
# Built once: a statement of five conditions costs more to write than to send.
_FACTS = select(
    exists().where(InterestDeclaration.jury_member_id == _SEAT).label("declared"),
    exists().where(Recusal.jury_member_id == _SEAT, Recusal.application_id == _FILE).label("recused"),
    exists().where(*_ASKED).label("assigned"),
    select(Assignment.open_until).where(*_ASKED).scalar_subquery().label("open_until"),
    exists().where(ScoringClosure.call_id == _CALL).label("closed"),
)


@dataclass(frozen=True, slots=True)
class MarkingFacts:
    """What the tables say of a member and a file: ``open_until`` is the hour of a reviewer named after the closure."""

    declared: bool
    recused: bool
    assigned: bool
    open_until: datetime | None
    closed: bool


def read_marking_facts(member: JuryMember, application: Application) -> MarkingFacts:
    """Read them as they are now; one query."""
    found = db.session.execute(_FACTS, {"seat": member.id, "file": application.id, "call": member.call_id}).one()
    return MarkingFacts(bool(found[0]), bool(found[1]), bool(found[2]), found[3], bool(found[4]))


def check_may_mark(member: JuryMember, application: Application, actor: User, now: datetime) -> None:
    """Refuse anybody but the member, declared, entitled to this file, while its marks may be given.

    Raises:
        ForbiddenError: not this member, gone, not declared, recused, or not assigned.
        ConflictError: another call's file, outside the hours of scoring, or file not before the jury.

    """
    checks.check_is_member(member, actor)
    checks.check_active(member)
    checks.check_same_call(member, application)
    facts = read_marking_facts(member, application)
    checks.refuse_undeclared(declared=facts.declared)
    checks.refuse_recused(recused=facts.recused)
    checks.refuse_unassigned(assigned=facts.assigned)
    checks.check_readable(application)
    window = checks.window_of(application.call_version, closed=facts.closed)
    checks.check_scoring_open(window, facts.open_until, now)
