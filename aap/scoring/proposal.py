"""An assignment asked for in plain names and numbers, and its answer: what pages and services may hold.

NumPy and HiGHS are loaded by who solves, not by who shows a page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Place = tuple[int, int]
"""A row (application) and a column (juror)."""


@dataclass(frozen=True, slots=True)
class Request:
    """An assignment to make, beside what exists.

    ``affinities`` has a row per application and a column per juror, ``None`` for a pair that may not be; ``colleges``
    names that of each juror; ``grounds`` are what makes the affinity of a pair, in words; ``fairly`` raises the
    worst-served application; ``linked`` adds bridging reviews.
    """

    applications: tuple[str, ...]
    jurors: tuple[str, ...]
    colleges: tuple[str, ...]
    affinities: tuple[tuple[int | None, ...], ...]
    reviews: int
    minimum: tuple[int, ...]
    maximum: tuple[int, ...]
    at_most_per_college: int | None
    pinned: tuple[Place, ...]
    grounds: Mapping[Place, tuple[str, ...]]
    fairly: bool = False
    linked: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """The assignment found, pinned pairs and ``bridges`` included; ``told`` says why each juror is proposed.

    ``components`` is known when bridging was asked for; ``worst`` (what the worst-served application receives) and its
    proved ``worst_bound`` when fairness was.
    """

    pairs: tuple[Place, ...]
    bridges: tuple[Place, ...]
    missing: tuple[int, ...]
    loads: tuple[int, ...]
    told: Mapping[Place, str]
    total: int
    bound: int
    optimal: bool
    components: int | None
    worst: int | None
    worst_bound: int | None


def solve(request: Request) -> Answer:
    """Find the best assignment, loads as even as costs nothing. Raises ``InvalidError`` on what makes no sense."""
    from aap.scoring.assignment import levelling  # noqa: PLC0415  # NumPy is loaded by who solves

    return levelling.answer(request)
