"""The signature of a file before its deposit, when its organisation or its call asks for one.

The rule, in short: the signatory signs what the file then says; a change afterwards asks for a new signature; when the
organisation asks, the signatory holds a delegation of that organisation in force on the day. A file sent back
completed is not signed again.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from aap import audit
from aap.accounts.models import User
from aap.applications.models import Application, ApplicationState, FileSignature, ParticipantRole
from aap.applications.openness import check_open
from aap.applications.people import find_participant
from aap.applications.people_notices import tell_signed
from aap.applications.snapshot import seal_of, take_snapshot
from aap.calls.queries import load_document
from aap.clock import paris
from aap.db import db
from aap.errors import ConflictError, ForbiddenError, InvalidError, Problem

PLACE = "signature"


def who_asks(application: Application) -> str:
    """Say who asks for a signature before the deposit, in words; nobody: an empty text."""
    if application.state is not ApplicationState.DRAFT:
        return ""
    if application.organisation is not None and application.organisation.requires_signature:
        return "votre structure"
    return "l'appel" if load_document(application.call_version).admissibility.signature_required else ""


def content_sha256(application: Application) -> str:
    """Return the hash of what the file says now: answers, pieces, strand; not the hour."""
    return seal_of(take_snapshot(application, 0, application.created_at))


def sign_file(application: Application, name: str, capacity: str, *, actor: User, now: datetime) -> FileSignature:
    """Sign the file as it stands.

    Raises:
        ForbiddenError: not the signatory, or without a delegation when the organisation asks for one.
        ConflictError: the file is closed, or nobody asks for a signature.
        InvalidError: on ``name`` or ``capacity``.

    """
    check_open(application, now)
    if not who_asks(application):
        raise ConflictError("Ce dossier n'a pas à être signé avant son dépôt.", code="signature-non-demandee")
    check_signs(application, actor, now)
    problems = []
    if not name.strip():
        problems.append(Problem("name", "Indiquez vos prénom et nom."))
    if not capacity.strip():
        problems.append(Problem("capacity", "Indiquez la qualité en laquelle vous signez."))
    if problems:
        raise InvalidError(problems[0].message, tuple(problems), code="signature-incomplete")
    signature = FileSignature(
        application_id=application.id,
        user_id=actor.id,
        name=name.strip()[:200],
        capacity=capacity.strip()[:200],
        at=now,
        content_sha256=content_sha256(application),
    )
    db.session.add(signature)
    db.session.flush()
    detail = {"signature": str(signature.id), "content": signature.content_sha256}
    audit.record("applications.sign", application, actor_id=actor.id, now=now, detail=detail)
    tell_signed(application, actor, str(signature.id), now)
    return signature


def check_signs(application: Application, actor: User, now: datetime) -> None:
    """Refuse to whoever may not sign the file.

    Raises:
        ForbiddenError: neither the invited signatory nor, for the lead, the holder of a delegation.

    """
    held = find_participant(application, actor)
    delegated = has_delegation(application, actor, now)
    signatory = held is not None and held.role is ParticipantRole.SIGNATORY
    if not signatory and not (application.lead_id == actor.id and delegated):
        message = "Signe la personne que le porteur a invitée comme signataire, ou le porteur s'il a une délégation."
        raise ForbiddenError(message, code="non-signataire")
    organisation = application.organisation
    if organisation is not None and organisation.requires_signature and not delegated:
        message = f"Vous n'avez pas de délégation de signature en cours pour « {organisation.name} »."
        raise ForbiddenError(message, code="sans-delegation")


def has_delegation(application: Application, user: User, now: datetime) -> bool:
    """Tell whether the person may sign for the file's organisation today."""
    if application.organisation is None:
        return False
    today = paris(now).date()
    return any(row.user_id == user.id and row.in_force(today) for row in application.organisation.delegations)


def find_signature(application: Application) -> FileSignature | None:
    """Return the last signature of the file, whether it still holds or not."""
    query = select(FileSignature).where(FileSignature.application_id == application.id)
    return db.session.scalar(query.order_by(FileSignature.at.desc()).limit(1))


def signature_problem(application: Application) -> Problem | None:
    """Say what misses to the signature of a draft, if anything."""
    asker = who_asks(application)
    if not asker:
        return None
    last = find_signature(application)
    if last is None:
        return Problem(PLACE, f"Le dossier doit être signé avant son dépôt : {asker} le demande.")
    if last.content_sha256 != content_sha256(application):
        return Problem(PLACE, "Le dossier a changé depuis sa signature : il doit être signé de nouveau.")
    return None
