"""The life of a funded project, from the contract to the last euro."""

from __future__ import annotations

from datetime import datetime

from aap.awards.models import Project, ProjectState
from aap.awards.people import DIRECTOR, FINANCE, OFFICER, relations_to_project
from aap.clock import paris
from aap.errors import ConflictError
from aap.workflow import STAGE, StateLabel, Transition, Workflow

_S = ProjectState

LABELS = {
    _S.CONTRACTED: StateLabel("Conventionné", "Conventionné", "info"),
    _S.RUNNING: StateLabel("En cours", "En cours", "info"),
    _S.FINAL_VALIDATED: StateLabel("Rapport final validé", "Rapport final validé", "success"),
    _S.SETTLED: StateLabel("Soldé", "Soldé", "success"),
    _S.SUSPENDED: StateLabel("Suspendu", "Suspendu", "warning"),
    _S.TERMINATED: StateLabel("Résilié", "Résilié", "error"),
}


def _has_started(project: Project, now: datetime) -> None:
    """Refuse to start a project before its first day."""
    if paris(now).date() < project.starts_on:
        raise ConflictError("Le projet n'a pas encore atteint sa date de démarrage.", code="demarrage-premature")


def _is_balanced(project: Project, now: datetime) -> None:  # noqa: ARG001  # signature of a guard
    """Refuse to settle before the balance is computed and what it leaves is paid."""
    if project.balance is None:
        raise ConflictError("Calculez le solde avant de clore le projet.", code="solde-absent")
    if any(row.paid_at is None and (row.due_eur or 0) > 0 for row in project.instalments):
        raise ConflictError("Il reste un versement à payer.", code="versement-restant")


_Row = Transition[ProjectState, Project]

TRANSITIONS: tuple[_Row, ...] = (
    _Row("start", (_S.CONTRACTED,), _S.RUNNING, (OFFICER, "system"), "Démarrer", guard=_has_started),
    _Row("validate_final", (_S.CONTRACTED, _S.RUNNING), _S.FINAL_VALIDATED, (STAGE,), "Valider le rapport final"),
    _Row("settle", (_S.FINAL_VALIDATED,), _S.SETTLED, (OFFICER, FINANCE), "Solder le projet", guard=_is_balanced),
    _Row(
        "suspend",
        (_S.CONTRACTED, _S.RUNNING),
        _S.SUSPENDED,
        (OFFICER, DIRECTOR),
        "Suspendre",
        needs_reason=True,
    ),
    _Row("resume", (_S.SUSPENDED,), _S.RUNNING, (OFFICER, DIRECTOR), "Reprendre"),
    _Row(
        "terminate",
        (_S.CONTRACTED, _S.RUNNING, _S.SUSPENDED),
        _S.TERMINATED,
        (DIRECTOR,),
        "Résilier",
        needs_reason=True,
    ),
)

WORKFLOW: Workflow[ProjectState, Project] = Workflow("project", LABELS, TRANSITIONS, relations_to_project)
