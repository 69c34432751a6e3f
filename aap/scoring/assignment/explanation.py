"""Why each juror is proposed, in plain words."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from aap.scoring.assignment.problem import NO_COLLEGE, Problem
from aap.scoring.assignment.solver import Assignment

Pair = tuple[int, int]
MOST_NAMED = 2


def explain(
    problem: Problem, found: Assignment, grounds: Mapping[Pair, tuple[str, ...]] | None = None
) -> dict[Pair, str]:
    """Write a French sentence for each pair of the assignment.

    ``grounds`` are what makes the affinity of a pair (« thème commun : précarité », « même département »), said first.
    """
    loads = found.loads(len(problem.jurors))
    taken: dict[int, list[int]] = {}
    for row, column in found.pairs:
        taken.setdefault(row, []).append(column)
    return {
        (row, column): _sentence(problem, (row, column), taken[row], loads, (grounds or {}).get((row, column), ()))
        for row, column in found.pairs
    }


def _sentence(problem: Problem, pair: Pair, taken: list[int], loads: tuple[int, ...], grounds: tuple[str, ...]) -> str:
    row, column = pair
    said = [f"{_capital(' ; '.join(grounds))}."] if grounds else []
    if pair in problem.pinned:
        said.append("Affectation fixée à la main, conservée.")
    affinities, allowed = problem.affinities[row], problem.allowed[row]
    better = np.nonzero(allowed & (affinities > affinities[column]))[0].tolist()
    available = int(allowed.sum())
    place = "premier choix" if not better else f"{len(better) + 1}e choix"
    said.append(f"Affinité {affinities[column]} : {place} sur {available} juré{_s(available)} sans conflit.")
    passed = [each for each in better if each not in taken]
    passed.sort(key=lambda each: (-int(affinities[each]), each))
    said.extend(_why_passed(problem, each, column, taken, loads) for each in passed[:MOST_NAMED])
    if len(passed) > MOST_NAMED:
        said.append(f"{len(passed) - MOST_NAMED} autres mieux placés servent plus ailleurs.")
    said.append(f"Charge : {loads[column]} dossier{_s(loads[column])} pour {problem.maximum[column]} au plus.")
    if loads[column] <= problem.minimum[column]:
        said.append(f"Il lui en faut au moins {problem.minimum[column]}.")
    return " ".join(said)


def _why_passed(problem: Problem, other: int, column: int, taken: list[int], loads: tuple[int, ...]) -> str:
    """Say why somebody better placed was not proposed."""
    name = problem.jurors[other]
    if loads[other] >= problem.maximum[other]:
        return f"{name}, mieux placé, est à sa charge maximale sur des dossiers où cela compte davantage."
    most = problem.at_most_per_college
    if most is not None and problem.college and problem.college[other] not in {NO_COLLEGE, problem.college[column]}:
        mates = sum(problem.college[each] == problem.college[other] for each in taken)
        if mates >= most:
            return f"{name}, mieux placé, est d'un collège déjà représenté au maximum sur ce dossier."
    return f"{name}, mieux placé, laisse la place pour que les charges minimales et le total soient les meilleurs."


def _s(count: int) -> str:
    return "s" if count > 1 else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
