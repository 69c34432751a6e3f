"""Which applications the calibrated ranking would move across the line between funded and not.

The official rank is the rule written in the call; this only says where jurors' severity or chance may have decided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aap.scoring.calibration import CalibratedApplication

SAME = 1e-9  # points: below, two estimates are the same


@dataclass(frozen=True, slots=True)
class Sides:
    """References that calibration would let in, and those it would put out, each in calibrated order."""

    entering: tuple[str, ...]
    leaving: tuple[str, ...]


def calibrated_ranks(applications: Sequence[CalibratedApplication]) -> dict[str, int]:
    """Rank by estimate, the highest first; equal ones share a rank, as 1, 1, 3."""
    ordered = sorted(applications, key=lambda row: -row.estimate)  # stable: ties keep the order they came in
    ranks: dict[str, int] = {}
    for place, row in enumerate(ordered):
        before = ordered[place - 1] if place else None
        tied = before is not None and before.estimate - row.estimate <= SAME
        ranks[row.ref] = ranks[before.ref] if before is not None and tied else place + 1
    return ranks


def changing_sides(official: Mapping[str, int], applications: Sequence[CalibratedApplication], places: int) -> Sides:
    """Compare two rankings at a line of ``places``. Only applications with an official rank are compared.

    A rank up to ``places`` is above the line, ties included.
    """
    compared = [row for row in applications if row.ref in official]
    ranks = calibrated_ranks(compared)
    ordered = sorted(ranks, key=lambda ref: ranks[ref])
    return Sides(
        tuple(ref for ref in ordered if ranks[ref] <= places < official[ref]),
        tuple(ref for ref in ordered if official[ref] <= places < ranks[ref]),
    )


def straddling(applications: Sequence[CalibratedApplication], places: int) -> tuple[str, ...]:
    """List the applications whose 50 % rank interval crosses the line, by expected rank: too close to call.

    Source: Heyard et al. 2022 (see ``aap.scoring.posterior``), where this group goes to a lottery; here, to discussion.
    """
    crossing = [row for row in applications if row.rank_50[0] <= places < row.rank_50[1]]
    return tuple(row.ref for row in sorted(crossing, key=lambda row: row.expected_rank))
