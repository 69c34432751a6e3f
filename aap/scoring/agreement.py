"""How far jurors agree: Krippendorff's alpha, Kendall's W, the six intraclass correlations. Advice, never a rule.

Everything is computed exactly, then given as a float; only the ratio metric of alpha is computed in floats. ``None``
says that a figure does not exist for these data (nothing varies, or there are too few values), which is not zero.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import groupby
from math import fsum, lcm
from typing import TypeVar

from aap.errors import InvalidError
from aap.scoring.exact import require_exact

ValueT = TypeVar("ValueT", bound=Hashable)


class Level(StrEnum):
    """What differences between values mean, after Stevens 1946."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    INTERVAL = "interval"
    RATIO = "ratio"


@dataclass(frozen=True, slots=True)
class Concordance:
    """Kendall's W, 0 to 1, with and without the correction for ties, and Friedman's chi-square of the corrected one.

    ``corrected`` and ``chi2`` are ``None`` when every rater ties everything.
    """

    corrected: float | None
    uncorrected: float
    chi2: float | None


@dataclass(frozen=True, slots=True)
class MeanSquares:
    """Analysis of variance of targets x judges: between targets, within targets, between judges, residual."""

    between: float
    within: float
    judges: float
    residual: float


@dataclass(frozen=True, slots=True)
class Intraclass:
    """The six coefficients by their name in Shrout and Fleiss, such as ``2,1``, and the mean squares they are made of.

    A coefficient is ``None`` when its denominator is zero.
    """

    coefficients: dict[str, float | None]
    mean_squares: MeanSquares


def krippendorff_alpha(units: Sequence[Sequence[ValueT | None]], level: Level) -> float | None:
    """Krippendorff's alpha: 1 - observed disagreement / disagreement expected by chance; 1 is perfect, 0 is chance.

    ``units`` holds, for each unit, the values it was given, ``None`` for missing; values are exact numbers, or any
    category at the nominal level. Units with fewer than two values pair nothing and do not count. ``None`` without
    any pair, or when all values are the same. Raises ``TypeError`` on an inexact number and ``InvalidError`` on a
    negative one at the ratio level, whose metric ((c - k) / (c + k))² has no meaning there.

    With n values in all and m_u in unit u, alpha = 1 - (n - 1) sum_u [sum of d² over the pairs of u / (m_u - 1)] /
    (sum of d² over all pairs). Source: K. Krippendorff, Computing Krippendorff's Alpha-Reliability, University of
    Pennsylvania, 2011, section E (any metric, missing data).
    """
    paired = [values for unit in units if len(values := [value for value in unit if value is not None]) >= 2]
    counts = Counter(value for values in paired for value in values)
    if len(counts) < 2:
        return None
    if level is Level.NOMINAL:
        return _alpha(paired, _unequal_pairs)
    numbers = [[_number(value) for value in values] for values in paired]
    if level is Level.RATIO:
        return _ratio_alpha(numbers)
    if level is Level.ORDINAL:
        places = _mid_places(Counter(number for values in numbers for number in values))
        numbers = [[places[number] for number in values] for values in numbers]
    return _alpha(_whole(numbers), _squared_pairs)


def _number(value: Hashable) -> Fraction:
    require_exact(value, "value")
    assert isinstance(value, Fraction)  # noqa: S101  # require_exact has just said so; mypy cannot see it
    return value


def _alpha(units: Sequence[Sequence[ValueT]], disagreement: Callable[[Sequence[ValueT]], int]) -> float:
    """Alpha from the sum of squared differences over ordered pairs."""
    everything = [value for values in units for value in values]
    observed = sum((Fraction(disagreement(values), len(values) - 1) for values in units), Fraction(0))
    return float(1 - (len(everything) - 1) * observed / disagreement(everything))


def _unequal_pairs(values: Sequence[Hashable]) -> int:
    """Count the ordered pairs of different categories: the nominal metric is 0 or 1."""
    return len(values) ** 2 - sum(count**2 for count in Counter(values).values())


def _squared_pairs(values: Sequence[int]) -> int:
    """Sum of (x - y)² over ordered pairs: the interval metric, without a double loop."""
    return 2 * (len(values) * sum(value**2 for value in values) - sum(values) ** 2)


def _whole(units: Sequence[Sequence[Fraction]]) -> list[list[int]]:
    """Multiply every value by their common denominator: alpha does not see the unit, and integers are fast."""
    scale = lcm(*(value.denominator for values in units for value in values))
    return [[int(value * scale) for value in values] for values in units]


def _mid_places(counts: Counter[Fraction]) -> dict[Fraction, Fraction]:
    """Place of each value among all of them, ties in the middle of theirs.

    The ordinal metric, (sum of n_g for g from c to k, less (n_c + n_k) / 2)², is the interval metric of these.
    """
    places, below = {}, 0
    for value in sorted(counts):
        places[value] = below + Fraction(counts[value], 2)
        below += counts[value]
    return places


