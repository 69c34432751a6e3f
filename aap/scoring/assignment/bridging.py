"""Bridging reviews: what links panels that share nobody, so that severity and merit can be told apart.

Two groups of applications without a common juror cannot be compared: the gap between their means is as much their
jurors' severity as their merit (Searle, *Linear Models*, 1971, on connectedness). One review across is enough.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aap.scoring.assignment.problem import NO_COLLEGE, Integers, Problem
from aap.scoring.assignment.solver import Assignment


@dataclass(frozen=True, slots=True)
class Bridges:
    """Reviews to add, and how many components are left: 1 when everything is linked."""

    pairs: tuple[tuple[int, int], ...]
    components: int


@dataclass(slots=True)
class _Groups:
    """Union-find on applications, then jurors (Tarjan 1975, with path halving)."""

    parents: list[int]

    def find(self, node: int) -> int:
        while self.parents[node] != node:
            self.parents[node] = self.parents[self.parents[node]]
            node = self.parents[node]
        return node

    def join(self, one: int, other: int) -> bool:
        first, second = self.find(one), self.find(other)
        self.parents[first] = second
        return first != second


def components(problem: Problem, pairs: tuple[tuple[int, int], ...]) -> int:
    """Count the components of the graph of the applications and jurors that these pairs name."""
    groups, nodes = _grouped(problem, pairs)
    return len({groups.find(node) for node in nodes})


def bridge(problem: Problem, found: Assignment) -> Bridges:
    """Choose reviews to add so that all who read are linked: the best affinities first, as Kruskal 1956 grows a tree.

    Each of them joins two components, so none is superfluous. Conflicts, maximum loads and college caps hold; where
    they leave no way across, more than one component is left, and said. Greedy: with tight loads another choice may
    link more.
    """
    groups, nodes = _grouped(problem, found.pairs)
    left = len({groups.find(node) for node in nodes})
    loads = list(found.loads(len(problem.jurors)))
    counts = _college_counts(problem, found.pairs)
    added: list[tuple[int, int]] = []
    for row, column in _candidates(problem, found, loads):
        if left == 1:
            break
        if loads[column] >= problem.maximum[column] or not _fits_college(problem, counts, row, column):
            continue
        if groups.join(row, len(problem.applications) + column):
            added.append((row, column))
            loads[column] += 1
            if problem.college:
                counts[row, problem.college[column]] += 1
            left -= 1
    return Bridges(tuple(added), left)


def _grouped(problem: Problem, pairs: tuple[tuple[int, int], ...]) -> tuple[_Groups, set[int]]:
    offset = len(problem.applications)
    groups = _Groups(list(range(offset + len(problem.jurors))))
    nodes: set[int] = set()
    for row, column in pairs:
        groups.join(row, offset + column)
        nodes |= {row, offset + column}
    return groups, nodes


def _candidates(problem: Problem, found: Assignment, loads: list[int]) -> list[tuple[int, int]]:
    """List the reviews that could be added, best affinity first, between those who take part already."""
    free = problem.allowed.copy()
    rows = [False] * len(problem.applications)
    for row, column in found.pairs:
        free[row, column] = False
        rows[row] = True
    free &= np.array(rows)[:, None] & (np.array(loads) > 0) & (np.array(loads) < np.array(problem.maximum))
    places = np.nonzero(free)
    best = np.argsort(-problem.affinities[places], kind="stable")
    return list(zip(places[0][best].tolist(), places[1][best].tolist(), strict=True))


def _college_counts(problem: Problem, pairs: tuple[tuple[int, int], ...]) -> Integers:
    width = max(problem.college, default=NO_COLLEGE) + 2  # the last column is that of NO_COLLEGE
    counts = np.zeros((len(problem.applications), width), dtype=np.int64)
    for row, column in pairs:
        if problem.college:
            counts[row, problem.college[column]] += 1
    return counts


def _fits_college(problem: Problem, counts: Integers, row: int, column: int) -> bool:
    most = problem.at_most_per_college
    if most is None or not problem.college or problem.college[column] == NO_COLLEGE:
        return True
    return int(counts[row, problem.college[column]]) < most
