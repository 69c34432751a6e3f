"""From the jury's advice to the notified decision: two records, two people, and what stands between them motivated."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from aap import audit
from aap.accounts.models import User
from aap.applications.models import Application, ApplicationState
from aap.applications.states import WORKFLOW
from aap.awards import checks, notices
from aap.awards.inputs import DecisionInput, OpinionInput
from aap.awards.models import Decision, JuryOpinion, Notification, Reservation
from aap.awards.queries.envelopes import granted_in_call, hides_a_grant
from aap.awards.queries.starts import find_proposal
from aap.awards.service.envelopes import hold_envelope
from aap.calls.models import CallVersion
from aap.db import db, refusing
from aap.errors import ConflictError
from aap.jury.models import SnapshotOccasion
from aap.jury.service.snapshots import freeze_at
from aap.workflow import apply


def record_jury_opinion(application: Application, data: OpinionInput, *, actor: User, now: datetime) -> JuryOpinion:
    """Record the jury's advice on a scored file, once.

    Raises:
        ConflictError: the file is not scored, or its advice is already recorded.
        InvalidError: amount, rank or motive that do not go with the kind, more than was asked, or a
            departure without motive from the scenario that the session starts from.

    """
    checks.check_state(application, ApplicationState.SCORED, "L'avis du jury se rend sur un dossier noté.")
    checks.check_kind_of_call(data.kind, application)
    checks.check_opinion(data)
    checks.check_within_request(application, data.amount_eur, "amount_eur")
    checks.check_departure(find_proposal(application), data.kind, data.amount_eur, data.motive, "motive")
    row = JuryOpinion(
        application_id=application.id,
        decision_kind_id=data.kind.id,
        outcome=data.kind.key,
        amount_eur=data.amount_eur,
        rank=data.rank,
        motive=data.motive.strip(),
        by_id=actor.id,
        at=now,
    )
    with refusing(
        {"uq_jury_opinions_application_id": ConflictError("L'avis du jury est déjà rendu.", code="deja-rendu")}
    ):
        db.session.add(row)
    audit.record("award.record_opinion", application, actor_id=actor.id, now=now, detail={"outcome": row.outcome})
    return row


def get_opinion(application: Application) -> JuryOpinion:
    """Return the jury's advice.

    Raises:
        ConflictError: the jury has not advised.

    """
    opinion = db.session.scalar(select(JuryOpinion).where(JuryOpinion.application_id == application.id))
    if opinion is None:
        raise ConflictError("Le jury n'a pas encore rendu son avis sur ce dossier.", code="avis-absent")
    return opinion


def decide(application: Application, data: DecisionInput, *, actor: User, now: datetime) -> Decision:
    """Take the decision on a scored file, after the jury's advice and by somebody else.

    Raises:
        ForbiddenError: the actor does not decide for the region, or recorded the advice.
        ConflictError: the file is not scored, not advised, or already decided.
        InvalidError: what the kind must come with is missing, more than was asked or than the envelope, rank taken,
            or a departure from the advice without its motive.

    """
    opinion = check_decision(application, data, actor=actor)
    version = hold_envelope(application.call_version_id)
    _check_envelope(version, data, actor)
    checks.check_rank_free(application, data.rank)
    freeze_at(
        version.call, SnapshotOccasion.DECISION, actor=actor, now=now
    )  # once: what the first decision had before it
    decision = _write_decision(application, opinion, data, actor, now)
    detail = {"outcome": decision.outcome, "granted_eur": _text(decision.granted_eur)}
    audit.record("award.decide", application, actor_id=actor.id, now=now, detail=detail)
    apply(WORKFLOW, application, "decide", actor, now, by_stage=True)
    return decision


def check_decision(application: Application, data: DecisionInput, *, actor: User) -> JuryOpinion:
    """Refuse what `decide` would refuse, and write nothing: what the director reads again before confirming.

    Raises:
        ForbiddenError, ConflictError, InvalidError: as ``decide``.

    """
    checks.check_decider(application, actor)
    checks.check_state(application, ApplicationState.SCORED, "La décision se prend sur un dossier noté.")
    checks.check_kind_of_call(data.kind, application)
    opinion = get_opinion(application)
    checks.check_two_people(opinion, actor)
    checks.check_needs(data)
    checks.check_within_request(application, data.granted_eur)
    _check_envelope(application.call_version, data, actor)
    checks.check_rank_free(application, data.rank)
    checks.check_divergence(opinion, data)
    return opinion


def _check_envelope(version: CallVersion, data: DecisionInput, actor: User) -> None:
    told = not hides_a_grant(version.id, actor.id)
    checks.check_envelope(version.envelope_eur, granted_in_call(version.id), data.granted_eur, told=told)


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"


def _write_decision(
    application: Application, opinion: JuryOpinion, data: DecisionInput, actor: User, now: datetime
) -> Decision:
    decision = Decision(
        application_id=application.id,
        decision_kind_id=data.kind.id,
        outcome=data.kind.key,
        effect=data.kind.effect,
        granted_eur=data.granted_eur,
        rank=data.rank,
        motive=data.motive.strip(),
        divergence_motive=data.divergence_motive.strip() if checks.diverges(opinion, data) else None,
        decided_by_id=actor.id,
        decided_at=now,
        reservations=[
            Reservation(key=f"R{index}", text=row.text.strip(), deadline=row.deadline)
            for index, row in enumerate(data.reservations, start=1)
        ],
    )
    with refusing({"uq_decisions_application_id": ConflictError("La décision est déjà prise.", code="deja-decide")}):
        db.session.add(decision)
    return decision


def lift_reservation(
    reservation: Reservation, *, evidence: str, actor: User, now: datetime, late_reason: str = ""
) -> Reservation:
    """Lift a reservation on evidence; after its deadline, with the reason of the delay.

    Raises:
        InvalidError: no evidence, or late without a reason.
        ConflictError: already lifted, or the decision is not notified.

    """
    if reservation.lifted_at is not None:
        raise ConflictError("Cette réserve est déjà levée.", code="deja-levee")
    application = reservation.decision.application
    checks.check_state(
        application, ApplicationState.NOTIFIED, "Une réserve se lève entre la notification et la convention."
    )
    shown = checks.check_evidence(evidence)
    checks.check_lifting_hour(reservation, now, late_reason)
    reservation.evidence, reservation.lifted_at, reservation.lifted_by_id = shown, now, actor.id
    reservation.late_reason = late_reason.strip() or None
    audit.record("award.lift_reservation", reservation, actor_id=actor.id, now=now)
    remaining = sum(row.lifted_at is None for row in reservation.decision.reservations)
    notices.tell_lifted(application, reservation, remaining, now)
    return reservation


def notify(application: Application, *, actor: User, now: datetime) -> Notification:
    """Tell the decision to the applicant: a letter with its own marks only, and a mail.

    Raises:
        ConflictError: no decision, or already notified.

    """
    checks.check_state(application, ApplicationState.DECIDED, "Seul un dossier décidé se notifie.")
    decision = db.session.scalars(select(Decision).where(Decision.application_id == application.id)).one()
    row = Notification(decision_id=decision.id, at=now, by_id=actor.id)
    already = ConflictError("La décision est déjà notifiée.", code="deja-notifie")
    with refusing({"uq_notifications_decision_id": already}):
        db.session.add(row)
    apply(WORKFLOW, application, "notify", actor, now, by_stage=True)
    notices.tell_decision(application, decision, now)
    return row
