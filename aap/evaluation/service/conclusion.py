"""What the agency concludes: verdicts on the three questions, recommendation, decision on what follows."""

from __future__ import annotations

import hashlib
from datetime import date, datetime

from sqlalchemy import select

from aap import audit, french
from aap.accounts.models import User
from aap.awards.models import Project
from aap.clock import paris
from aap.db import db, refusing
from aap.errors import ConflictError, InvalidError, StaleError
from aap.evaluation import checks
from aap.evaluation.models import (
    FollowUpDecision,
    Milestone,
    Recommendation,
    RecommendationValue,
    Verdict,
    VerdictValue,
)
from aap.evaluation.queries.reading import get_plan
from aap.evaluation.service.drafting import DECISION_LABEL
from aap.evaluation.service.milestones import mark_done
from aap.evaluation.states import PLAN_WORKFLOW
from aap.outbox import promise_mail
from aap.referentials.vocabularies import label
from aap.workflow import apply

TOGETHER = "Quelqu'un d'autre vient de répondre. Relisez sa réponse avant d'écrire la vôtre."


def answer_seal(value: str, text: str) -> str:
    """Return what a page remembers of an answer it showed, to tell later whether somebody else wrote since."""
    return hashlib.sha256(f"{value}\n{text.strip()}".encode()).hexdigest()[:16]


def give_verdict(
    project: Project,
    question: str,
    verdict: VerdictValue,
    text: str,
    *,
    actor: User,
    now: datetime,
    seen: str | None = None,
) -> Verdict:
    """Answer one question of the grid (Q1, Q2, Q3), in a word and in a sentence; the last answer stands.

    ``seen`` is the ``answer_seal`` of what the page showed.

    Raises:
        ConflictError: outside the time between the final report and the decision.
        InvalidError: unknown question, or empty text.
        StaleError: somebody else answered meanwhile, were it at the same instant; carries both texts.

    """
    checks.check_concluding(get_plan(project.id))
    checks.check_question(question)
    words = checks.check_filled("text", text, "Motivez l'appréciation.")
    row, mine = _verdict_on(project, question), _told(question, label("verdicts", verdict.value), words)
    if row is not None and seen is not None and seen != answer_seal(row.verdict.value, row.text):
        raise _answered_meanwhile(row, mine, _told_verdict(row))
    row = row or Verdict(project_id=project.id, question=question)
    row.text, row.verdict, row.at, row.by_id = words, verdict, now, actor.id
    try:
        with refusing({"uq_verdicts_project_id_question": ConflictError(TOGETHER, code="reponse-simultanee")}):
            db.session.add(row)
    except ConflictError:
        first = _verdict_on(project, question)
        if first is None:
            raise
        raise _answered_meanwhile(first, mine, _told_verdict(first)) from None
    detail = {"question": question, "verdict": verdict.value}
    audit.record("verdicts.give", row, actor_id=actor.id, now=now, detail=detail)
    return row


def recommend(
    project: Project,
    value: RecommendationValue,
    text: str = "",
    *,
    actor: User,
    now: datetime,
    seen: str | None = None,
) -> Recommendation:
    """Give the agency's recommendation on the project; the last one stands. ``seen`` as for a verdict.

    Raises:
        ConflictError: outside the time between the final report and the decision.
        StaleError: somebody else gave one meanwhile; carries both texts.

    """
    checks.check_concluding(get_plan(project.id))
    row, mine = (
        _recommendation_on(project),
        _told("Recommandation", label("recommendations", value.value), text.strip()),
    )
    if row is not None and seen is not None and seen != answer_seal(row.value.value, row.text or ""):
        raise _answered_meanwhile(row, mine, _told_recommendation(row))
    row = row or Recommendation(project_id=project.id)
    row.value, row.text, row.at, row.by_id = value, text.strip() or None, now, actor.id
    try:
        with refusing({"uq_recommendations_project_id": ConflictError(TOGETHER, code="recommandation-simultanee")}):
            db.session.add(row)
    except ConflictError:
        first = _recommendation_on(project)
        if first is None:
            raise
        raise _answered_meanwhile(first, mine, _told_recommendation(first)) from None
    audit.record("recommendations.give", row, actor_id=actor.id, now=now, detail={"value": value.value})
    return row


