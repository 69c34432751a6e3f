"""Advice, decisions, notifications and contracts of the living instance."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal

from aap.applications.models import Application, IncomeKind
from aap.awards.inputs import ContractInput, DecisionInput, OpinionInput, Plan, PlanFunder, PlanLine, ReservationInput
from aap.awards.models import Decision, Project
from aap.awards.service import decide, lift_reservation, notify, record_jury_opinion, sign_contract
from aap.calls.models import DecisionEffect, DecisionKind
from aap.clock import FixedClock, paris
from aap.demonstration.accounts import People
from aap.demonstration.living.dossiers import Dossier, themes
from aap.demonstration.stage import at

FUNDED = (DecisionEffect.FUND, DecisionEffect.FUND_WITH_RESERVATIONS)
CUT = Decimal("0.95")  # what is granted under reservations
TIME_LINE, OWN_FUNDER = "L05", "F03"  # the line the agency pays less of, and who pays it instead
WAITING_RANK = 1


def kind_of(application: Application, key: str) -> DecisionKind:
    """Return a kind of decision of the call."""
    return next(kind for kind in application.call_version.decision_kinds if kind.key == key)


def advise(clock: FixedClock, people: People, application: Application, dossier: Dossier, moment: datetime) -> None:
    """Record what the jury advises."""
    kind = kind_of(application, dossier.outcome)
    with at(clock, moment) as now:
        advice = OpinionInput(
            kind=kind,
            amount_eur=granted(application, kind),
            rank=WAITING_RANK if kind.effect is DecisionEffect.WAIT else None,
            motive=themes()["motives"][dossier.outcome],
        )
        record_jury_opinion(application, advice, actor=people.officer, now=now)


def award(
    clock: FixedClock, people: People, application: Application, dossier: Dossier, moment: datetime, deadline: date
) -> Decision:
    """Decide as the jury advised; reservations come with their deadline."""
    kind = kind_of(application, dossier.outcome)
    conditional = kind.effect is DecisionEffect.FUND_WITH_RESERVATIONS
    texts = themes()["reservations"] if conditional else ()
    with at(clock, moment) as now:
        choice = DecisionInput(
            kind=kind,
            granted_eur=granted(application, kind),
            rank=WAITING_RANK if kind.effect is DecisionEffect.WAIT else None,
            motive=themes()["motives"][dossier.outcome],
            reservations=tuple(ReservationInput(text, deadline) for text in texts),
        )
        return decide(application, choice, actor=people.director, now=now)


def granted(application: Application, kind: DecisionKind) -> Decimal | None:
    """Return what is granted: everything asked, a little less under reservations, nothing otherwise."""
    if kind.effect not in FUNDED:
        return None
    if kind.effect is DecisionEffect.FUND:
        return application.requested_eur
    return (application.requested_eur * CUT).quantize(Decimal(100), rounding=ROUND_DOWN)


def tell(clock: FixedClock, people: People, application: Application, moment: datetime) -> None:
    """Notify the decision."""
    with at(clock, moment) as now:
        notify(application, actor=people.officer, now=now)


def lift(clock: FixedClock, people: People, decision: Decision, moment: datetime, keys: Sequence[str]) -> None:
    """Lift some reservations on evidence; nothing when the decision has none."""
    with at(clock, moment) as now:
        for reservation in decision.reservations:
            if reservation.key in keys:
                lift_reservation(reservation, evidence="Pièce reçue et vérifiée", actor=people.officer, now=now)


def contract(
    clock: FixedClock, people: People, application: Application, decision: Decision, moment: datetime, starts_on: date
) -> Project:
    """Sign the contract on the plan that the grant makes."""
    last = date(starts_on.year + 2, starts_on.month, 1) - timedelta(days=1)
    with at(clock, moment) as now:
        number = (application.reference or "")[-2:]
        data = ContractInput(
            number=f"FIR-{paris(now).year}-{application.department_code}-01{number} (exemple)",
            signed_at=now,
            starts_on=starts_on,
            ends_on=last,
            plan=_plan(application, decision.granted_eur or Decimal(0)),
        )
        return sign_contract(application, data, actor=people.finance, now=now)


def _plan(application: Application, granted_eur: Decimal) -> Plan:
    """Take what is not granted off the agency's part of the nurses' time; the applicant pays it."""
    cut = application.requested_eur - granted_eur
    lines = tuple(
        PlanLine(
            line.key,
            line.category,
            line.label,
            line.amount_eur,
            line.requested_eur - (cut if line.key == TIME_LINE else 0),
        )
        for line in application.budget_lines
    )
    funders = tuple(
        PlanFunder(
            funder.key,
            funder.name,
            (funder.kind or IncomeKind.OWN).value,
            (funder.amount_eur or Decimal(0))
            + (cut if funder.key == OWN_FUNDER else 0)
            - (cut if funder.kind is IncomeKind.SUBSIDY else 0),
        )
        for funder in application.funders
    )
    return Plan(lines, funders)
