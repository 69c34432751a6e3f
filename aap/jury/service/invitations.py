"""Making people sit on a jury: at once when they have an account, by a one-time link when they have none."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from aap import audit
from aap.accounts.links import VALIDITY, MakeToken, hash_of, promise_link, read_address
from aap.accounts.models import User
from aap.accounts.queries import get_user_by_email
from aap.accounts.service.links import check_bound_to, check_open_link, revoke_link
from aap.calls.models import Call, JuryCollege
from aap.db import db, refusing
from aap.errors import ConflictError, InvalidError
from aap.jury import checks
from aap.jury.models import JuryInvitation, JuryMember
from aap.jury.queries import find_member
from aap.jury.service.members import add_member
from aap.jury.service.profiles import call_in
from aap.outbox import promise_mail

INVITATION_PATH = "/invitations/"
MOST_WAITING = 200
LONGEST_REASON = 2000


@dataclass(frozen=True, slots=True)
class Place:
    """What a person is on a jury: in a college, perhaps presiding, a waiting substitute, or in somebody's place."""

    college: JuryCollege
    chair: bool = False
    substitute: bool = False
    stands_in_for: JuryMember | None = None


def seat(call: Call, person: User, place: Place, *, actor: User, now: datetime) -> JuryMember:
    """Make somebody who has an account sit on a jury at once; a mail says so.

    Raises:
        ConflictError: already on this jury, or the place to take is already filled.
        InvalidError: the college is not one of the call's.

    """
    member = add_member(call, person, place.college, actor=actor, now=now, chair=place.chair)
    member.substitute = place.substitute or place.stands_in_for is not None
    db.session.flush()  # before the rows are read again under their locks
    if place.stands_in_for is not None:
        call_in(member, place.stands_in_for, actor=actor, now=now)
    return member


def invite(
    call: Call, email: str, place: Place, *, make_token: MakeToken, actor: User, now: datetime
) -> JuryInvitation:
    """Invite the person of an address that has no account; a mail carries the link.

    Raises:
        InvalidError: on ``email`` (malformed, has an account, already invited) or the college.
        ConflictError: too many invitations wait.

    """
    checks.check_college(place.college, call.id)
    address = read_address(email)
    if get_user_by_email(address) is not None:
        raise InvalidError.on("email", "Cette adresse a un compte : ajoutez la personne directement.", code="compte")
    _make_room(call, address, now)
    invitation = JuryInvitation(
        id=uuid.uuid4(),
        call_id=call.id,
        email=address,
        college_id=place.college.id,
        chair=place.chair,
        substitute=place.substitute and place.stands_in_for is None,
        stands_in_for_id=place.stands_in_for.id if place.stands_in_for else None,
        created_at=now,
        created_by_id=actor.id,
        expires_at=now + VALIDITY,
    )
    invitation.token_hash = hash_of(make_token(invitation.id))
    twice = InvalidError.on("email", "Une invitation attend déjà cette personne.", code="deja-invitee")
    with refusing({"uq_jury_invitations_waiting": twice}):
        db.session.add(invitation)
    audit.record("jury.invite", call, actor_id=actor.id, now=now, detail={"invitation": str(invitation.id)})
    context = {
        "call_title": call.title,
        "call_ref": call.ref,
        "college": place.college.label,
        "substitute": invitation.substitute,
        "contact": call.contact_mailbox,
        "days": VALIDITY.days,
    }
    promise_link(invitation, "jury-link", context, path=INVITATION_PATH, now=now, region_code=call.region_code)
    return invitation


def _make_room(call: Call, address: str, now: datetime) -> None:
    """Put away the expired link of this address, so that it may be invited again; refuse a flood."""
    waiting = select(JuryInvitation).where(
        JuryInvitation.call_id == call.id, JuryInvitation.used_at.is_(None), JuryInvitation.revoked_at.is_(None)
    )
    for one in db.session.scalars(waiting.where(JuryInvitation.email == address, JuryInvitation.expires_at <= now)):
        one.revoked_at = now
    db.session.flush()
    if (db.session.scalar(select(func.count()).select_from(waiting.subquery())) or 0) >= MOST_WAITING:
        message = f"{MOST_WAITING} invitations attendent déjà une réponse : annulez celles qui ne servent plus."
        raise ConflictError(message, code="trop-d-invitations")


