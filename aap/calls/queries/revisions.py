"""The revisions of the grid of a published call, as they are shown: dated, with their reason and what changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from aap.accounts.models import User
from aap.calls.models import CallVersion, GridRevision
from aap.db import db


@dataclass(frozen=True, slots=True)
class GridRevisionRow:
    """A revision: the number of the grid it made, what changed (what, before, after), why, when; by whom, for staff."""

    number: int
    changes: tuple[tuple[str, str, str], ...]
    reason: str
    made_at: datetime
    made_by: str


def list_grid_revisions(version: CallVersion, after: int = 1) -> tuple[GridRevisionRow, ...]:
    """Return the revisions that made a later grid than ``after``, in order; one query, none without a revision."""
    if version.grid_number <= after:
        return ()
    query = (
        select(GridRevision, User)
        .join(User, User.id == GridRevision.made_by_id)
        .where(GridRevision.call_version_id == version.id, GridRevision.number > after)
        .order_by(GridRevision.number)
    )
    return tuple(
        GridRevisionRow(
            number=row.number,
            changes=tuple((what, before, now) for what, before, now in row.changes),
            reason=row.reason,
            made_at=row.made_at,
            made_by=user.display_name,
        )
        for row, user in db.session.execute(query)
    )
