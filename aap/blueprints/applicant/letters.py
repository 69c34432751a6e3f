"""Commitment letters as the lead follows them: asked of each partner, signed on line or joined as a file."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from aap.accounts.links import LinkState
from aap.applications.commitment_letter import letter_of, sha256_of
from aap.applications.models import Application, CommitmentRequest, CommitmentSignature, Partner
from aap.applications.queries.people import list_all_signatures
from aap.applications.service import cancel_request, letters_annex, request_commitment
from aap.applications.service.commitments import get_partner, list_waiting_requests
from aap.applications.written import written_rows
from aap.blueprints.access import allow, see_other, signed_in_actor
from aap.blueprints.applicant.loading import address_part, arrival, own_application
from aap.blueprints.applicant.people_loading import own_commitment_request
from aap.blueprints.one_time_links import make_token
from aap.db import unit_of_work
from aap.errors import InvalidError

bp = Blueprint("applicant_letters", __name__, url_prefix="/dossiers/<uuid:application_id>/lettres")


def partner_rows(application: Application, now: datetime) -> list[dict[str, Any]]:
    """Return each partner with where its letter stands. Two queries whatever the partners."""
    annex = letters_annex(application)
    signatures = list_all_signatures(application)
    requests = {one.partner_key: one for one in list_waiting_requests(application)}
    rows = []
    for partner in written_rows(application).partners:
        mine = [one for one in signatures if one.partner_key == partner.key]
        current = next((one for one in mine if one.voided_at is None), None)
        waiting = requests.get(partner.key)
        joined = annex is not None and any(
            piece.annex_key == annex.id and piece.subject == partner.key and piece.replaced_at is None
            for piece in application.pieces
        )
        badge, note = _standing(current, waiting, now, joined=joined, voided=mine[-1] if mine else None)
        rows.append(
            {
                "name": partner.name or partner.key,
                "badge": badge,
                "note": note,
                "sha256": current.letter_sha256 if current else "",
                "ask": "" if current else _ask(application, partner),
                "cancel": _cancel(application.id, waiting) if waiting else "",
                "annex": url_for("applicant_pieces.show", application_id=application.id, annex=annex.id)
                if annex
                else "",
            }
        )
    return rows


@bp.get("/<partner>")
@allow("application.manage_people", load=own_application)
def show(application: Application) -> ResponseReturnValue:
    """Show a partner's letter as it would be signed, and ask where to send the link."""
    return _page(application)


@bp.post("/<partner>")
@allow("application.manage_people", load=own_application)
def ask(application: Application) -> ResponseReturnValue:
    """Send the link."""
    try:
        with unit_of_work():
            made = request_commitment(
                application,
                address_part("partner"),
                request.form.get("email", ""),
                make_token=make_token,
                actor=signed_in_actor(),
                now=arrival(),
            )
            address = made.email
    except InvalidError as error:
        return _page(application, error.message), 400
    flash(f"Le lien de signature part à {address}.", "success")
    return see_other("applicant_people.show", application_id=application.id)


@bp.post("/demandes/<uuid:request_id>/annulation")
@allow("commitment_request.change", load=own_commitment_request)
def cancel(asked: CommitmentRequest) -> ResponseReturnValue:
    """Cancel a request."""
    with unit_of_work():
        cancel_request(asked, actor=signed_in_actor(), now=arrival())
    flash("La demande est annulée : son lien ne sert plus.", "success")
    return see_other("applicant_people.show", application_id=asked.application_id)


def _standing(
    current: CommitmentSignature | None,
    waiting: CommitmentRequest | None,
    now: datetime,
    *,
    joined: bool,
    voided: CommitmentSignature | None,
) -> tuple[tuple[str, str], dict[str, Any]]:
    if current is not None:
        removed = current.piece is not None and current.piece.replaced_at is not None
        note = {"kind": "signed", "signature": current, "removed": removed}
        return (("Signée en ligne", "success") if not removed else ("Signée, lettre retirée", "warning")), note
    if waiting is not None:
        expired = waiting.state(now) is LinkState.EXPIRED
        return (("Lien expiré", "error") if expired else ("Envoyée, à signer", "info")), {
            "kind": "waiting",
            "request": waiting,
        }
    if joined:
        return ("Jointe en fichier", "success"), {"kind": "joined"}
    if voided is not None:
        return ("Signature annulée", "error"), {"kind": "voided", "signature": voided}
    return ("À demander", "warning"), {"kind": "none"}


def _ask(application: Application, partner: Partner) -> str:
    return url_for("applicant_letters.show", application_id=application.id, partner=partner.key)


def _cancel(application_id: uuid.UUID, asked: CommitmentRequest) -> str:
    return url_for("applicant_letters.cancel", application_id=application_id, request_id=asked.id)


def _page(application: Application, error: str = "") -> str:
    partner = get_partner(application, address_part("partner"))
    letter = letter_of(application, partner)
    return render_template(
        "applicant/people/letter.html",
        application=application,
        call=application.call_version.call,
        partner=partner,
        letter=letter,
        sha256=sha256_of(letter),
        email=request.form.get("email", ""),
        error=error,
    )