def _verdict_on(project: Project, question: str) -> Verdict | None:
    """Return the answer as it stands now, held until the end of the unit of work."""
    query = select(Verdict).where(Verdict.project_id == project.id, Verdict.question == question)
    return db.session.scalar(query.with_for_update().execution_options(populate_existing=True))


def _recommendation_on(project: Project) -> Recommendation | None:
    query = select(Recommendation).where(Recommendation.project_id == project.id)
    return db.session.scalar(query.with_for_update().execution_options(populate_existing=True))


def _told(what: str, value: str, text: str) -> str:
    return f"{what} : {value}\n{text}".strip()


def _told_verdict(row: Verdict) -> str:
    return _told(row.question, label("verdicts", row.verdict.value), row.text)


def _told_recommendation(row: Recommendation) -> str:
    return _told("Recommandation", label("recommendations", row.value.value), row.text or "")


def _answered_meanwhile(row: Verdict | Recommendation, mine: str, theirs: str) -> StaleError:
    who = db.session.get_one(User, row.by_id).display_name
    message = f"{who} a répondu le {french.moment(row.at)} : c'est sa réponse qui est gardée."
    return StaleError(message, yours=mine, theirs=theirs)


def record_decision(
    project: Project,
    *,
    body: str,
    decided_on: date,
    outcome: RecommendationValue,
    text: str,
    actor: User,
    now: datetime,
) -> FollowUpDecision:
    """Record what a steering body decided on the project's future: the evaluation is then closed.

    Raises:
        ConflictError: the final report is not validated, or a decision was recorded.
        InvalidError: verdicts or recommendation missing, empty body or text, a day in the future.
        ForbiddenError: the actor is neither officer of the call nor director.

    """
    plan = get_plan(project.id)
    verdicts = db.session.scalars(select(Verdict).where(Verdict.project_id == project.id)).all()
    recommended = db.session.scalar(select(Recommendation.id).where(Recommendation.project_id == project.id))
    checks.check_concluded(verdicts, recommended=recommended is not None)
    if decided_on > paris(now).date():
        raise InvalidError.on("decided_on", "La décision ne peut pas être datée du futur.", code="date-future")
    decision = FollowUpDecision(
        project_id=project.id,
        body=checks.check_filled("body", body, "Indiquez l'instance qui a décidé."),
        decided_on=decided_on,
        outcome=outcome,
        text=checks.check_filled("text", text, "Écrivez la décision."),
        recorded_at=now,
        recorded_by_id=actor.id,
    )
    apply(PLAN_WORKFLOW, plan, "decide", actor, now, decision.text)
    db.session.add(decision)
    db.session.flush()
    _reach_decision(project, decision, actor=actor, now=now)
    promise_mail(
        "evaluation-decision",
        project.application.lead.email,
        {
            "project": project.reference,
            "title": project.title,
            "body": decision.body,
            "outcome": label("recommendations", outcome.value),
            "text": decision.text,
            "path": f"/projets/{project.id}",
        },
        key=f"follow-up:{decision.id}",
        now=now,
        region_code=project.region_code,
    )
    return decision


def _reach_decision(project: Project, decision: FollowUpDecision, *, actor: User, now: datetime) -> None:
    query = select(Milestone).where(
        Milestone.project_id == project.id, Milestone.label == DECISION_LABEL, Milestone.done_on.is_(None)
    )
    milestone = db.session.scalars(query).first()
    if milestone is not None:
        mark_done(
            milestone,
            done_on=decision.decided_on,
            evidence=f"Relevé de décisions ({decision.body})",
            actor=actor,
            now=now,
        )
