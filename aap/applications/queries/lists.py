"""Lists of applications: explicit columns, frozen rows, and the same number of queries whatever the number of rows."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, case, false, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from aap.accounts.models import User
from aap.applications.lateness import late_admissions
from aap.applications.models import (
    AdmissibilityCheck,
    Application,
    ApplicationPublic,
    ApplicationState,
    CheckOutcome,
    CompletionRequest,
    Opinion,
    Site,
)
from aap.applications.people import own_files, whole_files
from aap.applications.queries.unread import unread_by, waiting_messages
from aap.applications.states import LABELS
from aap.calls.models import CalendarStep, Call, CallVersion, Strand
from aap.db import db

RowT = TypeVar("RowT")
MOST_PER_PAGE = 200


@dataclass(frozen=True, slots=True)
class Page(Generic[RowT]):
    """One page of a list: ``page`` starts at 1, ``total`` counts the rows of every page."""

    rows: tuple[RowT, ...]
    total: int
    page: int
    per_page: int

    @property
    def pages(self) -> int:
        """Return the number of pages, at least one."""
        return max(1, -(-self.total // self.per_page))


@dataclass(frozen=True, slots=True)
class MyApplicationRow:
    """An application in the list of its people. ``deadline`` is the hour until which they may still act, if any.

    ``unread`` counts the agency's messages that this person has not read.
    """

    id: uuid.UUID
    reference: str | None
    title: str
    call_ref: str
    call_title: str
    strand_label: str | None
    state: ApplicationState
    requested_eur: Decimal
    created_at: datetime
    submitted_at: datetime | None
    leads: bool
    unread: int
    deadline: datetime | None

    @property
    def state_label(self) -> str:
        """The state as the applicant reads it."""
        return LABELS[self.state].public_label

    @property
    def tone(self) -> str:
        """The tone of the state's badge."""
        return LABELS[self.state].tone


def list_my_applications(user: User) -> tuple[MyApplicationRow, ...]:
    """Return the applications a person leads or was invited to, drafts and files to complete first, then the latest.

    The amount is nought for whoever was invited to some sections only.
    """
    asked = (
        select(func.max(CompletionRequest.deadline))
        .where(CompletionRequest.application_id == Application.id)
        .correlate(Application)
        .scalar_subquery()
    )
    late = late_admissions()
    query = (
        select(
            Application.id,
            Application.reference,
            Application.title,
            Call.ref,
            Call.title,
            Strand.label,
            Application.state,
            case((whole_files(user.id), Application.requested_eur), else_=Decimal(0)),
            Application.created_at,
            Application.submitted_at,
            (Application.lead_id == user.id).label("leads"),
            unread_by(user.id),
            CalendarStep.at,
            late.c.until,
            asked,
        )
        .join(CallVersion, CallVersion.id == Application.call_version_id)
        .join(Call, Call.id == CallVersion.call_id)
        .outerjoin(Strand, Strand.id == Application.strand_id)
        .outerjoin(CalendarStep, and_(CalendarStep.call_id == Call.id, CalendarStep.key == "submission_deadline"))
        .outerjoin(late, late.c.application_id == Application.id)
        .where(own_files(user.id))
        .order_by(Application.created_at.desc(), Application.id)
    )
    rows = [_mine(tuple(row)) for row in db.session.execute(query)]
    return tuple(sorted(rows, key=lambda row: row.deadline is None))


def list_applicant_names(call_id: uuid.UUID, user_id: uuid.UUID | None) -> tuple[str, ...]:
    """Return the names that a person's files on a call give to their applicant; one query."""
    query = (
        select(Application.applicant_name)
        .join(CallVersion, CallVersion.id == Application.call_version_id)
        .where(CallVersion.call_id == call_id, Application.lead_id == user_id, Application.applicant_name != "")
        .distinct()
        .order_by(Application.applicant_name)
    )
    return tuple(db.session.scalars(query)) if user_id is not None else ()


def _mine(row: tuple[Any, ...]) -> MyApplicationRow:
    *head, closes_at, late_until, asked_until = row
    closing = late_until if closes_at and late_until and late_until > closes_at else closes_at
    deadlines = {ApplicationState.DRAFT: closing, ApplicationState.COMPLETION_REQUESTED: asked_until}
    return MyApplicationRow(*[*head, deadlines.get(head[6])])


@dataclass(frozen=True, slots=True)
class OfficeFilters:
    """What an office list keeps; an empty filter keeps everything. ``text`` is looked for in what names a file."""

    states: tuple[ApplicationState, ...] = ()
    strand_key: str = ""
    department_code: str = ""
    public_code: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class OfficeRow:
    """An application in the agency's list, drafts excluded. Amounts in euros; counts are of the last deposit."""

    id: uuid.UUID
    reference: str
    title: str
    acronym: str
    applicant_name: str
    applicant_type: str | None
    strand_key: str | None
    department_code: str | None
    state: ApplicationState
    requested_eur: Decimal
    total_expenses: Decimal
    submitted_at: datetime
    sites: int
    opinions: int
    failed_rules: int
    pending_rules: int
    waiting_messages: int

    @property
    def state_label(self) -> str:
        """The state as staff read it."""
        return LABELS[self.state].label

    @property
    def tone(self) -> str:
        """The tone of the state's badge."""
        return LABELS[self.state].tone


