"""What several reviews say together of one application: total, criterion means, thresholds, dispersion.

Only submitted reviews are given here: drafts and recused reviews never count. Every comparison is between exact values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from aap.errors import InvalidError, Problem
from aap.scoring.exact import require_exact
from aap.scoring.rubric import Criterion, Marks, Rubric, review_total

TRIMMED_FROM = 5


class Aggregation(StrEnum):
    """How the totals of the reviews make the total of the application."""

    MEAN = "mean"
    MEDIAN = "median"
    TRIMMED_MEAN = "trimmed_mean"


class Status(StrEnum):
    """Whether an application enters the ranking. Incomplete takes precedence over eliminated."""

    RANKED = "ranked"
    ELIMINATED = "eliminated"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class FactOrder:
    """A declared fact that separates equal applications, smallest first unless ``descending``."""

    key: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class RankingRules:
    """The rules written in the call, beside its rubric.

    ``overall_threshold`` is on the exact total, ``raw_sum_threshold`` on the mean unweighted sum of the marks (criteria
    of weight 0 are information only and left out), ``divergence_threshold`` in points of the total. ``tie_break``
    lists criterion keys, ``draw_seed`` is the revealed seed, ``None`` as long as nothing is drawn.
    """

    aggregation: Aggregation = Aggregation.MEAN
    min_reviews: int = 1
    overall_threshold: Fraction | None = None
    raw_sum_threshold: Fraction | None = None
    divergence_threshold: Fraction | None = None
    tie_break: tuple[str, ...] = ()
    facts: tuple[FactOrder, ...] = ()
    draw_seed: str | None = None

    def __post_init__(self) -> None:
        """Refuse inexact thresholds and a ranking without reviews."""
        for name in ("overall_threshold", "raw_sum_threshold", "divergence_threshold"):
            if getattr(self, name) is not None:
                require_exact(getattr(self, name), name)
        if self.min_reviews < 1:
            raise InvalidError.on("min_reviews", "Il faut au moins une évaluation par dossier.", code="regle-invalide")


@dataclass(frozen=True, slots=True)
class Case:
    """One application as the ranking sees it: its submitted reviews, its strand, its declared facts.

    A fact that is ``None`` or absent is unknown and comes last, whatever its direction.
    """

    ref: str
    reviews: tuple[Marks, ...]
    group: str | None = None
    facts: Mapping[str, Fraction | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CriterionMean:
    """Mean of one criterion over the reviews that count and mark it; ``None`` when none does."""

    key: str
    mean: Fraction | None
    under_threshold: bool


@dataclass(frozen=True, slots=True)
class Dispersion:
    """Lowest and highest review totals; ``divergence`` is their gap, ``over`` when it exceeds the call's threshold."""

    minimum: Fraction
    maximum: Fraction
    divergence: Fraction
    over: bool


@dataclass(frozen=True, slots=True)
class Assessment:
    """Everything exact about one application.

    ``review_totals`` follows the reviews as given, ``None`` for one with too much N/A to count; ``counted`` is how
    many do count. ``total``, ``raw_sum`` and ``dispersion`` are ``None`` when none counts; ``raw_sum`` also when the
    call sets no threshold on it.
    """

    ref: str
    group: str | None
    status: Status
    total: Fraction | None
    counted: int
    review_totals: tuple[Fraction | None, ...]
    criterion_means: tuple[CriterionMean, ...]
    raw_sum: Fraction | None
    under_overall: bool
    under_raw_sum: bool
    dispersion: Dispersion | None

    @property
    def under_threshold(self) -> tuple[str, ...]:
        """Keys of the criteria whose exact mean is strictly below their threshold."""
        return tuple(row.key for row in self.criterion_means if row.under_threshold)


