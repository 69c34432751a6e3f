"""Calls, one or several."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import aliased, defer, selectinload

from aap.accounts.models import User
from aap.calls.models import Call, CallKind, CallRole, CallTeamMember, CallVersion, Strand
from aap.calls.phases import LABELS, PUBLIC_LABELS, TONES, CallCalendar, CallPhase, phase
from aap.calls.queries.calendars import list_phase_steps
from aap.db import db
from aap.errors import NotFoundError
from aap.referentials.models import Region
from aap.referentials.vocabularies import label


@dataclass(frozen=True, slots=True)
class CallRow:
    """A call in a list. ``envelope_eur`` in euros; ``closes_at`` is the last instant admitted, in UTC."""

    id: uuid.UUID
    ref: str
    kind: CallKind
    title: str
    short_title: str
    region_code: str
    region_name: str
    phase: CallPhase
    opens_at: datetime | None
    closes_at: datetime | None
    envelope_eur: Decimal
    strand_count: int

    @property
    def kind_label(self) -> str:
        """The kind in French."""
        return label("call_kinds", self.kind.value)

    @property
    def phase_label(self) -> str:
        """The phase as staff read it."""
        return LABELS[self.phase]

    @property
    def public_phase_label(self) -> str:
        """The phase as everybody reads it."""
        return PUBLIC_LABELS[self.phase]

    @property
    def tone(self) -> str:
        """The tone of the phase's badge."""
        return TONES[self.phase]

    @property
    def is_open(self) -> bool:
        """Tell whether applications may be submitted."""
        return self.phase is CallPhase.OPEN

    @property
    def is_coming(self) -> bool:
        """Tell whether it is announced and not open yet."""
        return self.phase is CallPhase.COMING


@dataclass(frozen=True, slots=True)
class TeamRow:
    """Somebody who works on a call."""

    user_id: uuid.UUID
    name: str
    email: str
    role: CallRole


def get_call(ref: str) -> Call:
    """Return a call by its reference.

    Raises:
        NotFoundError: no call has this reference.

    """
    call = db.session.scalar(select(Call).where(Call.ref == ref))
    if call is None:
        raise NotFoundError("Cet appel n'existe pas.")
    return call


def get_call_by_id(call_id: uuid.UUID) -> Call:
    """Return a call by its identifier.

    Raises:
        NotFoundError: no call has this identifier.

    """
    call = db.session.get(Call, call_id)
    if call is None:
        raise NotFoundError("Cet appel n'existe pas.")
    return call


def get_calls(call_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Call]:
    """Return calls by identifier, with their team and their calendar: three queries, whatever the calls."""
    query = select(Call).where(Call.id.in_(call_ids)).options(selectinload(Call.team), selectinload(Call.steps))
    return {call.id: call for call in db.session.scalars(query)}


def get_version(version_id: uuid.UUID) -> CallVersion:
    """Return a version of a call by its identifier.

    Raises:
        NotFoundError: no version has this identifier.

    """
    version = db.session.get(CallVersion, version_id)
    if version is None:
        raise NotFoundError("Cette version de l'appel n'existe pas.")
    return version


def current_version(call: Call) -> CallVersion:
    """Return the version that new applications answer: the last one."""
    return db.session.execute(_last_version(call)).scalar_one()


def current_version_to_list(call: Call) -> CallVersion:
    """Return the same without its document, as long as the call, which a page of files does not read."""
    return db.session.execute(_last_version(call).options(defer(CallVersion.document))).scalar_one()


def _last_version(call: Call) -> Select[CallVersion]:
    return select(CallVersion).where(CallVersion.call_id == call.id).order_by(CallVersion.number.desc()).limit(1)


def list_public_calls(now: datetime, region_code: str | None = None) -> tuple[CallRow, ...]:
    """Return the published calls, the next to close first, then the others from the latest closing."""
    condition = Call.published_at <= now
    rows = list_calls(now, condition if region_code is None else condition & (Call.region_code == region_code))
    return tuple(sorted(rows, key=lambda row: _by_urgency(row, now)))


def publics_of(call_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, tuple[str, ...]]:
    """Return the target publics (codes) that the last version of each call names; one query, whatever the calls."""
    newer = aliased(CallVersion)
    last = select(func.max(newer.number)).where(newer.call_id == CallVersion.call_id).scalar_subquery()
    query = select(CallVersion.call_id, CallVersion.document["scope"]["target_publics"]).where(
        CallVersion.call_id.in_(call_ids), CallVersion.number == last
    )
    return {call_id: tuple(codes or ()) for call_id, codes in db.session.execute(query)}


def list_calls(now: datetime, condition: ColumnElement[bool]) -> tuple[CallRow, ...]:
    """Return the calls that meet a condition on ``Call``, the latest created first. Two queries."""
    newer = aliased(CallVersion)
    last = select(func.max(newer.number)).where(newer.call_id == Call.id).scalar_subquery()
    strands = select(func.count()).where(Strand.version_id == CallVersion.id).scalar_subquery()
    query = (
        select(
            Call.id,
            Call.ref,
            Call.kind,
            Call.title,
            Call.short_title,
            Call.region_code,
            Region.name,
            Call.published_at,
            Call.cancelled_at,
            CallVersion.envelope_eur,
            strands,
        )
        .join(Region, Region.code == Call.region_code)
        .join(CallVersion, (CallVersion.call_id == Call.id) & (CallVersion.number == last))
        .where(condition)
        .order_by(Call.created_at.desc(), Call.ref)
    )
    found = db.session.execute(query).all()
    steps = list_phase_steps([row[0] for row in found])
    rows = []
    for call_id, ref, kind, title, short, region, name, published_at, cancelled_at, envelope, count in found:
        calendar = CallCalendar(steps[call_id], published_at, cancelled_at)
        rows.append(
            CallRow(
                call_id,
                ref,
                kind,
                title,
                short,
                region,
                name,
                phase(calendar, now),
                calendar.opens_at,
                calendar.closes_at,
                envelope,
                count,
            )
        )
    return tuple(rows)


def list_team(call: Call) -> tuple[TeamRow, ...]:
    """Return who works on a call, by role then name."""
    query = (
        select(User, CallTeamMember.role)
        .join(CallTeamMember, CallTeamMember.user_id == User.id)
        .where(CallTeamMember.call_id == call.id)
        .order_by(CallTeamMember.role, User.family_name, User.email)
    )
    return tuple(TeamRow(user.id, user.display_name, user.email, role) for user, role in db.session.execute(query))


def _by_urgency(row: CallRow, now: datetime) -> tuple[int, float]:
    """Order: open calls by closing, coming calls by opening, then closed ones, latest first."""
    if row.is_open and row.closes_at:
        return 0, (row.closes_at - now).total_seconds()
    if row.is_coming and row.opens_at:
        return 1, (row.opens_at - now).total_seconds()
    return 2, (now - row.closes_at).total_seconds() if row.closes_at else 0
