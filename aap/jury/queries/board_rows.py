"""What a ranking board shows: its filters, its rows, and why a file comes after the one above it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from aap.applications.models import ApplicationState
from aap.scoring.aggregation import RankingRules, Status
from aap.scoring.order_text import read_separation
from aap.scoring.ties import Separation

PER_PAGE = 50
SORTS = ("rank", "reference", "applicant", "requested", "divergence", "total")


@dataclass(frozen=True, slots=True)
class BoardFilters:
    """What is kept: one strand (ranks are then its own), one status, words of the reference, title or applicant."""

    strand: str = ""
    status: Status | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A file on the board. Totals are exact; ``cumulated_eur`` adds what is asked down the ranking, its own included.

    ``rank`` is overall, or in the strand that is kept; ``None`` when the file is not ranked. ``separated`` says what
    put it after the file just above it on the page, when their totals are equal.
    """

    application_id: uuid.UUID
    reference: str
    title: str
    applicant_name: str
    strand_key: str | None
    requested_eur: Decimal
    state: ApplicationState
    status: Status
    rank: int | None
    tied: bool
    drawn: bool
    total: Fraction | None
    minimum: Fraction | None
    maximum: Fraction | None
    divergence: Fraction | None
    divergence_over: bool
    counted: int
    under_floor: tuple[str, ...]
    under_overall: bool
    under_raw_sum: bool
    cumulated_eur: Decimal | None
    merit: str
    separated: Separation | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """One page. ``ranked`` and ``others`` count the files of the scope; ``line``: the rank that passes the envelope."""

    rows: tuple[BoardRow, ...]
    page: int
    total: int
    ranked: int
    others: int
    line: int | None
    per_page: int = PER_PAGE


def within(page: int, total: int) -> int:
    """Bring the number of a page between the first and the last."""
    return min(max(page, 1), max(1, -(-total // PER_PAGE)))


def explained(rows: Sequence[BoardRow], rules: RankingRules) -> list[BoardRow]:
    """Say of each file what put it after the one above, when both have the same total."""
    told = list(rows[:1])
    for above, row in pairwise(rows):
        same = above.rank is not None and row.rank is not None and above.total == row.total
        told.append(replace(row, separated=_separation(above, row, rules)) if same else row)
    return told


def _separation(above: BoardRow, below: BoardRow, rules: RankingRules) -> Separation:
    return read_separation((above.reference, above.merit), (below.reference, below.merit), rules)