def _ratio_alpha(units: Sequence[Sequence[Fraction]]) -> float:
    """Alpha of the ratio metric ((c - k) / (c + k))², by distinct values."""
    import numpy as np  # noqa: PLC0415  # only this figure needs it: the others start at once

    totals = Counter(value for values in units for value in values)
    if min(totals) < 0:
        raise InvalidError("L'échelle de rapport n'admet pas de valeur négative.", code="valeur-negative")

    def disagreement(counts: Counter[Fraction]) -> float:
        scale = max(counts) or Fraction(1)  # the metric does not see the unit, and floats have a limit
        values = np.array([float(value / scale) for value in counts])
        weights = np.array([float(count) for count in counts.values()])
        rows = []
        for value, weight in zip(values, weights, strict=True):
            sums = values + value
            gaps = np.divide(values - value, sums, out=np.zeros_like(values), where=sums > 0)
            rows.append(float(weight * (gaps * gaps @ weights)))
        return fsum(rows)

    observed = fsum(disagreement(Counter(values)) / (len(values) - 1) for values in units)
    return 1 - (totals.total() - 1) * observed / disagreement(totals)


def kendall_w(raters: Sequence[Sequence[Fraction | None]]) -> Concordance | None:
    """Kendall's coefficient of concordance: do m raters put n units in the same order? 1: exactly; 0: not at all.

    ``raters`` holds, for each rater, a value per unit. ``None`` when one is missing, or below two raters or two units.

    W = 12 S / (m² (n³ - n) - m T), where S is the sum of squared deviations of the rank sums and T = sum of (t³ - t)
    over the groups of t ties of every rater; T = 0 uncorrected. chi² = m (n - 1) W, with n - 1 degrees of freedom.
    Source: S. Siegel, Nonparametric Statistics for the Behavioral Sciences, McGraw-Hill 1956, pp. 229-238, formulas
    9.15 to 9.18, after M. Kendall, Rank Correlation Methods, 1948.
    """
    complete = [[value for value in values if value is not None] for values in raters]
    m, n = len(raters), len(raters[0]) if raters else 0
    if m < 2 or n < 2 or any(len(values) != n for values in complete):
        return None
    sums, ties = [0] * n, 0
    for values in complete:
        for unit, doubled in enumerate(_doubled_ranks(values)):
            sums[unit] += doubled
        ties += sum(count**3 - count for count in Counter(values).values())
    mean = m * (n + 1)  # of the doubled rank sums
    spread = Fraction(sum((total - mean) ** 2 for total in sums), 4)
    full = m**2 * (n**3 - n)
    corrected = 12 * spread / (full - m * ties) if full > m * ties else None
    return Concordance(
        corrected=None if corrected is None else float(corrected),
        uncorrected=float(12 * spread / full),
        chi2=None if corrected is None else float(m * (n - 1) * corrected),
    )


def _doubled_ranks(values: Sequence[Fraction]) -> list[int]:
    """Twice the average rank of each value, smallest first: whole numbers."""
    ranks, done = [0] * len(values), 0
    for _, tied in groupby(sorted(range(len(values)), key=values.__getitem__), key=values.__getitem__):
        places = list(tied)
        for place in places:
            ranks[place] = 2 * done + len(places) + 1
        done += len(places)
    return ranks


def intraclass(targets: Sequence[Sequence[Fraction | None]]) -> Intraclass | None:
    """Six intraclass correlations of n targets each marked by the same k judges.

    ``targets`` holds, for each target, a mark per judge. ``None`` when one is missing, or below two targets or two
    judges. ``1``: judges differ from target to target; ``2``: judges are a sample of those possible (agreement);
    ``3``: these judges and no other (consistency). ``,1`` is the reliability of one judge, ``,k`` of their mean.

    Source: P. Shrout and J. Fleiss, Intraclass correlations: uses in assessing rater reliability, Psychological
    Bulletin 86 (1979) 420-428, table 4 and the estimators of pages 423 to 426.
    """
    n, k = len(targets), len(targets[0]) if targets else 0
    complete = [[value for value in values if value is not None] for values in targets]
    if n < 2 or k < 2 or any(len(values) != k for values in complete):
        return None
    between, within, judges, residual = _mean_squares(complete)
    pairs = {
        "1,1": (between - within, between + (k - 1) * within),
        "2,1": (between - residual, between + (k - 1) * residual + k * (judges - residual) / n),
        "3,1": (between - residual, between + (k - 1) * residual),
        "1,k": (between - within, between),
        "2,k": (between - residual, between + (judges - residual) / n),
        "3,k": (between - residual, between),
    }
    return Intraclass(
        {name: float(part / whole) if whole else None for name, (part, whole) in pairs.items()},
        MeanSquares(float(between), float(within), float(judges), float(residual)),
    )


def _mean_squares(targets: Sequence[Sequence[Fraction]]) -> tuple[Fraction, Fraction, Fraction, Fraction]:
    """Exact mean squares of a complete two-way table with one value a cell."""
    n, k = len(targets), len(targets[0])
    scale = lcm(*(value.denominator for values in targets for value in values))
    table = [[int(value * scale) for value in values] for values in targets]
    correction = Fraction(sum(map(sum, table)) ** 2, n * k)
    total = sum(value**2 for values in table for value in values) - correction
    rows = Fraction(sum(sum(values) ** 2 for values in table), k) - correction
    columns = Fraction(sum(sum(column) ** 2 for column in zip(*table, strict=True)), n) - correction
    unit = Fraction(scale) ** 2
    return (
        rows / (n - 1) / unit,
        (total - rows) / (n * (k - 1)) / unit,
        columns / (k - 1) / unit,
        (total - rows - columns) / ((n - 1) * (k - 1)) / unit,
    )
