"""The ranking board computed from the marks: what is shown while the stored results do not cover every review."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from aap.jury.queries.board_rows import PER_PAGE, Board, BoardFilters, BoardRow, explained, within
from aap.jury.queries.ranking import Computed, RankedRow
from aap.scoring.aggregation import Assessment
from aap.scoring.order_text import steps, write_values
from aap.scoring.ranking import Contender


def board_from_marks(found: Computed, filters: BoardFilters, *, envelope_eur: Decimal, page: int) -> Board:
    """Make a page of the board, in the order of the ranking, from one computed on the files of the scope."""
    assessed = {row.ref: row for row in found.rankings.overall.assessments}
    rows, spent = [], Decimal(0)
    for row in found.rows:
        spent += row.requested_eur if row.rank_overall is not None else 0
        rows.append(_computed(row, assessed[row.reference], found, spent))
    ranked = [row for row in rows if row.rank is not None]
    over = [row.rank for row in ranked if (row.cumulated_eur or 0) > envelope_eur]
    words = filters.text.casefold().split()[:8]
    kept = [row for row in explained(rows, found.rules) if filters.status in {None, row.status} and _says(row, words)]
    page = within(page, len(kept))
    shown = tuple(kept[(page - 1) * PER_PAGE : page * PER_PAGE])
    return Board(shown, page, len(kept), len(ranked), len(rows) - len(ranked), over[0] if over else None)


def _says(row: BoardRow, words: Sequence[str]) -> bool:
    text = f"{row.reference} {row.title} {row.applicant_name}".casefold()
    return all(word in text for word in words)


def _computed(row: RankedRow, assessed: Assessment, found: Computed, spent: Decimal) -> BoardRow:
    merit = ""
    if row.total is not None:
        contender = Contender(row.reference, row.total, row.criterion_means, found.facts[row.reference])
        merit = write_values(steps(contender, found.rules))
    return BoardRow(
        application_id=row.application_id,
        reference=row.reference,
        title=row.title,
        applicant_name=row.applicant_name,
        strand_key=row.strand_key,
        requested_eur=row.requested_eur,
        state=row.state,
        status=row.status,
        rank=row.rank_overall,
        tied=row.tied,
        drawn=row.drawn,
        total=row.total,
        minimum=row.minimum,
        maximum=row.maximum,
        divergence=row.divergence,
        divergence_over=row.divergence_over,
        counted=row.counted,
        under_floor=row.under_floor,
        under_overall=assessed.under_overall,
        under_raw_sum=assessed.under_raw_sum,
        cumulated_eur=None if row.rank_overall is None else spent,
        merit=merit,
    )
