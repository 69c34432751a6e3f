"""Who leads a file: transferred to somebody who accepts, taken over after a departure, handed over by the agency."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from aap import audit
from aap.accounts.models import Membership, User
from aap.applications.models import (
    Application,
    LeadChange,
    LeadChangeKind,
    LeadChangeOutcome,
    ParticipantRole,
)
from aap.applications.people import find_participant, has_departed
from aap.applications.people_notices import tell_lead_changed, tell_transfer_declined, tell_transfer_offered
from aap.applications.service.people import (
    check_alive,
    check_lead,
    check_not_of_agency,
    end_participation,
    seat_editor,
)
from aap.db import db, refusing
from aap.errors import ConflictError, ForbiddenError, InvalidError
from aap.workflow import record_event

REASON_LIMIT = 2000


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may lead the file: why, in words."""

    user: User
    why: str


def list_candidates(application: Application) -> tuple[Candidate, ...]:
    """Return those who may lead the file: members of its organisation, editors of the file; by name."""
    found: dict[object, Candidate] = {}
    for one in application.participants:
        if one.ended_at is None and one.role is ParticipantRole.EDITOR and one.user.active:
            found[one.user_id] = Candidate(one.user, "Coéditeur du dossier")
    if application.organisation_id is not None:
        query = (
            select(User)
            .join(Membership, Membership.user_id == User.id)
            .where(
                Membership.organisation_id == application.organisation_id,
                Membership.ended_at.is_(None),
                User.active.is_(True),
            )
        )
        for user in db.session.scalars(query):
            found[user.id] = Candidate(user, "Membre de la structure")
    found.pop(application.lead_id, None)
    return tuple(sorted(found.values(), key=lambda one: (one.user.family_name, one.user.given_name, one.user.email)))


def offer_transfer(application: Application, email: str, *, actor: User, now: datetime) -> LeadChange:
    """Offer the file to somebody of the organisation or to an editor; nothing changes until that person accepts.

    Raises:
        ForbiddenError: the person is not the lead.
        InvalidError: not one of those who may lead it, or an offer already waits (on ``to``).

    """
    check_lead(application, actor)
    check_alive(application)
    to = _candidate(application, email)
    change = LeadChange(
        application_id=application.id,
        kind=LeadChangeKind.TRANSFER,
        from_id=actor.id,
        to_id=to.id,
        by_id=actor.id,
        offered_at=now,
        reason="",
    )
    twice = InvalidError.on("to", "Une proposition attend déjà une réponse : annulez-la d'abord.", code="deja-propose")
    with refusing({"uq_lead_changes_waiting": twice}):
        db.session.add(change)
    _journal("offer_transfer", change, actor, now)
    tell_transfer_offered(change, now)
    return change


def accept_transfer(change: LeadChange, *, actor: User, now: datetime) -> None:
    """Become the lead of a file that was offered; the former lead stays as an editor.

    Raises:
        ForbiddenError: it was offered to somebody else.
        ConflictError: the offer was answered or cancelled, or the lead changed meanwhile.

    """
    _check_answers(change, actor)
    application = change.application
    if application.lead_id != change.from_id:
        raise ConflictError("Le dossier a changé de porteur depuis cette proposition.", code="porteur-change")
    check_alive(application)
    check_not_of_agency(application, actor)
    change.answered_at, change.outcome = now, LeadChangeOutcome.DONE
    former = change.from_
    _hand_to(change, actor, now)
    seat_editor(application, former, now)


def decline_transfer(change: LeadChange, *, actor: User, now: datetime) -> None:
    """Refuse a file that was offered; it stays with its lead, who is told.

    Raises:
        ForbiddenError: it was offered to somebody else.
        ConflictError: the offer was answered or cancelled.

    """
    _check_answers(change, actor)
    change.answered_at, change.outcome = now, LeadChangeOutcome.DECLINED
    _journal("decline_transfer", change, actor, now)
    tell_transfer_declined(change, now)


def cancel_transfer(change: LeadChange, *, actor: User, now: datetime) -> None:
    """Take an offer back before it is answered.

    Raises:
        ForbiddenError: the person is not the lead.
        ConflictError: the offer was answered or cancelled.

    """
    check_lead(change.application, actor)
    _check_waits(change)
    change.answered_at, change.outcome = now, LeadChangeOutcome.CANCELLED
    _journal("cancel_transfer", change, actor, now)


