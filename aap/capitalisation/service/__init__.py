"""What people do with sheets: one verb per function."""

from __future__ import annotations

from aap.capitalisation.service.circuit import (
    review_sheet,
    send_back,
    submit_sheet,
    validate_by_lead,
    validate_sheet,
)
from aap.capitalisation.service.drafting import create_sheet, draft_sheet_from_project
from aap.capitalisation.service.publishing import archive_sheet, flag_due_sheets, flag_sheet, publish_sheet
from aap.capitalisation.service.writing import FigureChoice, choose_figures, edit_head, edit_section, note_step

__all__ = [
    "FigureChoice",
    "archive_sheet",
    "choose_figures",
    "create_sheet",
    "draft_sheet_from_project",
    "edit_head",
    "edit_section",
    "flag_due_sheets",
    "flag_sheet",
    "note_step",
    "publish_sheet",
    "review_sheet",
    "send_back",
    "submit_sheet",
    "validate_by_lead",
    "validate_sheet",
]
