"""What people do with the evaluation of a funded project: one verb per function."""

from __future__ import annotations

from aap.evaluation.service.conclusion import answer_seal, give_verdict, recommend, record_decision
from aap.evaluation.service.drafting import create_missing_plans, create_plan
from aap.evaluation.service.measures import (
    correct_measure,
    record_actual_lines,
    record_expense,
    record_measure,
    validate_measure,
)
from aap.evaluation.service.milestones import add_milestone, mark_done, move_milestone
from aap.evaluation.service.notes import add_note, remove_note
from aap.evaluation.service.plan import (
    add_indicator,
    describe_plan,
    remove_indicator,
    set_goal,
    validate_plan,
    word_indicator,
)
from aap.evaluation.service.reminders import remind_due
from aap.evaluation.service.reports import (
    follow_sheet_publication,
    follow_sheet_submission,
    follow_sheet_validation,
    return_report,
    save_draft,
    submit_report,
    validate_report,
)

__all__ = [
    "add_indicator",
    "add_milestone",
    "add_note",
    "answer_seal",
    "correct_measure",
    "create_missing_plans",
    "create_plan",
    "describe_plan",
    "follow_sheet_publication",
    "follow_sheet_submission",
    "follow_sheet_validation",
    "give_verdict",
    "mark_done",
    "move_milestone",
    "recommend",
    "record_actual_lines",
    "record_decision",
    "record_expense",
    "record_measure",
    "remind_due",
    "remove_indicator",
    "remove_note",
    "return_report",
    "save_draft",
    "set_goal",
    "submit_report",
    "validate_measure",
    "validate_plan",
    "validate_report",
    "word_indicator",
]
