"""The decisions of a call, the award of one file, and the public results."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import starmap

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import aliased, selectinload

from aap.accounts.models import User
from aap.applications.models import Application, ApplicationState, IncomeKind
from aap.awards.inputs import Plan, PlanFunder, PlanLine
from aap.awards.models import Contract, Decision, JuryOpinion, Notification, Project, Reservation
from aap.calls.models import CallVersion, DecisionEffect, DecisionKind, Strand
from aap.db import db
from aap.errors import NotFoundError
from aap.referentials.models import Department

_JUDGED = (
    ApplicationState.SCORED,
    ApplicationState.DECIDED,
    ApplicationState.NOTIFIED,
    ApplicationState.CONTRACTED,
)


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A judged file, for the office: what the jury advised, what was decided, where its reservations stand."""

    application_id: uuid.UUID
    reference: str
    title: str
    applicant_name: str
    strand_key: str | None
    state: ApplicationState
    requested_eur: Decimal
    opinion_label: str | None
    opinion_eur: Decimal | None
    outcome: str | None
    outcome_label: str | None
    effect: DecisionEffect | None
    granted_eur: Decimal | None
    rank: int | None
    diverges: bool
    reservations: int
    reservations_open: int
    decided_at: datetime | None
    notified_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReservationRow:
    """A reservation and how it was lifted. ``late`` when it stands after its deadline, or was lifted after it."""

    id: uuid.UUID
    key: str
    text: str
    deadline: date
    lifted_at: datetime | None
    lifted_by: str | None
    evidence: str | None
    late_reason: str | None


@dataclass(frozen=True, slots=True)
class Award:
    """The whole award of a file: advice, decision, reservations, notification, project. ``None``: not yet."""

    application_id: uuid.UUID
    opinion: JuryOpinion | None
    decision: Decision | None
    reservations: tuple[ReservationRow, ...]
    notified_at: datetime | None
    letter_file_id: uuid.UUID | None
    project_id: uuid.UUID | None
    contract_number: str | None


@dataclass(frozen=True, slots=True)
class ResultRow:
    """A funded file as the public may read it: nothing else of it is ever published here."""

    reference: str
    winner_name: str
    title: str
    abstract: str
    territory: str
    strand_key: str | None
    strand_label: str | None
    amount_eur: Decimal


def list_decisions(
    call_id: uuid.UUID,
    *,
    seen: ColumnElement[bool],
    outcome: str | None = None,
    page: int = 1,
    per_page: int = 50,
) -> tuple[tuple[DecisionRow, ...], int]:
    """Return the judged files of a call by reference, and how many there are.

    ``seen`` is a condition on ``Application``.
    """
    conditions = [CallVersion.call_id == call_id, Application.state.in_(_JUDGED), seen]
    if outcome is not None:
        conditions.append(Decision.outcome == outcome)
    advised = aliased(DecisionKind)
    reservations = select(func.count(Reservation.id)).where(Reservation.decision_id == Decision.id).correlate(Decision)
    query = (
        select(
            Application.id,
            func.coalesce(Application.reference, ""),
            Application.title,
            Application.applicant_name,
            Strand.key,
            Application.state,
            Application.requested_eur,
            advised.label,
            JuryOpinion.amount_eur,
            Decision.outcome,
            DecisionKind.label,
            Decision.effect,
            Decision.granted_eur,
            Decision.rank,
            case((Decision.divergence_motive.is_not(None), 1), else_=0),
            reservations.scalar_subquery(),
            reservations.where(Reservation.lifted_at.is_(None)).scalar_subquery(),
            Decision.decided_at,
            Notification.at,
        )
        .join(CallVersion, CallVersion.id == Application.call_version_id)
        .outerjoin(Strand, Strand.id == Application.strand_id)
        .outerjoin(JuryOpinion, JuryOpinion.application_id == Application.id)
        .outerjoin(advised, advised.id == JuryOpinion.decision_kind_id)
        .outerjoin(Decision, Decision.application_id == Application.id)
        .outerjoin(DecisionKind, DecisionKind.id == Decision.decision_kind_id)
        .outerjoin(Notification, Notification.decision_id == Decision.id)
        .where(*conditions)
    )
    total = db.session.scalar(
        select(func.count(Application.id))
        .join(CallVersion, CallVersion.id == Application.call_version_id)
        .outerjoin(Decision, Decision.application_id == Application.id)
        .where(*conditions)
    )
    rows = db.session.execute(query.order_by(Application.reference).limit(per_page).offset((page - 1) * per_page))
    return tuple(starmap(DecisionRow, rows)), total or 0


