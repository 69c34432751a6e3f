"""The official order of the applications, by strand and overall.

Order: exact total, then the criterion means in the declared tie order, then declared facts, then the draw. Never by
identifier or date: what nothing separates stays tied, ranked 1, 1, 3, in the order it came in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import groupby

from aap.errors import InvalidError
from aap.scoring.aggregation import Assessment, Case, RankingRules, Status, assess
from aap.scoring.draw import draw_order
from aap.scoring.exact import require_exact
from aap.scoring.rubric import Rubric

_Key = tuple[tuple[bool, Fraction], ...]


@dataclass(frozen=True, slots=True)
class Contender:
    """What the order needs of one ranked application: enough to re-rank from stored totals, without the marks."""

    ref: str
    total: Fraction
    criterion_means: Mapping[str, Fraction | None] = field(default_factory=dict)
    facts: Mapping[str, Fraction | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """One rank and who holds it: several when ``tied``. ``drawn`` when only the draw separated it from a neighbour."""

    rank: int
    refs: tuple[str, ...]
    tied: bool
    drawn: bool


@dataclass(frozen=True, slots=True)
class Ranking:
    """Assessments in the order given, and the places of those that are ranked."""

    assessments: tuple[Assessment, ...]
    places: tuple[Place, ...]

    def ranks(self) -> dict[str, int]:
        """Rank by reference; eliminated and incomplete applications are absent."""
        return {ref: place.rank for place in self.places for ref in place.refs}


@dataclass(frozen=True, slots=True)
class GroupRanking:
    """The ranking of one group of applications, such as a strand."""

    group: str
    ranking: Ranking


@dataclass(frozen=True, slots=True)
class Rankings:
    """The overall ranking and one per group, groups in the order they first appear."""

    overall: Ranking
    groups: tuple[GroupRanking, ...]


def rank(rubric: Rubric, cases: Sequence[Case], rules: RankingRules) -> Ranking:
    """Assess every application and rank those that are neither incomplete nor eliminated.

    Raises ``InvalidError`` on a missing mark, a reference given twice or a tie order that names no criterion.
    """
    return _rank_assessed(_assess_all(rubric, cases, rules), cases, rules)


def rank_by_group(rubric: Rubric, cases: Sequence[Case], rules: RankingRules) -> Rankings:
    """Rank overall, then inside each group: ranks restart at 1. A case without a group is only in the overall one."""
    assessed = _assess_all(rubric, cases, rules)
    names = dict.fromkeys(case.group for case in cases if case.group is not None)
    groups = tuple(
        GroupRanking(name, _rank_assessed([row for row in assessed if row.group == name], cases, rules))
        for name in names
    )
    return Rankings(_rank_assessed(assessed, cases, rules), groups)


def order(contenders: Iterable[Contender], rules: RankingRules) -> tuple[Place, ...]:
    """Give the places of the contenders, best first.

    Raises ``TypeError`` on an inexact number, and ``InvalidError`` on a reference given twice when it must be drawn.
    """
    ordered = sorted(
        ((_sort_key(contender, rules), contender.ref) for contender in contenders), key=lambda row: row[0]
    )  # sorted is stable: ties keep the order they came in
    places: list[Place] = []
    done = 0
    for _, rows in groupby(ordered, key=lambda row: row[0]):
        refs = tuple(ref for _, ref in rows)
        if rules.draw_seed is not None and len(refs) > 1:
            drawn = draw_order(rules.draw_seed, refs)
            places.extend(Place(done + 1 + i, (ref,), tied=False, drawn=True) for i, ref in enumerate(drawn))
        else:
            places.append(Place(done + 1, refs, tied=len(refs) > 1, drawn=False))
        done += len(refs)
    return tuple(places)


def _assess_all(rubric: Rubric, cases: Sequence[Case], rules: RankingRules) -> list[Assessment]:
    """Check the rules against the rubric, then assess each application once."""
    known = {criterion.key for criterion in rubric.criteria}
    for index, key in enumerate(rules.tie_break):
        if key not in known:
            raise InvalidError.on(
                f"tie_break[{index}]", f"« {key} » n'est pas un critère de la grille.", code="critere-inconnu"
            )
    refs = [case.ref for case in cases]
    if len(set(refs)) != len(refs):
        raise InvalidError.on("applications", "Un dossier figure deux fois.", code="dossier-en-double")
    return [assess(rubric, case, rules) for case in cases]


def _rank_assessed(assessed: Sequence[Assessment], cases: Sequence[Case], rules: RankingRules) -> Ranking:
    """Order the ranked ones among these assessments."""
    facts = {case.ref: case.facts for case in cases}
    contenders = [
        Contender(row.ref, row.total, {mean.key: mean.mean for mean in row.criterion_means}, facts[row.ref])
        for row in assessed
        if row.status is Status.RANKED and row.total is not None
    ]
    return Ranking(tuple(assessed), order(contenders, rules))


def _sort_key(contender: Contender, rules: RankingRules) -> _Key:
    """Exact key, ascending: total and criterion means negated, unknown values last."""
    values = [(contender.total, True)]
    rest: list[tuple[Fraction | None, bool]] = [(contender.criterion_means.get(key), True) for key in rules.tie_break]
    rest += [(contender.facts.get(fact.key), fact.descending) for fact in rules.facts]
    return tuple(_part(value, descending=descending) for value, descending in [*values, *rest])


def _part(value: Fraction | None, *, descending: bool) -> tuple[bool, Fraction]:
    """One step of the key."""
    if value is None:
        return (True, Fraction(0))
    require_exact(value, "value")
    return (False, -value if descending else value)
