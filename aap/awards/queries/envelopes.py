"""What a call has granted and has left, overall and per strand. Withdrawn files give their money back."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import ColumnElement, and_, func, or_, select

from aap import french
from aap.accounts.models import User
from aap.applications.models import Application, ApplicationState
from aap.awards.models import Decision, Project
from aap.calls.models import CallVersion, Strand
from aap.db import db
from aap.jury import blindness


@dataclass(frozen=True, slots=True)
class EnvelopeRow:
    """An envelope: ``key`` is the strand's, ``None`` for the whole call. ``left_eur`` is below zero when overrun."""

    key: str | None
    label: str
    envelope_eur: Decimal
    requested_eur: Decimal
    granted_eur: Decimal
    files: int
    funded: int

    @property
    def left_eur(self) -> Decimal:
        """What remains to grant."""
        return self.envelope_eur - self.granted_eur


def granted_in_call(version_id: uuid.UUID, strand_id: uuid.UUID | None = None) -> Decimal:
    """Return what is granted in a version of a call, or in one of its strands; an amended subsidy counts as amended."""
    query = (
        select(func.coalesce(func.sum(func.coalesce(Project.subsidy_eur, Decision.granted_eur)), 0))
        .select_from(Decision)
        .join(Application, Application.id == Decision.application_id)
        .outerjoin(Project, Project.application_id == Application.id)
        .where(Application.call_version_id == version_id, Application.state != ApplicationState.WITHDRAWN)
    )
    if strand_id is not None:
        query = query.where(Application.strand_id == strand_id)
    return db.session.scalar(query) or Decimal(0)


def hides_a_grant(version_id: uuid.UUID, person_id: uuid.UUID, strand_id: uuid.UUID | None = None) -> bool:
    """Tell whether a sum of grants counts a file this person stood back from, or leads: then its figures betray it."""
    closed = (
        select(Decision.id)
        .join(Application, Application.id == Decision.application_id)
        .where(
            Application.call_version_id == version_id,
            or_(blindness.recused(person_id), Application.lead_id == person_id),
        )
    )
    if strand_id is not None:
        closed = closed.where(Application.strand_id == strand_id)
    return bool(db.session.scalar(select(closed.exists())))


def warn_of_strand(application: Application, granted_eur: Decimal, actor: User) -> str | None:
    """Return a sentence when a grant would overrun the strand's envelope: allowed, because strands are fungible.

    By how much is told to whoever reads every file of that sum.
    """
    strand = application.strand
    if strand is None:
        return None
    over = granted_in_call(application.call_version_id, strand.id) + granted_eur - strand.envelope_eur
    if over <= 0:
        return None
    hidden = hides_a_grant(application.call_version_id, actor.id, strand.id)
    by = "" if hidden else f" de {french.euros(over)}"
    return f"L'enveloppe du volet {strand.key} serait dépassée{by} (les enveloppes sont fongibles)."


def list_envelopes(
    version: CallVersion, *, seen: ColumnElement[bool], awarded: ColumnElement[bool]
) -> tuple[EnvelopeRow, ...]:
    """Return the envelope of each strand in the call's order, then that of the call: two queries.

    ``seen`` and ``awarded`` are conditions on ``Application``: files are counted within the first, what they are
    granted within both. A sum betrays as much as a line.
    """
    per_strand = (
        select(
            Application.strand_id,
            func.coalesce(func.sum(Application.requested_eur), 0),
            func.coalesce(func.sum(Decision.granted_eur), 0),
            func.count(Application.id),
            func.count(Decision.granted_eur),
        )
        .outerjoin(Decision, and_(Decision.application_id == Application.id, awarded))
        .where(
            Application.call_version_id == version.id,
            seen,
            Application.submitted_at.is_not(None),
            Application.state.not_in((ApplicationState.WITHDRAWN, ApplicationState.INADMISSIBLE)),
        )
        .group_by(Application.strand_id)
    )
    found = {
        strand_id: (requested or Decimal(0), granted or Decimal(0), files, funded)
        for strand_id, requested, granted, files, funded in db.session.execute(per_strand)
    }
    nothing = (Decimal(0), Decimal(0), 0, 0)
    strands = db.session.scalars(select(Strand).where(Strand.version_id == version.id).order_by(Strand.position))
    rows = [
        EnvelopeRow(strand.key, strand.label, strand.envelope_eur, *found.get(strand.id, nothing)) for strand in strands
    ]
    totals = list(found.values())
    whole = EnvelopeRow(
        None,
        "Ensemble de l'appel",
        version.envelope_eur,
        sum((row[0] for row in totals), Decimal(0)),
        sum((row[1] for row in totals), Decimal(0)),
        sum(row[2] for row in totals),
        sum(row[3] for row in totals),
    )
    return (*rows, whole)
