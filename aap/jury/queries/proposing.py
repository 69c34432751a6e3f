"""What a proposal of assignments starts from: seats, files, who reads what already, who may not. No mark is read.

The number of queries does not depend on the number of members nor of files.
"""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Select, func, select

from aap.accounts.models import User
from aap.applications.models import (
    Application,
    ApplicationAct,
    ApplicationPublic,
    ApplicationState,
    Participant,
    Site,
)
from aap.calls.models import CallVersion, JuryCollege
from aap.db import db
from aap.jury.affinity import Knowledge
from aap.jury.models import (
    Assignment,
    AssignmentRefusal,
    ExpertiseKind,
    InterestDeclaration,
    JuryDepartment,
    JuryExpertise,
    JuryMember,
    Recusal,
    Review,
    ReviewState,
)
from aap.jury.queries.links import ConflictRow, list_conflicts
from aap.jury.queries.reading import not_recused

TO_MARK = (ApplicationState.INSTRUCTED, ApplicationState.SCORED)
Pair = tuple[uuid.UUID, uuid.UUID]
"""A member and a file."""


@dataclass(frozen=True, slots=True)
class Seat:
    """A member whose marks count. One who ``left`` keeps what was submitted and receives nothing."""

    id: uuid.UUID
    user_id: uuid.UUID
    label: str
    college: str
    capacity: int | None
    declared: bool
    left: bool
    knows: Knowledge


@dataclass(frozen=True, slots=True)
class FileToRead:
    """A file to be marked, and what it is about."""

    id: uuid.UUID
    reference: str
    title: str
    about: Knowledge


