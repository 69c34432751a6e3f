"""The exact order of the ranking written as texts, so that a database sorts without reading a single mark.

Each value becomes a digit (0 known, 1 unknown: it comes last) and 96 more: ``floor((value + 10^15) * 10^80)``, all of
one width, so that texts sort as the values do. Two different fractions whose denominators are below 10^40 differ by
more than 10^-80: their texts differ, and equal texts are equal values. A finer value, or one too large, has no text.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from aap.scoring.aggregation import RankingRules
from aap.scoring.exact import ratio, read_ratio, require_exact
from aap.scoring.ranking import Contender
from aap.scoring.ties import Separation, Separator

FINEST = 10**40  # denominators stay below it
LARGEST = 10**15
_DECIMALS = 80
_WIDTH = 16 + _DECIMALS
UNKNOWN = "-"

Step = tuple[Fraction | None, bool]
"""A value of the order, and whether the greatest comes first."""


def steps(contender: Contender, rules: RankingRules) -> tuple[Step, ...]:
    """List what the order compares, in its order: the total, the criteria that break ties, the declared facts."""
    criteria = ((contender.criterion_means.get(key), True) for key in rules.tie_break)
    facts = ((contender.facts.get(fact.key), fact.descending) for fact in rules.facts)
    return ((contender.total, True), *criteria, *facts)


def order_text(order: Iterable[Step]) -> str | None:
    """Write what the order compares as one text that sorts alike; ``None`` when a value is too fine or too large.

    Raises ``TypeError`` on an inexact number.
    """
    parts = []
    for value, descending in order:
        if value is None:
            parts.append("1" + "0" * _WIDTH)
            continue
        require_exact(value, "value")
        if value.denominator >= FINEST or abs(value) >= LARGEST:
            return None
        placed = (-value if descending else value) + LARGEST
        parts.append(f"0{placed.numerator * 10**_DECIMALS // placed.denominator:0{_WIDTH}d}")
    return "".join(parts)


def write_values(order: Iterable[Step]) -> str:
    """Write the values themselves, exactly, separated by spaces: ``71/5 15/4 - 100000/1``."""
    return " ".join(UNKNOWN if value is None else ratio(value) for value, _ in order)


def read_separation(above: tuple[str, str], below: tuple[str, str], rules: RankingRules) -> Separation:
    """Say what separates two neighbours of the same total, from what ``write_values`` wrote: (reference, values).

    As ``aap.scoring.ties.separation``, but only the values that decide are read: ratios in lowest terms are equal when
    their texts are. Raises ``ValueError`` on values written under other rules.
    """
    names = [(Separator.CRITERION, key) for key in rules.tie_break] + [(Separator.FACT, row.key) for row in rules.facts]
    values = zip(names, above[1].split()[1:], below[1].split()[1:], strict=True)
    for (by, key), first, second in values:
        if first != second:
            return Separation(above[0], below[0], by, key, _read(first), _read(second))
    by = Separator.NOTHING if rules.draw_seed is None else Separator.DRAW
    return Separation(above[0], below[0], by, None, None, None)


def _read(text: str) -> Fraction | None:
    return None if text == UNKNOWN else read_ratio(text)
