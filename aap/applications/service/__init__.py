"""Writes on applications: one verb per function, the actor and the hour given, flushed and never committed."""

from __future__ import annotations

from aap.applications.service.admissibility import (
    ItemAsked,
    decide_admissibility,
    list_checks,
    outcomes_of,
    request_completion,
    tick_manual_rule,
)
from aap.applications.service.drafting import (
    choose_strand,
    restore_answer,
    save_section,
    section_of,
    section_to_fill,
    start_application,
)
from aap.applications.service.lateness import admit_late, find_draft
from aap.applications.service.locating import locate_again
from aap.applications.service.messages import mark_read, settle_thread, side_of, write_message
from aap.applications.service.opinions import (
    close_instruction,
    give_opinion,
    list_missing_opinions,
    opinions_open_to,
)
from aap.applications.service.pieces import Upload, attach_piece, remove_piece, replace_piece
from aap.applications.service.submission import list_obstacles, resubmit, submit, withdraw

__all__ = [
    "ItemAsked",
    "Upload",
    "admit_late",
    "attach_piece",
    "choose_strand",
    "close_instruction",
    "decide_admissibility",
    "find_draft",
    "give_opinion",
    "list_checks",
    "list_missing_opinions",
    "list_obstacles",
    "locate_again",
    "mark_read",
    "opinions_open_to",
    "outcomes_of",
    "remove_piece",
    "replace_piece",
    "request_completion",
    "restore_answer",
    "resubmit",
    "save_section",
    "section_of",
    "section_to_fill",
    "settle_thread",
    "side_of",
    "start_application",
    "submit",
    "tick_manual_rule",
    "withdraw",
    "write_message",
]
