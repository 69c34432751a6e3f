"""Files people send: read exactly, or refused quickly and clearly."""

from __future__ import annotations

import random
import time
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aap.calls.document.loading import load
from aap.calls.document.writing import dump
from aap.errors import InvalidError, Problem


def refused(content: bytes) -> tuple[Problem, ...]:
    started = time.perf_counter()
    with pytest.raises(InvalidError) as raised:
        load(content)
    assert time.perf_counter() - started < 3
    assert raised.value.problems
    return raised.value.problems


def test_numbers_are_read_from_their_text() -> None:
    tree = load(b"{a: 0.1, b: 12, c: -3.50, d: '0.1', e: 1e3, f: 007, g: 1_000, h: .5}").tree
    assert tree == {
        "a": Decimal("0.1"),
        "b": 12,
        "c": Decimal("-3.50"),
        "d": "0.1",
        "e": "1e3",
        "f": "007",
        "g": "1_000",
        "h": ".5",
    }
    assert isinstance(tree, dict)
    assert str(tree["c"]) == "-3.50"


def test_only_true_and_false_are_booleans() -> None:
    assert load(b"[true, false, yes, no, on, off, oui, null, ~]").tree == [
        True,
        False,
        "yes",
        "no",
        "on",
        "off",
        "oui",
        None,
        None,
    ]


def test_a_day_is_a_date_and_an_impossible_day_stays_a_text() -> None:
    assert load(b"[2022-03-30, 2022-02-30, '2022-03-30']").tree == [date(2022, 3, 30), "2022-02-30", "2022-03-30"]


def test_each_place_knows_its_line() -> None:
    source = load(b"a:\n  b:\n    - c: 1\n    - c: 2\n")
    assert [source.line(place) for place in ("a", "a.b", "a.b[1].c", "a.b[1].unknown", "elsewhere")] == [1, 2, 4, 4, 1]


BOMB = b"a: &a [x, x]\n" + b"".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)}, *{chr(97 + i)}]\n".encode() for i in range(20)
)


@pytest.mark.parametrize(
    ("content", "words", "line"),
    [
        (b"", "vide", None),
        (b"  \n \n", "vide", None),
        (b"\xff\xfe\x00", "UTF-8", 1),
        ("a: é\nb: caf".encode() + b"\xe9", "UTF-8", 2),
        (b"a: 1\nb: [1, 2\nc: 3", "YAML", 3),
        (b"a: 1\n\tb: 2", "YAML", 2),
        (b"a: 1\x00", "caractère interdit", None),
        (b"a: 1\nb: 2\na: 3", "répétée", 3),
        (b"a: !!python/object/apply:os.system [ls]", "étiquettes", 1),
        (b"a: &x 1", "ancres", 1),
        (b"a: 1\n---\nb: 2", "plusieurs documents", None),
        (b"? [a, b]\n: 1", "Une clé est un mot", 1),
        (b"true: 1", "Une clé est un mot", 1),
        (b"a: " + b"9" * 40, "30 caractères", 1),
        (b"[" * 500 + b"]" * 500, "30 niveaux", 1),
        (b"{a: " * 400 + b"1" + b"}" * 400, "30 niveaux", 1),
        (b"- " * 400, "30 niveaux", 1),
        (b"a: 1\n" * 250_000, "1000 ko", None),
        (b"- 1\n" * 60_000, "50000 valeurs", 50_000),
        (BOMB, "alias", 2),
    ],
)
def test_what_is_not_plain_yaml_is_refused_with_its_line(content: bytes, words: str, line: int | None) -> None:
    problems = refused(content)
    told = [problem for problem in problems if words in problem.message]
    assert told
    assert told[0].line == line


@pytest.mark.parametrize("seed", range(4))
def test_900_kilobytes_of_garbage_are_refused_quickly(seed: int) -> None:
    noise = random.Random(seed)
    alphabets = (bytes(range(256)), b"abc:{}[]-,&*!|>'\"%@`\n \t#?0129.", b"[{", b"a: b\n")
    content = bytes(noise.choices(alphabets[seed], k=900_000))
    assert len(refused(content)) <= 101


def test_repeated_keys_are_all_told_but_not_without_end() -> None:
    problems = refused(b"a: 1\n" * 1000)
    assert len(problems) == 100
    assert problems[0].line == 2


TREES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(min_value=-(10**20), max_value=10**20),
        st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9),
        st.dates(min_value=date(1000, 1, 1)),
        st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co")), max_size=30),
        st.sampled_from(["no", "12", "0.5", "2022-03-30", "null", "~", "", "- a", "a: b", "#", "1_000", "1:30", "0o7"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.from_regex(r"[a-z]{1,6}", fullmatch=True), inner, max_size=4),
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.from_regex(r"[a-z]{1,6}", fullmatch=True), TREES, min_size=1, max_size=5))
def test_what_is_written_is_read_back_to_the_same_values(tree: dict[str, Any]) -> None:
    assert load(dump(tree)).tree == {"schema": "call/1", "call": tree}
