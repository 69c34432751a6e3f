"""What the agency concludes: verdicts on the three questions, recommendation, decision on what follows."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select

from aap import audit
from aap.accounts.models import User
from aap.awards.models import Project
from aap.clock import paris
from aap.db import db, refusing
from aap.errors import ConflictError, InvalidError
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


def give_verdict(
    project: Project, question: str, verdict: VerdictValue, text: str, *, actor: User, now: datetime
) -> Verdict:
    """Answer one question of the grid (Q1, Q2, Q3), in a word and in a sentence; the last answer stands.

    Raises:
        ConflictError: outside the time between the final report and the decision.
        InvalidError: unknown question, or empty text.

    """
    checks.check_concluding(get_plan(project.id))
    checks.check_question(question)
    query = select(Verdict).where(Verdict.project_id == project.id, Verdict.question == question)
    row = db.session.scalar(query) or Verdict(project_id=project.id, question=question)
    row.text = checks.check_filled("text", text, "Motivez l'appréciation.")
    row.verdict, row.at, row.by_id = verdict, now, actor.id
    together = "Quelqu'un d'autre vient de répondre à cette question. Relisez sa réponse avant d'écrire la vôtre."
    with refusing({"uq_verdicts_project_id_question": ConflictError(together, code="reponse-simultanee")}):
        db.session.add(row)
    detail = {"question": question, "verdict": verdict.value}
    audit.record("verdicts.give", row, actor_id=actor.id, now=now, detail=detail)
    return row


def recommend(
    project: Project, value: RecommendationValue, text: str = "", *, actor: User, now: datetime
) -> Recommendation:
    """Give the agency's recommendation on the project; the last one stands.

    Raises:
        ConflictError: outside the time between the final report and the decision.

    """
    checks.check_concluding(get_plan(project.id))
    query = select(Recommendation).where(Recommendation.project_id == project.id)
    row = db.session.scalar(query) or Recommendation(project_id=project.id)
    row.value, row.text, row.at, row.by_id = value, text.strip() or None, now, actor.id
    together = "Quelqu'un d'autre vient de donner la recommandation. Relisez-la avant d'écrire la vôtre."
    with refusing({"uq_recommendations_project_id": ConflictError(together, code="recommandation-simultanee")}):
        db.session.add(row)
    audit.record("recommendations.give", row, actor_id=actor.id, now=now, detail={"value": value.value})
    return row


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
