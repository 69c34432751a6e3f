"""Commitment letters of partners: asked by mail, signed on line without an account, voided when they change.

What a partner signs is the canonical text of its letter (``letter_of``); its SHA-256 is kept with the name, the
function and the instant, and the letter itself becomes the piece of the annex that each partner must give.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from aap import audit, french
from aap.accounts.links import VALIDITY, MakeToken, hash_of, read_address
from aap.accounts.models import User
from aap.accounts.service.links import check_open_link, revoke_link
from aap.applications.commitment_letter import commitment_sha256, letter_of, name_in, sha256_of
from aap.applications.models import (
    Application,
    CommitmentRequest,
    CommitmentSignature,
    Partner,
    Piece,
)
from aap.applications.openness import open_parts
from aap.applications.people_notices import (
    tell_commitment_asked,
    tell_commitment_signed,
    tell_commitment_voided,
)
from aap.applications.service.people import check_lead
from aap.applications.written import written_rows
from aap.calls.document.form import Annex
from aap.calls.queries import load_document
from aap.db import db, refusing
from aap.documents.commitment import Commitment, render_commitment
from aap.errors import ConflictError, InvalidError, NotFoundError, Problem
from aap.files.service import store_document
from aap.referentials.queries import get_region
from aap.storage import Storage

CHANGED = "L'engagement du partenaire a changé après la signature."
GONE = "Le partenaire n'est plus dans le dossier."
PARTNERS = "partners"


@dataclass(frozen=True, slots=True)
class Signing:
    """What a partner types, and the SHA-256 of the letter that the page showed."""

    name: str
    function: str
    agrees: bool
    seen_sha256: str


def request_commitment(
    application: Application, partner_key: str, email: str, *, make_token: MakeToken, actor: User, now: datetime
) -> CommitmentRequest:
    """Ask a partner to sign its letter; a new request kills the former link.

    Raises:
        ForbiddenError: the person is not the lead.
        ConflictError: the letters are closed, or already signed.
        NotFoundError: no such partner.
        InvalidError: malformed address (on ``email``).

    """
    check_lead(application, actor)
    check_letters_open(application, now)
    partner = get_partner(application, partner_key)
    address = read_address(email)
    if find_signature(application, partner_key) is not None:
        raise ConflictError("Ce partenaire a déjà signé sa lettre d'engagement.", code="deja-signee")
    waiting = find_request(application, partner_key)
    if waiting is not None:
        revoke_link(waiting, now)
    request = CommitmentRequest(
        id=uuid.uuid4(),
        application_id=application.id,
        partner_key=partner_key,
        email=address,
        created_at=now,
        created_by_id=actor.id,
        expires_at=now + VALIDITY,
    )
    request.token_hash = hash_of(make_token(request.id))
    twice = ConflictError("Une demande vient d'être envoyée à ce partenaire.", code="deja-demandee")
    with refusing({"uq_commitment_requests_waiting": twice}):
        db.session.add(request)
    detail = {"request": str(request.id), "partner": partner_key}
    audit.record("applications.request_commitment", application, actor_id=actor.id, now=now, detail=detail)
    tell_commitment_asked(application, request, partner.name, actor, now)
    return request


def cancel_request(request: CommitmentRequest, *, actor: User, now: datetime) -> None:
    """Cancel a request that was not signed.

    Raises:
        ForbiddenError: the person is not the lead.
        ConflictError: it was already signed or cancelled.

    """
    check_lead(request.application, actor)
    revoke_link(request, now)
    detail = {"request": str(request.id), "partner": request.partner_key}
    audit.record("applications.cancel_commitment", request.application, actor_id=actor.id, now=now, detail=detail)


def sign_commitment(
    request: CommitmentRequest, signing: Signing, *, storage: Storage, now: datetime
) -> CommitmentSignature:
    """Sign a letter: its text is frozen, and joined to the file as the partner's piece.

    Raises:
        ConflictError: the link no longer serves, the letters are closed, or the letter changed since it was shown.
        InvalidError: no name, no function, or no agreement (on ``name``, ``function``, ``agrees``).

    """
    db.session.refresh(request, with_for_update=True)
    check_open_link(request, now)
    application = request.application
    check_letters_open(application, now)
    _check_typed(signing)
    partner = get_partner(application, request.partner_key)
    letter = letter_of(application, partner)
    if signing.seen_sha256 != sha256_of(letter):
        message = "La lettre a changé depuis que vous l'avez ouverte. Relisez-la, puis signez-la de nouveau."
        raise ConflictError(message, code="lettre-changee")
    signature = CommitmentSignature(
        application_id=application.id,
        partner_key=partner.key,
        request_id=request.id,
        request=request,
        signer_name=signing.name.strip()[:200],
        signer_function=signing.function.strip()[:200],
        signed_at=now,
        letter=letter,
        letter_sha256=sha256_of(letter),
        commitment_sha256=commitment_sha256(application, partner),
    )
    request.used_at = now
    twice = ConflictError("Cette lettre vient d'être signée.", code="deja-signee")
    with refusing(
        {"uq_commitment_signatures_in_force": twice, "uq_commitment_signatures_request_id": twice},
    ):
        db.session.add(signature)
    _join_letter(application, partner, signature, storage=storage, now=now)
    detail = {"signature": str(signature.id), "partner": partner.key, "letter": signature.letter_sha256}
    audit.record("applications.sign_commitment", application, actor_id=None, now=now, detail=detail)
    tell_commitment_signed(application, signature, partner.name, now)
    return signature


def void_changed_commitments(application: Application, *, actor: User, now: datetime) -> None:
    """Void the signatures whose commitment is no longer the one signed, and the requests of partners who left."""
    partners = {partner.key: partner for partner in written_rows(application).partners}
    for request in list_waiting_requests(application):
        if request.partner_key not in partners:
            request.revoked_at = now
    for signature in list_signatures(application):
        partner = partners.get(signature.partner_key)
        if partner is not None and commitment_sha256(application, partner) == signature.commitment_sha256:
            continue
        signature.voided_at = now
        signature.void_reason = GONE if partner is None else CHANGED
        if signature.piece is not None and signature.piece.replaced_at is None:
            signature.piece.replaced_at, signature.piece.replaced_by_id = now, actor.id
        db.session.flush()
        detail = {"signature": str(signature.id), "partner": signature.partner_key, "gone": partner is None}
        audit.record("applications.void_commitment", application, actor_id=actor.id, now=now, detail=detail)
        name = partner.name if partner is not None else name_in(signature.letter)
        tell_commitment_voided(application, signature, name, now)


def check_letters_open(application: Application, now: datetime) -> None:
    """Refuse a letter while the partners' annex, or the file when there is none, is closed.

    Raises:
        ConflictError: as it says.

    """
    parts, annex = open_parts(application, now), letters_annex(application)
    if parts.nothing or (annex is not None and annex.id not in parts.annexes):
        message = "Ce dossier est déposé ou clos : ses lettres d'engagement ne changent plus."
        raise ConflictError(message, code="lettres-closes")


def letters_annex(application: Application) -> Annex | None:
    """Return the annex that each partner must give: the first of the call that is asked per partner."""
    annexes = load_document(application.call_version).annexes
    return next((annex for annex in annexes if annex.per == PARTNERS), None)


def get_partner(application: Application, key: str) -> Partner:
    """Return a partner of the file.

    Raises:
        NotFoundError: no such partner.

    """
    found = next((partner for partner in written_rows(application).partners if partner.key == key), None)
    if found is None:
        raise NotFoundError("Ce partenaire n'est plus dans le dossier.")
    return found


def find_signature(application: Application, partner_key: str) -> CommitmentSignature | None:
    """Return the signature in force of a partner, if any."""
    return next((one for one in list_signatures(application) if one.partner_key == partner_key), None)


def list_signatures(application: Application) -> Collection[CommitmentSignature]:
    """Return the signatures in force, oldest first."""
    query = select(CommitmentSignature).where(
        CommitmentSignature.application_id == application.id, CommitmentSignature.voided_at.is_(None)
    )
    return db.session.scalars(query.order_by(CommitmentSignature.signed_at, CommitmentSignature.id)).all()


def find_request(application: Application, partner_key: str) -> CommitmentRequest | None:
    """Return the request that waits for a partner, expired or not."""
    return next((one for one in list_waiting_requests(application) if one.partner_key == partner_key), None)


def list_waiting_requests(application: Application) -> Collection[CommitmentRequest]:
    """Return the requests that nobody signed nor cancelled, expired ones included."""
    query = select(CommitmentRequest).where(
        CommitmentRequest.application_id == application.id,
        CommitmentRequest.used_at.is_(None),
        CommitmentRequest.revoked_at.is_(None),
    )
    return db.session.scalars(query.order_by(CommitmentRequest.created_at)).all()


def _check_typed(signing: Signing) -> None:
    problems = []
    if not signing.name.strip():
        problems.append(Problem("name", "Indiquez vos prénom et nom."))
    if not signing.function.strip():
        problems.append(Problem("function", "Indiquez votre fonction dans la structure."))
    if not signing.agrees:
        problems.append(Problem("agrees", "Cochez la case pour signer la lettre."))
    if problems:
        raise InvalidError(problems[0].message, tuple(problems), code="signature-incomplete")


def _join_letter(
    application: Application, partner: Partner, signature: CommitmentSignature, *, storage: Storage, now: datetime
) -> None:
    """Join the signed letter to the annex of the partners, in the name of whoever asked for it."""
    annex = letters_annex(application)
    if annex is None:
        return
    content = render_commitment(
        Commitment(
            letter=signature.letter,
            sha256=signature.letter_sha256,
            name=signature.signer_name,
            function=signature.signer_function,
            email=signature.request.email,
            agency=get_region(application.region_code).agency_name,
            reference=application.reference or application.call_version.call.ref,
            signed_at=signature.signed_at,
        )
    )
    file = store_document(
        storage, content, f"lettre-engagement-{partner.key}.pdf", region_code=application.region_code, now=now
    )
    piece = Piece(
        application_id=application.id,
        annex_key=annex.id,
        subject=partner.key,
        file_id=file.id,
        file=file,
        note=f"Signée en ligne par {signature.signer_name}, le {french.moment(now)}"[:400],
        added_at=now,
        added_by_id=signature.request.created_by_id,
    )
    application.pieces.append(piece)
    db.session.flush()
    signature.piece_id = piece.id
    db.session.flush()
    db.session.expire(signature, ["piece"])
