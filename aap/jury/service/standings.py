"""Storing the exact result of a file whenever one of its reviews starts or stops counting."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, exists, select

from aap.applications.models import Application
from aap.calls.models import Call, CallVersion
from aap.db import db
from aap.jury.models import Review, ReviewState, Standing
from aap.jury.queries.board import calls_to_refresh
from aap.jury.queries.ranking import Computed, RankedRow, compute_ranking
from aap.scoring.aggregation import Assessment
from aap.scoring.draw import draw_key
from aap.scoring.exact import ratio
from aap.scoring.order_text import order_text, steps, write_values
from aap.scoring.ranking import Contender

LONGEST_FLOORS = 400  # characters of the keys of criteria, as the column has room for


def refresh_standing(application: Application, now: datetime) -> None:
    """Write the result of one file again, from its marks. Two reviews submitted at once wait for each other."""
    submitted = exists().where(Review.application_id == application.id, Review.state == ReviewState.SUBMITTED)
    stored = exists().where(Standing.application_id == application.id)
    if not db.session.scalar(select(submitted | stored)):
        return
    hold_grid(application)
    lock = select(Application.id).where(Application.id == application.id).with_for_update(key_share=True)
    db.session.execute(lock)
    call_id = application.call_version.call_id
    found = compute_ranking(call_id, seen=Application.id == application.id)
    _write(found, [application.id], now)


def hold_grid(application: Application) -> CallVersion:
    """Keep the grid of a file's call from being revised until the end of the unit of work, and read its number again.

    Reviews are submitted side by side; a revision waits for them, and they for it.
    """
    query = select(CallVersion).where(CallVersion.id == application.call_version_id).with_for_update(read=True)
    return db.session.scalars(query, execution_options={"populate_existing": True}).one()


def refresh_standings(call: Call, now: datetime) -> int:
    """Write the results of every file of a call again, from their marks; return how many files there are."""
    found = compute_ranking(call.id)
    return _write(found, [row.application_id for row in found.rows] if found else [], now)


def refresh_stale_standings(now: datetime) -> int:
    """Write again the results of the calls whose stored counts are not those of their reviews; return how many files.

    After an upgrade none is stored yet; afterwards there should be nothing to do.
    """
    calls = db.session.scalars(select(Call).where(Call.id.in_(calls_to_refresh())).order_by(Call.ref)).all()
    return sum(refresh_standings(call, now) for call in calls)


def _write(found: Computed | None, ids: Collection[uuid.UUID], now: datetime) -> int:
    db.session.execute(delete(Standing).where(Standing.application_id.in_(ids)))
    if found is None:
        return 0
    assessed = {row.ref: row for row in found.rankings.overall.assessments}
    written = [_standing(found, row, assessed[row.reference], now) for row in found.rows if row.application_id in ids]
    db.session.add_all(row for row in written if row is not None)
    db.session.flush()
    return len(written)


def _standing(found: Computed, row: RankedRow, assessed: Assessment, now: datetime) -> Standing | None:
    """Write the result of a file; ``None`` without a review, or when it does not fit in its columns.

    Values may be too fine to be sorted as texts, or the criteria under their floor too many: the board is then computed
    from the marks.
    """
    given = sum(review.counts for review in found.reviews.get(row.application_id, ()))
    under_floor = " ".join(row.under_floor)
    if not given or len(under_floor) > LONGEST_FLOORS:
        return None
    standing = Standing(
        application_id=row.application_id,
        status=row.status,
        given=given,
        counted=row.counted,
        divergence_over=row.divergence_over,
        under_floor=under_floor,
        under_overall=assessed.under_overall,
        under_raw_sum=assessed.under_raw_sum,
        computed_at=now,
    )
    if row.total is None or row.minimum is None or row.maximum is None or row.divergence is None:
        return standing
    order = steps(Contender(row.reference, row.total, row.criterion_means, found.facts[row.reference]), found.rules)
    merit, total, gap = order_text(order), order_text(order[:1]), order_text([(row.divergence, False)])
    if merit is None or total is None or gap is None:
        return None
    standing.total, standing.minimum, standing.maximum = ratio(row.total), ratio(row.minimum), ratio(row.maximum)
    standing.divergence, standing.divergence_key = ratio(row.divergence), gap
    standing.total_key, standing.merit_key, standing.merit = total, merit, write_values(order)
    seed = found.rules.draw_seed
    standing.draw_key = "" if seed is None else draw_key(seed, row.reference)
    return standing
