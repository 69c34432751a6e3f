"""Who sits on a jury, who reads which file, who marks, and who reads the marks.

This file joins the jurors to the reading of applications, and takes out the recused: whoever stood back from a file
reads nothing of it in any capacity, unless the file is this person's own. Marks of others open to the jury and to the
agency together, when the service closes individual scoring.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Uuid, and_, bindparam, exists, false, or_, select

from aap.accounts.models import RoleName, User
from aap.applications.models import Application, Message, MessageFile, Piece, Submission
from aap.applications.people import own_files, takes_part
from aap.applications.states import is_officer
from aap.calls.models import Call, CallRole, CallTeamMember, CallVersion
from aap.db import db
from aap.jury import blindness
from aap.jury.models import Assignment, JuryMember, Review
from aap.jury.queries import find_member, sits_on_a_jury
from aap.policies.applications import VERBS as APPLICATION_VERBS
from aap.policies.applications import VISIBLE as APPLICATION_VISIBLE
from aap.policies.applications import visible_threads
from aap.policies.deposits import VERBS as DEPOSIT_VERBS
from aap.policies.deposits import VISIBLE as DEPOSIT_VISIBLE
from aap.policies.deposits import is_handed_in, is_in_last_deposit
from aap.policies.marks import MARK_READERS, others_marks, reads_marks
from aap.policies.terms import Verb, Verbs, Visibilities, regions_of, signed_in


def juror_sees(actor: User | None) -> ColumnElement[bool]:
    """Return the condition on ``Application``: the person reads the file as a member of its jury."""
    return false() if actor is None else blindness.juror_sees(actor.id)


def sees_as_juror(actor: User | None, thing: Application) -> bool:
    """Tell whether the person reads the file as a member of its jury."""
    return actor is not None and blindness.is_true(blindness.juror_sees(actor.id), thing.id)


def is_recused(actor: User, thing: Application) -> bool:
    """Tell whether the person stood back from the file."""
    return blindness.is_true(blindness.recused(actor.id), thing.id)


def runs_call(actor: User | None, thing: Call) -> bool:
    """Tell whether the person runs the call: its officer, or administrator of its region."""
    if actor is None:
        return False
    if actor.has_role_in(thing.region_code, RoleName.ADMINISTRATOR):
        return True
    return any(member.user_id == actor.id and member.role is CallRole.OFFICER for member in thing.team)


def _run_jury_of(actor: User | None, thing: JuryMember) -> bool:
    return runs_call(actor, db.session.get_one(Call, thing.call_id))


def _sit(actor: User | None, thing: Call) -> bool:
    return actor is not None and find_member(thing.id, actor.id) is not None


def _votes(actor: User, thing: Call) -> bool:
    seat = find_member(thing.id, actor.id)
    return seat is not None and not seat.substitute


def reads_ranking(actor: User | None, thing: Call) -> bool:
    """Open the ranking page; its rows are those of ``others_marks`` and nothing before the closure."""
    if actor is None:
        return False
    return runs_call(actor, thing) or thing.region_code in regions_of(actor, *MARK_READERS) or _votes(actor, thing)


def reads_analysis(actor: User | None, thing: Call) -> bool:
    """Open the analysis of a call's marks: the agency's, never by right of a seat on the jury."""
    if actor is None:
        return False
    return runs_call(actor, thing) or thing.region_code in regions_of(actor, *MARK_READERS)


def _reads_member_analysis(actor: User | None, thing: Call) -> bool:
    """Read how each member marks: never someone who sits, or sat, on this very jury."""
    if actor is None or not reads_analysis(actor, thing):
        return False
    seat = exists().where(JuryMember.call_id == thing.id, JuryMember.user_id == actor.id)
    return not db.session.scalar(select(seat))


def _unless_recused(verb: Verb) -> Verb:
    """Take the recused out of a rule on applications, except from their own file."""

    def rule(actor: User | None, thing: Any) -> bool:
        if actor is None or not verb(actor, thing):
            return False
        application = thing if isinstance(thing, Application) else thing.application
        return takes_part(application, actor) or not is_recused(actor, application)

    return rule


def _or_juror(verb: Verb) -> Verb:
    def rule(actor: User | None, thing: Any) -> bool:
        return verb(actor, thing) or sees_as_juror(actor, thing)

    return rule


def _read_piece_as_juror(actor: User | None, thing: Piece) -> bool:
    if thing.file.confidential or not sees_as_juror(actor, thing.application):
        return False
    return is_in_last_deposit(thing)


def _visible_applications(actor: User | None) -> ColumnElement[bool]:
    if actor is None:
        return false()
    reads = or_(APPLICATION_VISIBLE[Application](actor), blindness.juror_sees(actor.id))
    return or_(own_files(actor.id), and_(reads, ~blindness.recused(actor.id)))


def _not_recused_ids(actor: User) -> ColumnElement[bool]:
    return or_(own_files(actor.id), ~blindness.recused(actor.id))


def _visible_pieces(actor: User | None) -> ColumnElement[bool]:
    if actor is None:
        return false()
    as_juror = select(Application.id).where(blindness.juror_sees(actor.id))
    kept = select(Application.id).where(_not_recused_ids(actor))
    reads = or_(
        DEPOSIT_VISIBLE[Piece](actor),
        and_(Piece.application_id.in_(as_juror), Piece.file.has(confidential=False), is_handed_in()),
    )
    return and_(reads, Piece.application_id.in_(kept))


def _visible_submissions(actor: User | None) -> ColumnElement[bool]:
    if actor is None:
        return false()
    kept = select(Application.id).where(_not_recused_ids(actor))
    return and_(DEPOSIT_VISIBLE[Submission](actor), Submission.application_id.in_(kept))


def _not_of_the_jury(verb: Verb) -> Verb:
    """Keep the thread of a file from whoever stood back from it or sits on its jury, its call's officers excepted."""

    def rule(actor: User | None, thing: Application) -> bool:
        if actor is None or not _unless_recused(verb)(actor, thing):
            return False
        if takes_part(thing, actor) or is_officer(thing, actor):
            return True
        return find_member(thing.call_version.call_id, actor.id) is None

    return rule


