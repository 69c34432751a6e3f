"""The mixed model of calibration, by REML: y_ij = mu_c + a_i + b_j + e_ij. Linear algebra on NumPy arrays.

Applications (a) and jurors (b) are random; mu_c is fixed, one per component c of the juror/application graph. Variance
ratios are ga = sa2 / se2 and gb = sb2 / se2; zero is a proper value of each. Henderson's equations are solved with the
applications absorbed, which leaves one unknown per juror and component, whatever the number of applications.

This module loads NumPy: ``aap.scoring.calibration`` imports it when it calibrates, never before.

Sources: C. Henderson, Best linear unbiased estimation and prediction under a selection model, Biometrics 31 (1975)
423-447 (the equations and their absorption); H. Patterson and R. Thompson, Recovery of inter-block information when
block sizes are unequal, Biometrika 58 (1971) 545-554 (REML); S. Searle, G. Casella, C. McCulloch, Variance Components,
Wiley 1992, chapters 6 to 8 (derivatives through the inverse of the coefficient matrix).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from math import exp, inf, log, pi

import numpy as np

from aap.scoring.design import Design, Index, Matrix, Vector, totals

GRID = (0.03, 0.3, 2.0, 20.0, 300.0, 10_000.0)  # variance ratios where a descent may start, besides zero
MOST_STARTS = 3  # few marks may give a likelihood of several valleys
LARGEST_RATIO = 1e8  # beyond, the residual variance is zero for all practical purposes
SMALLEST_RATIO = 1e-7
NO_GAIN = 1e-9  # of -2 log REML: a step that promises less is the last
TOO_CLOSE = 1e-6  # of -2 log REML: below, the simpler model wins
PERFECT = 1e-13  # share of the total sum of squares under which nothing is left to chance


@dataclass(frozen=True)
class Fit:
    """The model solved at given variance ratios.

    ``deviance`` is -2 log REML; ``effects`` are the mu_c then the b_j; ``merits`` the a_i; ``residuals`` the e_ij;
    ``shrink`` is 1 / d_i, d_i = n_i + se2 / sa2; ``factor`` is the lower Cholesky factor of the absorbed equations
    once their columns are multiplied by ``scale``. ``residual_variance`` is se2.
    """

    ratios: tuple[float, float]
    deviance: float
    residual_variance: float
    quadratic: float
    effects: Vector
    merits: Vector
    residuals: Vector
    shrink: Vector
    factor: Matrix
    scale: Vector

    @cached_property
    def inverse(self) -> Matrix:
        """S^-1: the covariance of the effects, in units of the residual variance."""
        half = np.linalg.solve(self.factor, np.diag(self.scale))
        return np.asarray(half.T @ half, dtype=float)

    def with_variance(self, residual: float) -> Fit:
        """Give the same fit with another residual variance."""
        return replace(self, residual_variance=residual)


def solve(design: Design, ratios: tuple[float, float]) -> Fit:
    """Solve Henderson's equations at variance ratios (sa2 / se2, sb2 / se2), applications absorbed.

    With la = 1 / ga, lb = 1 / gb, d_i = n_i + la and S = [mu, b block] - B' D^-1 B (+ lb on jurors): S t = r,
    a_i = (y_i. - B_i t) / d_i, and with nu = N - components

        -2 REML = nu (1 + log(2 pi quad / nu)) + log|S| + sum log d_i - I log la - J log lb,

    quad being the penalised sum of squares e'e + la a'a + lb b'b = y'y - b't - y_i.'a. Columns of jurors are scaled
    by sqrt(gb), which keeps everything finite when a variance is zero.
    """
    merit, severity = ratios
    _, jurors, components = design.sizes
    shrink: Vector = merit / (1.0 + design.counts.astype(float) * merit)
    scale = np.concatenate([np.ones(components), np.full(jurors, severity**0.5)])
    matrix = scale[:, None] * (design.whole - design.across(shrink)) * scale
    places = np.arange(jurors) + components
    matrix[places, places] += 1
    factor = np.linalg.cholesky(matrix)
    mark_sums = np.concatenate(
        [
            totals(design.group[design.application], design.marks, components),
            design.per_juror(design.marks),
        ]
    )
    right = scale * (mark_sums - design.down(shrink * design.sums))
    effects = scale * np.linalg.solve(factor.T, np.linalg.solve(factor, right))
    merits = shrink * (design.sums - design.along(effects))
    level = effects[design.group][design.application]
    residuals = design.marks - level - merits[design.application] - effects[components:][design.juror]
    quadratic = float(residuals @ residuals)
    quadratic += float(merits @ merits) / merit if merit else 0.0
    quadratic += float(effects[components:] @ effects[components:]) / severity if severity else 0.0
    nu = design.degrees
    deviance = -inf
    if quadratic > 0:
        deviance = nu * (1 + log(2 * pi * quadratic / nu)) + 2 * float(np.log(np.diag(factor)).sum())
        deviance += float(np.log1p(design.counts * merit).sum())
    return Fit(ratios, deviance, quadratic / nu, quadratic, effects, merits, residuals, shrink, factor, scale)


def slopes(design: Design, fit: Fit) -> tuple[Vector, Matrix]:
    """Give the gradient and the Hessian of -2 log REML in (log la, log lb), in closed form.

    With C the whole coefficient matrix, d log|C| / d la = tr C^aa, d quad / d la = a'a (quad is a minimum), and
    d C^-1 / d la = - C^-1[:, a] C^-1[a, :]; C^bb = (S^-1)_bb, C^ab = - D^-1 B (S^-1)_b and
    C^aa = D^-1 + D^-1 B S^-1 B' D^-1. A ratio that is zero has a slope of zero: it stays out.
    """
    components, nu, quad = design.sizes[2], design.degrees, fit.quadratic
    inverse, shrink, merits = fit.inverse, fit.shrink, fit.merits
    severities, of_jurors = fit.effects[components:], inverse[components:, components:]
    second = inverse @ design.across(shrink**2)
    pulled = design.down(shrink * merits)
    squares = np.array([merits @ merits, severities @ severities])
    traces = np.array([shrink.sum() + np.trace(second), np.trace(of_jurors)])
    cross = -float(pulled @ inverse[:, components:] @ severities)
    bent = np.array(
        [
            [shrink @ merits**2 + pulled @ inverse @ pulled, cross],
            [cross, severities @ of_jurors @ severities],
        ]
    )
    mixed = float(np.trace((second @ inverse)[components:, components:]))
    third = np.trace(inverse @ design.across(shrink**3))
    squared = np.array(
        [
            [(shrink**2).sum() + 2 * third + (second * second.T).sum(), mixed],
            [mixed, (of_jurors**2).sum()],
        ]
    )
    penalties = np.array([1 / ratio if ratio else 0.0 for ratio in fit.ratios])
    sizes = np.array(design.sizes[:2], dtype=float)
    inverses = np.array(fit.ratios)
    first = penalties * (nu * squares / quad + traces - sizes * inverses)
    curve = nu * (-2 * bent / quad - np.outer(squares, squares) / quad**2) - squared + np.diag(sizes * inverses**2)
    return first, np.outer(penalties, penalties) * curve + np.diag(first)


def fit_reml(design: Design) -> Fit:
    """Find the variance ratios of least -2 log REML: from the valleys of a grid, damped Newton; zero tried for each.

    The four cases (both variances, either, none) are each brought to their minimum and the lowest wins, the simpler
    one when they are as close as makes no difference: a variance is positive only when the marks say so.
    """
    found = solve(design, (0.0, 0.0))
    for free in ((True, False), (False, True), (True, True)):
        axes = [GRID if is_free else (0.0,) for is_free in free]
        bottoms = [_descend(design, start, free) for start in _valleys(design, axes)]
        best = min(bottoms, key=lambda fit: fit.deviance)
        if best.deviance < found.deviance - TOO_CLOSE:
            found = best
    return found


def _valleys(design: Design, axes: Sequence[Sequence[float]]) -> list[Fit]:
    """Solve on a grid and keep the points that no neighbour is below, the lowest first."""
    grid = {
        (row, column): solve(design, (first, second))
        for row, first in enumerate(axes[0])
        for column, second in enumerate(axes[1])
    }

    def is_low(place: tuple[int, int]) -> bool:
        around = ((place[0] + down, place[1] + right) for down, right in product((-1, 0, 1), (-1, 0, 1)))
        return all(grid[place].deviance <= grid[other].deviance for other in around if other in grid)

    return sorted((grid[place] for place in grid if is_low(place)), key=lambda fit: fit.deviance)[:MOST_STARTS]


def _descend(design: Design, fit: Fit, free: tuple[bool, bool]) -> Fit:
    """Damped Newton in the logarithms of the free ratios, until the next step would gain nothing."""
    if not any(free):
        return fit
    chosen = np.flatnonzero(free)
    for _ in range(60):
        gradient, hessian = slopes(design, fit)
        step = _newton_step(gradient[chosen], hessian[np.ix_(chosen, chosen)])
        if -float(gradient[chosen] @ step) < NO_GAIN:
            settled = float(np.max(np.abs(step))) < 0.1  # else the deviance is flat: no step means anything
            return solve(design, _moved(fit.ratios, chosen, step)) if settled else fit
        better = _damped(design, fit, chosen, step)
        if better is None:
            return fit
        fit = better
    return fit


def _newton_step(gradient: Vector, hessian: Matrix) -> Vector:
    """Newton's step, always downhill (curvatures taken positive), shortened whole to 2 at most in each direction."""
    curvatures, directions = np.linalg.eigh(hessian)
    safe = np.maximum(np.abs(curvatures), 1e-10)
    step: Vector = -directions @ ((directions.T @ gradient) / safe)
    return step * min(1.0, 2 / max(float(np.max(np.abs(step))), 1e-300))


