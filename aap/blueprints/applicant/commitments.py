"""The page of a partner's link: its commitment letter, read and signed without an account."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue

from aap.accounts.links import LinkState
from aap.applications.commitment_letter import letter_of, sha256_of
from aap.applications.models import CommitmentRequest
from aap.applications.queries.people import commitment_request_of, find_signature_of
from aap.applications.service import Signing, sign_commitment
from aap.applications.service.commitments import check_letters_open, get_partner
from aap.blueprints.access import public, see_other
from aap.db import unit_of_work
from aap.errors import ConflictError, InvalidError, NotFoundError
from aap.extensions import clock, storage

bp = Blueprint("commitments", __name__, url_prefix="/engagements")


@bp.get("/<token>")
@public
def show(token: str) -> ResponseReturnValue:
    """Show the letter to sign; once signed, who signed it, when, and its hash; otherwise why it cannot be."""
    return _page(commitment_request_of(token))


@bp.post("/<token>")
@public
def sign(token: str) -> ResponseReturnValue:
    """Sign the letter."""
    asked = commitment_request_of(token)
    signing = Signing(
        request.form.get("name", ""),
        request.form.get("function", ""),
        request.form.get("agrees") == "y",
        request.form.get("letter_sha256", ""),
    )
    try:
        with unit_of_work():
            sign_commitment(asked, signing, storage=storage(), now=clock().now())
    except InvalidError as error:
        return _page(asked, {problem.place: problem.message for problem in error.problems})
    except ConflictError as error:
        return _page(asked, changed=error.message if error.code == "lettre-changee" else "")
    flash("Votre lettre d'engagement est signée.", "success")
    return see_other("commitments.show", token=token)


def _page(asked: CommitmentRequest, errors: dict[str, str] | None = None, changed: str = "") -> ResponseReturnValue:
    now = clock().now()
    state, application = asked.state(now), asked.application
    shared = {"file": application, "call": application.call_version.call, "asked": asked}
    if state is LinkState.USED:
        signature = find_signature_of(asked)
        return render_template("applicant/people/signed.html", signature=signature, **shared)
    why = _closed(asked) if state is LinkState.OPEN else ""
    if state is not LinkState.OPEN or why:
        page = render_template("applicant/people/unsignable.html", state=state.value, why=why, **shared)
        return page, 410
    partner = get_partner(application, asked.partner_key)
    letter = letter_of(application, partner)
    page = render_template(
        "applicant/people/commitment.html",
        partner=partner,
        letter=letter,
        sha256=sha256_of(letter),
        name=request.form.get("name", ""),
        function=request.form.get("function", ""),
        errors=errors or {},
        changed=changed,
        **shared,
    )
    return page, 409 if changed else 400 if errors else 200


def _closed(asked: CommitmentRequest) -> str:
    """Say why a letter whose link still serves can no longer be signed; an empty text when it can."""
    try:
        check_letters_open(asked.application, clock().now())
        get_partner(asked.application, asked.partner_key)
    except (ConflictError, NotFoundError) as error:
        return error.message
    return ""
