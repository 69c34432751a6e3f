"""The life of a review: a draft, submitted, reopened for a reason as long as individual scoring lasts."""

from __future__ import annotations

from aap.jury.models import Review, ReviewState
from aap.workflow import Actor, StateLabel, Transition, Workflow

_S = ReviewState

LABELS = {
    _S.DRAFT: StateLabel("En cours", "En cours", "warning"),
    _S.SUBMITTED: StateLabel("Remise", "Remise", "success"),
}

TRANSITIONS: tuple[Transition[ReviewState, Review], ...] = (
    Transition("submit", (_S.DRAFT,), _S.SUBMITTED, ("juror",), "Remettre la grille"),
    Transition("reopen", (_S.SUBMITTED,), _S.DRAFT, ("juror",), "Rouvrir la grille", needs_reason=True),
)


def relations(review: Review, actor: Actor) -> frozenset[str]:
    """Say what a person is to a review: its ``juror``, or nothing."""
    return frozenset({"juror"}) if review.member.user_id == actor.id else frozenset()


WORKFLOW: Workflow[ReviewState, Review] = Workflow("review", LABELS, TRANSITIONS, relations)
