"""The simulation of an envelope: settings, files and ranks in; who is funded, and why the others are not, out.

Nothing here reads the database. The simulation proposes; the jury and the director decide.
"""

from __future__ import annotations

from aap.awards.simulation.board import Board, FileRow, Group, Standing, fingerprint
from aap.awards.simulation.changes import Change, ChangeKind, list_changes
from aap.awards.simulation.comparison import FEWEST, MOST, ComparedFile, ComparedSum, Comparison, Contender, compare
from aap.awards.simulation.explaining import refusal_words
from aap.awards.simulation.proposal import Line, Outcome, QuotaUse, Refusal, RefusalReason, StrandUse, simulate
from aap.awards.simulation.settings import (
    Dimension,
    QuotaRule,
    Retained,
    Settings,
    Sharing,
    StrandShare,
    base_settings,
    read_settings,
    write_settings,
)
from aap.awards.simulation.wording import DIMENSION_WORDS, quota_words, settings_words, sharing_words

__all__ = [
    "DIMENSION_WORDS",
    "FEWEST",
    "MOST",
    "Board",
    "Change",
    "ChangeKind",
    "ComparedFile",
    "ComparedSum",
    "Comparison",
    "Contender",
    "Dimension",
    "FileRow",
    "Group",
    "Line",
    "Outcome",
    "QuotaRule",
    "QuotaUse",
    "Refusal",
    "RefusalReason",
    "Retained",
    "Settings",
    "Sharing",
    "Standing",
    "StrandShare",
    "StrandUse",
    "base_settings",
    "compare",
    "fingerprint",
    "list_changes",
    "quota_words",
    "read_settings",
    "refusal_words",
    "settings_words",
    "sharing_words",
    "simulate",
    "write_settings",
]
