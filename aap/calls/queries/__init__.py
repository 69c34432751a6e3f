"""Reads on calls."""

from __future__ import annotations

from aap.calls.queries.calendars import calendar_of, phase_of
from aap.calls.queries.calls import (
    CallRow,
    TeamRow,
    current_version,
    current_version_to_list,
    get_call,
    get_call_by_id,
    get_calls,
    get_version,
    list_calls,
    list_public_calls,
    list_team,
    publics_of,
)
from aap.calls.queries.documents import (
    load_document,
    load_form,
    load_form_spec,
    load_words,
    references_for,
)
from aap.calls.queries.pages import get_call_page
from aap.calls.queries.questions import (
    count_waiting_questions,
    get_question,
    list_my_questions,
    list_old_texts,
    list_published_questions,
    list_questions,
    names_of_asker,
)
from aap.calls.queries.revisions import GridRevisionRow, list_grid_revisions
from aap.calls.queries.vintages import cited_vintages

__all__ = [
    "CallRow",
    "GridRevisionRow",
    "TeamRow",
    "calendar_of",
    "cited_vintages",
    "count_waiting_questions",
    "current_version",
    "current_version_to_list",
    "get_call",
    "get_call_by_id",
    "get_call_page",
    "get_calls",
    "get_question",
    "get_version",
    "list_calls",
    "list_grid_revisions",
    "list_my_questions",
    "list_old_texts",
    "list_public_calls",
    "list_published_questions",
    "list_questions",
    "list_team",
    "load_document",
    "load_form",
    "load_form_spec",
    "load_words",
    "names_of_asker",
    "phase_of",
    "publics_of",
    "references_for",
]