def threads(actor: User | None) -> ColumnElement[bool]:
    """Return the condition on ``Application``: the person reads its thread. The SQL twin of ``thread.read``."""
    if actor is None:
        return false()
    seats = select(JuryMember.call_id).where(JuryMember.user_id == actor.id, JuryMember.left_at.is_(None))
    of_jury = and_(
        Application.call_version_id.in_(select(CallVersion.id).where(CallVersion.call_id.in_(seats))),
        ~own_files(actor.id),
        ~_runs_the_call_of(actor),
    )
    return and_(visible_threads(actor), _not_recused_ids(actor), ~of_jury)


def _visible_message_files(actor: User | None) -> ColumnElement[bool]:
    of_threads = select(Message.id).join(Application, Application.id == Message.application_id).where(threads(actor))
    return MessageFile.message_id.in_(of_threads)


def _runs_the_call_of(actor: User) -> ColumnElement[bool]:
    """Return the condition on ``Application``: the person is an officer of its call."""
    team = (
        select(CallVersion.id)
        .join(CallTeamMember, CallTeamMember.call_id == CallVersion.call_id)
        .where(CallTeamMember.user_id == actor.id, CallTeamMember.role == CallRole.OFFICER)
    )
    return or_(
        Application.call_version_id.in_(team),
        Application.region_code.in_(regions_of(actor, RoleName.ADMINISTRATOR)),
    )


_PERSON = bindparam("person", type_=Uuid())
_MAY_MARK = select(  # built once: asked at every save
    exists()
    .where(Application.id == bindparam("file", type_=Uuid()), blindness.juror_sees(_PERSON))
    .where(
        exists(
            select(Assignment.id)
            .join(JuryMember, JuryMember.id == Assignment.jury_member_id)
            .where(JuryMember.user_id == _PERSON, Assignment.application_id == Application.id)
            .correlate(Application)
        )
    )
)


def _mark(actor: User | None, thing: Application) -> bool:
    """Tell whether the person was asked to mark the file; the hours are the service's business."""
    return actor is not None and bool(db.session.scalar(_MAY_MARK, {"person": actor.id, "file": thing.id}))


def _recuse(actor: User | None, thing: Application) -> bool:
    """Let a member of the file's jury stand back, even before the declaration, once."""
    if actor is None or find_member(thing.call_version.call_id, actor.id) is None:
        return False
    return thing.state in blindness.OPEN_TO_MEMBERS and not is_recused(actor, thing)


