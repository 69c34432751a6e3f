"""Who reads and changes applications: the lead, the call's officers, the agency's readers, the givers of opinions.

A draft is its lead's and that of whoever the lead invited, each within the invitation. Jurors come from
``aap.policies.jury``, which joins its own conditions to ``read_application`` and ``visible_applications``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, and_, false, not_, or_, select, true

from aap.accounts.models import MembershipRole, RoleName, User
from aap.applications import people
from aap.applications.models import (
    Application,
    ApplicationState,
    Participant,
    ParticipantRole,
    Site,
)
from aap.applications.queries import Audience
from aap.applications.service.opinions import departments_of, opinions_open_to
from aap.applications.states import BEFORE_NOTIFICATION, OPEN_TO_LEAD, is_officer
from aap.calls.models import CallRole, CallTeamMember, CallVersion
from aap.db import db
from aap.policies.terms import Verb, Verbs, Visibilities, holds, regions_of, signed_in

AGENCY_READERS = (
    RoleName.ADMINISTRATOR,
    RoleName.OFFICER,
    RoleName.DIRECTOR,
    RoleName.FINANCE,
    RoleName.READER,
)
# Who reads confidential pieces and answers (bank details, accounts): neither readers nor givers of opinions.
CONFIDENTIAL_READERS = tuple(role for role in AGENCY_READERS if role is not RoleName.READER)
CONFIDENTIAL_TEAM = tuple(role for role in CallRole if role is not CallRole.READER)
# Who reads what a file and the directorate write to each other: neither the committee's readers nor givers of opinions.
THREAD_READERS = (RoleName.ADMINISTRATOR, RoleName.OFFICER, RoleName.DIRECTOR, RoleName.FINANCE)
REGIONAL_OPINIONS = (RoleName.DCGDR, RoleName.GRADES, RoleName.DIRECTION_METIER)
_S = ApplicationState
_EXAMINED = (_S.SUBMITTED, _S.COMPLETION_REQUESTED)


def read_application(actor: User | None, thing: Application) -> bool:
    """Tell whether the person reads the file, jurors aside."""
    if actor is None:
        return False
    return people.takes_part(thing, actor) or reads_as_agency(actor, thing) or reads_for_opinion(actor, thing)


def visible_applications(actor: User | None) -> ColumnElement[bool]:
    """Return the SQL twin of ``read_application``, jurors aside."""
    if actor is None:
        return false()
    staff = or_(agency_condition(actor), opinion_condition(actor))
    return or_(people.own_files(actor.id), and_(Application.submitted_at.is_not(None), staff))


def reads_as_agency(actor: User | None, thing: Application) -> bool:
    """Tell whether the person reads the deposited file for the agency: regional role, or team of the call."""
    if actor is None or thing.submitted_at is None:
        return False
    if thing.region_code in regions_of(actor, *AGENCY_READERS):
        return True
    return any(member.user_id == actor.id for member in thing.call_version.call.team)


def reads_confidential_as_agency(actor: User | None, thing: Application) -> bool:
    """Tell whether the person reads the deposited file for the agency, bank details included: readers do not."""
    if actor is None or thing.submitted_at is None:
        return False
    if thing.region_code in regions_of(actor, *CONFIDENTIAL_READERS):
        return True
    team = thing.call_version.call.team
    return any(member.user_id == actor.id and member.role in CONFIDENTIAL_TEAM for member in team)


def audience_of(actor: User, thing: Application) -> Audience:
    """Say how a person who may read the file reads it: agency first, then its people, without secrets, as a juror."""
    if reads_confidential_as_agency(actor, thing):
        return Audience.AGENCY
    if people.takes_part(thing, actor):
        return own_audience(actor, thing)
    plain = reads_as_agency(actor, thing) or reads_for_opinion(actor, thing)
    return Audience.OPINION if plain else Audience.JURY


def own_audience(actor: User, thing: Application) -> Audience:
    """Say how one of its own people reads the file: who was invited to read only, without bank details and accounts."""
    whole = people.reads_confidential(thing, actor) or people.writes(thing, actor)
    return Audience.LEAD if whole else Audience.GUEST


def agency_condition(
    actor: User, roles: tuple[RoleName, ...] = AGENCY_READERS, team: tuple[CallRole, ...] = tuple(CallRole)
) -> ColumnElement[bool]:
    """Return the condition on ``Application``: the person reads it for the agency, with one of these roles."""
    of_team = (
        select(CallVersion.id)
        .join(CallTeamMember, CallTeamMember.call_id == CallVersion.call_id)
        .where(CallTeamMember.user_id == actor.id, CallTeamMember.role.in_(team))
    )
    return or_(Application.region_code.in_(regions_of(actor, *roles)), Application.call_version_id.in_(of_team))


def reads_for_opinion(actor: User, thing: Application) -> bool:
    """Tell whether the person reads the deposited file to give an opinion on it."""
    if thing.submitted_at is None:
        return False
    if thing.region_code in regions_of(actor, *REGIONAL_OPINIONS):
        return True
    departments = actor.departments_as(thing.region_code, RoleName.DD)
    return None in departments or bool(departments & departments_of(thing))


def opinion_condition(actor: User) -> ColumnElement[bool]:
    """Return the condition on ``Application``: the SQL twin of ``reads_for_opinion``, once deposited."""
    conditions: list[ColumnElement[bool]] = [Application.region_code.in_(regions_of(actor, *REGIONAL_OPINIONS))]
    for region in sorted(regions_of(actor, RoleName.DD)):
        departments = actor.departments_as(region, RoleName.DD)
        codes = sorted(code for code in departments if code)
        at_site = select(Site.application_id).where(Site.department_code.in_(codes))
        local = (
            true() if None in departments else or_(Application.department_code.in_(codes), Application.id.in_(at_site))
        )
        conditions.append(and_(Application.region_code == region, local))
    return or_(*conditions)


def _as_lead(*states: ApplicationState) -> Verb:
    def rule(actor: User | None, thing: Any) -> bool:
        return actor is not None and thing.lead_id == actor.id and thing.state in states

    return rule


def _as_own(right: Callable[[Application, User], bool], *states: ApplicationState) -> Verb:
    """Allow one of the file's people who has this right, in these states (any when none is given)."""

    def rule(actor: User | None, thing: Any) -> bool:
        return actor is not None and (not states or thing.state in states) and right(thing, actor)

    return rule


