"""What the lead is told of its award: each notice is a promise of the current transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from aap import french
from aap.applications.models import Application
from aap.awards.models import Contract, Decision, Instalment, Project, Reservation
from aap.outbox import promise, promise_mail

LETTER = "award-letter"
ANNEX = "contract-annex"


def tell_decision(application: Application, decision: Decision, now: datetime) -> None:
    """Promise the letter, as a document, and the mail that says it is there. Only the applicant's own facts."""
    promise(
        LETTER,
        {"decision_id": str(decision.id)},
        key=f"{LETTER}:{decision.id}",
        now=now,
        region_code=application.region_code,
    )
    context = {
        "outcome": decision.kind.label,
        "granted": "" if decision.granted_eur is None else french.euros(decision.granted_eur),
        "rank": "" if decision.rank is None else str(decision.rank),
        "motive": decision.motive,
        "reservations": [f"{row.text} (avant le {french.day(row.deadline)})" for row in decision.reservations],
    }
    _to_lead(application, "award-notification", context, key=str(decision.id), now=now)


def tell_lifted(application: Application, reservation: Reservation, remaining: int, now: datetime) -> None:
    """Tell the lead that a reservation is lifted, and how many stand."""
    context = {"text": reservation.text, "remaining": french.plural(remaining, "réserve"), "over": remaining == 0}
    _to_lead(application, "award-reservation-lifted", context, key=str(reservation.id), now=now)


def tell_contract(project: Project, contract: Contract, now: datetime) -> None:
    """Promise the financial annex, and tell the lead that the contract is signed."""
    promise(
        ANNEX,
        {"contract_id": str(contract.id)},
        key=f"{ANNEX}:{contract.id}",
        now=now,
        region_code=project.region_code,
    )
    context = {
        "project_reference": project.reference,
        "number": contract.number,
        "subsidy": french.euros(contract.subsidy_eur),
        "starts_on": french.day(project.starts_on),
        "ends_on": french.day(project.ends_on),
    }
    _to_lead(project.application, "award-contract", context, key=str(contract.id), now=now)


def tell_payment(project: Project, instalment: Instalment, now: datetime) -> None:
    """Tell the lead that an instalment is paid."""
    context = {
        "project_reference": project.reference,
        "label": instalment.label,
        "paid": french.euros(instalment.paid_eur),
        "paid_at": french.day(instalment.paid_at),
        "note": instalment.note,
    }
    _to_lead(project.application, "award-payment", context, key=str(instalment.id), now=now)


def _to_lead(
    application: Application, template: str, context: Mapping[str, object], *, key: str, now: datetime
) -> None:
    call = application.call_version.call
    known = {
        "reference": application.reference or "",
        "title": application.label,
        "call_title": call.title,
        "contact_mailbox": call.contact_mailbox,
        "path": f"/dossiers/{application.id}",
    }
    promise_mail(
        template,
        application.lead.email,
        {**known, **context},
        key=f"{template}:{key}",
        now=now,
        region_code=application.region_code,
    )