def find_decision(application_id: uuid.UUID) -> Decision | None:
    """Return the decision of a file, if it is taken."""
    return db.session.scalar(
        select(Decision).where(Decision.application_id == application_id).options(selectinload(Decision.reservations))
    )


def get_reservation(reservation_id: uuid.UUID) -> Reservation:
    """Return a reservation.

    Raises:
        NotFoundError: no such reservation.

    """
    reservation = db.session.get(Reservation, reservation_id)
    if reservation is None:
        raise NotFoundError("Cette réserve n'existe pas.")
    return reservation


def get_award(application_id: uuid.UUID) -> Award:
    """Return the award of a file. The caller has checked that the person may read it (the lead: once notified)."""
    opinion = db.session.scalar(select(JuryOpinion).where(JuryOpinion.application_id == application_id))
    decision = find_decision(application_id)
    told = decision.notification if decision else None
    contract = db.session.execute(
        select(Project.id, Contract.number)
        .join(Contract, Contract.project_id == Project.id)
        .where(Project.application_id == application_id)
    ).one_or_none()
    return Award(
        application_id=application_id,
        opinion=opinion,
        decision=decision,
        reservations=_list_reservations(decision),
        notified_at=told.at if told else None,
        letter_file_id=told.letter_file_id if told else None,
        project_id=contract[0] if contract else None,
        contract_number=contract[1] if contract else None,
    )


def _list_reservations(decision: Decision | None) -> tuple[ReservationRow, ...]:
    if decision is None:
        return ()
    query = (
        select(Reservation, User)
        .outerjoin(User, User.id == Reservation.lifted_by_id)
        .where(Reservation.decision_id == decision.id)
        .order_by(Reservation.key)
    )
    return tuple(
        ReservationRow(
            row.id,
            row.key,
            row.text,
            row.deadline,
            row.lifted_at,
            None if user is None else user.display_name,
            row.evidence,
            row.late_reason,
        )
        for row, user in db.session.execute(query)
    )


def propose_plan(application: Application, granted_eur: Decimal) -> Plan:
    """Return the plan asked, with the agency's line at the grant and the applicant's own money making the difference.

    The shares of the lines are those asked: the officer brings their sum down to the grant.
    """
    gap = application.requested_eur - granted_eur
    funders = []
    for row in application.funders:
        amount, kind = row.amount_eur or Decimal(0), row.kind or IncomeKind.COFUNDING
        if kind is IncomeKind.SUBSIDY:
            amount = granted_eur
        elif kind is IncomeKind.OWN:
            amount, gap = amount + gap, Decimal(0)
        funders.append(PlanFunder(row.key, row.name, kind.value, amount))
    lines = tuple(
        PlanLine(row.key, row.category, row.label, row.amount_eur, row.requested_eur)
        for row in application.budget_lines
    )
    return Plan(lines, tuple(funders))


def list_public_results(call_id: uuid.UUID) -> tuple[ResultRow, ...]:
    """Return the funded files of a call, once notified, by strand then winner: name, title, abstract, place, amount."""
    query = (
        select(
            func.coalesce(Application.reference, ""),
            Application.applicant_name,
            Application.title,
            Application.abstract,
            func.coalesce(Department.name, ""),
            Strand.key,
            Strand.label,
            func.coalesce(Project.subsidy_eur, Decision.granted_eur),
        )
        .join(Decision, Decision.application_id == Application.id)
        .join(Notification, Notification.decision_id == Decision.id)
        .join(CallVersion, CallVersion.id == Application.call_version_id)
        .outerjoin(Strand, Strand.id == Application.strand_id)
        .outerjoin(Department, Department.code == Application.department_code)
        .outerjoin(Project, Project.application_id == Application.id)
        .where(
            CallVersion.call_id == call_id,
            or_(
                Application.state == ApplicationState.NOTIFIED,
                Application.state == ApplicationState.CONTRACTED,
            ),
            Decision.effect.in_((DecisionEffect.FUND, DecisionEffect.FUND_WITH_RESERVATIONS)),
        )
        .order_by(Strand.position, Application.applicant_name, Application.reference)
    )
    return tuple(starmap(ResultRow, db.session.execute(query)))
