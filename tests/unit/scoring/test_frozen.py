"""The same ranking always gives the same bytes; every difference that counts changes them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from fractions import Fraction

import pytest

from aap.errors import InvalidError
from aap.scoring.aggregation import FactOrder, RankingRules, Status
from aap.scoring.frozen import FrozenFile, FrozenRanking, FrozenReview, canonical, digest, read_frozen
from aap.scoring.ranking import Contender, order
from aap.scoring.ties import Separator, explain_ties

FILE = FrozenFile(
    id="a",
    ref="TLS-1",
    group="A",
    status=Status.RANKED,
    total=Fraction(71, 5),
    rank=1,
    rank_in_group=1,
    tied=False,
    drawn=False,
    counted=2,
    minimum=Fraction(14),
    maximum=Fraction(72, 5),
    divergence=Fraction(2, 5),
    divergence_over=False,
    under_threshold=(),
    under_overall=False,
    under_raw_sum=False,
    criterion_means={"C2": Fraction(15, 4), "C1": None},
    facts={"requested_eur": Fraction(100000)},
    reviews=(FrozenReview("r1", "J1", "2024-01-02T09:00:00+00:00", Fraction(14)),),
    missing=("J3",),
)
RANKING = FrozenRanking("TLS", 1, "f" * 64, 2, {"min_reviews": 2, "draw": None}, (FILE,))


def test_a_ranking_is_written_exactly_and_sealed_by_its_own_bytes() -> None:
    content = canonical(RANKING)
    told = json.loads(content)
    assert told["schema"] == "ranking/1"
    assert (told["files"][0]["exact"], told["files"][0]["shown"]) == ("71/5", "14.20")
    assert (told["files"][0]["criterion_means"], told["files"][0]["missing"]) == ({"C1": None, "C2": "15/4"}, ["J3"])
    assert digest(RANKING) == hashlib.sha256(content).hexdigest()
    assert read_frozen(content) == RANKING


def test_the_order_in_which_facts_were_read_does_not_count_but_every_fact_does() -> None:
    same = replace(FILE, criterion_means={"C1": None, "C2": Fraction(30, 8)})
    assert digest(replace(RANKING, files=(same,))) == digest(RANKING)
    changes = {
        "total": Fraction(72, 5),
        "rank": 2,
        "tied": True,
        "status": Status.ELIMINATED,
        "missing": (),
        "reviews": (),
        "facts": {"requested_eur": Fraction(1)},
    }
    for name, value in changes.items():
        changed = replace(FILE, **{name: value})  # type: ignore[arg-type]  # each value has the type of its field
        assert digest(replace(RANKING, files=(changed,))) != digest(RANKING), name
    assert digest(replace(RANKING, rubric="e" * 64)) != digest(RANKING)


def test_an_inexact_number_is_refused() -> None:
    with pytest.raises(TypeError, match="exact numbers"):
        canonical(replace(RANKING, parameters={"weights": [0.1]}))
    with pytest.raises(TypeError):
        canonical(replace(RANKING, files=(replace(FILE, total=14.2),)))  # type: ignore[arg-type]  # what is refused


@pytest.mark.parametrize("content", [b"", b"[]", b'{"schema":"ranking/2"}', b"\xff"])
def test_anything_else_is_not_a_frozen_ranking(content: bytes) -> None:
    with pytest.raises(InvalidError):
        read_frozen(content)


def contender(ref: str, total: int, mean: int | None = None, asked: int = 1) -> Contender:
    means = {"C1": None if mean is None else Fraction(mean)}
    return Contender(ref, Fraction(total), means, {"requested_eur": Fraction(asked)})


@pytest.mark.parametrize(
    ("first", "second", "seed", "by", "key"),
    [
        (contender("a", 12, 4), contender("b", 12, 3), None, Separator.CRITERION, "C1"),
        (contender("a", 12, 4), contender("b", 12, None), None, Separator.CRITERION, "C1"),
        (contender("a", 12, 4, 10), contender("b", 12, 4, 20), "graine", Separator.FACT, "requested_eur"),
        (contender("a", 12, 4), contender("b", 12, 4), "graine", Separator.DRAW, None),
        (contender("a", 12, 4), contender("b", 12, 4), None, Separator.NOTHING, None),
    ],
)
def test_each_tie_says_what_decided(
    first: Contender, second: Contender, seed: str | None, by: Separator, key: str | None
) -> None:
    rules = RankingRules(tie_break=("C1",), facts=(FactOrder("requested_eur"),), draw_seed=seed)
    rows = {row.ref: row for row in (first, second)}
    ordered = [rows[ref] for place in order(rows.values(), rules) for ref in place.refs]
    (tie,) = explain_ties(ordered, rules, "A")
    (found,) = tie.separations
    assert (tie.group, tie.total, set(tie.refs)) == ("A", Fraction(12), {"a", "b"})
    assert (found.by, found.key) == (by, key)
    if by is not Separator.DRAW:
        assert (found.above, found.below) == ("a", "b")


def test_different_totals_are_no_tie() -> None:
    assert explain_ties([contender("a", 13), contender("b", 12)], RankingRules()) == ()
