"""Funded projects, for the office and for their leads; their instalments and what is late."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import selectinload

from aap.applications.models import Application
from aap.awards.arithmetic import PAYMENT_DAYS, is_late, pay_by, rate
from aap.awards.models import Contract, Instalment, Project, ProjectState
from aap.calls.models import Call, CallVersion, InstalmentTrigger
from aap.clock import from_paris, paris
from aap.db import db
from aap.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """A project in a list. ``to_pay`` counts the unlocked, unpaid instalments."""

    id: uuid.UUID
    reference: str
    title: str
    applicant_name: str
    department_code: str | None
    call_ref: str
    application_id: uuid.UUID
    state: ProjectState
    starts_on: date
    ends_on: date
    budget_eur: Decimal
    subsidy_eur: Decimal
    paid_total_eur: Decimal
    lapses_on: date | None
    to_pay: int


@dataclass(frozen=True, slots=True)
class InstalmentRow:
    """An instalment as it stands: ``due_eur`` is what may be paid, ``late`` the legal sixty days passed."""

    id: uuid.UUID
    project_id: uuid.UUID
    project_reference: str
    project_title: str
    applicant_name: str
    rank: int
    label: str
    trigger: InstalmentTrigger
    share: Decimal
    planned_eur: Decimal
    due_eur: Decimal
    unlocked_at: datetime | None
    pay_by: date | None
    paid_eur: Decimal | None
    paid_at: datetime | None
    late: bool
    lapses_on: date | None
    note: str
    due_on: date | None  # of a dated instalment

    @property
    def claimable_eur(self) -> Decimal | None:
        """Return what may be claimed: nothing yet before the instalment is unlocked."""
        return None if self.unlocked_at is None and self.paid_at is None else self.due_eur


@dataclass(frozen=True, slots=True)
class ProjectMoney:
    """The key figures of a project; ``rate`` is the exact ratio of the subsidy to the budget."""

    budget_eur: Decimal
    subsidy_eur: Decimal
    rate: Fraction
    paid_eur: Decimal
    left_eur: Decimal
    balance_eur: Decimal | None
    to_reverse_eur: Decimal


def get_project(project_id: uuid.UUID) -> Project:
    """Return a project with its contract, plan, amendments and instalments.

    Raises:
        NotFoundError: no such project.

    """
    project = db.session.scalar(
        select(Project)
        .where(Project.id == project_id)
        .options(
            selectinload(Project.contract),
            selectinload(Project.budget_lines),
            selectinload(Project.funders),
            selectinload(Project.amendments),
            selectinload(Project.instalments),
            selectinload(Project.balance),
        )
    )
    if project is None:
        raise NotFoundError("Ce projet n'existe pas.")
    return project


def find_project_of(application_id: uuid.UUID) -> Project | None:
    """Return the project made from an application, if any."""
    return db.session.scalar(select(Project).where(Project.application_id == application_id))


def get_instalment(instalment_id: uuid.UUID) -> Instalment:
    """Return an instalment.

    Raises:
        NotFoundError: no such instalment.

    """
    instalment = db.session.get(Instalment, instalment_id)
    if instalment is None:
        raise NotFoundError("Ce versement n'existe pas.")
    return instalment


def money_of(project: Project) -> ProjectMoney:
    """Return the key figures of a project."""
    balance = project.balance.balance_eur if project.balance else None
    return ProjectMoney(
        budget_eur=project.budget_eur,
        subsidy_eur=project.subsidy_eur,
        rate=rate(project.subsidy_eur, project.budget_eur),
        paid_eur=project.paid_total_eur,
        left_eur=project.subsidy_eur - project.paid_total_eur,
        balance_eur=balance,
        to_reverse_eur=max(-(balance or Decimal(0)), Decimal(0)),
    )


def list_projects(
    *,
    seen: ColumnElement[bool],
    text: str = "",
    state: ProjectState | None = None,
    call_id: uuid.UUID | None = None,
    page: int = 1,
    per_page: int = 50,
) -> tuple[tuple[ProjectRow, ...], int]:
    """Return projects, latest reference first, and how many there are. ``seen`` is a condition on ``Project``.

    ``text`` is looked for in reference, title and applicant.
    """
    conditions = [seen]
    if state is not None:
        conditions.append(Project.state == state)
    if call_id is not None:
        conditions.append(Call.id == call_id)
    if text.strip():
        looked = [Project.reference, Project.title, Application.applicant_name]
        conditions.append(or_(*(column.icontains(text.strip(), autoescape=True) for column in looked)))
    to_pay = (
        select(func.count(Instalment.id))
        .where(_waiting_payment(), Instalment.project_id == Project.id)
        .correlate(Project)
        .scalar_subquery()
    )
    rows = (
        select(Project, Application.applicant_name, Application.department_code, Call.ref, Contract.lapses_on, to_pay)
        .join(Application, Application.id == Project.application_id)
        .join(CallVersion, CallVersion.id == Project.call_version_id)
        .join(Call, Call.id == CallVersion.call_id)
        .outerjoin(Contract, Contract.project_id == Project.id)
        .where(*conditions)
        .order_by(Project.reference.desc())
        .limit(per_page)
        .offset((page - 1) * per_page)
    )
    total = db.session.scalar(
        select(func.count(Project.id))
        .join(Application, Application.id == Project.application_id)
        .join(CallVersion, CallVersion.id == Project.call_version_id)
        .join(Call, Call.id == CallVersion.call_id)
        .where(*conditions)
    )
    return tuple(_row(*row) for row in db.session.execute(rows)), total or 0


def _row(
    project: Project, applicant: str, department: str | None, call_ref: str, lapses_on: date | None, to_pay: int
) -> ProjectRow:
    return ProjectRow(
        id=project.id,
        reference=project.reference,
        title=project.title,
        applicant_name=applicant,
        department_code=department,
        call_ref=call_ref,
        application_id=project.application_id,
        state=project.state,
        starts_on=project.starts_on,
        ends_on=project.ends_on,
        budget_eur=project.budget_eur,
        subsidy_eur=project.subsidy_eur,
        paid_total_eur=project.paid_total_eur,
        lapses_on=lapses_on,
        to_pay=to_pay,
    )


def _waiting_payment() -> ColumnElement[bool]:
    """Return the condition on ``Instalment``: unlocked, unpaid, and something is due."""
    return and_(
        Instalment.unlocked_at.is_not(None),
        Instalment.paid_at.is_(None),
        func.coalesce(Instalment.due_eur, Instalment.planned_eur) > 0,
    )


def list_instalments(project: Project, now: datetime) -> tuple[InstalmentRow, ...]:
    """Return the instalments of a project, by rank, with their legal delay."""
    query = _instalments().where(Project.id == project.id).order_by(Instalment.rank)
    return tuple(_instalment_row(*row, now) for row in db.session.execute(query))


def list_payments_due(
    now: datetime, *, seen: ColumnElement[bool], late_only: bool = False, page: int = 1, per_page: int = 50
) -> tuple[tuple[InstalmentRow, ...], int]:
    """Return the instalments to pay, longest waiting first, and how many. ``seen`` is a condition on ``Project``."""
    conditions = [seen, _waiting_payment()]
    if late_only:
        first_day_in_time = paris(now).date() - timedelta(days=PAYMENT_DAYS)
        conditions.append(Instalment.unlocked_at < from_paris(datetime.combine(first_day_in_time, time())))
    query = (
        _instalments()
        .where(*conditions)
        .order_by(Instalment.unlocked_at, Project.reference)
        .limit(per_page)
        .offset((page - 1) * per_page)
    )
    total = db.session.scalar(
        select(func.count(Instalment.id)).join(Project, Project.id == Instalment.project_id).where(*conditions)
    )
    return tuple(_instalment_row(*row, now) for row in db.session.execute(query)), total or 0


def _instalments() -> Select[Instalment, Project, str, date]:
    return (
        select(Instalment, Project, Application.applicant_name, Contract.lapses_on)
        .join(Project, Project.id == Instalment.project_id)
        .join(Application, Application.id == Project.application_id)
        .outerjoin(Contract, Contract.project_id == Project.id)
    )


def _instalment_row(
    row: Instalment, project: Project, applicant: str, lapses_on: date | None, now: datetime
) -> InstalmentRow:
    return InstalmentRow(
        id=row.id,
        project_id=project.id,
        project_reference=project.reference,
        project_title=project.title,
        applicant_name=applicant,
        rank=row.rank,
        label=row.label,
        trigger=row.trigger,
        share=row.share,
        planned_eur=row.planned_eur,
        due_eur=row.planned_eur if row.due_eur is None else row.due_eur,
        unlocked_at=row.unlocked_at,
        pay_by=pay_by(row.unlocked_at) if row.unlocked_at else None,
        paid_eur=row.paid_eur,
        paid_at=row.paid_at,
        late=is_late(row.unlocked_at, row.paid_at, now),
        lapses_on=lapses_on,
        note=row.note,
        due_on=row.due_on,
    )
