"""What the command answers: the assignment as a document, and only what was asked for beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aap.scoring.assignment.bridging import bridge
from aap.scoring.assignment.explanation import explain
from aap.scoring.assignment.fairness import assign_fairly
from aap.scoring.assignment.problem import Problem
from aap.scoring.assignment.solver import LARGEST_NOISE, Assignment, assign


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is asked for on top of the assignment; nothing of it unless asked."""

    fairness: bool = False
    bridging: bool = False
    explain: bool = False
    noise_seed: int | None = None


def assignment_document(problem: Problem, wishes: Wishes, colleges: tuple[str, ...] = ()) -> dict[str, Any]:
    """Solve, then write names instead of indexes; rows and columns keep the order of the file."""
    extras: dict[str, Any] = {}
    if wishes.fairness:
        fair = assign_fairly(problem, noise_seed=wishes.noise_seed)
        found = fair.assignment
        extras["fairness"] = {
            "worst_served": fair.worst,
            "bound": fair.bound,
            "solved": fair.solved,
            "optimal": fair.optimal,
        }
    else:
        found = assign(problem, noise_seed=wishes.noise_seed)
    if wishes.noise_seed is not None:
        extras["noise"] = {"seed": wishes.noise_seed, "at_most": 1 / LARGEST_NOISE}
    if wishes.explain:
        extras["explanations"] = [
            [problem.applications[row], problem.jurors[column], text]
            for (row, column), text in explain(problem, found).items()
        ]
    if wishes.bridging:
        bridges = bridge(problem, found)
        extras["bridges"] = _named(problem, bridges.pairs)
        extras["components"] = bridges.components
    return {**_core(problem, found, colleges), **extras}


def _core(problem: Problem, found: Assignment, colleges: tuple[str, ...]) -> dict[str, Any]:
    document: dict[str, Any] = {
        "total": found.total,
        "pairs": _named(problem, found.pairs),
        "loads": dict(zip(problem.jurors, found.loads(len(problem.jurors)), strict=True)),
        "shortages": [
            {"application": name, "missing": count}
            for name, count in zip(problem.applications, found.missing, strict=True)
            if count
        ],
        "under_minimum": [
            {"juror": name, "missing": count}
            for name, count in zip(problem.jurors, found.under_minimum, strict=True)
            if count
        ],
        "bound": found.bound,
        "optimal": found.optimal,
    }
    if problem.at_least_per_college:
        document["college_shortages"] = [
            {"application": name, "college": colleges[index], "missing": count}
            for name, counts in zip(problem.applications, found.college_missing, strict=True)
            for index, count in enumerate(counts)
            if count
        ]
    return document


def _named(problem: Problem, pairs: tuple[tuple[int, int], ...]) -> list[list[str]]:
    return [[problem.applications[row], problem.jurors[column]] for row, column in pairs]
