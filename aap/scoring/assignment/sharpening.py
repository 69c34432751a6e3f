"""The best prices of applications and of colleges, once those of jurors are known: in closed form, row by row.

Given the jurors' prices, an application takes the best of what its colleges' caps permit, which is greedy on a laminar
matroid (Edmonds 1971); its prices are the first value left out, overall and in each college. A linear programme may
return any optimal prices of the arcs it holds; these are the best for all arcs, so that the bound needs no more rounds.
"""

from __future__ import annotations

import numpy as np

from aap.scoring.assignment.network import Network, Penalties, Prices
from aap.scoring.assignment.problem import NO_COLLEGE, Integers

FORBIDDEN = -(2**50)


def sharpen(network: Network, penalties: Penalties, prices: Prices) -> Prices:
    """Return prices with the same jurors' ones. They are exact where colleges have caps and no minimum."""
    scores = np.where(network.allowed, network.costs - prices.juror[None, :], FORBIDDEN)
    colleges = network.college_cap.shape[1]
    deepest = int(network.demand.max(initial=0)) + 1
    free = _sorted(scores[:, network.college == NO_COLLEGE], deepest)
    permitted, left_out = [free], []
    for college in range(colleges):
        most = network.college_cap[:, college]
        best = _sorted(scores[:, network.college == college], int(most.max(initial=0)) + 1)
        permitted.append(np.where(np.arange(best.shape[1])[None, :] < most[:, None], best, FORBIDDEN))
        left_out.append(np.take_along_axis(best, most[:, None], axis=1)[:, 0])
    pool = _sorted(np.concatenate(permitted, axis=1), deepest)
    application = np.take_along_axis(pool, network.demand[:, None], axis=1)[:, 0]
    application = np.maximum(application, -penalties.review)
    college = np.maximum(np.stack(left_out, axis=1) - application[:, None], 0)
    return Prices(application, prices.juror, college)


def _sorted(scores: Integers, count: int) -> Integers:
    """Return the best scores of each row, in descending order, as many as asked for."""
    rows, columns = scores.shape
    padded = scores
    if columns < count:
        padded = np.concatenate([scores, np.full((rows, count - columns), FORBIDDEN)], axis=1)
    top = -np.partition(-padded, count - 1, axis=1)[:, :count]
    found: Integers = -np.sort(-top, axis=1)
    return found
