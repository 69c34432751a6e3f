"""Who reads what was handed in: pieces and sealed deposits. What was not sent yet is its people's alone."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, false, or_, select
from sqlalchemy.orm import aliased

from aap.accounts.models import User
from aap.applications import people
from aap.applications.models import Application, Piece, Submission, SubmissionPiece
from aap.db import db
from aap.policies.applications import (
    CONFIDENTIAL_READERS,
    CONFIDENTIAL_TEAM,
    agency_condition,
    opinion_condition,
    reads_as_agency,
    reads_confidential_as_agency,
    reads_for_opinion,
)
from aap.policies.terms import Verbs, Visibilities


def _read_piece(actor: User | None, thing: Piece) -> bool:
    """Keep a confidential piece (bank details, accounts, quotes) between the file's people and the agency.

    Somebody invited to some sections only has no piece but those they gave; an invited reader, none confidential.
    The agency reads what some deposit handed in; who reads without confidential pieces, what the last one did.
    """
    application = thing.application
    if actor is None:
        return False
    if people.holds_piece(thing, actor):
        return True
    if people.reads_whole(application, actor) and not thing.file.confidential:
        return True
    if reads_confidential_as_agency(actor, application):
        return _holds(was_handed_in(), thing)
    plain = reads_as_agency(actor, application) or reads_for_opinion(actor, application)
    return plain and not thing.file.confidential and is_in_last_deposit(thing)


def is_in_last_deposit(thing: Piece) -> bool:
    """Tell whether the last deposit of its file handed the piece in."""
    return _holds(is_handed_in(), thing)


def _holds(condition: ColumnElement[bool], thing: Piece) -> bool:
    return bool(db.session.scalar(select(exists().where(Piece.id == thing.id, condition))))


def was_handed_in() -> ColumnElement[bool]:
    """Return the condition on ``Piece``: some deposit of its file handed it in."""
    return Piece.id.in_(select(SubmissionPiece.piece_id))


def is_handed_in() -> ColumnElement[bool]:
    """Return the condition on ``Piece``: the last deposit of its file handed it in."""
    after = aliased(Submission)
    later = exists(select(after.id).where(after.application_id == Submission.application_id))
    last = ~later.where(after.number > Submission.number)
    return Piece.id.in_(
        select(SubmissionPiece.piece_id).join(Submission, Submission.id == SubmissionPiece.submission_id).where(last)
    )


def _visible_pieces(actor: User | None) -> ColumnElement[bool]:
    if actor is None:
        return false()
    deposited, plain = Application.submitted_at.is_not(None), Piece.file.has(confidential=False)
    agency = and_(deposited, agency_condition(actor, CONFIDENTIAL_READERS, CONFIDENTIAL_TEAM))
    readers = and_(deposited, or_(agency_condition(actor), opinion_condition(actor)))
    return or_(
        people.given_by(actor.id),
        _of(people.confidential_files(actor.id)),
        and_(_of(people.whole_files(actor.id)), plain),
        and_(_of(agency), was_handed_in()),
        and_(_of(readers), plain, is_handed_in()),
    )


def _of(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition on ``Piece`` that its file meets a condition on ``Application``."""
    return Piece.application_id.in_(select(Application.id).where(condition))


def _read_submission(actor: User | None, thing: Submission) -> bool:
    """Open a sealed deposit, its receipt and its changes to the file's people and to the agency, mere readers aside."""
    application = thing.application
    if actor is None:
        return False
    return people.reads_whole(application, actor) or reads_confidential_as_agency(actor, application)


def _visible_submissions(actor: User | None) -> ColumnElement[bool]:
    if actor is None:
        return false()
    agency = and_(
        Application.submitted_at.is_not(None), agency_condition(actor, CONFIDENTIAL_READERS, CONFIDENTIAL_TEAM)
    )
    full = select(Application.id).where(or_(people.whole_files(actor.id), agency))
    return Submission.application_id.in_(full)


VERBS: Verbs = {"piece.read": _read_piece, "submission.read": _read_submission}
VISIBLE: Visibilities = {Piece: _visible_pieces, Submission: _visible_submissions}
