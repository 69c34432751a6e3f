"""The grid of a version of a call, as the arithmetic of ``aap.scoring`` takes it: rows and settings made exact.

A grid never changes once a review was submitted with it: ``fingerprint`` is what the first submission freezes. When
a published call's grid is revised, the one before stays readable under its number: its reviews were marked under it.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from aap.calls.document.selection import RubricTerms, SelectionTerms
from aap.calls.document.storage import thaw
from aap.calls.models import CallVersion, Criterion, GridRevision
from aap.calls.queries import load_document
from aap.db import db
from aap.errors import ConflictError
from aap.scoring import rubric as scoring
from aap.scoring.aggregation import Aggregation, FactOrder, RankingRules


@dataclass(frozen=True, slots=True)
class GridLine:
    """A criterion as a juror reads it; numbers in the unit of the mark. ``descriptors`` by mark, in order."""

    id: uuid.UUID
    key: str
    label: str
    guidance: str
    descriptors: tuple[tuple[Fraction, str], ...]


@dataclass(frozen=True)
class Grid:
    """Everything needed to mark and rank: the exact rubric, its lines, and the settings of the call."""

    version_id: uuid.UUID
    number: int
    rubric: scoring.Rubric
    lines: tuple[GridLine, ...]
    rules: RankingRules
    draws: bool

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the rubric and its wording, which gives the marks their meaning."""
        wording: dict[str, str] = {}
        for line in self.lines:
            wording[f"{line.key}.label"] = line.label
            wording[f"{line.key}.guidance"] = line.guidance
            for mark, text in line.descriptors:
                wording[f"{line.key}.{mark}"] = text
        return scoring.rubric_fingerprint(self.rubric, wording)

    @cached_property
    def criteria(self) -> dict[str, scoring.Criterion]:
        """Criteria by key."""
        return {criterion.key: criterion for criterion in self.rubric.criteria}

    @cached_property
    def line_ids(self) -> dict[str, uuid.UUID]:
        """Identifiers of the criteria by key."""
        return {line.key: line.id for line in self.lines}


KEPT = 64  # grids of a process; a region has a few calls at a time

_grids: dict[tuple[uuid.UUID, str, int], Grid] = {}


def known_grid(version: CallVersion, number: int | None = None) -> Grid:
    """Return the grid of a version from the cache of the process: a frozen version changes only with its fingerprint.

    ``number`` asks for an earlier grid than the one in force. What freezes a grid or checks that it is still the same
    reads it again (``read_grid``).

    Raises:
        ConflictError: the call has no grid.

    """
    key = (version.id, version.fingerprint, number or version.grid_number)
    if key not in _grids:
        while len(_grids) >= KEPT:
            _grids.pop(next(iter(_grids)))
        _grids[key] = read_grid(version, number)
    return _grids[key]


def read_grid(version: CallVersion, number: int | None = None) -> Grid:
    """Make the grid of a version (the one in force, unless ``number`` says another) from its rows and its document.

    Raises:
        ConflictError: the call has no grid.

    """
    number = number or version.grid_number
    terms = read_rubric_terms(version, number)
    rows = _list_criteria(version.id, number)
    if terms is None or not rows:
        raise ConflictError("Cet appel n'a pas de grille de notation.", code="appel-sans-grille")
    comment = _comment_rule(terms)
    rubric = scoring.Rubric(
        criteria=tuple(_criterion(row, comment) for row in rows),
        scale_to=Fraction(terms.total_max),
        na_limit=scoring.NA_LIMIT if terms.na_limit is None else Fraction(terms.na_limit),
        decimals=terms.rounding.decimals,
    )
    return Grid(
        version_id=version.id,
        number=number,
        rubric=rubric,
        lines=tuple(_line(row) for row in rows),
        rules=_ranking_rules(terms, read_selection_terms(version), {criterion.key for criterion in rubric.criteria}),
        draws=terms.ranking.draws,
    )


@dataclass(frozen=True, slots=True)
class BoardTerms:
    """What a ranking board needs of a grid: its rules, its labels by criterion, how totals are shown; no descriptor."""

    rules: RankingRules
    draws: bool
    labels: dict[str, str]
    decimals: int


_terms: dict[tuple[uuid.UUID, str], BoardTerms] = {}