def _assign(actor: User | None, thing: Application) -> bool:
    return actor is not None and is_officer(thing, actor) and not is_recused(actor, thing)


def _read_review(actor: User | None, thing: Review) -> bool:
    if actor is None:
        return False
    return bool(db.session.scalar(select(exists().where(Review.id == thing.id, _visible_reviews(actor)))))


def _visible_reviews(actor: User | None) -> ColumnElement[bool]:
    """Show a member its own reviews, and the submitted ones of others once marks are open."""
    if actor is None:
        return false()
    mine = and_(
        Review.jury_member_id.in_(select(JuryMember.id).where(JuryMember.user_id == actor.id)),
        Review.application_id.in_(select(Application.id).where(blindness.juror_sees(actor.id))),
    )
    open_to_all = and_(
        Review.submitted_at.is_not(None),
        Review.application_id.in_(select(Application.id).where(others_marks(actor))),
    )
    return or_(mine, open_to_all)


def _officer_calls(actor: User) -> ColumnElement[bool]:
    """Return the condition on ``JuryMember``: the person runs its call."""
    of_team = select(CallTeamMember.call_id).where(
        CallTeamMember.user_id == actor.id, CallTeamMember.role == CallRole.OFFICER
    )
    of_region = select(Call.id).where(Call.region_code.in_(regions_of(actor, RoleName.ADMINISTRATOR)))
    return or_(JuryMember.call_id.in_(of_team), JuryMember.call_id.in_(of_region))


def _visible_members(actor: User | None) -> ColumnElement[bool]:
    return false() if actor is None else or_(JuryMember.user_id == actor.id, _officer_calls(actor))


def _read_member(actor: User | None, thing: JuryMember) -> bool:
    return actor is not None and (thing.user_id == actor.id or _run_jury_of(actor, thing))


def _visible_assignments(actor: User | None) -> ColumnElement[bool]:
    if actor is None:
        return false()
    seats = select(JuryMember.id)
    return and_(
        or_(
            Assignment.jury_member_id.in_(seats.where(JuryMember.user_id == actor.id)),
            Assignment.jury_member_id.in_(seats.where(_officer_calls(actor))),
        ),
        Assignment.application_id.in_(select(Application.id).where(~blindness.recused(actor.id))),
    )


def _read_assignment(actor: User | None, thing: Assignment) -> bool:
    if actor is None or not _read_member(actor, db.session.get_one(JuryMember, thing.jury_member_id)):
        return False
    return not is_recused(actor, db.session.get_one(Application, thing.application_id))


VERBS: Verbs = {
    "jury.list_mine": signed_in,
    "jury.sit": lambda actor, _thing: actor is not None and sits_on_a_jury(actor.id),
    "jury.enter": _sit,
    "jury.declare": _sit,
    "jury.manage": runs_call,
    "jury.read_ranking": reads_ranking,
    "jury.read_analysis": reads_analysis,
    "jury.read_member_analysis": _reads_member_analysis,
    "jury_member.read": _read_member,
    "jury_member.manage": _run_jury_of,
    "assignment.read": _read_assignment,
    "review.read": _read_review,
    "application.assign": _assign,
    "application.mark": _mark,
    "application.recuse": _recuse,
    "application.read_marks": reads_marks,
    "application.read": _unless_recused(_or_juror(APPLICATION_VERBS["application.read"])),
    "application.read_instruction": _unless_recused(_or_juror(APPLICATION_VERBS["application.read_instruction"])),
    "thread.read": _not_of_the_jury(APPLICATION_VERBS["thread.read"]),
    "thread.write": _not_of_the_jury(APPLICATION_VERBS["thread.write"]),
    "message_file.read": lambda actor, thing: VERBS["thread.read"](actor, thing.message.application),
    "piece.read": _unless_recused(
        lambda actor, thing: DEPOSIT_VERBS["piece.read"](actor, thing) or _read_piece_as_juror(actor, thing)
    ),
    "submission.read": _unless_recused(DEPOSIT_VERBS["submission.read"]),
}
VISIBLE: Visibilities = {
    Application: _visible_applications,
    Piece: _visible_pieces,
    Submission: _visible_submissions,
    MessageFile: _visible_message_files,
    JuryMember: _visible_members,
    Assignment: _visible_assignments,
    Review: _visible_reviews,
}
