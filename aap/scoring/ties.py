"""How applications of the same exact total were separated: by a criterion, by a declared fact, by the draw, or not.

The order itself is ``aap.scoring.ranking``'s; this says why, so that a person can check it line by line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import groupby, pairwise

from aap.scoring.aggregation import RankingRules
from aap.scoring.ranking import Contender


class Separator(StrEnum):
    """What put one application before another of the same total."""

    CRITERION = "criterion"
    FACT = "fact"
    DRAW = "draw"
    NOTHING = "nothing"  # they share their rank


@dataclass(frozen=True, slots=True)
class Separation:
    """Between two neighbours: what decided, and the two values compared. ``key`` names the criterion or the fact.

    A value is ``None`` when unknown: it comes last. Both are ``None`` for a draw, or when nothing separates.
    """

    above: str
    below: str
    by: Separator
    key: str | None
    above_value: Fraction | None
    below_value: Fraction | None


@dataclass(frozen=True, slots=True)
class Tie:
    """Applications of one exact total, best first, and what separates each from the next. ``group``: a strand's own."""

    group: str | None
    total: Fraction
    refs: tuple[str, ...]
    separations: tuple[Separation, ...]


def explain_ties(ordered: Iterable[Contender], rules: RankingRules, group: str | None = None) -> tuple[Tie, ...]:
    """Explain every total that several applications share. ``ordered`` is in the order of the ranking, best first."""
    ties = []
    for total, found in groupby(ordered, key=lambda contender: contender.total):
        rows: Sequence[Contender] = tuple(found)
        if len(rows) > 1:
            separations = tuple(separation(above, below, rules) for above, below in pairwise(rows))
            ties.append(Tie(group, total, tuple(row.ref for row in rows), separations))
    return tuple(ties)


def separation(above: Contender, below: Contender, rules: RankingRules) -> Separation:
    """Find the first rule that tells two neighbours of the same total apart, in the order the call declares."""
    for key in rules.tie_break:
        values = above.criterion_means.get(key), below.criterion_means.get(key)
        if values[0] != values[1]:
            return Separation(above.ref, below.ref, Separator.CRITERION, key, *values)
    for fact in rules.facts:
        values = above.facts.get(fact.key), below.facts.get(fact.key)
        if values[0] != values[1]:
            return Separation(above.ref, below.ref, Separator.FACT, fact.key, *values)
    by = Separator.NOTHING if rules.draw_seed is None else Separator.DRAW
    return Separation(above.ref, below.ref, by, None, None, None)
