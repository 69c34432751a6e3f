"""How long a selection may take: a page waits a few seconds, an analyst as long as it lasts.

Deciding whether a completion exists is hard in general (it holds the knapsack problem): some quotas and amounts cost an
exhaustive search. Whoever cannot wait says so, and is told instead of kept waiting.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from aap.errors import AapError

_ends: ContextVar[float | None] = ContextVar("selection_ends", default=None)


class TooLongError(AapError):
    """The selection was not finished in the time given."""

    code = "calcul-trop-long"


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Give the selections of this block so many seconds in all."""
    token = _ends.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ends.reset(token)


def seconds_left() -> float | None:
    """Return the seconds left, ``None`` when nobody is waiting.

    Raises:
        TooLongError: none is.

    """
    ends = _ends.get()
    if ends is None:
        return None
    left = ends - time.monotonic()
    if left <= 0:
        raise TooLongError("Le calcul dépasse le temps donné.")
    return left


def solver_options() -> dict[str, float]:
    """Return the options that make HiGHS stop in time.

    Raises:
        TooLongError: no time is left.

    """
    left = seconds_left()
    return {} if left is None else {"time_limit": left}
