"""The draw anybody can redo."""

from __future__ import annotations

import hashlib
from itertools import permutations

import pytest

from aap.errors import InvalidError
from aap.scoring.draw import commitment, draw_order, matches, new_seed

REFS = ["AAP-TS-2023-01-0017", "AAP-TS-2023-01-0002", "AAP-TS-2023-01-0031"]


def test_the_commitment_is_the_hash_of_the_seed() -> None:
    # Published vector for SHA-256("abc"), FIPS 180-2 appendix B.1.
    assert commitment("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_the_order_is_the_one_a_citizen_recomputes() -> None:
    lines = sorted((hashlib.sha256(f"graine:{ref}".encode()).hexdigest(), ref) for ref in REFS)
    assert draw_order("graine", REFS) == tuple(ref for _, ref in lines)


def test_the_order_does_not_depend_on_how_the_files_were_listed() -> None:
    assert len({draw_order("graine", shuffled) for shuffled in permutations(REFS)}) == 1


def test_removing_a_file_leaves_the_others_in_their_order() -> None:
    whole = draw_order("graine", REFS)
    assert draw_order("graine", REFS[1:]) == tuple(ref for ref in whole if ref != REFS[0])


def test_every_seed_makes_its_own_order() -> None:
    assert len({draw_order(f"graine {number}", REFS) for number in range(100)}) == 6


def test_a_seed_has_256_bits_and_is_never_the_same() -> None:
    first, second = new_seed(), new_seed()
    assert first != second
    assert len(bytes.fromhex(first)) == 32


def test_only_the_seed_committed_to_matches() -> None:
    published = commitment("graine")
    assert matches("graine", published.upper() + "\n")
    assert not matches("graine2", published)


def test_an_empty_seed_or_a_repeated_file_is_refused() -> None:
    with pytest.raises(InvalidError):
        draw_order("", REFS)
    with pytest.raises(InvalidError):
        draw_order("graine", ["a", "a"])


def test_the_beginning_of_a_commitment_is_no_commitment() -> None:
    published = commitment("graine")
    assert matches("graine", f" {published.upper()} ")
    assert not matches("graine", published[:63])
    assert not matches("graine", "")
