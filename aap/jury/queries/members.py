"""The jury of a call: its members, their juries, progress of the marking, recusals."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from itertools import starmap

from sqlalchemy import ColumnElement, ScalarSelect, exists, func, select, true

from aap.accounts.models import User
from aap.applications.models import Application
from aap.calls.models import CalendarStep, Call, CallVersion, JuryCollege
from aap.db import db
from aap.errors import NotFoundError
from aap.jury.blindness import READABLE, juror_sees, recused
from aap.jury.checks import SCORING_END, SCORING_START
from aap.jury.models import (
    Assignment,
    InterestDeclaration,
    JuryMember,
    Recusal,
    Review,
    ReviewState,
    ScoringClosure,
)
from aap.jury.queries.load import assigned_files, submitted_reviews


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member of a jury, for the office: declaration, load and completion. No mark."""

    id: uuid.UUID
    user_id: uuid.UUID
    code: str
    name: str
    email: str
    college: str
    voting: bool
    chair: bool
    left_at: datetime | None
    capacity: int | None
    substitute: bool
    stands_in_for_id: uuid.UUID | None
    signed_at: datetime | None
    has_interests: bool | None
    dpi_up_to_date: bool | None
    assigned: int
    submitted: int
    recusals: int


@dataclass(frozen=True, slots=True)
class MyJury:
    """A jury a person sits on."""

    member_id: uuid.UUID
    call_id: uuid.UUID
    call_ref: str
    call_title: str
    code: str
    college: str
    chair: bool
    signed_at: datetime | None
    scoring_starts_at: datetime | None
    scoring_ends_at: datetime | None
    closed_at: datetime | None
    assigned: int
    submitted: int


@dataclass(frozen=True, slots=True)
class ProgressRow:
    """How far the marking of a file is. No mark."""

    application_id: uuid.UUID
    reference: str
    title: str
    assigned: int
    submitted: int
    recused: int


@dataclass(frozen=True, slots=True)
class RecusalRow:
    """A recusal, as the minutes tell it."""

    code: str
    member_name: str
    reference: str
    reason: str
    at: datetime


def find_member(call_id: uuid.UUID, user_id: uuid.UUID) -> JuryMember | None:
    """Return a person's seat on the jury of a call, if this person still sits."""
    return db.session.scalar(
        select(JuryMember).where(
            JuryMember.call_id == call_id, JuryMember.user_id == user_id, JuryMember.left_at.is_(None)
        )
    )


def sits_on_a_jury(user_id: uuid.UUID) -> bool:
    """Tell whether a person sits on the jury of any call."""
    seat = select(JuryMember.id).where(JuryMember.user_id == user_id, JuryMember.left_at.is_(None)).limit(1)
    return db.session.scalar(seat) is not None


def get_member(member_id: uuid.UUID) -> JuryMember:
    """Return a member of a jury.

    Raises:
        NotFoundError: no such member.

    """
    member = db.session.get(JuryMember, member_id)
    if member is None:
        raise NotFoundError("Ce membre du jury n'existe pas.")
    return member


def list_members(call_id: uuid.UUID, *, seen: ColumnElement[bool] | None = None) -> tuple[MemberRow, ...]:
    """Return the members of a call's jury, in the order of their codes.

    ``seen`` is a condition on ``Application``: files, reviews and recusals are counted within it.
    """
    within = true() if seen is None else seen
    counted = select(Application.id).where(within)
    recusals = (
        select(func.count(Recusal.id))
        .where(Recusal.jury_member_id == JuryMember.id, Recusal.application_id.in_(counted))
        .correlate(JuryMember)
        .scalar_subquery()
    )
    query = (
        select(
            JuryMember,
            User,
            JuryCollege.label,
            InterestDeclaration.signed_at,
            InterestDeclaration.has_interests,
            InterestDeclaration.dpi_up_to_date,
            assigned_files(within),
            submitted_reviews(within),
            recusals,
        )
        .join(User, User.id == JuryMember.user_id)
        .join(JuryCollege, JuryCollege.id == JuryMember.college_id)
        .outerjoin(InterestDeclaration, InterestDeclaration.jury_member_id == JuryMember.id)
        .where(JuryMember.call_id == call_id)
        .order_by(func.length(JuryMember.code), JuryMember.code)
    )
    return tuple(
        MemberRow(
            member.id,
            user.id,
            member.code,
            user.display_name,
            user.email,
            college,
            member.voting,
            member.chair,
            member.left_at,
            member.capacity,
            member.substitute,
            member.stands_in_for_id,
            *declared,
        )
        for member, user, college, *declared in db.session.execute(query)
    )


