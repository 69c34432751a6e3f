"""The ranking board: fifty files of a call in their exact order, from stored results, whatever the number of files.

Ranks are counted by the database over the files that the reader may see, so that no gap betrays another. No mark is
read. When the stored results do not cover every submitted review, the ranking is computed from the marks instead.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Row, Select, Uuid, and_, bindparam, exists, func, or_, select
from sqlalchemy.sql.selectable import CTE

from aap.applications.models import Application
from aap.calls.models import CallVersion, Strand
from aap.db import db
from aap.jury.blindness import READABLE
from aap.jury.models import JuryMember, Review, ReviewState, Standing
from aap.jury.queries.board_from_marks import board_from_marks
from aap.jury.queries.board_rows import PER_PAGE, Board, BoardFilters, BoardRow, explained, within
from aap.jury.queries.ranking import compute_ranking
from aap.jury.queries.reading import not_recused
from aap.scoring.aggregation import RankingRules, Status
from aap.scoring.exact import read_ratio

_CALL = bindparam("call", type_=Uuid())


def is_stored(call_id: uuid.UUID) -> bool:
    """Tell whether the stored results cover every submitted review of a call; one query."""
    return not db.session.scalar(select(exists(calls_to_refresh().where(CallVersion.call_id == call_id))))


def calls_to_refresh() -> Select[Any]:
    """Return the calls with a file whose stored count of reviews is not the true one."""
    given = (
        select(func.count(Review.id))
        .join(JuryMember, JuryMember.id == Review.jury_member_id)
        .where(
            Review.application_id == Application.id,
            Review.state == ReviewState.SUBMITTED,
            JuryMember.voting,
            not_recused(),
        )
        .correlate(Application)
        .scalar_subquery()
    )
    return (
        select(CallVersion.call_id)
        .join(Application, Application.call_version_id == CallVersion.id)
        .outerjoin(Standing, Standing.application_id == Application.id)
        .where(Application.state.in_(READABLE), given != func.coalesce(Standing.given, 0))
    )


def get_board(
    call_id: uuid.UUID,
    filters: BoardFilters,
    *,
    seen: ColumnElement[bool],
    reader: Mapping[str, Any],
    rules: RankingRules,
    envelope_eur: Decimal,
    sort: str = "rank",
    page: int = 1,
) -> Board:
    """Return one page of the files of a call before its jury. ``seen`` is a condition on ``Application``.

    It is written once for every reader, who comes in ``reader``: the statement is kept from one page to the next.

    ``sort`` is one of ``SORTS``, with a minus sign before it for the other way; ``rules`` are those the results were
    stored under. One query that fetches the rows of the page; the order is that of the ranking, from every mark, while
    the stored results are not whole.
    """
    asked = (_kept if not filters.text else _Asked)(_shape(filters), seen, sort)
    values = {**reader, "call": call_id, "strand": filters.strand, "envelope": envelope_eur}
    found, tally = asked.read(page, values)
    if tally.stale:
        computed = compute_ranking(call_id, seen=and_(*_scope(filters, seen)), values=values)
        empty = Board((), 1, 0, 0, 0, None)
        return empty if computed is None else board_from_marks(computed, filters, envelope_eur=envelope_eur, page=page)
    page = within(page, tally.total)
    if not found and tally.total:
        found, tally = asked.read(page, values)
    rows = [_row(one) for one in found]
    before = asked.before(page)
    if sort == "rank":
        rows = explained(rows, rules)
    return Board(tuple(rows[before:]), page, tally.total, tally.ranked, tally.everything - tally.ranked, tally.line)


@dataclass(frozen=True, slots=True)
class _Tally:
    """What is counted beside the rows: files kept, ranked, in the scope; the rank of the line; whether to trust it."""

    total: int
    ranked: int
    everything: int
    line: int | None
    stale: bool


class _Asked:
    """The single statement of a page of the board."""

    def __init__(self, filters: BoardFilters, seen: ColumnElement[bool], sort: str) -> None:
        """Prepare the scope, its ranks, its counts and the order."""
        self._scope, self._sort = _files(_scope(filters, seen)), sort
        self._ranked = _ranked(self._scope)
        self._kept = _matching(self._scope, filters)
        self._tally = (
            select(func.count()).select_from(self._scope).where(*self._kept).scalar_subquery().label("kept"),
            select(func.count()).select_from(self._ranked).scalar_subquery().label("placed"),
            select(func.count()).select_from(self._scope).scalar_subquery().label("everything"),
            select(func.min(self._ranked.c.rank))
            .where(self._ranked.c.cumulated > bindparam("envelope"))
            .scalar_subquery()
            .label("line"),
            exists(calls_to_refresh().where(CallVersion.call_id == _CALL)).label("stale"),
        )
        scope, ranked = self._scope, self._ranked
        self._page = (
            select(scope, ranked.c.rank, ranked.c.together, ranked.c.alike, ranked.c.cumulated, *self._tally)
            .outerjoin(ranked, ranked.c.id == scope.c.application_id)
            .where(*self._kept)
            .order_by(*_order(scope, ranked, sort), scope.c.reference)
            .limit(bindparam("limit", type_=Integer()))
            .offset(bindparam("offset", type_=Integer()))
        )
        self._counts = select(*self._tally)

    def before(self, page: int) -> int:
        """Count the rows read before the page: the last of the one before explains the first of this one."""
        return 1 if page > 1 and self._sort == "rank" else 0

    def read(self, page: int, values: Mapping[str, Any]) -> tuple[Sequence[Row[Any]], _Tally]:
        """Read a page with its counts; the counts alone when there is no row there."""
        before = self.before(max(page, 1))
        place = {"limit": PER_PAGE + before, "offset": (max(page, 1) - 1) * PER_PAGE - before}
        rows = db.session.execute(self._page, {**values, **place}).all()
        told = rows[0] if len(rows) > before else db.session.execute(self._counts, dict(values)).one()
        tally = _Tally(told.kept, told.placed, told.everything, told.line, stale=told.stale)
        return (rows if len(rows) > before else []), tally


@lru_cache(maxsize=64)
def _kept(filters: BoardFilters, seen: ColumnElement[bool], sort: str) -> _Asked:
    """Keep the statements that search for no word: a dozen orders, the strand or not, three statuses."""
    return _Asked(filters, seen, sort)


def _shape(filters: BoardFilters) -> BoardFilters:
    """Return what shapes the statement: whether one strand is kept, not which."""
    return replace(filters, strand="one" if filters.strand else "")


def _scope(filters: BoardFilters, seen: ColumnElement[bool]) -> list[ColumnElement[bool]]:
    versions = select(CallVersion.id).where(CallVersion.call_id == _CALL)
    scope = [Application.call_version_id.in_(versions), Application.state.in_(READABLE), seen]
    if filters.strand:
        scope.append(Application.strand.has(Strand.key == bindparam("strand")))
    return scope


def _matching(scope: CTE, filters: BoardFilters) -> list[ColumnElement[bool]]:
    columns = (scope.c.reference, scope.c.title, scope.c.applicant_name)
    kept = [or_(*(column.icontains(word, autoescape=True) for column in columns)) for word in filters.text.split()[:8]]
    return kept if filters.status is None else [*kept, scope.c.status == filters.status]


def _files(where: list[ColumnElement[bool]]) -> CTE:
    """Select the files of the scope with their stored results."""
    return (
        select(
            Application.id.label("application_id"),
            func.coalesce(Application.reference, "").label("reference"),
            Application.title,
            Application.applicant_name,
            Strand.key.label("strand_key"),
            Application.requested_eur,
            Application.state,
            func.coalesce(Standing.status, Status.INCOMPLETE).label("status"),
            Standing.total,
            Standing.minimum,
            Standing.maximum,
            Standing.divergence,
            Standing.divergence_over,
            Standing.counted,
            Standing.under_floor,
            Standing.under_overall,
            Standing.under_raw_sum,
            Standing.merit,
            Standing.draw_key,
            Standing.merit_key,
            Standing.total_key,
            Standing.divergence_key,
        )
        .outerjoin(Strand, Strand.id == Application.strand_id)
        .outerjoin(Standing, Standing.application_id == Application.id)
        .where(*where)
        .cte("scope")
    )


def _ranked(scope: CTE) -> CTE:
    """Place the ranked files of the scope: rank, what they share, and what is asked down to each."""
    keys = (scope.c.merit_key, scope.c.draw_key)
    asked = func.sum(scope.c.requested_eur)
    return (
        select(
            scope.c.application_id.label("id"),
            func.rank().over(order_by=keys).label("rank"),
            func.count().over(partition_by=keys).label("together"),
            func.count().over(partition_by=scope.c.merit_key).label("alike"),
            asked.over(order_by=(*keys, scope.c.reference), rows=(None, 0)).label("cumulated"),
        )
        .where(scope.c.status == Status.RANKED)
        .cte("ranked")
    )


def _order(scope: CTE, ranked: CTE, sort: str) -> tuple[ColumnElement[Any], ...]:
    """Order by a column, what is unknown last either way."""
    down, name = sort.startswith("-"), sort.removeprefix("-")
    if name in {"divergence", "total"}:
        key = func.coalesce(scope.c.divergence_key if name == "divergence" else scope.c.total_key, "")
        turned = key.desc() if down == (name == "divergence") else key.asc()  # the key of a total sorts the best first
        return (key == "", turned)
    columns = {
        "reference": scope.c.reference,
        "applicant": scope.c.applicant_name,
        "requested": scope.c.requested_eur,
    }
    column = columns.get(name, ranked.c.rank)
    return (column.is_(None), column.desc() if down else column.asc())


def _row(found: Row[Any]) -> BoardRow:
    return BoardRow(
        application_id=found.application_id,
        reference=found.reference,
        title=found.title,
        applicant_name=found.applicant_name,
        strand_key=found.strand_key,
        requested_eur=found.requested_eur,
        state=found.state,
        status=found.status,
        rank=found.rank,
        tied=(found.together or 0) > 1,
        drawn=(found.alike or 0) > 1 and bool(found.draw_key),
        total=_exact(found.total),
        minimum=_exact(found.minimum),
        maximum=_exact(found.maximum),
        divergence=_exact(found.divergence),
        divergence_over=bool(found.divergence_over),
        counted=found.counted or 0,
        under_floor=tuple((found.under_floor or "").split()),
        under_overall=bool(found.under_overall),
        under_raw_sum=bool(found.under_raw_sum),
        cumulated_eur=found.cumulated,
        merit=found.merit or "",
    )


def _exact(text: str | None) -> Fraction | None:
    return None if text is None else read_ratio(text)
