"""Writes on calls: import, publish, amend, cancel, and who works on them."""

from __future__ import annotations

from aap.calls.service.amending import amend_contact, amend_step
from aap.calls.service.corrections import correct_answer
from aap.calls.service.importing import ImportResult, import_call, replace_draft
from aap.calls.service.publishing import cancel_call, publish_call
from aap.calls.service.questions import add_entry, answer_privately, ask_question, merge_question, publish_answer
from aap.calls.service.team import add_team_member, remove_team_member

__all__ = [
    "ImportResult",
    "add_entry",
    "add_team_member",
    "amend_contact",
    "amend_step",
    "answer_privately",
    "ask_question",
    "cancel_call",
    "correct_answer",
    "import_call",
    "merge_question",
    "publish_answer",
    "publish_call",
    "remove_team_member",
    "replace_draft",
]
