"""How sure a calibrated rank is: exact draws of all calibrated marks together, given the variances.

Source: R. Heyard, M. Ott, G. Salanti, M. Egger, Rethinking the funding line at the Swiss National Science Foundation:
Bayesian ranking and lottery, Statistics and Public Policy 9 (2022) 110-121 (expected rank, intervals of ranks, the
group that straddles the funding line). The draws are exact where theirs come from a Markov chain.

This module loads NumPy: ``aap.scoring.calibration`` imports it when it calibrates, never before.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from aap.scoring.design import Design, Index, Matrix, Vector
from aap.scoring.mixed_model import Fit

CHUNK = 1_000_000  # numbers drawn at once
QUANTILES = (0.05, 0.25, 0.75, 0.95)


@dataclass(frozen=True)
class Ranks:
    """Per application: mean rank, the four quantiles of its rank (rows: 5, 25, 75 and 95 %), share of draws in the top.

    Rank 1 is the highest calibrated mark. ``in_top`` is ``None`` without a line.
    """

    expected: Vector
    quantiles: npt.NDArray[np.int64]
    in_top: Vector | None


def estimates(design: Design, fit: Fit) -> tuple[Vector, Vector]:
    """Calibrated marks mu_c + a_i, and their standard errors.

    mu_c + a_i = y_i. / d_i + c_i't with c_i = [1 at mu_c] - B_i / d_i, and a_i given t has variance se2 / d_i, so the
    variance is se2 (1 / d_i + c_i' S^-1 c_i). Source: Henderson 1975, section 4 (prediction error variance).
    """
    errors = np.empty(design.sizes[0])
    for start in range(0, len(errors), 1000):
        some = slice(start, start + 1000)
        contrast = -design.dense[some] * fit.shrink[some, None]
        contrast[np.arange(len(contrast)), design.group[some]] += 1
        errors[some] = fit.shrink[some] + ((contrast @ fit.inverse) * contrast).sum(axis=1)
    return fit.effects[design.group] + fit.merits, np.sqrt(fit.residual_variance * np.maximum(errors, 0))


def residual_errors(design: Design, fit: Fit) -> Vector:
    """Give the standard error of each residual: what is left of se once the fit has taken its share of the mark.

    The fitted mark of application i by juror j is c't + y_i. / d_i with c = [1 at mu_c and b_j] - B_i / d_i, so the
    variance of its residual is se2 (1 - 1 / d_i - c' S^-1 c). Source: Searle, Casella, McCulloch 1992, section 7.4:
    the residual is se2 P y, of variance se2 P se2.
    """
    inverse, components = fit.inverse, design.sizes[2]
    left = np.empty(len(design.marks))
    bounds = np.searchsorted(design.application, np.arange(0, design.sizes[0] + 1000, 1000))
    for block, (start, end) in enumerate(pairwise(bounds.tolist())):
        owner = design.application[start:end]
        level, juror = design.group[owner], design.juror[start:end] + components
        first = block * 1000
        rows = design.dense[first : first + 1000]
        turned = rows @ inverse
        own = (turned * rows).sum(axis=1)[owner - first]
        met = turned[owner - first, level] + turned[owner - first, juror]
        alone = inverse[level, level] + 2 * inverse[level, juror] + inverse[juror, juror]
        share = fit.shrink[owner]
        left[start:end] = 1 - share - (alone - 2 * share * met + share**2 * own)
    return np.sqrt(fit.residual_variance * np.maximum(left, 0))


def severity_errors(design: Design, fit: Fit) -> Vector:
    """Give the standard errors of the b_j: se2 S^-1, on the diagonal."""
    diagonal = np.diag(fit.inverse)[design.sizes[2] :]
    return np.asarray(np.sqrt(fit.residual_variance * diagonal), dtype=float)


def draw_ranks(design: Design, fit: Fit, among: Index, *, seed: int, draws: int, top: int | None) -> Ranks:
    """Draw t* = t + se L^-T z with S = LL', then the a_i given t*, which are independent; and rank each draw.

    ``among`` numbers the applications that are ranked, against each other; the result follows its order.
    """
    applications = len(among)
    if not fit.ratios[0] and design.sizes[2] == 1:
        return _all_tied(applications, top)
    rng = np.random.default_rng(seed)
    ranks = np.empty((draws, applications), dtype=np.uint16 if applications < 2**16 else np.uint32)
    chunk = max(1, CHUNK // (design.sizes[0] + len(design.marks)))
    for start in range(0, draws, chunk):
        some = ranks[start : start + chunk]
        marks = _draw(design, fit, rng, len(some))[:, among]
        order = np.argsort(-marks, axis=1)
        places = np.broadcast_to(np.arange(1, applications + 1, dtype=ranks.dtype), order.shape)
        np.put_along_axis(some, order, places, axis=1)
    expected = ranks.mean(axis=0)
    in_top = None if top is None else (ranks <= top).mean(axis=0)
    per_application = np.ascontiguousarray(ranks.T)
    per_application.sort(axis=1)
    spots = [max(int(np.ceil(quantile * draws)) - 1, 0) for quantile in QUANTILES]
    return Ranks(expected, per_application[:, spots].T.astype(np.int64), in_top)


def _draw(design: Design, fit: Fit, rng: np.random.Generator, count: int) -> Matrix:
    """Give ``count`` draws of all calibrated marks, one a row."""
    applications, _, components = design.sizes
    deviation = fit.residual_variance**0.5
    noise = rng.standard_normal((design.width, count))
    effects = fit.effects + deviation * (fit.scale[:, None] * np.linalg.solve(fit.factor.T, noise)).T
    level = effects[:, design.group]
    if not fit.ratios[0]:  # merits are all zero: nothing but chance orders the files of a component
        spread = float(np.ptp(fit.effects[:components])) or 1.0
        return np.asarray(level + 1e-9 * spread * rng.standard_normal((count, applications)), dtype=float)
    starts, columns, values = _rows(design)
    along = np.add.reduceat(effects[:, columns] * values, starts, axis=1)
    drawn = rng.standard_normal((count, applications))
    return np.asarray(level + fit.shrink * (design.sums - along) + deviation * np.sqrt(fit.shrink) * drawn, dtype=float)


def _rows(design: Design) -> tuple[Index, Index, Vector]:
    """Where each row of B starts in its entries, then their columns and values."""
    rows, columns, values = design.entries
    return np.searchsorted(rows, np.arange(design.sizes[0])), columns, values


def _all_tied(applications: int, top: int | None) -> Ranks:
    """Give the ranks when nothing separates the applications: every order is as likely."""
    quantiles = np.array([[max(1, int(np.ceil(quantile * applications)))] for quantile in QUANTILES])
    return Ranks(
        np.full(applications, (applications + 1) / 2),
        np.repeat(quantiles, applications, axis=1),
        None if top is None else np.full(applications, min(top, applications) / applications),
    )