SORTS: Mapping[str, InstrumentedAttribute[Any]] = {
    "submitted": Application.submitted_at,
    "reference": Application.reference,
    "title": Application.title,
    "applicant": Application.applicant_name,
    "requested": Application.requested_eur,
    "department": Application.department_code,
    "state": Application.state,
}


def list_office_applications(
    call_id: uuid.UUID,
    condition: ColumnElement[bool],
    filters: OfficeFilters | None = None,
    *,
    threads: ColumnElement[bool] | None = None,
    sort: str = "submitted",
    page: int = 1,
    per_page: int = 50,
) -> Page[OfficeRow]:
    """Return one page of the deposited applications of a call that meet ``condition`` (``visible``).

    ``threads`` is a condition on ``Application``: messages are counted where it holds, nowhere without it.
    ``sort`` is a key of ``SORTS``, with a minus sign before it for the other way. Two queries.
    """
    per_page = min(max(per_page, 1), MOST_PER_PAGE)
    wanted = _kept(call_id, condition, filters or OfficeFilters())
    total = db.session.scalar(_counted(wanted)) or 0
    page = min(max(page, 1), max(1, -(-total // per_page)))
    column = SORTS.get(sort.removeprefix("-"), Application.submitted_at)
    order = column.desc() if sort.startswith("-") else column.asc()
    query = (
        select(*office_columns(threads))
        .join(CallVersion, CallVersion.id == Application.call_version_id)
        .outerjoin(Strand, Strand.id == Application.strand_id)
        .where(*wanted)
        .order_by(order, Application.reference)
        .limit(per_page)
        .offset((page - 1) * per_page)
    )
    rows = tuple(OfficeRow(*row) for row in db.session.execute(query))
    return Page(rows, total, page, per_page)


def _counted(wanted: list[ColumnElement[bool]]) -> Select[int]:
    of_version = CallVersion.id == Application.call_version_id
    return select(func.count(Application.id)).join(CallVersion, of_version).where(*wanted)


def count_by_state(call_id: uuid.UUID, condition: ColumnElement[bool]) -> Mapping[ApplicationState, int]:
    """Count the deposited applications of a call that meet ``condition``, by state; one query."""
    return count_by_call((call_id,), condition)[call_id]


def count_by_call(
    call_ids: Collection[uuid.UUID], condition: ColumnElement[bool]
) -> Mapping[uuid.UUID, Mapping[ApplicationState, int]]:
    """Count the deposited applications that meet ``condition``, by call then state; one query, whatever the calls."""
    query = (
        select(CallVersion.call_id, Application.state, func.count(Application.id))
        .join(CallVersion, CallVersion.id == Application.call_version_id)
        .where(CallVersion.call_id.in_(call_ids), Application.submitted_at.is_not(None), condition)
        .group_by(CallVersion.call_id, Application.state)
    )
    order = list(ApplicationState)
    found: dict[uuid.UUID, dict[ApplicationState, int]] = {call_id: {} for call_id in call_ids}
    for call_id, state, count in sorted(db.session.execute(query), key=lambda row: order.index(row[1])):
        found[call_id][state] = count
    return found


def _kept(call_id: uuid.UUID, condition: ColumnElement[bool], filters: OfficeFilters) -> list[ColumnElement[bool]]:
    kept = [CallVersion.call_id == call_id, Application.submitted_at.is_not(None), condition]
    if filters.states:
        kept.append(Application.state.in_(filters.states))
    if filters.strand_key:
        kept.append(Application.strand.has(Strand.key == filters.strand_key))
    if filters.department_code:
        at_site = select(Site.application_id).where(Site.department_code == filters.department_code)
        kept.append(or_(Application.department_code == filters.department_code, Application.id.in_(at_site)))
    if filters.public_code:
        serves = select(ApplicationPublic.application_id).where(ApplicationPublic.code == filters.public_code)
        kept.append(Application.id.in_(serves))
    columns = (Application.reference, Application.title, Application.acronym, Application.applicant_name)
    kept.extend(
        or_(*(column.icontains(word, autoescape=True) for column in columns)) for word in filters.text.split()[:8]
    )
    return kept


def office_columns(threads: ColumnElement[bool] | None = None) -> tuple[Any, ...]:
    """Return the columns of ``OfficeRow``, in order; the strand is outer joined by the query."""
    sites = _count(Site.id, Site.application_id == Application.id)
    opinions = _count(Opinion.id, Opinion.application_id == Application.id)
    return (
        Application.id,
        Application.reference,
        Application.title,
        Application.acronym,
        Application.applicant_name,
        Application.applicant_type,
        Strand.key,
        Application.department_code,
        Application.state,
        Application.requested_eur,
        Application.total_expenses,
        Application.submitted_at,
        sites,
        opinions,
        _checks(CheckOutcome.FAILED),
        _checks(CheckOutcome.PENDING),
        waiting_messages(false() if threads is None else threads),
    )


def _checks(outcome: CheckOutcome) -> ScalarSelect[int]:
    last = (
        select(func.max(AdmissibilityCheck.round))
        .where(AdmissibilityCheck.application_id == Application.id)
        .correlate(Application)
        .scalar_subquery()
    )
    return _count(
        AdmissibilityCheck.id,
        AdmissibilityCheck.application_id == Application.id,
        AdmissibilityCheck.round == last,
        AdmissibilityCheck.outcome == outcome,
    )


def _count(column: InstrumentedAttribute[Any], *conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.count(column)).where(*conditions).correlate(Application).scalar_subquery()