def list_my_juries(user: User) -> tuple[MyJury, ...]:
    """Return the juries a person sits on, latest call first."""
    query = (
        select(
            JuryMember.id,
            Call.id,
            Call.ref,
            Call.title,
            JuryMember.code,
            JuryCollege.label,
            JuryMember.chair,
            InterestDeclaration.signed_at,
            _hour(SCORING_START),
            _hour(SCORING_END),
            ScoringClosure.closed_at,
            assigned_files(juror_sees(user.id)),
            submitted_reviews(juror_sees(user.id)),
        )
        .join(Call, Call.id == JuryMember.call_id)
        .join(JuryCollege, JuryCollege.id == JuryMember.college_id)
        .outerjoin(InterestDeclaration, InterestDeclaration.jury_member_id == JuryMember.id)
        .outerjoin(ScoringClosure, ScoringClosure.call_id == Call.id)
        .where(JuryMember.user_id == user.id, JuryMember.left_at.is_(None))
        .order_by(Call.ref.desc())
    )
    return tuple(starmap(MyJury, db.session.execute(query)))


def _hour(key: str) -> ScalarSelect[datetime | None]:
    """Return the hour of a step of the outer query's call."""
    return (
        select(CalendarStep.at)
        .where(CalendarStep.call_id == Call.id, CalendarStep.key == key)
        .correlate(Call)
        .scalar_subquery()
    )


def list_progress(
    call_id: uuid.UUID, *, seen: ColumnElement[bool] | None = None, page: int = 1, per_page: int = 50
) -> tuple[tuple[ProgressRow, ...], int]:
    """Return how far the marking of each file is, by reference, and how many files there are. No mark is read.

    ``seen`` is a condition on ``Application``.
    """
    given = exists(
        select(Recusal.id)
        .where(Recusal.jury_member_id == Review.jury_member_id, Recusal.application_id == Review.application_id)
        .correlate(Review)
    )
    submitted = (
        select(func.count(Review.id))
        .where(Review.application_id == Application.id, Review.state == ReviewState.SUBMITTED, ~given)
        .correlate(Application)
        .scalar_subquery()
    )
    conditions = [CallVersion.call_id == call_id, Application.state.in_(READABLE)]
    if seen is not None:
        conditions.append(seen)
    base = (
        select(
            Application.id,
            Application.reference,
            Application.title,
            _count_of(Assignment),
            submitted,
            _count_of(Recusal),
        )
        .join(CallVersion, CallVersion.id == Application.call_version_id)
        .where(*conditions)
    )
    total = db.session.scalar(
        select(func.count(Application.id))
        .join(CallVersion, CallVersion.id == Application.call_version_id)
        .where(*conditions)
    )
    rows = db.session.execute(base.order_by(Application.reference).limit(per_page).offset((page - 1) * per_page))
    return tuple(ProgressRow(*row) for row in rows), total or 0


def _count_of(model: type[Assignment | Recusal]) -> ScalarSelect[int]:
    """Count the rows of a model about the application of the outer query."""
    return (
        select(func.count(model.id))
        .where(model.application_id == Application.id)
        .correlate(Application)
        .scalar_subquery()
    )


def list_recusals(call_id: uuid.UUID, *, reader_id: uuid.UUID | None = None) -> tuple[RecusalRow, ...]:
    """Return the recusals of a call's jury for its minutes, by file. A recused reader is not told of the file."""
    query = (
        select(JuryMember.code, User, Application.reference, Recusal.reason, Recusal.at)
        .join(JuryMember, JuryMember.id == Recusal.jury_member_id)
        .join(User, User.id == JuryMember.user_id)
        .join(Application, Application.id == Recusal.application_id)
        .where(JuryMember.call_id == call_id)
        .order_by(Application.reference, JuryMember.code)
    )
    if reader_id is not None:
        query = query.where(~recused(reader_id))
    return tuple(
        RecusalRow(code, user.display_name, reference or "", reason, at)
        for code, user, reference, reason, at in db.session.execute(query)
    )
