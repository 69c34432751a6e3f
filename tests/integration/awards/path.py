"""The way of the example from the jury's advice to the contract, one step at a time."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from aap.applications.models import Application
from aap.awards.inputs import ContractInput, DecisionInput, OpinionInput, Plan, PlanLine, ReservationInput
from aap.awards.models import Decision, Project
from aap.awards.queries import propose_plan
from aap.awards.service import decide, lift_reservation, notify, record_jury_opinion, sign_contract
from aap.calls.models import DecisionKind
from aap.jury.service import close_scoring
from tests.integration.jury.scene import CASE, DECISION, NOTIFICATION, SCORING_END, SESSION, People, at

GRANTED = Decimal(112500)
SIGNATURE = at("2024-03-27T14:00:00")


def kind(application: Application, key: str) -> DecisionKind:
    """Return a kind of decision of the call."""
    return next(row for row in application.call_version.decision_kinds if row.key == key)


def score(application: Application) -> None:
    """End individual scoring."""
    close_scoring(application.call_version.call, now=SCORING_END)


def advise(application: Application, people: People, key: str = "favorable_sous_reserve", **data: object) -> None:
    """Record the jury's advice."""
    given = {"amount_eur": GRANTED} if key.startswith("favorable") else {}
    record_jury_opinion(
        application,
        OpinionInput(kind(application, key), **{**given, **data}),  # type: ignore[arg-type]  # fields by name
        actor=people.officer,
        now=SESSION,
    )


def case_decision(application: Application) -> DecisionInput:
    """Return the decision of the example."""
    decision = CASE["decision"]
    return DecisionInput(
        kind=kind(application, decision["outcome"]),
        granted_eur=Decimal(decision["granted_eur"]),
        motive=decision["motive"],
        reservations=tuple(
            ReservationInput(row["text"], date.fromisoformat(str(row["deadline"]))) for row in decision["reservations"]
        ),
    )


def decided(application: Application, people: People) -> Decision:
    """Take the example to its decision."""
    score(application)
    advise(application, people)
    return decide(application, case_decision(application), actor=people.director, now=DECISION)


def notified(application: Application, people: People) -> Decision:
    """Take the example to its notification."""
    decision = decided(application, people)
    notify(application, actor=people.officer, now=NOTIFICATION)
    return decision


def revised_plan(application: Application) -> Plan:
    """Return the revised plan of the example: 55 200 € of the nurse's post brought down to 47 700 €."""
    asked = propose_plan(application, GRANTED)
    lines = tuple(
        PlanLine(
            row.key,
            row.category,
            row.label,
            row.planned_eur,
            Decimal(47700) if row.key == "L07" else row.granted_share_eur,
        )
        for row in asked.lines
    )
    return Plan(lines, asked.funders)


def contract_data(application: Application, **changes: object) -> ContractInput:
    """Return the contract of the example."""
    data = {
        "number": "FIR-2024-77-0012",
        "signed_at": SIGNATURE,
        "starts_on": date(2024, 4, 1),
        "ends_on": date(2026, 3, 31),
        "plan": revised_plan(application),
    }
    return ContractInput(**{**data, **changes})  # type: ignore[arg-type]  # fields by name


def contracted(application: Application, people: People) -> Project:
    """Take the example to its contract."""
    decision = notified(application, people)
    for row, day in zip(decision.reservations, ("2024-03-01T10:00:00", "2024-03-06T10:00:00"), strict=True):
        lift_reservation(row, evidence="Pièce reçue et contrôlée", actor=people.officer, now=at(day))
    return sign_contract(application, contract_data(application), actor=people.finance, now=SIGNATURE)
