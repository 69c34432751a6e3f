"""What the people of a file are told by mail: invited, joined, removed, handed over, signed, voided."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from aap import french
from aap.accounts.links import VALIDITY, promise_link
from aap.accounts.models import User
from aap.applications.asked_form import form_of
from aap.applications.models import (
    Application,
    CommitmentRequest,
    CommitmentSignature,
    FileInvitation,
    LeadChange,
    Participant,
)
from aap.applications.notices import context_of
from aap.applications.people import ROLE_LABELS
from aap.outbox import promise_mail

INVITATION_PATH = "/invitations/"
COMMITMENT_PATH = "/engagements/"


def tell_invited(application: Application, invitation: FileInvitation, actor: User, now: datetime) -> None:
    """Send the link of an invitation."""
    titles = {section.id: section.title for section in form_of(application.call_version).sections}
    context = {
        **context_of(application),
        "inviter": actor.display_name,
        "role": ROLE_LABELS[invitation.role].lower(),
        "sections": [titles.get(key, key) for key in invitation.sections],
        "days": VALIDITY.days,
    }
    region = application.region_code
    promise_link(invitation, "file-invitation", context, path=INVITATION_PATH, now=now, region_code=region)


def tell_joined(application: Application, invitation: FileInvitation, person: User, now: datetime) -> None:
    """Tell the lead that somebody accepted."""
    context = {"person": person.display_name, "role": ROLE_LABELS[invitation.role].lower(), "tab": "/personnes"}
    _tell(application, "file-joined", application.lead, context, key=str(invitation.id), now=now)


def tell_removed(application: Application, participant: Participant, actor: User, now: datetime) -> None:
    """Tell whoever did not do it: the person removed, or the lead when the person left."""
    left = actor.id == participant.user_id
    context = {"left": left, "person": participant.user.display_name}
    to = application.lead if left else participant.user
    _tell(application, "file-removed", to, context, key=f"{participant.id}:{now.isoformat()}", now=now)


def tell_transfer_offered(change: LeadChange, now: datetime) -> None:
    """Ask somebody to take the file."""
    context = {"from_name": change.from_.display_name, "answer_path": f"/dossiers/transferts/{change.id}"}
    _tell(change.application, "file-transfer-offered", change.to, context, key=str(change.id), now=now)


def tell_transfer_declined(change: LeadChange, now: datetime) -> None:
    """Tell the lead that the file stays."""
    context = {"person": change.to.display_name}
    _tell(change.application, "file-transfer-declined", change.from_, context, key=str(change.id), now=now)


def tell_lead_changed(change: LeadChange, now: datetime) -> None:
    """Tell the former lead and the new one who leads the file now."""
    context = {"from_name": change.from_.display_name, "to_name": change.to.display_name, "reason": change.reason}
    for user in (change.from_, change.to):
        mine = {**context, "is_new_lead": user.id == change.to_id}
        _tell(change.application, "file-lead-changed", user, mine, key=str(change.id), now=now)


def tell_signed(application: Application, signer: User, key: str, now: datetime) -> None:
    """Tell the lead that the signatory has signed."""
    context = {"person": signer.display_name, "signed_at": french.moment(now)}
    _tell(application, "file-signed", application.lead, context, key=key, now=now)


def tell_commitment_asked(
    application: Application, request: CommitmentRequest, partner: str, actor: User, now: datetime
) -> None:
    """Send a partner the link to its letter."""
    context = {
        **context_of(application),
        "partner": partner,
        "inviter": actor.display_name,
        "expires_at": french.moment(request.expires_at),
    }
    region = application.region_code
    promise_link(request, "commitment-request", context, path=COMMITMENT_PATH, now=now, region_code=region)


def tell_commitment_signed(
    application: Application, signature: CommitmentSignature, partner: str, now: datetime
) -> None:
    """Tell the lead who signed; leave the signer a copy of the letter with its hash."""
    context = {
        "partner": partner,
        "signer": signature.signer_name,
        "function": signature.signer_function,
        "signed_at": french.moment(signature.signed_at),
        "sha256": signature.letter_sha256,
        "letter": signature.letter,
    }
    key = str(signature.id)
    _tell(application, "commitment-signed", application.lead, context, key=key, now=now)
    _write(application, "commitment-signed-copy", signature.request.email, context, key=key, now=now)


def tell_commitment_voided(
    application: Application, signature: CommitmentSignature, partner: str, now: datetime
) -> None:
    """Tell the lead and the signer that a signature no longer holds, and why."""
    context = {
        "partner": partner,
        "signer": signature.signer_name,
        "signed_at": french.moment(signature.signed_at),
        "why": signature.void_reason,
    }
    key = str(signature.id)
    _write(application, "commitment-voided", application.lead.email, {**context, "to_lead": True}, key=key, now=now)
    _write(application, "commitment-voided", signature.request.email, {**context, "to_lead": False}, key=key, now=now)


def _tell(
    application: Application, template: str, to: User, context: Mapping[str, object], *, key: str, now: datetime
) -> None:
    _write(application, template, to.email, context, key=key, now=now)


def _write(
    application: Application, template: str, to: str, context: Mapping[str, object], *, key: str, now: datetime
) -> None:
    promise_mail(
        template,
        to,
        {**context_of(application), **context},
        key=f"{template}:{key}",
        now=now,
        region_code=application.region_code,
    )