@dataclass(frozen=True, slots=True)
class Material:
    """All that a proposal needs.

    ``kept`` are the pairs assigned already, or whose review was submitted; ``barred`` those that may never be: recused
    members, the file's own people; ``doubts`` the ties nobody settled. ``waiting`` and ``voiceless`` name the members
    who are proposed nothing: substitutes not called in, and those whose marks do not count. ``lost`` says how many
    readers each file has lost: members who left without giving their grid back, or who stood back.
    """

    seats: tuple[Seat, ...]
    files: tuple[FileToRead, ...]
    kept: frozenset[Pair]
    barred: frozenset[Pair]
    doubts: tuple[ConflictRow, ...]
    waiting: tuple[str, ...]
    voiceless: tuple[str, ...]
    lost: Mapping[uuid.UUID, int] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """Identify what a proposal rests on: it holds as long as this does."""
        told = [
            *(f"seat {one.id} {one.capacity} {one.left}" for one in self.seats),
            *(f"file {one.id}" for one in self.files),
            *(f"kept {member} {file}" for member, file in self.kept),
            *(f"barred {member} {file}" for member, file in self.barred),
            *(f"doubt {one.member_id} {one.application_id}" for one in self.doubts),
        ]
        return hashlib.sha256("\n".join(sorted(told)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Size:
    """How large a proposal would be: members who may receive files, and files to be marked."""

    members: int
    files: int

    @property
    def cells(self) -> int:
        """Count the pairs to compare."""
        return self.members * self.files


def measure_proposal(call_id: uuid.UUID, *, seen: ColumnElement[bool]) -> Size:
    """Count members who may receive files and the files to be marked. ``seen`` is a condition on ``Application``."""
    sitting = select(func.count(JuryMember.id)).where(
        JuryMember.call_id == call_id, JuryMember.left_at.is_(None), ~JuryMember.substitute, JuryMember.voting
    )
    files = select(func.count()).select_from(_files_of(call_id, seen).subquery())
    return Size(db.session.scalar(sitting) or 0, db.session.scalar(files) or 0)


def count_loads(call_id: uuid.UUID, *, seen: ColumnElement[bool]) -> Mapping[uuid.UUID, int]:
    """Count the files confided to each member of a call's jury; one query. ``seen`` is a condition on ``Assignment``.

    A file that the reader stood back from is not counted: a number would betray it.
    """
    query = (
        select(Assignment.jury_member_id, func.count(Assignment.id))
        .join(JuryMember, JuryMember.id == Assignment.jury_member_id)
        .where(JuryMember.call_id == call_id, seen)
        .group_by(Assignment.jury_member_id)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}


def read_material(call_id: uuid.UUID, *, seen: ColumnElement[bool], reader_id: uuid.UUID) -> Material:
    """Read what a proposal starts from, members by code and files by reference.

    ``seen`` is a condition on ``Application``: files that the reader may not see are not proposed to anybody.
    """
    files = _files_of(call_id, seen)
    members = _members(call_id)
    submitted = _submitted(files)
    known = _knowledge(call_id)
    seats = tuple(
        Seat(
            id=member.id,
            user_id=member.user_id,
            label=f"{member.code} {user.display_name}",
            college=college,
            capacity=member.capacity,
            declared=signed_at is not None,
            left=member.left_at is not None,
            knows=known.get(member.id, Knowledge()),
        )
        for member, user, college, signed_at in members
        if member.voting and not member.substitute
    )
    gone = {seat.id for seat in seats if seat.left}
    sitting_or_gone = {seat.id for seat in seats}
    everything = _given(files)
    given = {pair for pair in everything if pair[0] not in gone}
    read = _files(files)
    barred = _recused(files)
    declined = _declined(files) - everything
    lost = Counter(file for member, file in (everything - given) - submitted)
    lost.update(file for member, file in barred | declined if member in sitting_or_gone)
    here = {file.id for file in read}
    active = [(member, user) for member, user, _, _ in members if member.left_at is None]
    return Material(
        seats=tuple(seat for seat in seats if not seat.left or any(seat.id == each for each, _ in submitted)),
        files=read,
        kept=frozenset(given | submitted),
        barred=barred | declined | _own_people(files, seats),
        doubts=tuple(row for row in list_conflicts(call_id, reader_id=reader_id) if row.application_id in here),
        waiting=tuple(f"{member.code} {user.display_name}" for member, user in active if member.substitute),
        voiceless=tuple(
            f"{member.code} {user.display_name}"
            for member, user in active
            if not member.voting and not member.substitute
        ),
        lost=dict(lost),
    )


def _files_of(call_id: uuid.UUID, seen: ColumnElement[bool]) -> Select[uuid.UUID]:
    return (
        select(Application.id)
        .join(CallVersion, CallVersion.id == Application.call_version_id)
        .where(CallVersion.call_id == call_id, Application.state.in_(TO_MARK), seen)
    )


def _members(call_id: uuid.UUID) -> list[tuple[JuryMember, User, str, object]]:
    query = (
        select(JuryMember, User, JuryCollege.label, InterestDeclaration.signed_at)
        .join(User, User.id == JuryMember.user_id)
        .join(JuryCollege, JuryCollege.id == JuryMember.college_id)
        .outerjoin(InterestDeclaration, InterestDeclaration.jury_member_id == JuryMember.id)
        .where(JuryMember.call_id == call_id)
        .order_by(func.length(JuryMember.code), JuryMember.code)
    )
    return [(member, user, college, signed_at) for member, user, college, signed_at in db.session.execute(query)]


def _knowledge(call_id: uuid.UUID) -> dict[uuid.UUID, Knowledge]:
    of_call = select(JuryMember.id).where(JuryMember.call_id == call_id)
    expertises = db.session.execute(
        select(JuryExpertise.jury_member_id, JuryExpertise.kind, JuryExpertise.code).where(
            JuryExpertise.jury_member_id.in_(of_call)
        )
    ).all()
    places = db.session.execute(
        select(JuryDepartment.jury_member_id, JuryDepartment.department_code).where(
            JuryDepartment.jury_member_id.in_(of_call)
        )
    )
    return _gathered(
        ((member, code) for member, kind, code in expertises if kind is ExpertiseKind.PUBLIC),
        ((member, code) for member, kind, code in expertises if kind is ExpertiseKind.ACT),
        ((member, code) for member, code in places),
    )


def _files(wanted: Select[uuid.UUID]) -> tuple[FileToRead, ...]:
    heads = db.session.execute(
        select(Application.id, Application.reference, Application.title, Application.department_code)
        .where(Application.id.in_(wanted))
        .order_by(Application.reference)
    ).all()
    publics, acts, sites = (
        [(owner, code) for owner, code in db.session.execute(query)]
        for query in (
            select(ApplicationPublic.application_id, ApplicationPublic.code).where(
                ApplicationPublic.application_id.in_(wanted)
            ),
            select(ApplicationAct.application_id, ApplicationAct.code).where(ApplicationAct.application_id.in_(wanted)),
            select(Site.application_id, Site.department_code).where(
                Site.application_id.in_(wanted), Site.department_code != ""
            ),
        )
    )
    places = sites + [(head.id, head.department_code) for head in heads if head.department_code]
    about = _gathered(publics, acts, places)
    return tuple(
        FileToRead(head.id, head.reference or "", head.title, about.get(head.id, Knowledge())) for head in heads
    )


_Codes = Iterable[tuple[uuid.UUID, str]]


def _gathered(publics: _Codes, acts: _Codes, departments: _Codes) -> dict[uuid.UUID, Knowledge]:
    """Put the codes of each owner together."""
    found: dict[uuid.UUID, tuple[set[str], set[str], set[str]]] = defaultdict(lambda: (set(), set(), set()))
    for place, codes in enumerate((publics, acts, departments)):
        for owner, code in codes:
            found[owner][place].add(code)
    return {owner: Knowledge(*map(frozenset, codes)) for owner, codes in found.items()}


def _given(files: Select[uuid.UUID]) -> set[Pair]:
    query = select(Assignment.jury_member_id, Assignment.application_id).where(Assignment.application_id.in_(files))
    return {(member, file) for member, file in db.session.execute(query)}


def _submitted(files: Select[uuid.UUID]) -> set[Pair]:
    query = select(Review.jury_member_id, Review.application_id).where(
        Review.application_id.in_(files), Review.state == ReviewState.SUBMITTED, not_recused()
    )
    return {(member, file) for member, file in db.session.execute(query)}


def _recused(files: Select[uuid.UUID]) -> frozenset[Pair]:
    query = select(Recusal.jury_member_id, Recusal.application_id).where(Recusal.application_id.in_(files))
    return frozenset((member, file) for member, file in db.session.execute(query))


def _declined(files: Select[uuid.UUID]) -> frozenset[Pair]:
    """Return the files that members gave back before marking them."""
    query = select(AssignmentRefusal.jury_member_id, AssignmentRefusal.application_id)
    found = db.session.execute(query.where(AssignmentRefusal.application_id.in_(files)))
    return frozenset((member, file) for member, file in found)


def _own_people(files: Select[uuid.UUID], seats: tuple[Seat, ...]) -> frozenset[Pair]:
    """Return the seats of those who lead a file or were invited to it: nobody marks their own file."""
    seat_of = {seat.user_id: seat.id for seat in seats}
    leads = select(Application.lead_id, Application.id).where(Application.id.in_(files))
    invited = select(Participant.user_id, Participant.application_id).where(
        Participant.application_id.in_(files), Participant.ended_at.is_(None)
    )
    return frozenset(
        (seat_of[user_id], file)
        for query in (leads, invited)
        for user_id, file in db.session.execute(query)
        if user_id in seat_of
    )
