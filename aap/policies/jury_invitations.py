"""Who invites to a jury: the officers of its call and the administrators of its region."""

from __future__ import annotations

from sqlalchemy import ColumnElement, false, or_, select

from aap.accounts.models import RoleName, User
from aap.calls.models import Call, CallRole, CallTeamMember
from aap.jury.models import JuryInvitation
from aap.policies.jury import runs_call
from aap.policies.terms import Verbs, Visibilities, regions_of


def _run_call_of(actor: User | None, thing: JuryInvitation) -> bool:
    return runs_call(actor, thing.call)


def _visible_invitations(actor: User | None) -> ColumnElement[bool]:
    if actor is None:
        return false()
    of_team = select(CallTeamMember.call_id).where(
        CallTeamMember.user_id == actor.id, CallTeamMember.role == CallRole.OFFICER
    )
    of_region = select(Call.id).where(Call.region_code.in_(regions_of(actor, RoleName.ADMINISTRATOR)))
    return or_(JuryInvitation.call_id.in_(of_team), JuryInvitation.call_id.in_(of_region))


VERBS: Verbs = {"jury_invitation.read": _run_call_of, "jury_invitation.manage": _run_call_of}
VISIBLE: Visibilities = {JuryInvitation: _visible_invitations}