def _sign(actor: User | None, thing: Application) -> bool:
    """Let the invited signatory sign a file that is still open, and the lead who may sign for the organisation."""
    if actor is None or thing.state not in OPEN_TO_LEAD:
        return False
    held = people.find_participant(thing, actor)
    return thing.lead_id == actor.id or (held is not None and held.role is ParticipantRole.SIGNATORY)


def _manages_organisation_of(actor: User, thing: Application) -> bool:
    return any(
        held.organisation_id == thing.organisation_id and held.ended_at is None and held.role is MembershipRole.MANAGER
        for held in actor.memberships
    )


def _take_over(actor: User | None, thing: Application) -> bool:
    """Let the administrator of the organisation take over a file whose lead is gone."""
    if actor is None or thing.organisation_id is None or thing.lead_id == actor.id:
        return False
    return _manages_organisation_of(actor, thing) and people.has_departed(thing)


def _hand_over(actor: User | None, thing: Application) -> bool:
    """Let the officer name another lead: of any deposited file, of a draft once its lead is gone."""
    if actor is None or people.takes_part(thing, actor) or not is_officer(thing, actor):
        return False
    return thing.submitted_at is not None or people.has_departed(thing)


def _lead_of_part(actor: User | None, thing: Any) -> bool:
    """Let the lead alone change who takes part in the file, and what was asked of partners."""
    return actor is not None and thing.application.lead_id == actor.id


def _list_orphans(actor: User | None, _thing: Any) -> bool:
    return holds(actor, RoleName.ADMINISTRATOR) or (actor is not None and _officer_of_some_call(actor))


def _officer_of_some_call(actor: User) -> bool:
    query = select(CallTeamMember.id).where(CallTeamMember.user_id == actor.id, CallTeamMember.role == CallRole.OFFICER)
    return db.session.scalar(query.limit(1)) is not None


def orphans_to_hand_over(actor: User) -> ColumnElement[bool]:
    """Return the condition on ``Application``: its lead is gone, and this person may name another."""
    of_team = (
        select(CallVersion.id)
        .join(CallTeamMember, CallTeamMember.call_id == CallVersion.call_id)
        .where(CallTeamMember.user_id == actor.id, CallTeamMember.role == CallRole.OFFICER)
    )
    mine = or_(
        Application.region_code.in_(regions_of(actor, RoleName.ADMINISTRATOR)),
        Application.call_version_id.in_(of_team),
    )
    return and_(people.lead_departed(), mine, not_(people.own_files(actor.id)))


def orphans_to_take_over(actor: User) -> ColumnElement[bool]:
    """Return the condition on ``Application``: the SQL twin of the verb ``application.take_over``."""
    managed = [
        held.organisation_id
        for held in actor.memberships
        if held.ended_at is None and held.role is MembershipRole.MANAGER
    ]
    return and_(people.lead_departed(), Application.organisation_id.in_(managed), Application.lead_id != actor.id)


def _read_participant(actor: User | None, thing: Participant) -> bool:
    """Show who takes part to those who read the whole file, the agency aside; to each, its own part."""
    return actor is not None and (thing.user_id == actor.id or people.reads_whole(thing.application, actor))


def _visible_participants(actor: User | None) -> ColumnElement[bool]:
    if actor is None:
        return false()
    files = select(Application.id).where(people.whole_files(actor.id))
    return or_(Participant.user_id == actor.id, Participant.application_id.in_(files))


