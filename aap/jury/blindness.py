"""Who on a jury sees what: a file opens after the declaration, closes for good at the recusal; marks open together.

Every list, count, search and ranking of the jury goes through these conditions, so that no cell betrays what a person
may not know.
"""

from __future__ import annotations

import uuid

from sqlalchemy import BindParameter, ColumnElement, Select, and_, exists, select

from aap.applications.models import Application, ApplicationState
from aap.applications.people import joined_files
from aap.calls.models import CallVersion
from aap.db import db
from aap.jury.models import Assignment, InterestDeclaration, JuryMember, Recusal, Review, ReviewState, ScoringClosure

READABLE = (
    ApplicationState.INSTRUCTED,
    ApplicationState.SCORED,
    ApplicationState.DECIDED,
    ApplicationState.NOTIFIED,
    ApplicationState.CONTRACTED,
)
"""The states of the files that a jury was given, whoever reads them."""

OPEN_TO_MEMBERS = (ApplicationState.INSTRUCTED, ApplicationState.SCORED, ApplicationState.DECIDED)
"""Those that its members still read: their task, and their access with it, end when the lead is told the decision."""

Person = uuid.UUID | BindParameter[uuid.UUID]  # a person, or the place of one in a statement built once


def juror_sees(user_id: Person) -> ColumnElement[bool]:
    """Return the condition on ``Application``: a declared member, never recused, not a waiting substitute.

    A member reads until the decision is notified.
    Whoever was invited to write or to read the file beside its lead is no juror of it.
    The outer query must select from ``applications``.
    """
    return and_(
        Application.state.in_(OPEN_TO_MEMBERS),
        exists(
            select(JuryMember.id)
            .join(InterestDeclaration, InterestDeclaration.jury_member_id == JuryMember.id)
            .join(CallVersion, CallVersion.call_id == JuryMember.call_id)
            .where(
                JuryMember.user_id == user_id,
                JuryMember.left_at.is_(None),
                ~JuryMember.substitute,
                CallVersion.id == Application.call_version_id,
            )
            .correlate(Application)
        ),
        ~recused(user_id),
        ~joined_files(user_id),
    )


def recused(user_id: Person) -> ColumnElement[bool]:
    """Return the condition on ``Application``: this person stood back from the file, in whatever capacity."""
    return exists(
        select(Recusal.id)
        .join(JuryMember, JuryMember.id == Recusal.jury_member_id)
        .where(JuryMember.user_id == user_id, Recusal.application_id == Application.id)
        .correlate(Application)
    )


def recused_members(application_id: uuid.UUID) -> Select[uuid.UUID]:
    """Return the seats that stood back from a file."""
    return select(Recusal.jury_member_id).where(Recusal.application_id == application_id)


def marks_are_open() -> ColumnElement[bool]:
    """Return the condition on ``Application``: individual scoring of its call was closed by the service."""
    return exists(
        select(ScoringClosure.id)
        .join(CallVersion, CallVersion.call_id == ScoringClosure.call_id)
        .where(CallVersion.id == Application.call_version_id)
        .correlate(Application)
    )


def is_given() -> ColumnElement[bool]:
    """Return the condition on ``Assignment``: its member has submitted the review."""
    return exists(
        select(Review.id)
        .where(
            Review.jury_member_id == Assignment.jury_member_id,
            Review.application_id == Assignment.application_id,
            Review.state == ReviewState.SUBMITTED,
        )
        .correlate(Assignment)
    )


def is_owed() -> ColumnElement[bool]:
    """Return the condition on ``Assignment`` joined with its ``JuryMember``: a review that would count is still asked.

    Whoever left the jury or stood back from the file owes nothing.
    """
    stood_back = exists(
        select(Recusal.id)
        .where(Recusal.jury_member_id == Assignment.jury_member_id, Recusal.application_id == Assignment.application_id)
        .correlate(Assignment)
    )
    return and_(JuryMember.voting, JuryMember.left_at.is_(None), ~is_given(), ~stood_back)


def owes_a_review(user_id: Person) -> ColumnElement[bool]:
    """Return the condition on ``Application``: this person was asked for a late review and has not submitted it.

    An additional reviewer named after the closure stays blind until the review is submitted.
    """
    return exists(
        select(Assignment.id)
        .join(JuryMember, JuryMember.id == Assignment.jury_member_id)
        .where(
            JuryMember.user_id == user_id,
            Assignment.application_id == Application.id,
            Assignment.open_until.is_not(None),
            ~is_given(),
        )
        .correlate(Application)
    )


def others_marks_seen(user_id: Person) -> ColumnElement[bool]:
    """Return the condition on ``Application``: this member may read the marks of the others."""
    return and_(juror_sees(user_id), marks_are_open(), ~owes_a_review(user_id))


def is_true(condition: ColumnElement[bool], application_id: uuid.UUID) -> bool:
    """Tell whether a condition on ``Application`` holds for one of them."""
    return bool(db.session.scalar(select(exists().where(Application.id == application_id, condition))))
