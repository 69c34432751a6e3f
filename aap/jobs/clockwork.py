"""Work that the hour asks for, derived from data ("due and not done"): nothing is lost by a missed day."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from aap.applications.service import remind_drafts
from aap.awards.service import start_due_projects, unlock_due_instalments
from aap.capitalisation.service import flag_due_sheets
from aap.db import unit_of_work
from aap.evaluation.service import create_missing_plans, remind_due
from aap.extensions import clock
from aap.jobs.files import ask_scans, read_files
from aap.jobs.workbench import clear_stale
from aap.jury.service import close_due_scoring, commit_due_draws, refresh_stale_standings, remind_jurors

Work = Callable[[datetime], int]

logger = logging.getLogger(__name__)

WORK: tuple[Work, ...] = (
    commit_due_draws,
    close_due_scoring,
    refresh_stale_standings,
    remind_jurors,
    start_due_projects,
    unlock_due_instalments,
    create_missing_plans,
    remind_due,
    flag_due_sheets,
    ask_scans,
    remind_drafts,
)


def read_waiting_files() -> None:
    """Read a few pieces, outside of any transaction. What fails is read again at the next sweep."""
    try:
        read_files()
    except Exception:
        logger.exception("the pieces could not be read; asking again at the next sweep")


def do_what_is_due(works: Iterable[Work] = WORK) -> int:
    """Do all the work whose hour has come; return how many things changed.

    Each kind of work has its own transaction: one that fails is written in the log and asked again at the next sweep,
    and does not hold the others back.
    """
    now, changed = clock().now(), 0
    for work in works:
        try:
            with unit_of_work():
                changed += work(now)
        except Exception:
            logger.exception("the due work %s failed; asking again at the next sweep", work.__name__)
    read_waiting_files()
    clear_stale()
    return changed