def known_board_terms(version: CallVersion) -> BoardTerms:
    """Return them from the cache of the process, as ``known_grid``.

    Raises:
        ConflictError: the call has no grid.

    """
    key = (version.id, version.fingerprint)
    if key not in _terms:
        while len(_terms) >= KEPT:
            _terms.pop(next(iter(_terms)))
        _terms[key] = read_board_terms(version)
    return _terms[key]


def read_board_terms(version: CallVersion) -> BoardTerms:
    """Read the rules of a version without its whole grid: one query.

    Raises:
        ConflictError: the call has no grid.

    """
    terms = read_rubric_terms(version)
    found = select(Criterion.key, Criterion.label).where(
        Criterion.version_id == version.id, Criterion.grid_number == version.grid_number
    )
    labels = {row.key: row.label for row in db.session.execute(found.order_by(Criterion.position))}
    if terms is None or not labels:
        raise ConflictError("Cet appel n'a pas de grille de notation.", code="appel-sans-grille")
    rules = _ranking_rules(terms, read_selection_terms(version), set(labels))
    return BoardTerms(rules, terms.ranking.draws, labels, terms.rounding.decimals)


def _list_criteria(version_id: uuid.UUID, number: int) -> list[Criterion]:
    """Return the criteria of a grid in order, with their descriptors: two queries."""
    return list(
        db.session.scalars(
            select(Criterion)
            .where(Criterion.version_id == version_id, Criterion.grid_number == number)
            .options(selectinload(Criterion.descriptors))
            .order_by(Criterion.position)
        )
    )


def read_rubric_terms(version: CallVersion, number: int | None = None) -> RubricTerms | None:
    """Read the settings of a grid of a version, the one in force by default; ``None`` when the call has no grid."""
    stored = version.document.get("rubric")
    if number is not None and number < version.grid_number:
        replaced = select(GridRevision.old_terms).where(
            GridRevision.call_version_id == version.id, GridRevision.number == number + 1
        )
        stored = db.session.scalar(replaced)
    return None if stored is None else RubricTerms.model_validate(thaw(stored))


def draws(version: CallVersion) -> bool:
    """Tell whether a draw ends the order of the ranking of a version."""
    rubric = load_document(version).rubric
    return rubric is not None and rubric.ranking.draws


def read_selection_terms(version: CallVersion) -> SelectionTerms | None:
    """Read the terms of the jury of a version; ``None`` when the call has no jury."""
    stored = version.document.get("selection")
    return None if stored is None else SelectionTerms.model_validate(thaw(stored))


def _exact(value: Decimal | None) -> Fraction | None:
    return None if value is None else Fraction(value)


def _comment_rule(terms: RubricTerms) -> scoring.CommentRule:
    """Read when a mark must be justified: the same rule for every criterion of the call."""
    consistency = terms.consistency
    return scoring.CommentRule(
        always=consistency.justification_always,
        required_below=_exact(consistency.justification_required_below),
        required_at_least=_exact(consistency.justification_required_at_least),
    )


def _criterion(row: Criterion, comment: scoring.CommentRule) -> scoring.Criterion:
    return scoring.Criterion(
        key=row.key,
        weight=Fraction(row.weight),
        minimum=Fraction(row.min_mark),
        maximum=Fraction(row.max_mark),
        step=Fraction(row.step),
        threshold=_exact(row.floor),
        na_allowed=row.na_allowed,
        comment=comment,
    )


def _line(row: Criterion) -> GridLine:
    descriptors = tuple((Fraction(each.mark), each.text) for each in row.descriptors)
    return GridLine(row.id, row.key, row.label, row.guidance, descriptors)


def _ranking_rules(rubric: RubricTerms, selection: SelectionTerms | None, criteria: set[str]) -> RankingRules:
    """Read the order of the call: the total first, then criteria, then declared facts."""
    keys = [key for key in rubric.ranking.keys if key.name != "total"]
    thresholds = rubric.thresholds
    return RankingRules(
        aggregation=Aggregation(rubric.aggregation.value),
        min_reviews=1 if selection is None else selection.jury.scorers_per_application.min,
        overall_threshold=_exact(thresholds.total_min) if thresholds else None,
        raw_sum_threshold=_exact(thresholds.raw_sum_min) if thresholds else None,
        divergence_threshold=_exact(rubric.consistency.divergence_threshold_points),
        tie_break=tuple(key.name for key in keys if key.name in criteria),
        facts=tuple(FactOrder(key.name, descending=key.descending) for key in keys if key.name not in criteria),
    )
