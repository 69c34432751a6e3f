"""The closing hour of individual scoring, and the draw that anybody can check."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, exists, select, true

from aap import audit, french
from aap.accounts.models import User
from aap.applications.models import Application, ApplicationState
from aap.applications.states import WORKFLOW
from aap.calls.models import CalendarStep, Call, CallVersion
from aap.db import db, refusing
from aap.errors import ConflictError
from aap.jury.checks import SCORING_END
from aap.jury.grid import draws
from aap.jury.models import RankingDraw, ScoringClosure
from aap.jury.queries.late import list_late_reviews
from aap.jury.service.extending import hold_scoring_end
from aap.jury.service.holding import hold_draw
from aap.jury.service.snapshots import freeze_ranking
from aap.jury.service.standings import refresh_standings
from aap.scoring import draw
from aap.workflow import SYSTEM, Actor, apply


def close_due_scoring(now: datetime) -> int:
    """Close the scoring of every call whose hour has passed; return how many applications became scored.

    Derived from data: a missed day is caught up, and a file instructed late follows at the next sweep.
    """
    due = (
        select(Call)
        .join(CalendarStep, CalendarStep.call_id == Call.id)
        .where(
            CalendarStep.key == SCORING_END,
            CalendarStep.at <= now,
            Call.published_at.is_not(None),
            Call.cancelled_at.is_(None),
            ~_closed() | _has_waiting_files(),
        )
        .order_by(Call.ref)
    )
    return sum(close_scoring(call, now=now) for call in db.session.scalars(due).all())


def _closed() -> ColumnElement[bool]:
    return exists(select(ScoringClosure.id).where(ScoringClosure.call_id == Call.id).correlate(Call))


def _has_waiting_files() -> ColumnElement[bool]:
    return exists(
        select(Application.id)
        .join(CallVersion, CallVersion.id == Application.call_version_id)
        .where(CallVersion.call_id == Call.id, Application.state == ApplicationState.INSTRUCTED)
        .correlate(Call)
    )


def close_scoring(call: Call, *, now: datetime, actor: Actor = SYSTEM) -> int:
    """End individual scoring: marks become visible to the jury, instructed files become scored. Safe to repeat.

    Returns how many applications changed state.

    Raises:
        ConflictError: the calendar's hour has not come.

    """
    step = hold_scoring_end(call)
    ends_at = None if step is None else step.at
    if ends_at is None or now < ends_at:
        raise ConflictError("La notation individuelle n'est pas terminée.", code="notation-en-cours")
    known = db.session.scalar(select(ScoringClosure.id).where(ScoringClosure.call_id == call.id).with_for_update())
    if known is None:
        closure = ScoringClosure(call_id=call.id, closed_at=now)
        with refusing(
            {"uq_scoring_closures_call_id": ConflictError("La notation vient d'être close.", code="deja-close")}
        ):
            db.session.add(closure)
        audit.record("jury.close_scoring", closure, actor_id=actor.id, now=now, detail={"call": str(call.id)})
    waiting = db.session.scalars(
        select(Application)
        .join(CallVersion, CallVersion.id == Application.call_version_id)
        .where(CallVersion.call_id == call.id, Application.state == ApplicationState.INSTRUCTED)
        .order_by(Application.reference)
    ).all()
    for application in waiting:
        apply(WORKFLOW, application, "score", actor, now, by_stage=True)
    return len(waiting)


def commit_due_draws(now: datetime) -> int:
    """Commit the draw of every published call whose order ends with one, before its marks open; return how many."""
    waiting = (
        select(Call)
        .where(
            Call.published_at.is_not(None),
            Call.cancelled_at.is_(None),
            ~_closed(),
            ~exists(select(RankingDraw.id).where(RankingDraw.call_id == Call.id).correlate(Call)),
        )
        .order_by(Call.ref)
    )
    calls = [call for call in db.session.scalars(waiting) if draws(call.versions[-1])]
    for call in calls:
        commit_draw(call, now=now)
    return len(calls)


def commit_draw(call: Call, *, now: datetime, actor: Actor = SYSTEM) -> RankingDraw:
    """Draw a secret seed and publish its SHA-256, before any mark is visible.

    Raises:
        ConflictError: already committed, or marks are already visible.

    """
    if db.session.scalar(select(exists().where(ScoringClosure.call_id == call.id))):
        raise ConflictError("Les notes sont déjà visibles : le tirage ne peut plus être préparé.", code="tirage-tardif")
    seed = draw.new_seed()
    row = RankingDraw(call_id=call.id, seed=seed, commitment=draw.commitment(seed), committed_at=now)
    with refusing({"uq_ranking_draws_call_id": ConflictError("Le tirage est déjà préparé.", code="tirage-prepare")}):
        db.session.add(row)
    audit.record("jury.commit_draw", row, actor_id=actor.id, now=now, detail={"commitment": row.commitment})
    return row


def reveal_draw(call: Call, *, actor: User, now: datetime) -> RankingDraw:
    """Reveal the seed, once individual scoring is closed: the ranking is frozen as it was, then ties are drawn.

    The draw waits for every additional reviewer: who knows the order of a tie must not mark afterwards.

    Raises:
        ConflictError: nothing was committed, scoring is not closed, or an additional review may still come.

    """
    row = hold_draw(call)
    closed = db.session.scalar(select(exists().where(ScoringClosure.call_id == call.id)))
    if row is None or not closed:
        raise ConflictError("Le tirage se révèle après la clôture de la notation.", code="tirage-impossible")
    if row.revealed_at is None:
        check_none_late(call, now)
        reason = "La graine est révélée sur ce classement : les dossiers que rien d’autre ne sépare sont ensuite tirés."
        freeze_ranking(call, name="Avant le tirage", reason=reason, actor=actor, now=now)
        row.revealed_at = now
        db.session.flush()
        refresh_standings(call, now)
        audit.record("jury.reveal_draw", row, actor_id=actor.id, now=now, detail={"seed": row.seed})
    return row


def check_none_late(call: Call, now: datetime) -> None:
    """Refuse to reveal the draw while a review asked after the closure may still come; no file is named.

    Raises:
        ConflictError: with the last hour at which one may come.

    """
    late = list_late_reviews(call.id, now, seen=true())
    if late:
        until = french.moment(max(one.open_until for one in late))
        message = (
            f"Une évaluation supplémentaire peut encore être rendue, au plus tard le {until} : le tirage l'attend. "
            "Retirez-la de la répartition si elle ne viendra pas."
        )
        raise ConflictError(message, code="tirage-en-attente")
