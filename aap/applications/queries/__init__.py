"""Reads on applications: loaders, lists, the file to read, and what the agency wrote about it."""

from __future__ import annotations

from aap.applications.queries.dossier import budget_of, get_dossier, list_history, sections_of
from aap.applications.queries.dossier_rows import Audience, Dossier
from aap.applications.queries.instruction import (
    CheckRow,
    CompletionRow,
    DecisionRow,
    OpinionRow,
    get_decision,
    list_check_rows,
    list_completion_rows,
    list_opinion_rows,
)
from aap.applications.queries.lists import (
    SORTS,
    MyApplicationRow,
    OfficeFilters,
    OfficeRow,
    Page,
    count_by_call,
    count_by_state,
    list_applicant_names,
    list_my_applications,
    list_office_applications,
)
from aap.applications.queries.loading import (
    get_application,
    get_application_by_reference,
    get_application_to_write,
    get_piece,
    get_submission,
)
from aap.applications.queries.messages import (
    MessageRow,
    ThreadRow,
    count_waiting_threads,
    get_message_file,
    list_messages,
    list_waiting_threads,
)
from aap.applications.queries.pieces import LeftPiece, list_left_pieces, list_pieces_of
from aap.applications.queries.seals import BrokenSeal, SealReport, verify_seals
from aap.applications.queries.waiting import count_lacking_opinions, list_lacking_by_call, list_lacking_opinions

__all__ = [
    "SORTS",
    "Audience",
    "BrokenSeal",
    "CheckRow",
    "CompletionRow",
    "DecisionRow",
    "Dossier",
    "LeftPiece",
    "MessageRow",
    "MyApplicationRow",
    "OfficeFilters",
    "OfficeRow",
    "OpinionRow",
    "Page",
    "SealReport",
    "ThreadRow",
    "budget_of",
    "count_by_call",
    "count_by_state",
    "count_lacking_opinions",
    "count_waiting_threads",
    "get_application",
    "get_application_by_reference",
    "get_application_to_write",
    "get_decision",
    "get_dossier",
    "get_message_file",
    "get_piece",
    "get_submission",
    "list_applicant_names",
    "list_check_rows",
    "list_completion_rows",
    "list_history",
    "list_lacking_by_call",
    "list_lacking_opinions",
    "list_left_pieces",
    "list_messages",
    "list_my_applications",
    "list_office_applications",
    "list_opinion_rows",
    "list_pieces_of",
    "list_waiting_threads",
    "sections_of",
    "verify_seals",
]
