"""A request answered: the optimal assignment, then loads made as even as costs nothing, fairness, bridges, reasons."""

from __future__ import annotations

from dataclasses import dataclass, replace

from aap.scoring.assignment.bridging import bridge
from aap.scoring.assignment.explanation import explain
from aap.scoring.assignment.fairness import assign_fairly
from aap.scoring.assignment.problem import Problem, college_indexes, from_rows
from aap.scoring.assignment.solver import Assignment, assign
from aap.scoring.proposal import Answer, Place, Request


@dataclass(frozen=True, slots=True)
class Level:
    """A problem with its maximum loads lowered as far as nothing is lost, and its solution."""

    problem: Problem
    found: Assignment


def answer(request: Request) -> Answer:
    """Solve as the request says. Raises ``InvalidError`` on a request that makes no sense."""
    problem = _problem(request)
    level = even_out(problem, assign(problem))
    found, worst, worst_bound = level.found, None, None
    if request.fairly:
        fair = assign_fairly(problem)
        evened = assign_fairly(level.problem)
        kept = evened if _missed(evened.assignment) == _missed(found) and evened.worst >= fair.worst else fair
        found, worst, worst_bound = kept.assignment, kept.worst, fair.bound
    bridges: tuple[Place, ...] = ()
    components = None
    if request.linked:
        linked = bridge(problem, found)
        bridges, components = linked.pairs, linked.components
        found = replace(found, pairs=tuple(sorted((*found.pairs, *bridges))))
    return Answer(
        pairs=found.pairs,
        bridges=bridges,
        missing=found.missing,
        loads=found.loads(len(problem.jurors)),
        told=explain(problem, found, request.grounds),
        total=found.total,
        bound=found.bound,
        optimal=found.optimal,
        components=components,
        worst=worst,
        worst_bound=worst_bound,
    )


def even_out(problem: Problem, found: Assignment) -> Level:
    """Lower the maximum of all as far as as little is missing and the total is the same.

    A lower maximum only removes assignments, so those that lose nothing exist above some height and not below:
    bisection. What was pinned stays, whatever the height.
    """
    loads = found.loads(len(problem.jurors))
    low, high = max(problem.minimum, default=0), max(loads, default=0)
    best = Level(problem, found)
    while low < high:
        height = (low + high) // 2
        tried = replace(problem, maximum=tuple(min(most, height) for most in problem.maximum))
        evened = assign(tried)
        if (_missed(evened), evened.total) == (_missed(found), found.total):
            best, high = Level(tried, replace(evened, bound=found.bound, optimal=found.optimal)), height
        else:
            low = height + 1
    return best


def _missed(found: Assignment) -> tuple[int, int]:
    return sum(found.missing), sum(found.under_minimum)


def _problem(request: Request) -> Problem:
    affinities, allowed = from_rows(request.affinities)
    colleges = dict(zip(request.jurors, request.colleges, strict=True))
    return Problem(
        applications=request.applications,
        jurors=request.jurors,
        affinities=affinities,
        allowed=allowed,
        reviews=request.reviews,
        minimum=request.minimum,
        maximum=request.maximum,
        college=college_indexes(request.jurors, colleges),
        at_most_per_college=request.at_most_per_college,
        pinned=request.pinned,
    )
