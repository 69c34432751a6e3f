"""Stage 4: the jury advises, the director decides, reservations are lifted, the contract is signed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from aap.applications.models import Application
from aap.awards.inputs import ContractInput, DecisionInput, OpinionInput, Plan, PlanFunder, PlanLine, ReservationInput
from aap.awards.models import Decision, Project
from aap.awards.service import decide, lift_reservation, notify, record_jury_opinion, sign_contract
from aap.calls.models import DecisionKind
from aap.clock import FixedClock
from aap.db import db
from aap.demonstration.accounts import People
from aap.demonstration.case.application import document
from aap.demonstration.stage import at, hour, on

NURSE_LINE, NURSE_SHARE = "L07", Decimal(47700)  # reservation R1: the agency's part of the nurse's time
EVIDENCE = {
    "R1": "Plan de financement révisé, reçu le 29 février 2024",
    "R2": "Attestation de l'éditeur et convention de télémédecine signée le 4 mars 2024",
}


def kind_of(application: Application, key: str) -> DecisionKind:
    """Return a kind of decision of the call."""
    return next(kind for kind in application.call_version.decision_kinds if kind.key == key)


def play_decision(clock: FixedClock, people: People, application: Application) -> Decision:
    """Record the advice of 18 January, then the decision of 31 January, by two people."""
    told = document()["decision"]
    kind = kind_of(application, told["outcome"])
    granted = Decimal(told["granted_eur"])
    with at(clock, hour("2024-01-18T12:30:00")) as now:
        advice = OpinionInput(kind=kind, amount_eur=granted, motive=told["motive"])
        record_jury_opinion(application, advice, actor=people.officer, now=now)
    with at(clock, hour("2024-01-31T12:00:00")) as now:
        reservations = tuple(_reservation(row) for row in told["reservations"])
        choice = DecisionInput(kind=kind, granted_eur=granted, motive=told["motive"], reservations=reservations)
        return decide(application, choice, actor=people.director, now=now)


def _reservation(row: dict[str, Any]) -> ReservationInput:
    return ReservationInput(row["text"], date.fromisoformat(str(row["deadline"])))


def play_notification(clock: FixedClock, people: People, application: Application) -> None:
    """Notify on 7 February 2024, and lift the two reservations on their days."""
    with at(clock, hour("2024-02-07T09:00:00")) as now:
        notify(application, actor=people.officer, now=now)
    for row in document()["decision"]["reservations"]:
        with at(clock, on(str(row["lifted_at"]))) as now:
            decision = db.session.scalars(select(Decision).where(Decision.application_id == application.id)).one()
            reservation = next(one for one in decision.reservations if one.key == row["id"])
            lift_reservation(reservation, evidence=EVIDENCE[row["id"]], actor=people.officer, now=now)


def revised_plan() -> Plan:
    """Return the budget of the application with the agency's part brought down to 112 500 €."""
    told = document()
    incomes = {row["id"]: row["amount"] for row in told["decision"]["revised_income"]}
    return Plan(
        lines=tuple(
            PlanLine(
                key=line["id"],
                category=line["category"],
                label=line["label"],
                planned_eur=Decimal(line["amount"]),
                granted_share_eur=NURSE_SHARE if line["id"] == NURSE_LINE else Decimal(line["ars_share"]),
            )
            for line in told["budget"]["lines"]
        ),
        funders=tuple(
            PlanFunder(row["id"], row["funder"], row["kind"], Decimal(incomes[row["id"]]))
            for row in told["budget"]["income"]
        ),
    )


def play_contract(clock: FixedClock, people: People, application: Application) -> Project:
    """Sign the contract on 27 March 2024."""
    told = document()
    with at(clock, hour("2024-03-27T14:00:00")) as now:
        contract = ContractInput(
            number=told["contract"]["number"],
            signed_at=now,
            starts_on=date.fromisoformat(str(told["project"]["start"])),
            ends_on=date.fromisoformat(str(told["project"]["end"])),
            plan=revised_plan(),
        )
        return sign_contract(application, contract, actor=people.finance, now=now)
