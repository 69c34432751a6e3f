"""Work that the hour asks for, derived from data ("due and not done"): nothing is lost by a missed day."""

from __future__ import annotations

from aap.awards.service import start_due_projects, unlock_due_instalments
from aap.capitalisation.service import flag_due_sheets
from aap.db import unit_of_work
from aap.evaluation.service import create_missing_plans, remind_due
from aap.extensions import clock
from aap.jury.service import close_due_scoring

WORK = (
    close_due_scoring,
    start_due_projects,
    unlock_due_instalments,
    create_missing_plans,
    remind_due,
    flag_due_sheets,
)


def do_what_is_due() -> int:
    """Do all the work whose hour has come; return how many things changed.

    Each kind of work has its own transaction: one that fails does not hold the others back.
    """
    now, changed = clock().now(), 0
    for work in WORK:
        with unit_of_work():
            changed += work(now)
    return changed
