"""Tables of the evaluation: the plan and its indicators, what is reported, and what is concluded."""

from __future__ import annotations

from aap.evaluation.models.conclusion import (
    FollowUpDecision,
    Recommendation,
    RecommendationValue,
    Verdict,
    VerdictValue,
)
from aap.evaluation.models.plan import (
    EvaluationPeriod,
    EvaluationPlan,
    EvaluationPlanVersion,
    Evaluator,
    EvaluatorKind,
    Indicator,
    Milestone,
    PlanState,
)
from aap.evaluation.models.reporting import (
    ExpenseStatement,
    Measure,
    MeasureState,
    NoteKind,
    QualitativeNote,
    Report,
    ReportKind,
    ReportState,
)

__all__ = [
    "EvaluationPeriod",
    "EvaluationPlan",
    "EvaluationPlanVersion",
    "Evaluator",
    "EvaluatorKind",
    "ExpenseStatement",
    "FollowUpDecision",
    "Indicator",
    "Measure",
    "MeasureState",
    "Milestone",
    "NoteKind",
    "PlanState",
    "QualitativeNote",
    "Recommendation",
    "RecommendationValue",
    "Report",
    "ReportKind",
    "ReportState",
    "Verdict",
    "VerdictValue",
]
