"""The limits of a portfolio as whole numbers: one column per amount that may be granted, one row per limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from aap.scoring.selection.portfolio import Measure, Portfolio, Quota, cents

Integers: TypeAlias = NDArray[np.int64]
NO_LIMIT = 2**60


@dataclass(frozen=True, slots=True)
class Entries:
    """What options take, without the zeros: ``use`` of ``rows`` by ``options``, those of k from ``starts[k]`` on.

    ``of_row`` holds the entries of each row, in the order of the options.
    """

    rows: Integers
    options: Integers
    use: Integers
    starts: Integers
    of_row: tuple[Integers, ...]

    def sums(self, values: Integers) -> Integers:
        """Add up a value per entry for each option, exactly."""
        running = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(values)])
        added: Integers = running[self.starts[1:]] - running[self.starts[:-1]]
        return added


@dataclass(frozen=True, slots=True)
class Limits:
    """``use[row, option]`` is what an option takes of a row, in cents or applications.

    Rows are the quotas in their order, then the strands; ``low`` and ``high`` bound them (0, ``NO_LIMIT``: free).
    ``amount`` of each option in cents; options of candidate k are ``starts[k]`` to ``starts[k + 1]``, in rank order.
    ``entries`` are the places of ``use`` that are not zero, option by option.
    """

    use: Integers
    low: Integers
    high: Integers
    amount: Integers
    starts: Integers
    quotas: int
    entries: Entries

    @property
    def single(self) -> bool:
        """Tell whether every candidate has one amount only."""
        return len(self.amount) == len(self.starts) - 1


@dataclass(frozen=True, slots=True)
class Place:
    """What is left at some point of the walk: what minima still ask, what maxima leave, the cents, who comes next.

    ``first`` is the first option that may still be chosen.
    """

    need: Integers
    room: Integers
    money: int
    first: int

    def after(self, limits: Limits, option: int, first: int) -> Place:
        """Return the place once this option is taken."""
        taken = limits.use[:, option]
        return Place(
            np.maximum(self.need - taken, 0), self.room - taken, self.money - int(limits.amount[option]), first
        )

    def without(self, rows: list[int]) -> Place:
        """Return the same place with the minima of these rows waived."""
        need = self.need.copy()
        need[rows] = 0
        return Place(need, self.room, self.money, self.first)


def build(portfolio: Portfolio) -> Limits:
    """Write a portfolio as whole numbers."""
    sizes = [len(candidate.amounts) for candidate in portfolio.candidates]
    starts = np.concatenate([[0], np.cumsum(np.array(sizes, dtype=np.int64))]).astype(np.int64)
    amount = np.array([cents(each) for candidate in portfolio.candidates for each in candidate.amounts], dtype=np.int64)
    names = [quota.name for quota in portfolio.quotas]
    strands = [strand.name for strand in portfolio.strands]
    member = np.zeros((len(names) + len(strands), len(portfolio.candidates)), dtype=np.int64)
    for column, candidate in enumerate(portfolio.candidates):
        member[[names.index(name) for name in candidate.quotas], column] = 1
        if candidate.strand is not None and strands:
            member[len(names) + strands.index(candidate.strand), column] = 1
    use = np.repeat(member, sizes, axis=1)
    euros = [row for row, quota in enumerate(portfolio.quotas) if quota.measure is Measure.AMOUNT]
    euros += list(range(len(names), len(names) + len(strands)))
    use[euros] *= amount
    low = [_low(quota) for quota in portfolio.quotas] + [0] * len(strands)
    high = [_high(quota) for quota in portfolio.quotas]
    high += [cents(strand.envelope + strand.may_receive) for strand in portfolio.strands]
    bounds = (np.array(low, dtype=np.int64), np.array(high, dtype=np.int64))
    return Limits(use, *bounds, amount, starts, len(portfolio.quotas), _entries(use))


def _entries(use: Integers) -> Entries:
    options, rows = np.nonzero(use.T)
    starts = np.searchsorted(options, np.arange(use.shape[1] + 1)).astype(np.int64)
    of_row = tuple(np.nonzero(rows == row)[0] for row in range(use.shape[0]))
    return Entries(rows, options, use[rows, options], starts, of_row)


def _low(quota: Quota) -> int:
    if quota.minimum is None:
        return 0
    return cents(quota.minimum) if quota.measure is Measure.AMOUNT else int(quota.minimum)


def _high(quota: Quota) -> int:
    if quota.maximum is None:
        return NO_LIMIT
    return cents(quota.maximum) if quota.measure is Measure.AMOUNT else int(quota.maximum)
