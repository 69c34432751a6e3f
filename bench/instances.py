"""Invented juries and portfolios of the size of a national call, always the same ones."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from aap.scoring.assignment.problem import Problem
from aap.scoring.selection.portfolio import Candidate, Measure, Portfolio, Quota


def jury(applications: int, jurors: int, kind: str = "themes") -> Problem:
    """Invent affinities 0 to 100 with 10 % of conflicts: by theme, or with the same jurors wanted by everybody."""
    random = np.random.default_rng(applications)
    if kind == "themes":
        theme = random.integers(0, 8, applications)
        expertise = random.random((jurors, 8)) ** 3
        affinities = expertise[:, theme].T * 80 + random.random((applications, jurors)) * 20
    else:
        affinities = random.random(jurors)[None, :] * 80 + random.random((applications, jurors)) * 20
    mean = 3 * applications / jurors
    return Problem(
        applications=tuple(f"D{row}" for row in range(applications)),
        jurors=tuple(f"J{column}" for column in range(jurors)),
        affinities=affinities.astype(np.int64),
        allowed=random.random((applications, jurors)) >= 0.1,
        reviews=3,
        minimum=(int(mean * 0.6),) * jurors,
        maximum=(int(mean * 1.2) + 1,) * jurors,
    )


def portfolio(candidates: int, rules: int, seed: int = 0, tight: float = 0.8) -> Portfolio:
    """Invent requests in euros and rules by department, public, zone and organisation; 40 % of the money is there.

    Minima take up to ``tight`` of what a proportional share would give, so that many of them decide.
    """
    random = np.random.default_rng(candidates + 7 * seed)
    asked = np.round(np.exp(random.normal(10.8, 0.6, candidates)) / 100) * 100
    envelope = float(np.round(asked.sum() * 0.4))
    groups: list[tuple[str, np.ndarray]] = []
    for family, count in (("dep", rules // 2), ("org", rules // 4)):
        owner = random.integers(0, count, candidates)
        groups += [(f"{family}{index}", owner == index) for index in range(count)]
    while len(groups) < rules:
        groups.append((f"public{len(groups)}", random.random(candidates) < random.uniform(0.05, 0.4)))
    quotas = []
    for index, (name, members) in enumerate(groups):
        share, euros = 0.4 * members.sum(), 0.4 * float(asked[members].sum())
        if index % 3 == 0:
            low, high = round(euros * tight, 2), None
            quotas.append(Quota(name, Measure.AMOUNT, Decimal(str(low)), high))
        elif index % 3 == 1:
            quotas.append(Quota(name, Measure.NUMBER, Decimal(int(share * tight)), Decimal(int(share * 1.3) + 1)))
        else:
            quotas.append(Quota(name, Measure.AMOUNT, None, Decimal(str(round(euros * 1.3, 2)))))
    rows = [
        Candidate(
            f"D{index}",
            (Decimal(str(asked[index])).quantize(Decimal("0.01")),),
            frozenset(name for name, members in groups if members[index]),
        )
        for index in range(candidates)
    ]
    return Portfolio(tuple(rows), Decimal(str(envelope)), tuple(quotas))
