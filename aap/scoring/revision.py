"""Marks given under one grid, read under the grid that revised it: exact, and the same for every file.

What a review kept under a revised grid is worth is written here and in ``docs/adr/0008-revised-grids.md``. Criterion by
criterion, by key: a mark keeps its place on its scale, ``min' + (s - min) / (max - min) x (max' - min')``, which is the
mark itself when the scale is the same; a criterion that is gone counts no more; one that was added has no mark and is
read as « sans objet »: it renormalises the rest, within the limit that the call sets on what is not applicable.
"""

from __future__ import annotations

from aap.scoring.rubric import Criterion, Mark, Marks, Rubric, na_share


def carry(mark: Mark, before: Criterion, after: Criterion) -> Mark:
    """Read a mark given on ``before`` on the scale of ``after``: the same share of the way from lowest to highest."""
    if mark is None or same_scale(before, after):
        return mark
    share = (mark - before.minimum) / (before.maximum - before.minimum)
    return after.minimum + share * (after.maximum - after.minimum)


def same_scale(before: Criterion, after: Criterion) -> bool:
    """Tell whether the same marks are admitted on both; weights, floors and comments are not about the scale."""
    return (before.minimum, before.maximum, before.step) == (after.minimum, after.maximum, after.step)


def carry_over(before: Rubric, after: Rubric, marks: Marks) -> dict[str, Mark]:
    """Read the marks of a review, perhaps not whole, on the scales of ``after``; what was not marked stays missing."""
    known = {criterion.key: criterion for criterion in before.criteria}
    return {
        criterion.key: carry(marks[criterion.key], known[criterion.key], criterion)
        for criterion in after.criteria
        if criterion.key in known and criterion.key in marks
    }


def project(before: Rubric, after: Rubric, marks: Marks) -> dict[str, Mark]:
    """Read a whole review, given under ``before``, under ``after``: a mark or ``None`` by criterion of ``after``.

    Projecting under the same rubric changes nothing. Marks are those of a submitted review: none is missing.
    """
    carried = carry_over(before, after, marks)
    return {criterion.key: carried.get(criterion.key) for criterion in after.criteria}


def still_counts(after: Rubric, projected: Marks, *, raw_sum: bool) -> bool:
    """Tell whether a review read under ``after`` may be kept as it is.

    It may not when more of the weight than the call admits has no mark, nor, under a threshold on the raw sum of the
    marks (``raw_sum``), when any mark is missing: a sum without one of them is compared with nothing.
    """
    if raw_sum and any(mark is None for mark in projected.values()):
        return False
    share = na_share(after, projected)
    return share < 1 and share <= after.na_limit


def is_admitted(criterion: Criterion, mark: Mark) -> bool:
    """Tell whether a juror could give this mark: in range, on step, « sans objet » only where it is allowed."""
    if mark is None:
        return criterion.na_allowed
    on_step = criterion.step is None or ((mark - criterion.minimum) / criterion.step).denominator == 1
    return criterion.minimum <= mark <= criterion.maximum and on_step
