"""What is read of juries. Lists are frozen rows, ordered; what a person may not know is left out before counting."""

from __future__ import annotations

from aap.jury.queries.analysis import Analysis, FileLine, MemberLine, get_analysis
from aap.jury.queries.answers import RevisionProgress, count_answers, older_grids
from aap.jury.queries.board import get_board, is_stored
from aap.jury.queries.board_rows import SORTS, Board, BoardFilters, BoardRow
from aap.jury.queries.declines import DeclineRow, list_declines
from aap.jury.queries.files import MyFile, ReviewLine, ReviewSheet, find_review, get_review_sheet, list_my_files
from aap.jury.queries.freezing import freeze_ranking_of, missing_jurors
from aap.jury.queries.invitations import (
    InvitationRow,
    find_jury_invitation,
    get_jury_invitation,
    list_waiting_invitations,
)
from aap.jury.queries.late import Extension, LateReview, list_extensions, list_late_reviews
from aap.jury.queries.links import ConflictRow, list_conflicts
from aap.jury.queries.load import AssignmentRow, JuryLoad, count_jury_loads, list_assignments
from aap.jury.queries.members import (
    MemberRow,
    MyJury,
    ProgressRow,
    RecusalRow,
    find_member,
    get_member,
    list_members,
    list_my_juries,
    list_progress,
    list_recusals,
    sits_on_a_jury,
)
from aap.jury.queries.own import CriterionUse, MyMarks, MyScale, Place, get_my_scale, place_among
from aap.jury.queries.ranking import RankedRow, find_draw, list_ranking
from aap.jury.queries.seals import verify_snapshots
from aap.jury.queries.session import (
    AgendaRow,
    SeatRow,
    draft_minutes,
    find_hearing,
    find_session,
    get_session,
    get_session_item,
    list_agenda,
    list_read,
    list_seats,
    on_agenda,
)
from aap.jury.queries.snapshots import (
    SnapshotRow,
    SnapshotView,
    find_opening_snapshot,
    get_snapshot,
    list_names,
    list_reasons_of_removal,
    list_snapshots,
    read_snapshot,
    show_ranking,
)
from aap.jury.queries.summary import OwnMark, OwnMarks, ReviewSummary, Summary, get_own_marks, get_summary

__all__ = [
    "SORTS",
    "AgendaRow",
    "Analysis",
    "AssignmentRow",
    "Board",
    "BoardFilters",
    "BoardRow",
    "ConflictRow",
    "CriterionUse",
    "DeclineRow",
    "Extension",
    "FileLine",
    "InvitationRow",
    "JuryLoad",
    "LateReview",
    "MemberLine",
    "MemberRow",
    "MyFile",
    "MyJury",
    "MyMarks",
    "MyScale",
    "OwnMark",
    "OwnMarks",
    "Place",
    "ProgressRow",
    "RankedRow",
    "RecusalRow",
    "ReviewLine",
    "ReviewSheet",
    "ReviewSummary",
    "RevisionProgress",
    "SeatRow",
    "SnapshotRow",
    "SnapshotView",
    "Summary",
    "count_answers",
    "count_jury_loads",
    "draft_minutes",
    "find_draw",
    "find_hearing",
    "find_jury_invitation",
    "find_member",
    "find_opening_snapshot",
    "find_review",
    "find_session",
    "freeze_ranking_of",
    "get_analysis",
    "get_board",
    "get_jury_invitation",
    "get_member",
    "get_my_scale",
    "get_own_marks",
    "get_review_sheet",
    "get_session",
    "get_session_item",
    "get_snapshot",
    "get_summary",
    "is_stored",
    "list_agenda",
    "list_assignments",
    "list_conflicts",
    "list_declines",
    "list_extensions",
    "list_late_reviews",
    "list_members",
    "list_my_files",
    "list_my_juries",
    "list_names",
    "list_progress",
    "list_ranking",
    "list_read",
    "list_reasons_of_removal",
    "list_recusals",
    "list_seats",
    "list_snapshots",
    "list_waiting_invitations",
    "missing_jurors",
    "older_grids",
    "on_agenda",
    "place_among",
    "read_snapshot",
    "show_ranking",
    "sits_on_a_jury",
    "verify_snapshots",
]
