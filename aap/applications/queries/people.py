"""The people of a file, their links and their signatures, by identifier or by the secret of a link."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload

from aap.accounts.links import hash_of
from aap.accounts.models import Organisation, User
from aap.applications.models import (
    Application,
    ApplicationState,
    CommitmentRequest,
    CommitmentSignature,
    FileInvitation,
    LeadChange,
    Participant,
)
from aap.applications.states import LABELS
from aap.calls.models import Call, CallVersion
from aap.db import Base, db
from aap.errors import NotFoundError

RowT = TypeVar("RowT", bound=Base)
_BROKEN = "Ce lien n'existe pas, ou il n'a pas été copié en entier."


def get_participant(participant_id: uuid.UUID) -> Participant:
    """Return somebody's part in a file; raises NotFoundError."""
    return _get(Participant, participant_id, "Cette personne ne participe pas au dossier.")


def get_file_invitation(invitation_id: uuid.UUID) -> FileInvitation:
    """Return an invitation to a file; raises NotFoundError."""
    return _get(FileInvitation, invitation_id, "Cette invitation n'existe pas.")


def get_lead_change(change_id: uuid.UUID) -> LeadChange:
    """Return a change of lead; raises NotFoundError."""
    return _get(LeadChange, change_id, "Cette proposition n'existe pas.")


def get_commitment_request(request_id: uuid.UUID) -> CommitmentRequest:
    """Return a request for a partner's signature; raises NotFoundError."""
    return _get(CommitmentRequest, request_id, "Cette demande n'existe pas.")


def find_file_invitation(token: str) -> FileInvitation | None:
    """Return the invitation whose link bears this secret."""
    return db.session.scalar(select(FileInvitation).where(FileInvitation.token_hash == hash_of(token)))


def commitment_request_of(token: str) -> CommitmentRequest:
    """Return the request whose link bears this secret.

    Raises:
        NotFoundError: no such link.

    """
    found = db.session.scalar(select(CommitmentRequest).where(CommitmentRequest.token_hash == hash_of(token)))
    if found is None:
        raise NotFoundError(_BROKEN)
    return found


def find_signature_of(request: CommitmentRequest) -> CommitmentSignature | None:
    """Return what a request became, in force or voided."""
    return db.session.scalar(select(CommitmentSignature).where(CommitmentSignature.request_id == request.id))


def list_all_signatures(application: Application) -> Sequence[CommitmentSignature]:
    """Return every partner's signature, voided ones included, oldest first."""
    query = select(CommitmentSignature).where(CommitmentSignature.application_id == application.id)
    return db.session.scalars(
        query.options(joinedload(CommitmentSignature.piece)).order_by(
            CommitmentSignature.signed_at, CommitmentSignature.id
        )
    ).all()


@dataclass(frozen=True, slots=True)
class OrphanRow:
    """A file whose lead is gone. A draft shows nothing of what it says."""

    id: uuid.UUID
    reference: str | None
    title: str
    call_ref: str
    call_title: str
    organisation: str
    lead: str
    state: ApplicationState
    created_at: datetime

    @property
    def state_label(self) -> str:
        """The state as staff read it."""
        return LABELS[self.state].label


def list_orphans(condition: ColumnElement[bool], limit: int = 200) -> tuple[OrphanRow, ...]:
    """Return the files that meet ``condition`` (with ``lead_departed()``), oldest first; one query."""
    query = (
        select(
            Application.id,
            Application.reference,
            Application.title,
            Call.ref,
            Call.title,
            Organisation.name,
            User,
            Application.state,
            Application.created_at,
        )
        .join(CallVersion, CallVersion.id == Application.call_version_id)
        .join(Call, Call.id == CallVersion.call_id)
        .join(User, User.id == Application.lead_id)
        .outerjoin(Organisation, Organisation.id == Application.organisation_id)
        .where(condition)
        .order_by(Application.created_at, Application.id)
        .limit(limit)
    )
    return tuple(_orphan(tuple(row)) for row in db.session.execute(query))


def _orphan(row: tuple[Any, ...]) -> OrphanRow:
    identifier, reference, title, call_ref, call_title, organisation, lead, state, created_at = row
    shown = title if reference else ""
    return OrphanRow(
        identifier,
        reference,
        shown,
        call_ref,
        call_title,
        organisation or "",
        lead.display_name,
        state,
        created_at,
    )


def _get(model: type[RowT], identifier: uuid.UUID, missing: str) -> RowT:
    found = db.session.get(model, identifier)
    if found is None:
        raise NotFoundError(missing)
    return found
