"""The life of an application: states, their labels, and the only transitions there are."""

from __future__ import annotations

from datetime import datetime

from aap.accounts.models import RoleName, User
from aap.applications.models import Application, ApplicationState
from aap.calls.models import CallRole
from aap.errors import ConflictError
from aap.workflow import STAGE, Actor, StateLabel, Transition, Workflow

__all__ = ["BEFORE_NOTIFICATION", "DEPOSITED", "LABELS", "OPEN_TO_LEAD", "WORKFLOW", "ApplicationState", "relations"]

_S = ApplicationState

OPEN_TO_LEAD = (_S.DRAFT, _S.COMPLETION_REQUESTED)
DEPOSITED = tuple(state for state in ApplicationState if state is not _S.DRAFT)
BEFORE_NOTIFICATION = (_S.SUBMITTED, _S.COMPLETION_REQUESTED, _S.ADMISSIBLE, _S.INSTRUCTED, _S.SCORED, _S.DECIDED)

LABELS = {
    _S.DRAFT: StateLabel("Brouillon", "Brouillon"),
    _S.SUBMITTED: StateLabel("Déposé", "Déposé", "info"),
    _S.COMPLETION_REQUESTED: StateLabel("Compléments demandés", "Compléments à fournir", "warning"),
    _S.ADMISSIBLE: StateLabel("Recevable", "Recevable, en instruction", "info"),
    _S.INADMISSIBLE: StateLabel("Irrecevable", "Irrecevable", "error"),
    _S.INSTRUCTED: StateLabel("Instruit", "En cours d'examen", "info"),
    _S.SCORED: StateLabel("Noté", "En cours d'examen", "info"),
    _S.DECIDED: StateLabel("Décidé, à notifier", "En cours d'examen", "warning"),
    _S.NOTIFIED: StateLabel("Notifié", "Décision notifiée", "info"),
    _S.CONTRACTED: StateLabel("Conventionné", "Conventionné", "success"),
    _S.WITHDRAWN: StateLabel("Retiré", "Retiré"),
}


def relations(application: Application, actor: Actor) -> frozenset[str]:
    """Say what a person is to the application: ``lead``, ``officer`` (of its call, or regional administrator)."""
    if not isinstance(actor, User):
        return frozenset()
    found = set()
    if application.lead_id == actor.id:
        found.add("lead")
    if is_officer(application, actor):
        found.add("officer")
    return frozenset(found)


def is_officer(application: Application, actor: User) -> bool:
    """Tell whether the person handles the files of this application's call."""
    if actor.has_role_in(application.region_code, RoleName.ADMINISTRATOR):
        return True
    team = application.call_version.call.team
    return any(member.user_id == actor.id and member.role is CallRole.OFFICER for member in team)


def _completion_is_over(application: Application, now: datetime) -> None:
    """Refuse to judge a file while its lead still has time to complete it."""
    if application.state is not _S.COMPLETION_REQUESTED:
        return
    if now <= application.completion_requests[-1].deadline:
        message = "Le porteur peut encore compléter son dossier : attendez son dépôt ou la fin du délai."
        raise ConflictError(message, code="complements-en-cours")


_Row = Transition[ApplicationState, Application]

TRANSITIONS: tuple[_Row, ...] = (
    _Row("submit", (_S.DRAFT,), _S.SUBMITTED, ("lead",), "Déposer", "Déposer le dossier"),
    _Row(
        "request_completion",
        (_S.SUBMITTED,),
        _S.COMPLETION_REQUESTED,
        ("officer",),
        "Demander des compléments",
    ),
    _Row("resubmit", (_S.COMPLETION_REQUESTED,), _S.SUBMITTED, ("lead",), "Renvoyer", "Renvoyer le dossier complété"),
    _Row(
        "admit",
        (_S.SUBMITTED, _S.COMPLETION_REQUESTED),
        _S.ADMISSIBLE,
        ("officer",),
        "Déclarer recevable",
        guard=_completion_is_over,
    ),
    _Row(
        "refuse_admission",
        (_S.SUBMITTED, _S.COMPLETION_REQUESTED),
        _S.INADMISSIBLE,
        ("officer",),
        "Déclarer irrecevable",
        guard=_completion_is_over,
        needs_reason=True,
    ),
    _Row("instruct", (_S.ADMISSIBLE,), _S.INSTRUCTED, ("officer",), "Clore l'instruction"),
    _Row("score", (_S.INSTRUCTED,), _S.SCORED, (STAGE, "system"), "Clore la notation"),
    _Row("decide", (_S.SCORED,), _S.DECIDED, (STAGE,), "Décider"),
    _Row("notify", (_S.DECIDED,), _S.NOTIFIED, (STAGE,), "Notifier la décision"),
    _Row("contract", (_S.NOTIFIED,), _S.CONTRACTED, (STAGE,), "Conventionner"),
    _Row("withdraw", (_S.DRAFT,), _S.WITHDRAWN, ("lead",), "Abandonner", "Abandonner ce brouillon"),
    _Row(
        "withdraw",
        (*BEFORE_NOTIFICATION, _S.NOTIFIED),
        _S.WITHDRAWN,
        ("lead", "officer"),
        "Enregistrer le retrait",
        "Retirer le dossier",
        needs_reason=True,
    ),
)

WORKFLOW: Workflow[ApplicationState, Application] = Workflow("application", LABELS, TRANSITIONS, relations)