def aggregate(totals: Sequence[Fraction], how: Aggregation = Aggregation.MEAN) -> Fraction:
    """Combine at least one review total into the application's.

    The median of an even number is the mean of the two in the middle. The trimmed mean leaves out the lowest and the
    highest from five reviews, and is the plain mean below. Raises ``ValueError`` without any total.
    """
    if not totals:
        message = "at least one review total is needed"
        raise ValueError(message)
    for total in totals:
        require_exact(total, "total")
    ordered = sorted(totals)
    if how is Aggregation.MEDIAN:
        return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
    if how is Aggregation.TRIMMED_MEAN and len(ordered) >= TRIMMED_FROM:
        ordered = ordered[1:-1]
    return sum(ordered, Fraction(0)) / len(ordered)


def assess(rubric: Rubric, case: Case, rules: RankingRules) -> Assessment:
    """Compute everything about one application.

    Raises ``InvalidError`` on a missing mark, or on N/A when the call sets a threshold on the raw sum (a sum without
    one of its marks would be compared with a threshold made for all of them).
    """
    if rules.raw_sum_threshold is not None:
        _refuse_na(rubric, case)
    totals = tuple(review_total(rubric, marks) for marks in case.reviews)
    counted = [marks for marks, total in zip(case.reviews, totals, strict=True) if total is not None]
    kept = [total for total in totals if total is not None]
    total = aggregate(kept, rules.aggregation) if kept else None
    means = tuple(_criterion_mean(criterion, counted) for criterion in rubric.criteria)
    raw_sum = _mean_raw_sum(rubric, counted) if rules.raw_sum_threshold is not None else None
    under_overall = _below(total, rules.overall_threshold)
    under_raw_sum = _below(raw_sum, rules.raw_sum_threshold)
    if len(kept) < rules.min_reviews:
        status = Status.INCOMPLETE
    elif under_overall or under_raw_sum or any(row.under_threshold for row in means):
        status = Status.ELIMINATED
    else:
        status = Status.RANKED
    return Assessment(
        ref=case.ref,
        group=case.group,
        status=status,
        total=total,
        counted=len(kept),
        review_totals=totals,
        criterion_means=means,
        raw_sum=raw_sum,
        under_overall=under_overall,
        under_raw_sum=under_raw_sum,
        dispersion=dispersion(kept, rules.divergence_threshold),
    )


def dispersion(totals: Sequence[Fraction], threshold: Fraction | None = None) -> Dispersion | None:
    """Gap between the reviews of one application; over when strictly above ``threshold``. ``None`` without a total."""
    if not totals:
        return None
    low, high = min(totals), max(totals)
    return Dispersion(low, high, high - low, over=threshold is not None and high - low > threshold)


def _criterion_mean(criterion: Criterion, reviews: Sequence[Marks]) -> CriterionMean:
    """Mean of the marks given to a criterion. Always the mean: median and trimming are for totals."""
    marks = [mark for mark in (review[criterion.key] for review in reviews) if mark is not None]
    mean = sum(marks, Fraction(0)) / len(marks) if marks else None
    return CriterionMean(criterion.key, mean, under_threshold=_below(mean, criterion.threshold))


def _mean_raw_sum(rubric: Rubric, reviews: Sequence[Marks]) -> Fraction | None:
    """Mean, over the reviews, of the unweighted sum of the marks that count."""
    if not reviews:
        return None
    weighing = [criterion.key for criterion in rubric.criteria if criterion.weight]
    marks = [review[key] for review in reviews for key in weighing]
    return sum((mark for mark in marks if mark is not None), Fraction(0)) / len(reviews)


def _refuse_na(rubric: Rubric, case: Case) -> None:
    """Refuse N/A anywhere in the reviews of a call that thresholds the raw sum."""
    problems = tuple(
        Problem(f"applications.{case.ref}[{index}].{criterion.key}", "« Sans objet » fausserait la somme brute.")
        for index, marks in enumerate(case.reviews)
        for criterion in rubric.criteria
        if criterion.key in marks and marks[criterion.key] is None
    )
    if problems:
        message = "Un seuil sur la somme brute des notes n'admet aucune réponse « sans objet »."
        raise InvalidError(message, problems, code="sans-objet-refuse")


def _below(value: Fraction | None, threshold: Fraction | None) -> bool:
    """Strictly below: reaching a threshold is enough. Nothing to compare eliminates nobody."""
    return value is not None and threshold is not None and value < threshold
