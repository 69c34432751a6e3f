"""A budget as its rules read it: expense lines, funders, sums in whole cents. Frozen, exact, without a database.

``static/js/funding.js`` computes the same figures while a person types; ``tests/unit/applications/test_live_budget.py``
drives both with the same cases.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from aap.french import rounded

SUBSIDY, OWN = "subvention", "autofinancement"  # codes of ``income_kinds``


@dataclass(frozen=True, slots=True)
class PlanLine:
    """An expense: what it costs and what is asked of the agency for it, in cents. ``name`` is how a sentence calls it.

    ``quoted``: a quote is joined, or its reference is given.
    """

    key: str
    name: str
    category: str
    amount: int
    requested: int
    quoted: bool


@dataclass(frozen=True, slots=True)
class PlanFunder:
    """An income, in cents; ``earmarks`` holds the keys of the lines it is meant for, none meaning any."""

    name: str
    kind: str
    amount: int
    earmarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FundingPlan:
    """The two sides of a budget."""

    lines: tuple[PlanLine, ...] = ()
    funders: tuple[PlanFunder, ...] = ()

    @property
    def expenses(self) -> int:
        """Return the total of the expenses, in cents."""
        return sum(line.amount for line in self.lines)

    @property
    def requested(self) -> int:
        """Return what the lines ask of the agency, in cents."""
        return sum(line.requested for line in self.lines)

    @property
    def income(self) -> int:
        """Return the total of the income, in cents."""
        return sum(funder.amount for funder in self.funders)

    def of_kind(self, kind: str) -> int:
        """Return the income of one kind, in cents."""
        return sum(funder.amount for funder in self.funders if funder.kind == kind)

    def of_category(self, category: str) -> tuple[int, int]:
        """Return what a category costs and what it asks of the agency, in cents."""
        rows = [line for line in self.lines if line.category == category]
        return sum(line.amount for line in rows), sum(line.requested for line in rows)


def cents(amount: Decimal | None) -> int:
    """Return an amount in euros as whole cents, half up; nothing is nought."""
    return 0 if amount is None else int(rounded(amount, 2).scaleb(2))


def placed(plan: FundingPlan) -> Mapping[tuple[int, str], int]:
    """Spread each earmarked income over the lines it is meant for, as much as fits.

    A line takes what the agency does not pay of it. Returns the cents by rank of the funder and key of the line. It is
    the largest flow from funders to lines, found by shortest ways: no other spreading places more.
    """
    room: dict[str, int] = {}
    for line in plan.lines:
        room[line.key] = room.get(line.key, 0) + max(line.amount - line.requested, 0)
    reach = [tuple(key for key in dict.fromkeys(funder.earmarks) if key in room) for funder in plan.funders]
    flow: dict[tuple[int, str], int] = {}
    for rank, funder in enumerate(plan.funders):
        left = max(funder.amount, 0) if funder.earmarks else 0
        while left:
            way = _way(rank, reach, room, flow)
            if not way:
                break
            moved = _widest(way, room, flow, left)
            for taken, key, given in way:
                flow[taken, key] = flow.get((taken, key), 0) + moved
                if given is not None:
                    flow[given, key] -= moved
            room[way[-1][1]] -= moved
            left -= moved
    return {place: amount for place, amount in flow.items() if amount}


Step = tuple[int, str, int | None]  # this funder takes room on this line, from that funder (or what was free)


def _way(
    start: int, reach: Sequence[tuple[str, ...]], room: Mapping[str, int], flow: Mapping[tuple[int, str], int]
) -> list[Step]:
    """Return the shortest way from a funder to a line with room, funders yielding their place on the way."""
    before: dict[str, tuple[int, str | None]] = {}
    waiting: deque[tuple[int, str | None]] = deque([(start, None)])
    seen = {start}
    while waiting:
        rank, through = waiting.popleft()
        for key in reach[rank]:
            if key in before:
                continue
            before[key] = (rank, through)
            if room[key] > 0:
                return _steps(key, before)
            for other in range(len(reach)):
                if other not in seen and flow.get((other, key), 0) > 0:
                    seen.add(other)
                    waiting.append((other, key))
    return []


def _steps(last: str, before: Mapping[str, tuple[int, str | None]]) -> list[Step]:
    steps: list[Step] = []
    key: str | None = last
    given: int | None = None
    while key is not None:
        rank, through = before[key]
        steps.append((rank, key, given))
        key, given = through, rank
    return steps[::-1]


def _widest(way: Sequence[Step], room: Mapping[str, int], flow: Mapping[tuple[int, str], int], left: int) -> int:
    yielded = [flow[given, key] for _, key, given in way if given is not None]
    return min([left, room[way[-1][1]], *yielded])
