"""What whole amounts can add up to: a minimum between two sums is worth the higher one.

Rounding a right-hand side up to the next sum that is attainable is a Chvátal-Gomory strengthening carried to its end
(Kellerer, Pferschy & Pisinger, *Knapsack Problems*, 2004, chapter 4: subset sums by dynamic programming). A department
whose applications are few is where the linear programme is most wrong, and where sums are few.
"""

from __future__ import annotations

import numpy as np

from aap.scoring.selection.limits import Integers

MOST_LISTED = 13  # amounts whose 2**13 sums are written down
MOST_AMOUNTS = 48  # beyond, sums lie so close that nothing is gained
MOST_BITS = 2**16  # sums of a row of bits, in units of the greatest common divisor


def next_sum(amounts: Integers, asked: int) -> int | None:
    """Return a lower bound of the least sum of some of these amounts that reaches ``asked``; ``None`` if none does.

    It is that sum itself when amounts are few or round, ``asked`` otherwise.
    """
    total = int(amounts.sum())
    if total < asked:
        return None
    if len(amounts) <= MOST_LISTED:
        sums = np.zeros(1, dtype=np.int64)
        for amount in amounts.tolist():
            sums = np.concatenate([sums, sums + amount])
        return int(sums[sums >= asked].min())
    unit = int(np.gcd.reduce(amounts))
    if len(amounts) > MOST_AMOUNTS or total // unit > MOST_BITS:
        return asked
    bits = 1
    for amount in amounts.tolist():
        bits |= bits << (amount // unit)
    least = -(-asked // unit)
    over = bits >> least
    return (least + (over & -over).bit_length() - 1) * unit
