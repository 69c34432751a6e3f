"""Reviews marked under a grid that was revised since: under which one they are read, and whether they are asked about.

A review is marked under the grid in force when it began, whatever was revised since, until its juror answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from aap.calls.models import CallVersion
from aap.jury.grid import Grid, GridLine, known_grid
from aap.jury.models import Review
from aap.scoring.revision import project, still_counts


@dataclass(frozen=True, slots=True)
class Projected:
    """A review as the grid in force reads it; every mark is ``None`` when it is not ``usable``: it cannot count."""

    marks: dict[str, Fraction | None]
    usable: bool


def is_begun(review: Review) -> bool:
    """Tell whether something was marked or written on a review: an empty one has nothing to answer."""
    return any(mark.not_applicable or mark.value is not None or mark.comment for mark in review.marks)


def is_behind(review: Review, version: CallVersion) -> bool:
    """Tell whether a review stands under an earlier grid than the one in force."""
    return review.grid_number < version.grid_number and is_begun(review)


def grid_of(review: Review | None, version: CallVersion) -> Grid:
    """Return the grid that a review is marked under: the one in force unless it was begun before a revision."""
    if review is None or not is_behind(review, version):
        return known_grid(version)
    return known_grid(version, review.grid_number)


def project_review(before: Grid, after: Grid, marks: dict[str, Fraction | None]) -> Projected:
    """Read a submitted review under a later grid, as ``aap.scoring.revision`` says."""
    found = project(before.rubric, after.rubric, marks)
    usable = still_counts(after.rubric, found, raw_sum=after.rules.raw_sum_threshold is not None)
    return Projected(found if usable else dict.fromkeys(found), usable)


def changed_meaning(before: Grid, after: Grid) -> frozenset[str]:
    """Return the keys of the criteria whose mark no longer says the same: wording or scale; added ones included.

    Weights, floors and when to justify change what a mark weighs, not what it says.
    """
    old = {line.key: _meaning(line, before) for line in before.lines}
    return frozenset(line.key for line in after.lines if old.get(line.key) != _meaning(line, after))


def _meaning(line: GridLine, grid: Grid) -> tuple[object, ...]:
    criterion = grid.criteria[line.key]
    descriptors = tuple(sorted((mark, text.strip()) for mark, text in line.descriptors))
    scale = (criterion.minimum, criterion.maximum, criterion.step)
    return (line.label, line.guidance.strip(), descriptors, scale)
