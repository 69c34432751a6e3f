"""Who could read what, and what an assignment must respect.

A conflict of interest is an absent arc, never a bad mark: no assignment can use it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from aap.errors import InvalidError

Integers: TypeAlias = NDArray[np.int64]
Booleans: TypeAlias = NDArray[np.bool_]

LARGEST_AFFINITY = 10**9
NO_COLLEGE = -1


@dataclass(frozen=True, slots=True)
class Problem:
    """One assignment to make. Rows are applications, columns are jurors, in the order of their names.

    ``affinities`` (rows x columns) are integers, read only where ``allowed``; ``reviews`` each application wants;
    ``minimum`` and ``maximum`` load of each juror; ``college`` of each juror as an index, ``NO_COLLEGE`` for none,
    with at least and at most so many jurors of a college on one application; ``pinned`` pairs are kept whatever
    happens: a juror's maximum, an application's reviews and a college's cap give way to what was pinned by hand.
    """

    applications: tuple[str, ...]
    jurors: tuple[str, ...]
    affinities: Integers
    allowed: Booleans
    reviews: int
    minimum: tuple[int, ...]
    maximum: tuple[int, ...]
    college: tuple[int, ...] = ()
    at_least_per_college: int = 0
    at_most_per_college: int | None = None
    pinned: tuple[tuple[int, int], ...] = ()

    @property
    def has_colleges(self) -> bool:
        """Tell whether colleges bind anything."""
        return bool(self.college) and (self.at_least_per_college > 0 or self.at_most_per_college is not None)


def from_rows(rows: Sequence[Sequence[int | None]]) -> tuple[Integers, Booleans]:
    """Make the two tables of a ``Problem`` from rows of integers, ``None`` for a conflict."""
    allowed = np.array([[value is not None for value in row] for row in rows], dtype=bool)
    affinities = np.array([[value or 0 for value in row] for row in rows], dtype=np.int64)
    return affinities, allowed


def check(problem: Problem) -> None:
    """Refuse what makes no sense, with ``InvalidError``. Nothing here depends on whether a solution exists."""
    _check_loads(problem)
    if problem.reviews < 0:
        raise InvalidError.on("reviews", "Le nombre de lectures par dossier ne peut pas être négatif.")
    most = problem.at_most_per_college
    if problem.at_least_per_college < 0 or (most is not None and most < problem.at_least_per_college):
        raise InvalidError.on(
            "college", "Pour un collège, le minimum par dossier doit être positif et ne pas dépasser le maximum."
        )
    if len(set(problem.pinned)) != len(problem.pinned):
        raise InvalidError.on("pinned", "Une affectation fixée figure deux fois.", code="paire-en-double")
    for row, column in problem.pinned:
        if not problem.allowed[row, column]:
            raise InvalidError.on(
                "pinned",
                f"{problem.jurors[column]} ne peut pas lire {problem.applications[row]} : un conflit l'interdit.",
                code="paire-interdite",
            )
    if problem.allowed.any() and int(np.abs(problem.affinities[problem.allowed]).max()) > LARGEST_AFFINITY:
        raise InvalidError.on("affinities", "Une affinité dépasse un milliard.", code="affinite-trop-grande")


def _check_loads(problem: Problem) -> None:
    for name, least, most in zip(problem.jurors, problem.minimum, problem.maximum, strict=True):
        if least < 0 or most < 0:
            raise InvalidError.on("loads", f"La charge de {name} ne peut pas être négative.", code="charge-negative")
        if least > most:
            raise InvalidError.on(
                "loads", f"La charge minimale de {name} ({least}) dépasse sa charge maximale ({most})."
            )


def college_indexes(jurors: Sequence[str], colleges: Mapping[str, str]) -> tuple[int, ...]:
    """Give each juror the place of its college in alphabetical order, ``NO_COLLEGE`` if it has none."""
    names = sorted(set(colleges.values()))
    return tuple(names.index(colleges[juror]) if juror in colleges else NO_COLLEGE for juror in jurors)
