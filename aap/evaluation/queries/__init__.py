"""Reads of the evaluation: one thing, the board of a project, the office's list, the series of its indicators."""

from __future__ import annotations

from aap.evaluation.queries.board import (
    Board,
    Conclusion,
    MilestoneRow,
    ReportRow,
    get_board,
    get_conclusion,
    list_milestone_rows,
    list_notes,
    list_report_rows,
    list_versions,
)
from aap.evaluation.queries.follow_up import FollowUpFilter, FollowUpPage, FollowUpRow, list_follow_up
from aap.evaluation.queries.reading import (
    find_current,
    find_plan,
    get_indicator,
    get_milestone,
    get_note,
    get_plan,
    get_project,
    get_report,
    list_expenses,
    list_periods,
    list_revisions,
)
from aap.evaluation.queries.series import Point, Series, count_reached, get_series, list_series

__all__ = [
    "Board",
    "Conclusion",
    "FollowUpFilter",
    "FollowUpPage",
    "FollowUpRow",
    "MilestoneRow",
    "Point",
    "ReportRow",
    "Series",
    "count_reached",
    "find_current",
    "find_plan",
    "get_board",
    "get_conclusion",
    "get_indicator",
    "get_milestone",
    "get_note",
    "get_plan",
    "get_project",
    "get_report",
    "get_series",
    "list_expenses",
    "list_follow_up",
    "list_milestone_rows",
    "list_notes",
    "list_periods",
    "list_report_rows",
    "list_revisions",
    "list_series",
    "list_versions",
]