def _damped(design: Design, fit: Fit, chosen: Index, step: Vector) -> Fit | None:
    """Halve the step until it lowers the deviance; ``None`` when nothing does, or at the end of the scale."""
    for _ in range(30):
        ratios = _moved(fit.ratios, chosen, step)
        if ratios == fit.ratios:
            return None
        tried = solve(design, ratios)
        if tried.deviance < fit.deviance:
            return tried
        step = step / 2
    return None


def _moved(ratios: tuple[float, float], chosen: Index, step: Vector) -> tuple[float, float]:
    """Move the logarithms of the penalties, which are the inverses of the ratios, within the scale."""
    moved = list(ratios)
    for place, move in zip(chosen.tolist(), step.tolist(), strict=True):
        moved[place] = min(max(moved[place] * exp(-move), SMALLEST_RATIO), LARGEST_RATIO)
    return moved[0], moved[1]


def fit_perfect(design: Design) -> tuple[Fit, tuple[float, float]] | None:
    """Fit marks that merit and severity explain wholly; ``None`` when something is left to chance.

    Returns the fit, with a residual variance of a ten-billionth of the others, and the two variances (sa2, sb2): those
    of the effects found. A graph without any cycle always fits, and proves nothing: it is left to REML.
    """
    applications, jurors, components = design.sizes
    level = design.marks - _group_means(design)
    total = float(level @ level)
    if len(design.marks) <= applications + jurors - components:
        return None
    loose = solve(design, (LARGEST_RATIO, LARGEST_RATIO))
    if float(loose.residuals @ loose.residuals) > PERFECT * total:
        return None
    severities = loose.effects[components:]
    merit = float(loose.merits @ loose.merits) / max(applications - components, 1)
    severity = float(severities @ severities) / max(jurors - components, 1)
    small = PERFECT * total / len(design.marks)
    merit, severity = (0.0 if value <= small else value for value in (merit, severity))
    rest = 1e-10 * (merit + severity)
    fit = solve(design, (merit / rest, severity / rest))
    return fit.with_variance(rest), (merit, severity)


def _group_means(design: Design) -> Vector:
    """Mean mark of the component of each mark."""
    groups = design.group[design.application]
    means: Vector = totals(groups, design.marks, design.sizes[2]) / np.bincount(groups)
    return means[groups]
