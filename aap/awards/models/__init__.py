"""Tables of the awards. The advice and the decision are two records by two people; history is never rewritten."""

from __future__ import annotations

from aap.awards.models.decisions import Decision, JuryOpinion, Notification, Reservation
from aap.awards.models.projects import (
    Amendment,
    AmendmentKind,
    BalanceStatement,
    Contract,
    Instalment,
    Project,
    ProjectBudgetLine,
    ProjectCounter,
    ProjectFunder,
    ProjectState,
)
from aap.awards.models.scenarios import Scenario, ScenarioLine

__all__ = [
    "Amendment",
    "AmendmentKind",
    "BalanceStatement",
    "Contract",
    "Decision",
    "Instalment",
    "JuryOpinion",
    "Notification",
    "Project",
    "ProjectBudgetLine",
    "ProjectCounter",
    "ProjectFunder",
    "ProjectState",
    "Reservation",
    "Scenario",
    "ScenarioLine",
]
