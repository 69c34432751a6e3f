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
from aap.applications.service.attached import Joined, attach_answer, detach_answer
from aap.applications.service.commitments import (
    Signing,
    cancel_request,
    letters_annex,
    request_commitment,
    sign_commitment,
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
from aap.applications.service.leading import (
    accept_transfer,
    cancel_transfer,
    decline_transfer,
    hand_over,
    list_candidates,
    offer_transfer,
    take_over,
)
from aap.applications.service.locating import locate_again
from aap.applications.service.messages import mark_read, settle_thread, side_of, write_message
from aap.applications.service.moving import move_piece
from aap.applications.service.opinions import (
    close_instruction,
    give_opinion,
    list_missing_opinions,
    opinion_seal,
    opinions_open_to,
)
from aap.applications.service.people import (
    Rights,
    accept_invitation,
    cancel_invitation,
    change_rights,
    invite,
    list_waiting,
    remove_participant,
    send_again,
)
from aap.applications.service.pieces import Upload, attach_piece, remove_piece, replace_piece
from aap.applications.service.reminders import remind_drafts
from aap.applications.service.signing import (
    sign_file,
)
from aap.applications.service.submission import list_obstacles, resubmit, submit, withdraw

__all__ = [
    "ItemAsked",
    "Joined",
    "Rights",
    "Signing",
    "Upload",
    "accept_invitation",
    "accept_transfer",
    "admit_late",
    "attach_answer",
    "attach_piece",
    "cancel_invitation",
    "cancel_request",
    "cancel_transfer",
    "change_rights",
    "choose_strand",
    "close_instruction",
    "decide_admissibility",
    "decline_transfer",
    "detach_answer",
    "find_draft",
    "give_opinion",
    "hand_over",
    "invite",
    "letters_annex",
    "list_candidates",
    "list_checks",
    "list_missing_opinions",
    "list_obstacles",
    "list_waiting",
    "locate_again",
    "mark_read",
    "move_piece",
    "offer_transfer",
    "opinion_seal",
    "opinions_open_to",
    "outcomes_of",
    "remind_drafts",
    "remove_participant",
    "remove_piece",
    "replace_piece",
    "request_commitment",
    "request_completion",
    "restore_answer",
    "resubmit",
    "save_section",
    "section_of",
    "section_to_fill",
    "send_again",
    "settle_thread",
    "side_of",
    "sign_commitment",
    "sign_file",
    "start_application",
    "submit",
    "take_over",
    "tick_manual_rule",
    "withdraw",
    "write_message",
]
