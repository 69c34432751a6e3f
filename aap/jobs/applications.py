"""What deposits and calls promise to applicants: the receipt, made once and kept; news of the call."""

from __future__ import annotations

import uuid
from datetime import datetime

from aap.applications.models import Application, Submission
from aap.applications.news import tell_call_amended, tell_call_cancelled, tell_question_published
from aap.applications.notices import RECEIPT
from aap.applications.receipts import acknowledgement_of, received_pieces
from aap.calls.models import Call
from aap.calls.service.questions import PUBLISHED
from aap.db import db
from aap.documents.receipt import Piece, Receipt, render_receipt
from aap.errors import NotFoundError
from aap.extensions import storage
from aap.files.service import store_document
from aap.outbox import Handler, Promise


def make_receipt(promise: Promise, now: datetime) -> None:
    """Make the receipt of a deposit and keep it; a receipt already made is left alone.

    Raises:
        NotFoundError: no such deposit.

    """
    submission = db.session.get(Submission, uuid.UUID(promise.payload["submission_id"]))
    if submission is None:
        raise NotFoundError("Ce dépôt n'existe pas.")
    if submission.receipt_file_id is not None:
        return
    application = submission.application
    content = render_receipt(receipt_of(application, submission))
    name = f"accuse-reception-{application.reference}-{submission.number}.pdf"
    file = store_document(storage(), content, name, region_code=application.region_code, now=now)
    submission.receipt_file_id = file.id


def receipt_of(application: Application, submission: Submission) -> Receipt:
    """Gather what the receipt says, from the deposit as it was sealed."""
    call: Call = application.call_version.call
    told = acknowledgement_of(application, submission)
    return Receipt(
        agency=told.agency,
        service_name=told.service,
        service_address=told.address,
        service_mailbox=told.mailbox,
        service_telephone=told.telephone,
        call_ref=call.ref,
        call_title=call.title,
        reference=application.reference or "",
        title=application.label,
        applicant_name=application.applicant_name,
        strand=application.strand.label if application.strand else "",
        requested_eur=application.requested_eur,
        submitted_at=submission.at,
        seal_sha256=submission.seal,
        pieces=tuple(Piece(piece.label, piece.name, piece.size, piece.sha256) for piece in received_pieces(submission)),
        legal_notice=told.delays,
    )


def tell_amended(promise: Promise, now: datetime) -> None:
    """Tell the drafts of a call what its agency changed."""
    payload = promise.payload
    tell_call_amended(uuid.UUID(payload["call_id"]), payload["what"], uuid.UUID(payload["amendment_id"]), now)


def tell_cancelled(promise: Promise, now: datetime) -> None:
    """Tell the applicants of a call that it is cancelled."""
    tell_call_cancelled(uuid.UUID(promise.payload["call_id"]), now)


def tell_published(promise: Promise, now: datetime) -> None:
    """Tell the drafts of a call that a question was answered, or its answer corrected."""
    question_id, correction = uuid.UUID(promise.payload["question_id"]), int(promise.payload.get("correction", 0))
    tell_question_published(question_id, now, correction=correction)


HANDLERS: dict[str, Handler] = {
    RECEIPT: make_receipt,
    "call-amended": tell_amended,
    "call-cancelled": tell_cancelled,
    PUBLISHED: tell_published,
}
