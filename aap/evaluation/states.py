"""The life cycles of a project's evaluation and of its reports."""

from __future__ import annotations

from aap.evaluation.models import EvaluationPlan, PlanState, Report, ReportKind, ReportState
from aap.evaluation.people import DD, OFFICER, relations_to_project
from aap.workflow import STAGE, Actor, StateLabel, Transition, Workflow

VALIDATOR = "validator"  # who validates a report: officers, and the department's correspondent for a follow-up


def relations_to_plan(plan: EvaluationPlan, actor: Actor) -> frozenset[str]:
    """Return what a person is to the evaluation of a project."""
    return relations_to_project(plan.project, actor)


def relations_to_report(report: Report, actor: Actor) -> frozenset[str]:
    """Return what a person is to a report, ``validator`` included.

    A report that unlocks money or closes the project is the officer's; a follow-up may be read by the department.
    """
    found = relations_to_project(report.project, actor)
    if OFFICER in found or (DD in found and report.kind is ReportKind.FOLLOW_UP and report.unlocks_rank is None):
        return found | {VALIDATOR}
    return found


_S = PlanState

PLAN_WORKFLOW: Workflow[PlanState, EvaluationPlan] = Workflow(
    name="evaluation_plan",
    labels={
        _S.PLAN_DRAFT: StateLabel("Plan à valider", "Plan d'évaluation à compléter", "warning"),
        _S.PLAN_VALIDATED: StateLabel("Plan validé", "Plan d'évaluation validé", "info"),
        _S.IN_PROGRESS: StateLabel("En cours", "Suivi en cours", "info"),
        _S.INTERIM_VALIDATED: StateLabel("Rapport intermédiaire validé", "Rapport intermédiaire validé", "info"),
        _S.FINAL_SUBMITTED: StateLabel("Rapport final à valider", "Rapport final transmis", "warning"),
        _S.FINAL_VALIDATED: StateLabel("Rapport final validé", "Rapport final validé", "success"),
        _S.DECIDED: StateLabel("Suites décidées", "Suites décidées", "success"),
    },
    transitions=(
        Transition("validate", (_S.PLAN_DRAFT,), _S.PLAN_VALIDATED, (OFFICER,), "Valider le plan", "Plan validé"),
        Transition("start", (_S.PLAN_VALIDATED,), _S.IN_PROGRESS, (STAGE,), "Premier suivi transmis"),
        Transition(
            "validate_interim",
            (_S.PLAN_VALIDATED, _S.IN_PROGRESS),
            _S.INTERIM_VALIDATED,
            (STAGE,),
            "Rapport intermédiaire validé",
        ),
        Transition(
            "submit_final",
            (_S.PLAN_VALIDATED, _S.IN_PROGRESS, _S.INTERIM_VALIDATED),
            _S.FINAL_SUBMITTED,
            (STAGE,),
            "Rapport final transmis",
        ),
        Transition("return_final", (_S.FINAL_SUBMITTED,), _S.IN_PROGRESS, (STAGE,), "Rapport final renvoyé"),
        Transition("validate_final", (_S.FINAL_SUBMITTED,), _S.FINAL_VALIDATED, (STAGE,), "Rapport final validé"),
        Transition("decide", (_S.FINAL_VALIDATED,), _S.DECIDED, (OFFICER, "director"), "Enregistrer la décision"),
    ),
    relations=relations_to_plan,
)

_R = ReportState

REPORT_WORKFLOW: Workflow[ReportState, Report] = Workflow(
    name="report",
    labels={
        _R.DRAFT: StateLabel("Attendu", "À transmettre", "neutral"),
        _R.SUBMITTED: StateLabel("À valider", "Transmis", "info"),
        _R.RETURNED: StateLabel("Renvoyé", "À compléter", "warning"),
        _R.VALIDATED: StateLabel("Validé", "Validé", "success"),
    },
    transitions=(
        Transition("submit", (_R.DRAFT, _R.RETURNED), _R.SUBMITTED, ("lead", STAGE), "Transmettre le rapport"),
        Transition(
            "return", (_R.SUBMITTED,), _R.RETURNED, (VALIDATOR,), "Renvoyer avec une remarque", needs_reason=True
        ),
        Transition("validate", (_R.SUBMITTED,), _R.VALIDATED, (VALIDATOR, STAGE), "Valider le rapport"),
    ),
    relations=relations_to_report,
)