def send_again(invitation: JuryInvitation, *, make_token: MakeToken, actor: User, now: datetime) -> JuryInvitation:
    """Replace a waiting or expired invitation by a fresh one, for the same place; the old link dies.

    Raises:
        ConflictError: it was already used or cancelled.
        InvalidError: the address has had an account since (on ``email``).

    """
    revoke_link(invitation, now)
    place = Place(invitation.college, invitation.chair, invitation.substitute, invitation.stands_in_for)
    return invite(invitation.call, invitation.email, place, make_token=make_token, actor=actor, now=now)


def cancel_invitation(invitation: JuryInvitation, *, actor: User, now: datetime) -> None:
    """Cancel an invitation that nobody has used; its link dies.

    Raises:
        ConflictError: it was already used or cancelled.

    """
    revoke_link(invitation, now)
    detail = {"invitation": str(invitation.id)}
    audit.record("jury.cancel_invitation", invitation.call, actor_id=actor.id, now=now, detail=detail)


def accept_invitation(invitation: JuryInvitation, *, actor: User, now: datetime) -> JuryMember:
    """Sit on the jury, in the place of the invitation; two clicks at once are one.

    Somebody invited in a place that was filled meanwhile waits as a substitute: nobody is sent away.

    Raises:
        ConflictError: the link was used or cancelled, has expired, or the person left this jury.
        ForbiddenError: the invitation is for another address.

    """
    db.session.refresh(invitation, with_for_update=True)
    check_open_link(invitation, now)
    check_bound_to(invitation, actor)
    invitation.used_at, invitation.used_by_id = now, actor.id
    db.session.flush()
    member = find_member(invitation.call_id, actor.id)
    if member is None:
        member = _seated(invitation, actor, now)
    call = invitation.call
    detail = {"invitation": str(invitation.id), "member": str(member.id)}
    audit.record("jury.accept_invitation", call, actor_id=actor.id, now=now, detail=detail)
    promise_mail(
        "jury-joined",
        call.contact_mailbox,
        {
            "person": actor.display_name,
            "code": member.code,
            "call_title": call.title,
            "path": f"/agence/appels/{call.id}/jury",
        },
        key=f"jury-joined:{invitation.id}",
        now=now,
        region_code=call.region_code,
    )
    return member


def _seated(invitation: JuryInvitation, person: User, now: datetime) -> JuryMember:
    member = add_member(
        invitation.call,
        person,
        invitation.college,
        actor=invitation.created_by,
        now=now,
        chair=invitation.chair,
        told=False,
    )
    member.substitute = invitation.substitute or invitation.stands_in_for is not None
    db.session.flush()
    if invitation.stands_in_for is not None and not _is_filled(invitation.stands_in_for):
        call_in(member, invitation.stands_in_for, actor=invitation.created_by, now=now, told=False)
    return member


def _is_filled(absent: JuryMember) -> bool:
    sitting = select(JuryMember.id).where(JuryMember.stands_in_for_id == absent.id, JuryMember.left_at.is_(None))
    return db.session.scalar(sitting.limit(1)) is not None


def decline_invitation(invitation: JuryInvitation, *, reason: str, now: datetime) -> None:
    """Say no to an invitation, from its link alone: the link dies, the agency is told why.

    Raises:
        InvalidError: no reason, or too long (on ``reason``).
        ConflictError: the link was used or cancelled, or has expired.

    """
    db.session.refresh(invitation, with_for_update=True)
    check_open_link(invitation, now)
    invitation.decline_reason = checks.check_reason(reason)[:LONGEST_REASON]
    invitation.declined_at = invitation.revoked_at = now
    db.session.flush()
    call = invitation.call
    audit.record("jury.decline_invitation", call, actor_id=None, now=now, detail={"invitation": str(invitation.id)})
    promise_mail(
        "jury-declined",
        call.contact_mailbox,
        {
            "email": invitation.email,
            "call_title": call.title,
            "reason": invitation.decline_reason,
            "path": f"/agence/appels/{call.id}/jury",
        },
        key=f"jury-declined:{invitation.id}",
        now=now,
        region_code=call.region_code,
    )
