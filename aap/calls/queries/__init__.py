"""Reads on calls."""

from __future__ import annotations

from aap.calls.queries.calendars import calendar_of, phase_of
from aap.calls.queries.calls import (
    CallRow,
    TeamRow,
    current_version,
    get_call,
    get_call_by_id,
    get_calls,
    get_version,
    list_calls,
    list_public_calls,
    list_team,
)
from aap.calls.queries.documents import (
    load_document,
    load_form,
    load_form_spec,
    load_words,
    references_for,
)
from aap.calls.queries.pages import get_call_page

__all__ = [
    "CallRow",
    "TeamRow",
    "calendar_of",
    "current_version",
    "get_call",
    "get_call_by_id",
    "get_call_page",
    "get_calls",
    "get_version",
    "list_calls",
    "list_public_calls",
    "list_team",
    "load_document",
    "load_form",
    "load_form_spec",
    "load_words",
    "phase_of",
    "references_for",
]
