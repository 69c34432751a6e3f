"""Inviting people to a file, accepting, changing what each may do, removing, leaving."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from aap import audit
from aap.accounts.links import VALIDITY, LinkState, MakeToken, hash_of, read_address
from aap.accounts.models import User
from aap.accounts.service.links import check_bound_to, check_open_link, revoke_link
from aap.applications.asked_form import form_of
from aap.applications.models import Application, ApplicationState, FileInvitation, Participant, ParticipantRole
from aap.applications.people_notices import tell_invited, tell_joined, tell_removed
from aap.db import db, refusing
from aap.errors import ConflictError, ForbiddenError, InvalidError

_OVER = (ApplicationState.WITHDRAWN, ApplicationState.INADMISSIBLE)
MOST_WAITING = 30


@dataclass(frozen=True, slots=True)
class Rights:
    """What an invitation gives: a role, on the whole file (``sections`` is None) or on some sections."""

    role: ParticipantRole
    sections: tuple[str, ...] | None = None


def invite(
    application: Application, email: str, rights: Rights, *, make_token: MakeToken, actor: User, now: datetime
) -> FileInvitation:
    """Invite the person of an address; a mail carries the link.

    Raises:
        ForbiddenError: the person is not the lead.
        ConflictError: the file is over.
        InvalidError: on ``email`` (malformed, already there, already invited) or ``sections``.

    """
    check_lead(application, actor)
    check_alive(application)
    address = read_address(email)
    sections = check_rights(application, rights)
    _check_not_there(application, address)
    _make_room(application, address, now)
    invitation = FileInvitation(
        id=uuid.uuid4(),
        application_id=application.id,
        email=address,
        role=rights.role,
        whole_file=rights.sections is None,
        sections=list(sections),
        created_at=now,
        created_by_id=actor.id,
        expires_at=now + VALIDITY,
    )
    invitation.token_hash = hash_of(make_token(invitation.id))
    twice = InvalidError.on("email", "Une invitation attend déjà cette personne.", code="deja-invitee")
    with refusing({"uq_file_invitations_waiting": twice}):
        db.session.add(invitation)
    detail = {"invitation": str(invitation.id), "role": rights.role.value, "sections": list(sections)}
    audit.record("applications.invite", application, actor_id=actor.id, now=now, detail=detail)
    tell_invited(application, invitation, actor, now)
    return invitation


def send_again(invitation: FileInvitation, *, make_token: MakeToken, actor: User, now: datetime) -> FileInvitation:
    """Replace a waiting or expired invitation by a fresh one, with the same rights; the old link dies.

    Raises:
        ConflictError: it was already used or cancelled.

    """
    application = invitation.application
    check_lead(application, actor)
    revoke_link(invitation, now)
    rights = Rights(invitation.role, None if invitation.whole_file else tuple(invitation.sections))
    return invite(application, invitation.email, rights, make_token=make_token, actor=actor, now=now)


def cancel_invitation(invitation: FileInvitation, *, actor: User, now: datetime) -> None:
    """Cancel an invitation that nobody has used; its link dies.

    Raises:
        ConflictError: it was already used or cancelled.

    """
    check_lead(invitation.application, actor)
    revoke_link(invitation, now)
    detail = {"invitation": str(invitation.id)}
    audit.record("applications.cancel_invitation", invitation.application, actor_id=actor.id, now=now, detail=detail)


def accept_invitation(invitation: FileInvitation, *, actor: User, now: datetime) -> Participant:
    """Take part in a file, with the rights of the invitation; two clicks at once are one.

    Raises:
        ConflictError: the link was used or cancelled, has expired, or the person works for the agency on this call.
        ForbiddenError: the invitation is for another address.

    """
    db.session.refresh(invitation, with_for_update=True)
    check_open_link(invitation, now)
    check_bound_to(invitation, actor)
    application = invitation.application
    check_alive(application)
    check_not_of_agency(application, actor)
    if application.lead_id == actor.id:
        raise ConflictError("Vous portez déjà ce dossier.", code="deja-porteur")
    held = _seat(application, actor, now)
    held.role, held.whole_file, held.sections = invitation.role, invitation.whole_file, list(invitation.sections)
    invitation.used_at, invitation.used_by_id = now, actor.id
    db.session.flush()
    db.session.expire(application, ["participants"])
    detail = {"invitation": str(invitation.id), "person": str(actor.id), "role": held.role.value}
    audit.record("applications.join", application, actor_id=actor.id, now=now, detail=detail)
    tell_joined(application, invitation, actor, now)
    return held


def change_rights(participant: Participant, rights: Rights, *, actor: User, now: datetime) -> None:
    """Change what somebody already there may do.

    Raises:
        ForbiddenError: the person is not the lead.
        ConflictError: this participation ended.
        InvalidError: on ``sections``.

    """
    check_lead(participant.application, actor)
    _check_still_there(participant)
    sections = check_rights(participant.application, rights)
    participant.role, participant.whole_file = rights.role, rights.sections is None
    participant.sections = list(sections)
    db.session.flush()
    detail = {"person": str(participant.user_id), "role": rights.role.value, "sections": list(sections)}
    audit.record("applications.change_rights", participant.application, actor_id=actor.id, now=now, detail=detail)


def remove_participant(participant: Participant, *, actor: User, now: datetime) -> None:
    """Take somebody out of a file; what the person wrote stays, with its history.

    Raises:
        ForbiddenError: neither the lead nor the person concerned.
        ConflictError: this participation already ended.

    """
    application = participant.application
    if actor.id != participant.user_id:
        check_lead(application, actor)
    _check_still_there(participant)
    end_participation(participant, actor, now)
    audit.record(
        "applications.remove_participant",
        application,
        actor_id=actor.id,
        now=now,
        detail={"person": str(participant.user_id)},
    )
    tell_removed(application, participant, actor, now)


def end_participation(participant: Participant, actor: User, now: datetime) -> None:
    """Close the seat of somebody on a file."""
    participant.ended_at, participant.ended_by_id = now, actor.id
    db.session.flush()


def seat_editor(application: Application, user: User, now: datetime) -> None:
    """Make somebody an editor of the whole file, as a lead who hands it over becomes."""
    held = _seat(application, user, now)
    held.role, held.whole_file, held.sections = ParticipantRole.EDITOR, True, []
    db.session.flush()
    db.session.expire(application, ["participants"])


def check_lead(application: Application, actor: User) -> None:
    """Refuse to whoever does not lead the file.

    Raises:
        ForbiddenError: as it says.

    """
    if application.lead_id != actor.id:
        raise ForbiddenError("Seul le porteur du dossier peut faire cela.", code="porteur-seulement")


def check_alive(application: Application) -> None:
    """Refuse to change the people of a file that is over.

    Raises:
        ConflictError: it was withdrawn or declared inadmissible.

    """
    if application.state in _OVER:
        raise ConflictError("Ce dossier est clos : ses personnes ne changent plus.", code="dossier-clos")


def check_not_of_agency(application: Application, user: User) -> None:
    """Keep those who examine the files of the call, or of its region, from taking part in one.

    Raises:
        ConflictError: the person works for the agency.

    """
    of_region = any(held.region_code == application.region_code for held in user.regional_roles)
    if of_region or any(member.user_id == user.id for member in application.call_version.call.team):
        message = "Ce compte travaille pour l'agence qui examine ce dossier : il ne peut pas y participer."
        raise ConflictError(message, code="personne-de-l-agence")


def check_rights(application: Application, rights: Rights) -> tuple[str, ...]:
    """Return the sections of an invitation, in the order of the form; none for the whole file.

    Raises:
        InvalidError: no section, an unknown one, or a signatory who would not read everything (on ``sections``).

    """
    if rights.sections is None:
        return ()
    if rights.role is ParticipantRole.SIGNATORY:
        message = "Un signataire lit tout le dossier : choisissez « Tout le dossier »."
        raise InvalidError.on("sections", message, code="signataire-partiel")
    known = [section.id for section in form_of(application.call_version).sections]
    if not rights.sections or not set(rights.sections) <= set(known):
        raise InvalidError.on("sections", "Choisissez au moins une rubrique du dossier.", code="rubriques-manquantes")
    return tuple(key for key in known if key in rights.sections)


def _check_not_there(application: Application, address: str) -> None:
    if application.lead.email == address:
        raise InvalidError.on("email", "C'est l'adresse du porteur du dossier.", code="deja-porteur")
    there = {one.user.email for one in application.participants if one.ended_at is None}
    if address in there:
        raise InvalidError.on("email", "Cette personne participe déjà au dossier.", code="deja-presente")


def _make_room(application: Application, address: str, now: datetime) -> None:
    """Put away expired links, so that the address may be invited again; refuse a flood."""
    waiting = list_waiting(application.id)
    for link in waiting:
        if link.email == address and link.state(now) is LinkState.EXPIRED:
            link.revoked_at = now
    if len(waiting) >= MOST_WAITING:
        message = f"{MOST_WAITING} invitations attendent déjà une réponse : annulez celles qui ne servent plus."
        raise ConflictError(message, code="trop-d-invitations")
    db.session.flush()


def list_waiting(application_id: uuid.UUID) -> Collection[FileInvitation]:
    """Return the invitations that nobody used nor cancelled, expired ones included, oldest first."""
    query = select(FileInvitation).where(
        FileInvitation.application_id == application_id,
        FileInvitation.used_at.is_(None),
        FileInvitation.revoked_at.is_(None),
    )
    return db.session.scalars(query.order_by(FileInvitation.created_at, FileInvitation.id)).all()


def _seat(application: Application, user: User, now: datetime) -> Participant:
    held = next((one for one in application.participants if one.user_id == user.id), None)
    if held is None:
        held = Participant(application_id=application.id, user_id=user.id, sections=[], added_at=now)
        db.session.add(held)
    elif held.ended_at is not None:
        held.added_at = now
    held.ended_at, held.ended_by_id = None, None
    return held


def _check_still_there(participant: Participant) -> None:
    if participant.ended_at is not None:
        raise ConflictError("Cette personne ne participe plus au dossier.", code="deja-retiree")
