"""Opinions that are still awaited: the admissible files of a call on which one of a person's opinions is missing."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import ColumnElement, and_, false, func, or_, select

from aap.applications.models import Application, ApplicationState, Opinion
from aap.applications.queries.lists import OfficeFilters, OfficeRow, Page, list_office_applications, office_columns
from aap.calls.models import CallVersion, OpinionKind, Strand
from aap.db import db


def _lacking(kinds: Collection[str]) -> ColumnElement[bool]:
    """Return the condition on ``Application``: at least one of these kinds of opinion is not given; none, never."""
    given = (select(Opinion.application_id).where(Opinion.kind.has(OpinionKind.key == key)) for key in kinds)
    return or_(false(), *(Application.id.not_in(query) for query in given))


def _awaited(kinds_by_call: Mapping[uuid.UUID, Collection[str]]) -> ColumnElement[bool]:
    """Return the condition on ``Application`` and ``CallVersion``: one of the kinds that its call asks is missing."""
    alike: dict[frozenset[str], list[uuid.UUID]] = defaultdict(list)
    for call_id, kinds in kinds_by_call.items():
        alike[frozenset(kinds)].append(call_id)
    awaited = [and_(CallVersion.call_id.in_(ids), _lacking(sorted(kinds))) for kinds, ids in alike.items()]
    return or_(false(), *awaited)


def list_lacking_opinions(
    call_id: uuid.UUID, kinds: Collection[str], *, seen: ColumnElement[bool], page: int = 1, per_page: int = 50
) -> Page[OfficeRow]:
    """Return one page of the admissible files of a call that lack one of these kinds of opinion, first deposit first.

    ``seen`` is a condition on ``Application``. Two queries.
    """
    wanted = OfficeFilters(states=(ApplicationState.ADMISSIBLE,))
    return list_office_applications(call_id, seen & _lacking(kinds), wanted, page=page, per_page=per_page)


def list_lacking_by_call(
    kinds_by_call: Mapping[uuid.UUID, Collection[str]], *, seen: ColumnElement[bool], per_call: int = 50
) -> Mapping[uuid.UUID, Page[OfficeRow]]:
    """Return what ``list_lacking_opinions`` lists for each of these calls, its first page; two queries in all."""
    counts = count_lacking_opinions(kinds_by_call, seen=seen)
    rank = (
        func.row_number()
        .over(partition_by=CallVersion.call_id, order_by=(Application.submitted_at, Application.reference))
        .label("rank")
    )
    ranked = (
        select(Application.id, CallVersion.call_id, rank)
        .join(CallVersion, CallVersion.id == Application.call_version_id)
        .where(
            Application.submitted_at.is_not(None),
            Application.state == ApplicationState.ADMISSIBLE,
            seen,
            _awaited(kinds_by_call),
        )
        .subquery()
    )
    query = (
        select(ranked.c.call_id, *office_columns())
        .join(ranked, ranked.c.id == Application.id)
        .outerjoin(Strand, Strand.id == Application.strand_id)
        .where(ranked.c.rank <= per_call)
        .order_by(ranked.c.call_id, ranked.c.rank)
    )
    rows: dict[uuid.UUID, list[OfficeRow]] = {call_id: [] for call_id in kinds_by_call}
    for call_id, *columns in db.session.execute(query):
        rows[call_id].append(OfficeRow(*columns))
    return {call_id: Page(tuple(found), counts[call_id], 1, per_call) for call_id, found in rows.items()}


def count_lacking_opinions(
    kinds_by_call: Mapping[uuid.UUID, Collection[str]], *, seen: ColumnElement[bool]
) -> Mapping[uuid.UUID, int]:
    """Count what ``list_lacking_opinions`` lists, for each of these calls; one query, whatever the calls.

    ``seen`` is a condition on ``Application``.
    """
    query = (
        select(CallVersion.call_id, func.count(Application.id))
        .join(CallVersion, CallVersion.id == Application.call_version_id)
        .where(
            Application.submitted_at.is_not(None),
            Application.state == ApplicationState.ADMISSIBLE,
            seen,
            _awaited(kinds_by_call),
        )
        .group_by(CallVersion.call_id)
    )
    return {**dict.fromkeys(kinds_by_call, 0), **{row[0]: row[1] for row in db.session.execute(query)}}