def _as_officer(*states: ApplicationState) -> Verb:
    def rule(actor: User | None, thing: Any) -> bool:
        return (
            actor is not None and thing.submitted_at is not None and thing.state in states and is_officer(thing, actor)
        )

    return rule


def _withdraw(actor: User | None, thing: Application) -> bool:
    lead = _as_lead(_S.DRAFT, *BEFORE_NOTIFICATION, _S.NOTIFIED)
    return lead(actor, thing) or _as_officer(*BEFORE_NOTIFICATION, _S.NOTIFIED)(actor, thing)


def _give_opinion(actor: User | None, thing: Application) -> bool:
    return actor is not None and thing.state is _S.ADMISSIBLE and bool(opinions_open_to(thing, actor))


def _read_instruction(actor: User | None, thing: Application) -> bool:
    """Open checks and opinions to the agency and the givers of opinions, never to the lead as such."""
    return actor is not None and (reads_as_agency(actor, thing) or reads_for_opinion(actor, thing))


def _read_thread(actor: User | None, thing: Application) -> bool:
    """Open the thread of a deposited file to its people and to the directorate; givers of opinions have no part."""
    if actor is None or thing.submitted_at is None:
        return False
    if people.reads_whole(thing, actor) or thing.region_code in regions_of(actor, *THREAD_READERS):
        return True
    return any(member.user_id == actor.id for member in thing.call_version.call.team)


def visible_threads(actor: User | None) -> ColumnElement[bool]:
    """Return the condition on ``Application``, the SQL twin of ``thread.read``, jurors aside."""
    if actor is None:
        return false()
    return and_(
        Application.submitted_at.is_not(None),
        or_(people.whole_files(actor.id), agency_condition(actor, THREAD_READERS)),
    )


def _write_in_thread(actor: User | None, thing: Application) -> bool:
    """Let the lead and editors of the whole file write, and the officers of the call."""
    if actor is None or not _read_thread(actor, thing):
        return False
    return people.writes_whole(thing, actor) or (not people.takes_part(thing, actor) and is_officer(thing, actor))


def _list_threads(actor: User | None, _thing: Any) -> bool:
    return actor is not None and (holds(actor, *THREAD_READERS) or works_on_a_call(actor))


def _list_office(actor: User | None, _thing: Any) -> bool:
    if actor is None:
        return False
    roles = (*AGENCY_READERS, *REGIONAL_OPINIONS, RoleName.DD)
    return bool(regions_of(actor, *roles)) or works_on_a_call(actor)


def works_on_a_call(actor: User) -> bool:
    """Tell whether the person is in the team of some call."""
    return db.session.scalar(select(CallTeamMember.id).where(CallTeamMember.user_id == actor.id).limit(1)) is not None


VERBS: Verbs = {
    "application.start": signed_in,
    "application.list_mine": signed_in,
    "application.list_office": _list_office,
    "application.read": read_application,
    "application.read_whole": _as_own(people.reads_whole),
    "application.edit": _as_own(people.writes, *OPEN_TO_LEAD),
    "application.edit_whole": _as_own(people.writes_whole, *OPEN_TO_LEAD),
    "application.attach": _as_own(people.writes_whole, *OPEN_TO_LEAD),
    "application.manage_people": lambda actor, thing: actor is not None and thing.lead_id == actor.id,
    "application.leave": lambda actor, thing: actor is not None and people.find_participant(thing, actor) is not None,
    "application.sign": _sign,
    "application.take_over": _take_over,
    "application.hand_over": _hand_over,
    "application.duplicate": _as_own(people.writes_whole),
    "application.submit": _as_lead(*OPEN_TO_LEAD),
    "application.withdraw": _withdraw,
    "application.read_instruction": _read_instruction,
    "application.check": _as_officer(*_EXAMINED),
    "application.request_completion": _as_officer(_S.SUBMITTED),
    "application.decide_admissibility": _as_officer(*_EXAMINED),
    "application.give_opinion": _give_opinion,
    "application.close_instruction": _as_officer(_S.ADMISSIBLE),
    "thread.list": _list_threads,
    "thread.read": _read_thread,
    "thread.write": _write_in_thread,
    "piece.change": lambda actor, piece: _as_own(people.writes_whole, *OPEN_TO_LEAD)(actor, piece.application),
    "participant.read": _read_participant,
    "participant.change": _lead_of_part,
    "file_invitation.change": _lead_of_part,
    "commitment_request.change": _lead_of_part,
    "lead_change.answer": lambda actor, change: actor is not None and change.to_id == actor.id,
    "lead_change.cancel": _lead_of_part,
    "application.list_orphans": _list_orphans,
}
VISIBLE: Visibilities = {
    Application: visible_applications,
    Participant: _visible_participants,
}