def take_over(application: Application, *, actor: User, now: datetime) -> LeadChange:
    """Become the lead of a file of one's organisation whose lead is gone. The policy checks who administers it.

    Raises:
        ConflictError: the lead is still there.

    """
    if not has_departed(application):
        message = "Le porteur de ce dossier est toujours là : demandez-lui de le transmettre."
        raise ConflictError(message, code="porteur-present")
    check_not_of_agency(application, actor)
    change = _change(application, LeadChangeKind.TAKEOVER, actor, actor, now, "")
    _hand_to(change, actor, now)
    return change


def hand_over(application: Application, email: str, reason: str, *, actor: User, now: datetime) -> LeadChange:
    """Name another lead, for the agency, with the reason that the journal and both people keep.

    Raises:
        InvalidError: no such open account (on ``email``), or no reason (on ``reason``).
        ConflictError: the person works for the agency on this call.

    """
    text = reason.strip()[:REASON_LIMIT]
    if not text:
        message = "Indiquez le motif : il est écrit dans l'historique et envoyé aux deux personnes."
        raise InvalidError.on("reason", message, code="motif-manquant")
    to = db.session.scalar(select(User).where(User.email == email.strip().lower(), User.active.is_(True)))
    if to is None:
        message = "Aucun compte ouvert n'a cette adresse. La personne doit d'abord créer son compte."
        raise InvalidError.on("email", message, code="compte-inconnu")
    if to.id == application.lead_id:
        raise InvalidError.on("email", "Cette personne porte déjà le dossier.", code="deja-porteur")
    check_not_of_agency(application, to)
    change = _change(application, LeadChangeKind.HANDOVER, to, actor, now, text)
    _hand_to(change, actor, now)
    return change


def find_offer(application: Application) -> LeadChange | None:
    """Return the transfer that waits for an answer."""
    return db.session.scalar(
        select(LeadChange).where(LeadChange.application_id == application.id, LeadChange.outcome.is_(None))
    )


def _candidate(application: Application, email: str) -> User:
    wanted = email.strip().lower()
    found = next((one.user for one in list_candidates(application) if one.user.email == wanted), None)
    if found is None:
        message = "Choisissez une personne de la structure, ou un coéditeur du dossier."
        raise InvalidError.on("to", message, code="destinataire-inconnu")
    return found


def _check_waits(change: LeadChange) -> None:
    db.session.refresh(change, with_for_update=True)
    if change.outcome is not None:
        raise ConflictError("Cette proposition a déjà reçu sa réponse.", code="proposition-close")


def _check_answers(change: LeadChange, actor: User) -> None:
    if change.to_id != actor.id:
        raise ForbiddenError("Cette proposition est faite à une autre personne.")
    _check_waits(change)


def _change(
    application: Application, kind: LeadChangeKind, to: User, actor: User, now: datetime, reason: str
) -> LeadChange:
    change = LeadChange(
        application_id=application.id,
        kind=kind,
        from_id=application.lead_id,
        to_id=to.id,
        by_id=actor.id,
        offered_at=now,
        answered_at=now,
        outcome=LeadChangeOutcome.DONE,
        reason=reason,
    )
    waiting = find_offer(application)
    if waiting is not None:
        waiting.answered_at, waiting.outcome = now, LeadChangeOutcome.CANCELLED
    db.session.add(change)
    db.session.flush()
    return change


def _hand_to(change: LeadChange, actor: User, now: datetime) -> None:
    """Make the change: the new lead leaves the list of those invited."""
    application = change.application
    seat = find_participant(application, change.to)
    if seat is not None:
        end_participation(seat, actor, now)
    application.lead = change.to
    db.session.flush()
    state = application.state.value
    record_event(application, "change_lead", state, state, actor, now, change.reason or None)
    _journal(f"lead_{change.kind.value}", change, actor, now)
    tell_lead_changed(change, now)


def _journal(verb: str, change: LeadChange, actor: User, now: datetime) -> None:
    detail = {"change": str(change.id), "from": str(change.from_id), "to": str(change.to_id)}
    audit.record(f"applications.{verb}", change.application, actor_id=actor.id, now=now, detail=detail)
