"""What the jury says of one file: reviews, exact mean, gap, floors; and the applicant's own marks."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from aap.applications.models import Application
from aap.calls.document.selection import Disclosure
from aap.db import db
from aap.errors import NotFoundError
from aap.jury.grid import Grid, read_grid, read_rubric_terms
from aap.jury.queries.reading import GivenReview, read_reviews
from aap.scoring.aggregation import Assessment, Case, Status, assess
from aap.scoring.rubric import review_total


@dataclass(frozen=True, slots=True)
class ReviewSummary:
    """One review: its exact total (``None`` with too much not applicable), marks and comments by criterion.

    ``older``: it was given under an earlier grid (``grid_number``) than the one it is read under; not ``usable`` when
    it cannot count under that one, and no mark is then shown.
    """

    code: str
    member_name: str
    college: str
    counts: bool
    total: Fraction | None
    marks: dict[str, Fraction | None]
    comments: dict[str, str]
    submitted_at: datetime
    grid_number: int
    older: bool
    usable: bool


@dataclass(frozen=True, slots=True)
class CriterionSummary:
    """One criterion: its weight, bounds, exact mean, and whether the mean is under its floor."""

    key: str
    label: str
    weight: Fraction
    maximum: Fraction
    floor: Fraction | None
    mean: Fraction | None
    under_floor: bool


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything exact about one file. ``mean`` is the total by the call's rule; ``None`` without a counted review."""

    application_id: uuid.UUID
    status: Status
    reviews: tuple[ReviewSummary, ...]
    criteria: tuple[CriterionSummary, ...]
    mean: Fraction | None
    minimum: Fraction | None
    maximum: Fraction | None
    divergence: Fraction | None
    divergence_over: bool
    floors_ok: bool
    counted: int
    expected: int
    total_maximum: Fraction
    decimals: int


@dataclass(frozen=True, slots=True)
class OwnMark:
    """A criterion as its applicant may read it: the jury's mean, never a member's mark."""

    label: str
    weight: Fraction
    mean: Fraction | None
    maximum: Fraction


@dataclass(frozen=True, slots=True)
class OwnMarks:
    """The applicant's own marks and total, as far as the call discloses them."""

    marks: tuple[OwnMark, ...]
    total: Fraction | None
    total_maximum: Fraction


def get_summary(application_id: uuid.UUID) -> Summary:
    """Return the jury's view of one file; the caller has checked that the person may read marks.

    Raises:
        NotFoundError: no such application.
        ConflictError: its call has no grid.

    """
    application = db.session.get(Application, application_id)
    if application is None:
        raise NotFoundError("Ce dossier n'existe pas.")
    grid = read_grid(application.call_version)
    given = read_reviews([application_id]).get(application_id, [])
    assessment = assess(grid.rubric, make_case(application_id.hex, given), grid.rules)
    return _summary(application_id, grid, given, assessment)


def make_case(
    ref: str,
    given: list[GivenReview],
    *,
    group: str | None = None,
    facts: dict[str, Fraction | None] | None = None,
) -> Case:
    """Give the arithmetic the reviews that count: not those that a revision of the grid made impossible to read."""
    return Case(ref, tuple(review.marks for review in given if review.counts and review.usable), group, facts or {})


def _summary(application_id: uuid.UUID, grid: Grid, given: list[GivenReview], assessment: Assessment) -> Summary:
    spread = assessment.dispersion
    means = {row.key: row for row in assessment.criterion_means}
    return Summary(
        application_id=application_id,
        status=assessment.status,
        reviews=tuple(
            ReviewSummary(
                code=each.code,
                member_name=each.member_name,
                college=each.college,
                counts=each.counts,
                total=review_total(grid.rubric, each.marks),
                marks=each.marks if each.usable else {},
                comments=each.comments,
                submitted_at=each.submitted_at,
                grid_number=each.grid_number,
                older=each.older,
                usable=each.usable,
            )
            for each in given
        ),
        criteria=tuple(
            CriterionSummary(
                key=line.key,
                label=line.label,
                weight=grid.criteria[line.key].weight,
                maximum=grid.criteria[line.key].maximum,
                floor=grid.criteria[line.key].threshold,
                mean=means[line.key].mean,
                under_floor=means[line.key].under_threshold,
            )
            for line in grid.lines
        ),
        mean=assessment.total,
        minimum=spread.minimum if spread else None,
        maximum=spread.maximum if spread else None,
        divergence=spread.divergence if spread else None,
        divergence_over=bool(spread and spread.over),
        floors_ok=not assessment.under_threshold,
        counted=assessment.counted,
        expected=grid.rules.min_reviews,
        total_maximum=grid.rubric.scale_to,
        decimals=grid.rubric.decimals,
    )


def get_own_marks(application_id: uuid.UUID) -> OwnMarks:
    """Return what a notification shows an applicant of its own file, as its call discloses it.

    Raises:
        NotFoundError: no such application.
        ConflictError: its call has no grid.

    """
    summary = get_summary(application_id)
    disclosure = _disclosure(application_id)
    if disclosure is Disclosure.NOTHING:
        return OwnMarks((), None, summary.total_maximum)
    marks = tuple(OwnMark(row.label, row.weight, row.mean, row.maximum) for row in summary.criteria)
    shown = marks if summary.counted and disclosure is Disclosure.CRITERIA else ()
    return OwnMarks(shown, summary.mean, summary.total_maximum)


def _disclosure(application_id: uuid.UUID) -> Disclosure:
    terms = read_rubric_terms(db.session.get_one(Application, application_id).call_version)
    return Disclosure.NOTHING if terms is None else terms.disclosure
