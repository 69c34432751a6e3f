"""Work that the hour asks for, derived from data ("due and not done"): nothing is lost by a missed day."""

from __future__ import annotations

from aap.db import unit_of_work
from aap.extensions import clock
from aap.jury.service import close_due_scoring


def do_what_is_due() -> int:
    """Close the individual scoring of the calls whose hour has passed; return how many changed."""
    with unit_of_work():
        return close_due_scoring(clock().now())
