"""The official order of a call's files, per strand and overall: four queries, whatever the number of files."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, func, select

from aap.applications.models import Application, ApplicationState
from aap.calls.models import CallVersion, Strand
from aap.db import db
from aap.jury.blindness import READABLE
from aap.jury.grid import BoardTerms, Grid, read_grid
from aap.jury.models import RankingDraw
from aap.jury.queries.reading import GivenReview, latest_version, read_reviews
from aap.jury.queries.summary import make_case
from aap.scoring.aggregation import Assessment, RankingRules, Status
from aap.scoring.ranking import Place, Rankings, rank_by_group


@dataclass(frozen=True, slots=True)
class RankedRow:
    """A file in the ranking. Ranks are ``None`` when incomplete or eliminated; ``tied`` when nothing separates it.

    ``under_floor`` lists the keys of the criteria under their floor. Totals are exact, to be rounded for display only.
    """

    application_id: uuid.UUID
    reference: str
    title: str
    applicant_name: str
    strand_key: str | None
    requested_eur: Decimal
    state: ApplicationState
    status: Status
    total: Fraction | None
    counted: int
    minimum: Fraction | None
    maximum: Fraction | None
    divergence: Fraction | None
    divergence_over: bool
    under_floor: tuple[str, ...]
    criterion_means: dict[str, Fraction | None]
    rank_overall: int | None
    rank_strand: int | None
    tied: bool
    drawn: bool


@dataclass(frozen=True, slots=True)
class _File:
    """What the ranking reads of an application."""

    id: uuid.UUID
    reference: str
    title: str
    applicant_name: str
    strand_key: str | None
    requested_eur: Decimal
    total_expenses: Decimal
    population: int | None
    state: ApplicationState

    def facts(self) -> dict[str, Fraction | None]:
        """Return the declared facts that a call may rank by."""
        rate = Fraction(self.requested_eur) / Fraction(self.total_expenses) if self.total_expenses else None
        return {
            "requested_eur": Fraction(self.requested_eur),
            "requested_rate": rate,
            "population": None if self.population is None else Fraction(self.population),
        }


def list_ranking(
    call_id: uuid.UUID, strand: str | None = None, *, seen: ColumnElement[bool] | None = None
) -> tuple[RankedRow, ...]:
    """Return the files of a call before its jury, best first, then those that are not ranked, by reference.

    ``strand`` keeps one strand's rows. ``seen`` is a condition on ``Application``: what it hides is left out before
    ranking, so that no gap in the ranks betrays a file from which a member is recused.

    Raises:
        ConflictError: the call has no grid.

    """
    found = compute_ranking(call_id, seen=seen)
    return () if found is None else tuple(row for row in found.rows if strand is None or row.strand_key == strand)


@dataclass(frozen=True, slots=True)
class Computed:
    """A ranking with what it was made of: version, grid and rules, reviews by file, ranks overall and per strand."""

    version: CallVersion
    grid: Grid
    rules: RankingRules
    draw: RankingDraw | None
    reviews: dict[uuid.UUID, list[GivenReview]]
    facts: dict[str, dict[str, Fraction | None]]
    rankings: Rankings
    rows: tuple[RankedRow, ...]


def compute_ranking(
    call_id: uuid.UUID, *, seen: ColumnElement[bool] | None = None, values: Mapping[str, Any] | None = None
) -> Computed | None:
    """Rank the files of a call from the marks themselves; ``None`` without a version. Rows as ``list_ranking``.

    ``values`` are those that the condition asks for, when it was written for every reader.

    Raises:
        ConflictError: the call has no grid.

    """
    version = latest_version(call_id)
    if version is None:
        return None
    grid = read_grid(version)
    files = _list_files(call_id, seen, values or {})
    reviews = read_reviews([file.id for file in files])
    facts = {file.reference: file.facts() for file in files}
    cases = [
        make_case(file.reference, reviews.get(file.id, []), group=file.strand_key, facts=facts[file.reference])
        for file in files
    ]
    draw, rules = read_rules(call_id, grid)
    rankings = rank_by_group(grid.rubric, cases, rules)
    overall = _by_reference(rankings.overall.places)
    in_strand = _by_reference([place for group in rankings.groups for place in group.ranking.places])
    rows = [
        _row(file, found, overall.get(file.reference), in_strand.get(file.reference))
        for file, found in zip(files, rankings.overall.assessments, strict=True)
    ]
    return Computed(version, grid, rules, draw, reviews, facts, rankings, tuple(sorted(rows, key=_order)))


def _order(row: RankedRow) -> tuple[bool, int, str]:
    return (row.rank_overall is None, row.rank_overall or 0, row.reference)


def find_draw(call_id: uuid.UUID) -> RankingDraw | None:
    """Return the draw of a call, once committed; its seed is for nobody until it is revealed."""
    return db.session.scalar(select(RankingDraw).where(RankingDraw.call_id == call_id))


def read_rules(call_id: uuid.UUID, grid: Grid | BoardTerms) -> tuple[RankingDraw | None, RankingRules]:
    """Return the draw of a call, if its rules have one, and the rules with its seed once it is revealed."""
    if not grid.draws:
        return None, grid.rules
    draw = find_draw(call_id)
    seed = None if draw is None or draw.revealed_at is None else draw.seed
    return draw, replace(grid.rules, draw_seed=seed)


def _list_files(call_id: uuid.UUID, seen: ColumnElement[bool] | None, values: Mapping[str, Any]) -> list[_File]:
    query = (
        select(
            Application.id,
            func.coalesce(Application.reference, ""),
            Application.title,
            Application.applicant_name,
            Strand.key,
            Application.requested_eur,
            Application.total_expenses,
            Application.population,
            Application.state,
        )
        .join(CallVersion, CallVersion.id == Application.call_version_id)
        .outerjoin(Strand, Strand.id == Application.strand_id)
        .where(CallVersion.call_id == call_id, Application.state.in_(READABLE))
        .order_by(Application.reference)
    )
    if seen is not None:
        query = query.where(seen)
    return [_File(*row) for row in db.session.execute(query, dict(values))]


def _by_reference(places: Iterable[Place]) -> dict[str, Place]:
    return {ref: place for place in places for ref in place.refs}


def _row(file: _File, found: Assessment, overall: Place | None, in_strand: Place | None) -> RankedRow:
    spread = found.dispersion
    return RankedRow(
        application_id=file.id,
        reference=file.reference,
        title=file.title,
        applicant_name=file.applicant_name,
        strand_key=file.strand_key,
        requested_eur=file.requested_eur,
        state=file.state,
        status=found.status,
        total=found.total,
        counted=found.counted,
        minimum=spread.minimum if spread else None,
        maximum=spread.maximum if spread else None,
        divergence=spread.divergence if spread else None,
        divergence_over=bool(spread and spread.over),
        under_floor=found.under_threshold,
        criterion_means={row.key: row.mean for row in found.criterion_means},
        rank_overall=overall.rank if overall else None,
        rank_strand=in_strand.rank if in_strand else None,
        tied=bool(overall and overall.tied),
        drawn=bool(overall and overall.drawn),
    )
