"""What the addresses of the people of a file name; each part must be one of the file in the address."""

from __future__ import annotations

from aap.applications.queries.people import (
    get_commitment_request,
    get_file_invitation,
    get_lead_change,
    get_participant,
)
from aap.blueprints.applicant.loading import own_application, part_of

own_participant = part_of(own_application, get_participant, "participant_id", "application_id")
own_invitation = part_of(own_application, get_file_invitation, "invitation_id", "application_id")
own_commitment_request = part_of(own_application, get_commitment_request, "request_id", "application_id")
own_offer = part_of(own_application, get_lead_change, "change_id", "application_id")
