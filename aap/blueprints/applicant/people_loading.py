"""What the addresses of the people of a file name; each part must be one of the file in the address."""

from __future__ import annotations

import uuid

from aap.applications.models import CommitmentRequest, FileInvitation, LeadChange, Participant
from aap.applications.queries.people import (
    get_commitment_request,
    get_file_invitation,
    get_lead_change,
    get_participant,
)
from aap.blueprints.applicant.loading import UNKNOWN, own_application
from aap.errors import NotFoundError


def own_participant(application_id: uuid.UUID, participant_id: uuid.UUID) -> Participant:
    """Return somebody's part in one of the person's files; raises NotFoundError."""
    found = get_participant(participant_id)
    _check(found.application_id, application_id)
    return found


def own_invitation(application_id: uuid.UUID, invitation_id: uuid.UUID) -> FileInvitation:
    """Return an invitation to one of the person's files; raises NotFoundError."""
    found = get_file_invitation(invitation_id)
    _check(found.application_id, application_id)
    return found


def own_commitment_request(application_id: uuid.UUID, request_id: uuid.UUID) -> CommitmentRequest:
    """Return a request to a partner of one of the person's files; raises NotFoundError."""
    found = get_commitment_request(request_id)
    _check(found.application_id, application_id)
    return found


def own_offer(application_id: uuid.UUID, change_id: uuid.UUID) -> LeadChange:
    """Return an offer of one of the person's files; raises NotFoundError."""
    found = get_lead_change(change_id)
    _check(found.application_id, application_id)
    return found


def _check(belongs_to: uuid.UUID, application_id: uuid.UUID) -> None:
    if own_application(application_id).id != belongs_to:
        raise NotFoundError(UNKNOWN)
