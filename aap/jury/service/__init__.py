"""What people do on a jury: join, declare, stand back, mark, submit; and what the service does at the closing hour."""

from __future__ import annotations

from aap.jury.service.agreements import Agreement, write_minutes
from aap.jury.service.autosave import Autosaved, autosave_review
from aap.jury.service.bundles import BundleGap, ask_bundle, bundle_gap, find_bundle, hand_bundle
from aap.jury.service.closing import close_due_scoring, close_scoring, commit_draw, commit_due_draws, reveal_draw
from aap.jury.service.extending import extend_scoring, name_additional_reviewer
from aap.jury.service.files import assign, decline_assignment, dismiss_conflict, recuse, unassign
from aap.jury.service.invitations import (
    Place,
    accept_invitation,
    cancel_invitation,
    decline_invitation,
    invite,
    seat,
    send_again,
)
from aap.jury.service.members import LinkInput, add_member, end_membership, sign_declaration
from aap.jury.service.private_notes import NOTE
from aap.jury.service.profiles import Profile, call_in, describe_member, fingerprint, profile_of
from aap.jury.service.regrading import CarriedLine, Outlook, answer_revision, look_ahead
from aap.jury.service.reminders import remind_jurors
from aap.jury.service.reviews import MarkInput, reopen_review, save_review, start_review, submit_review
from aap.jury.service.revising import (
    Revised,
    check_revisable,
    grid_in_force,
    keys_ever,
    prepare_revision,
    revise_grid,
)
from aap.jury.service.session import (
    close_session,
    move_session,
    place_item,
    plan_session,
    record_presence,
    resume_session,
    schedule_hearing,
)
from aap.jury.service.snapshots import freeze_ranking
from aap.jury.service.standings import refresh_stale_standings, refresh_standing, refresh_standings

__all__ = [
    "NOTE",
    "Agreement",
    "Autosaved",
    "BundleGap",
    "CarriedLine",
    "LinkInput",
    "MarkInput",
    "Outlook",
    "Place",
    "Profile",
    "Revised",
    "accept_invitation",
    "add_member",
    "answer_revision",
    "ask_bundle",
    "assign",
    "autosave_review",
    "bundle_gap",
    "call_in",
    "cancel_invitation",
    "check_revisable",
    "close_due_scoring",
    "close_scoring",
    "close_session",
    "commit_draw",
    "commit_due_draws",
    "decline_assignment",
    "decline_invitation",
    "describe_member",
    "dismiss_conflict",
    "end_membership",
    "extend_scoring",
    "find_bundle",
    "fingerprint",
    "freeze_ranking",
    "grid_in_force",
    "hand_bundle",
    "invite",
    "keys_ever",
    "look_ahead",
    "move_session",
    "name_additional_reviewer",
    "place_item",
    "plan_session",
    "prepare_revision",
    "profile_of",
    "record_presence",
    "recuse",
    "refresh_stale_standings",
    "refresh_standing",
    "refresh_standings",
    "remind_jurors",
    "reopen_review",
    "resume_session",
    "reveal_draw",
    "revise_grid",
    "save_review",
    "schedule_hearing",
    "seat",
    "send_again",
    "sign_declaration",
    "start_review",
    "submit_review",
    "unassign",
    "write_minutes",
]
