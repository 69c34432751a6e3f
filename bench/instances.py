"""Invented juries and portfolios of the size of a national call, always the same ones."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path

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


def jury_file(
    folder: Path, *, applications: int, jurors: int, kind: str = "themes", most_per_college: int | None = None
) -> list[str]:
    """Write affinities, four colleges if they are capped, and return the words that assign three jurors to each."""
    problem = jury(applications, jurors, kind)
    path = folder / "affinities.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["application", *problem.jurors])
        for name, marks, allowed in zip(problem.applications, problem.affinities, problem.allowed, strict=True):
            writer.writerow([name, *(int(mark) if free else "" for mark, free in zip(marks, allowed, strict=True))])
    loads = ["--min-load", str(problem.minimum[0]), "--max-load", str(problem.maximum[0])]
    words = ["assign", str(path), "--reviews", str(problem.reviews), *loads]
    if most_per_college is None:
        return words
    colleges = folder / "colleges.csv"
    lines = [f"{juror},{'abcd'[place % 4]}" for place, juror in enumerate(problem.jurors)]
    colleges.write_text("\n".join(["juror,college", *lines]), encoding="utf-8")
    return [*words, "--colleges", str(colleges), "--at-most-per-college", str(most_per_college)]


def portfolio_files(folder: Path, *, candidates: int, rules: int, tight: float = 0.6) -> list[str]:
    """Write a ranking and its quotas, and return the words that select among them."""
    asked = portfolio(candidates, rules, tight=tight)
    names = [quota.name for quota in asked.quotas]
    ranking, quotas = folder / "ranking.csv", folder / "quotas.json"
    with ranking.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["rank", "application", "score", "requested_eur", *names])
        for rank, candidate in enumerate(asked.candidates, 1):
            members = [int(name in candidate.quotas) for name in names]
            writer.writerow([rank, candidate.ref, "", candidate.amounts[0], *members])
    rows = [
        {
            "name": quota.name,
            "measure": quota.measure.value,
            "minimum": None if quota.minimum is None else str(quota.minimum),
            "maximum": None if quota.maximum is None else str(quota.maximum),
        }
        for quota in asked.quotas
    ]
    quotas.write_text(json.dumps(rows), encoding="utf-8")
    return ["select", str(ranking), "--envelope", str(asked.envelope), "--quotas", str(quotas)]
