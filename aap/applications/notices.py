"""What the lead and the agency are told by mail: each notice is a promise of the current transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from aap import french
from aap.applications.models import (
    AdmissibilityDecision,
    Application,
    CompletionItemKind,
    CompletionRequest,
    LateAdmission,
    Message,
    ParticipantRole,
    Piece,
    Submission,
)
from aap.applications.terms import piece_label
from aap.calls.queries import load_document
from aap.outbox import promise, promise_mail
from aap.referentials.vocabularies import label

RECEIPT = "application-receipt"
WITHDRAWN = "application-withdrawn"


def tell_received(application: Application, submission: Submission, now: datetime) -> None:
    """Promise the receipt, as a document and as a mail."""
    promise(
        RECEIPT,
        {"submission_id": str(submission.id)},
        key=f"{RECEIPT}:{submission.id}",
        now=now,
        region_code=application.region_code,
    )
    context = {
        "requested": french.euros(application.requested_eur),
        "submitted_at": french.moment(submission.at),
        "first_submitted_at": french.moment(application.submitted_at),
        "seal": submission.seal,
        "completed": submission.number > 1,
        "pieces": [piece["name"] for piece in submission.snapshot["pieces"]],
    }
    to_lead(application, "application-receipt", context, key=str(submission.id), now=now)
    if submission.number > 1:
        _to_agency(application, "application-completed", context, key=str(submission.id), now=now)


def tell_completion_requested(application: Application, request: CompletionRequest, now: datetime) -> None:
    """Tell the lead what to complete and until when."""
    context = {
        "message": request.message,
        "deadline": french.moment(request.deadline),
        "items": [_item(application, item.kind, item.key, item.note) for item in request.items],
    }
    to_lead(application, "application-completion-requested", context, key=str(request.id), now=now)


def tell_admissible(application: Application, now: datetime) -> None:
    """Tell the lead that the file goes on."""
    to_lead(application, "application-admissible", {}, key=f"{application.id}:admissible", now=now)


def tell_inadmissible(application: Application, decision: AdmissibilityDecision, now: datetime) -> None:
    """Tell the lead that the file stops, why, and how to contest it."""
    context = {
        "outcome": label("admissibility_outcomes", decision.outcome),
        "motive": decision.motive,
        "decided_at": french.day(decision.at),
    }
    to_lead(application, "application-inadmissible", context, key=str(decision.id), now=now)


def tell_withdrawn(application: Application, now: datetime) -> None:
    """Confirm a withdrawal to the lead, tell the agency, and promise the news to the later stages: the jury."""
    context = {"withdrawn_at": french.moment(now)}
    key = f"{application.id}:withdrawn"
    to_lead(application, "application-withdrawn", context, key=key, now=now)
    _to_agency(application, "application-withdrawn-agency", context, key=key, now=now)
    payload = {"application_id": str(application.id)}
    promise(WITHDRAWN, payload, key=f"{WITHDRAWN}:{application.id}", now=now, region_code=application.region_code)


def tell_message(application: Application, message: Message, now: datetime) -> None:
    """Tell the other side that a message waits; what it says stays behind the sign-in."""
    path = f"/dossiers/{application.id}/messages"
    if message.from_agency:
        editors = [
            held.user.email
            for held in application.participants
            if held.ended_at is None and held.whole_file and held.role is ParticipantRole.EDITOR
        ]
        for address in (application.lead.email, *editors):
            promise_mail(
                "application-message",
                address,
                {**context_of(application), "path": path},
                key=f"application-message:{message.id}",
                now=now,
                region_code=application.region_code,
            )
    else:
        context = {"path": f"/agence{path}"}
        _to_agency(application, "application-message-agency", context, key=str(message.id), now=now)


def tell_admitted_late(application: Application, admission: LateAdmission, now: datetime) -> None:
    """Tell the lead until when the file may still be deposited, and why."""
    context = {"until": french.moment(admission.until), "reason": admission.reason}
    to_lead(application, "application-admitted-late", context, key=str(admission.id), now=now)


def tell_infected(piece: Piece, now: datetime) -> None:
    """Tell the lead and, once the piece is handed in, the agency that a virus was found in it."""
    application = piece.application
    handed_in = any(piece in submission.pieces for submission in application.submissions)
    document = load_document(application.call_version)
    context = {
        "file": piece.file.name,
        "annex": piece_label(application.call_version, piece.annex_key),
        "virus": piece.file.virus,
        "deposited": handed_in,
    }
    asking = next((one for one in document.form.sections if any(f.id == piece.annex_key for f in one.fields)), None)
    where = f"pieces/{piece.annex_key}" if asking is None else f"rubriques/{asking.id}"
    path = f"/dossiers/{application.id}/{where}"
    to_lead(application, "application-infected", {**context, "path": path}, key=str(piece.id), now=now)
    if handed_in:
        _to_agency(application, "application-infected-agency", context, key=str(piece.id), now=now)


def _item(application: Application, kind: CompletionItemKind, key: str, note: str) -> str:
    document = load_document(application.call_version)
    name = key
    if kind is CompletionItemKind.SECTION:
        section = document.form.section(key)
        name = section.title if section else key
    elif kind is CompletionItemKind.FIELD:
        field = document.form.field(key)
        name = field.label if field else key
    else:
        name = next((annex.label for annex in document.annexes if annex.id == key), key)
    return f"{name} : {note}" if note else name


def context_of(application: Application) -> dict[str, object]:
    """Return what every notice says of a file and its call."""
    call = application.call_version.call
    return {
        "reference": application.reference or "",
        "title": application.label,
        "applicant_name": application.applicant_name,
        "call_title": call.title,
        "call_ref": call.ref,
        "contact_mailbox": call.contact_mailbox,
        "path": f"/dossiers/{application.id}",
    }


def to_lead(application: Application, template: str, context: Mapping[str, object], *, key: str, now: datetime) -> None:
    """Promise a mail to the lead, with what every notice says of the file and its call."""
    promise_mail(
        template,
        application.lead.email,
        {**context_of(application), **context},
        key=f"{template}:{key}",
        now=now,
        region_code=application.region_code,
    )


def _to_agency(
    application: Application, template: str, context: Mapping[str, object], *, key: str, now: datetime
) -> None:
    promise_mail(
        template,
        application.call_version.call.contact_mailbox,
        {**context_of(application), "path": f"/agence/dossiers/{application.id}", **context},
        key=f"{template}:{key}",
        now=now,
        region_code=application.region_code,
    )
