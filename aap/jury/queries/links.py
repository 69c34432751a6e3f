"""Candidate conflicts of a call: what is known of both sides, read in five queries, then compared."""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import select

from aap.accounts.models import Membership, Organisation, User
from aap.applications.models import Application, Funder, IncomeKind, Partner
from aap.calls.models import CallVersion
from aap.db import db
from aap.jury.blindness import READABLE, recused
from aap.jury.conflicts import FileTies, MemberTies, Party, find_conflicts, mail_domain
from aap.jury.models import (
    ConflictKind,
    DeclaredLink,
    DismissedConflict,
    InterestDeclaration,
    JuryMember,
    Recusal,
)


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """A candidate to confirm (a recusal) or to set aside: who, which file, which link, what is shared."""

    member_id: uuid.UUID
    code: str
    member_name: str
    application_id: uuid.UUID
    reference: str
    applicant_name: str
    kind: ConflictKind
    shared: str


def list_conflicts(call_id: uuid.UUID, *, reader_id: uuid.UUID | None = None) -> tuple[ConflictRow, ...]:
    """Return the candidate conflicts of a call's jury, by file then member; confirmed and set aside ones left out.

    A recused reader is not told of the file.
    """
    members = _members(call_id)
    files = _files(call_id, reader_id)
    found = find_conflicts(_member_ties(members), _file_ties(files))
    settled = _settled(call_id)
    people = {member.id: (member, user) for member, user in members}
    known = {application.id: application for application, _ in files}
    rows = []
    for conflict in found:
        pair = (conflict.member_id, conflict.application_id)
        if (*pair, None) in settled or (*pair, conflict.kind) in settled:
            continue
        member, user = people[conflict.member_id]
        application = known[conflict.application_id]
        rows.append(
            ConflictRow(
                member_id=member.id,
                code=member.code,
                member_name=user.display_name,
                application_id=application.id,
                reference=application.reference or "",
                applicant_name=application.applicant_name,
                kind=conflict.kind,
                shared=conflict.shared,
            )
        )
    return tuple(sorted(rows, key=lambda row: (row.reference, len(row.code), row.code, row.kind.value)))


_Members = list[tuple[JuryMember, User]]
_Files = list[tuple[Application, tuple[Organisation | None, User]]]


def _members(call_id: uuid.UUID) -> _Members:
    query = (
        select(JuryMember, User)
        .join(User, User.id == JuryMember.user_id)
        .where(JuryMember.call_id == call_id, JuryMember.left_at.is_(None))
    )
    return [(member, user) for member, user in db.session.execute(query)]


def _files(call_id: uuid.UUID, reader_id: uuid.UUID | None) -> _Files:
    query = (
        select(Application, Organisation, User)
        .join(CallVersion, CallVersion.id == Application.call_version_id)
        .join(User, User.id == Application.lead_id)
        .outerjoin(Organisation, Organisation.id == Application.organisation_id)
        .where(CallVersion.call_id == call_id, Application.state.in_(READABLE))
    )
    if reader_id is not None:
        query = query.where(~recused(reader_id))
    return [(application, (structure, lead)) for application, structure, lead in db.session.execute(query)]


def _member_ties(members: _Members) -> list[MemberTies]:
    parties: dict[uuid.UUID, list[Party]] = defaultdict(list)
    users = {user.id: member.id for member, user in members}
    memberships = (
        select(Membership.user_id, Organisation)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(Membership.user_id.in_(users))
    )
    for user_id, organisation in db.session.execute(memberships):
        parties[users[user_id]].append(_party(organisation))
    links = (
        select(InterestDeclaration.jury_member_id, DeclaredLink)
        .join(DeclaredLink, DeclaredLink.declaration_id == InterestDeclaration.id)
        .where(InterestDeclaration.jury_member_id.in_(users.values()))
    )
    for member_id, link in db.session.execute(links):
        parties[member_id].append(Party(link.organisation_name, siren=link.siren))
    return [MemberTies(member.id, mail_domain(user.email), tuple(parties[member.id])) for member, user in members]


def _party(organisation: Organisation) -> Party:
    return Party(
        organisation.name,
        organisation_id=organisation.id,
        siren=(organisation.siret or "")[:9] or None,
        finess=frozenset(filter(None, (organisation.finess_ej, organisation.finess_et))),
    )


def _file_ties(files: _Files) -> list[FileTies]:
    ids = [application.id for application, _ in files]
    partners: dict[uuid.UUID, list[str]] = defaultdict(list)
    for application_id, name in db.session.execute(
        select(Partner.application_id, Partner.name).where(Partner.application_id.in_(ids))
    ):
        partners[application_id].append(name)
    funders: dict[uuid.UUID, list[str]] = defaultdict(list)
    for application_id, name in db.session.execute(
        select(Funder.application_id, Funder.name).where(
            Funder.application_id.in_(ids), Funder.kind == IncomeKind.COFUNDING
        )
    ):
        funders[application_id].append(name)
    return [
        FileTies(
            application_id=application.id,
            applicant=_applicant(application, structure),
            domains=frozenset(
                filter(None, (mail_domain(lead.email), mail_domain((structure and structure.mailbox) or "")))
            ),
            partners=tuple(partners[application.id]),
            cofunders=tuple(funders[application.id]),
        )
        for application, (structure, lead) in files
    ]


def _applicant(application: Application, structure: Organisation | None) -> Party:
    known = _party(structure) if structure else Party("")
    return Party(
        application.applicant_name or known.name,
        organisation_id=known.organisation_id,
        siren=(application.siret or "")[:9] or known.siren,
        finess=known.finess | frozenset(filter(None, (application.finess,))),
    )


def _settled(call_id: uuid.UUID) -> set[tuple[uuid.UUID, uuid.UUID, ConflictKind | None]]:
    """Return what was already answered: a recusal answers every kind of the pair."""
    recusals = (
        select(Recusal.jury_member_id, Recusal.application_id)
        .join(JuryMember, JuryMember.id == Recusal.jury_member_id)
        .where(JuryMember.call_id == call_id)
    )
    dismissed = (
        select(DismissedConflict.jury_member_id, DismissedConflict.application_id, DismissedConflict.kind)
        .join(JuryMember, JuryMember.id == DismissedConflict.jury_member_id)
        .where(JuryMember.call_id == call_id)
    )
    answered: set[tuple[uuid.UUID, uuid.UUID, ConflictKind | None]] = {
        (member_id, application_id, None) for member_id, application_id in db.session.execute(recusals)
    }
    answered.update((member, file, kind) for member, file, kind in db.session.execute(dismissed))
    return answered
