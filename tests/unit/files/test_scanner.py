"""The dialogue with clamd, against a fake one on loopback."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from aap.errors import UnavailableError
from aap.scanner import Scanner, ScanResult, Verdict
from tests.services.clamd import EICAR, Clamd, running_clamd


@pytest.fixture
def clamd() -> Iterator[Clamd]:
    with running_clamd() as server:
        yield server


def test_a_clean_stream_is_read_whole(clamd: Clamd) -> None:
    assert Scanner(clamd.url).scan([b"x" * 300_000, b"y" * 10]) == ScanResult(Verdict.CLEAN)
    assert clamd.sizes == [300_010]


def test_a_virus_is_named(clamd: Clamd) -> None:
    assert Scanner(clamd.url).scan([b"%PDF-1.7 ", EICAR]) == ScanResult(Verdict.INFECTED, "Eicar-Test-Signature")


@pytest.mark.parametrize("silent", [False, True])
def test_over_its_limit_nothing_is_clean(clamd: Clamd, *, silent: bool) -> None:
    clamd.limit, clamd.silent_hang_up = 1000, silent
    found = Scanner(clamd.url).scan(b"x" * 60_000 for _ in range(200))
    assert found.verdict is Verdict.TOO_LARGE


@pytest.mark.parametrize("answer", [b"", b"stream: \0", b"UNKNOWN COMMAND\0", b"stream: lstat() failed ERROR\0"])
def test_any_other_answer_is_not_a_verdict(clamd: Clamd, answer: bytes) -> None:
    clamd.answer = answer
    with pytest.raises(UnavailableError):
        Scanner(clamd.url).scan([b"x"])


def test_a_scanner_that_is_down_is_told() -> None:
    with running_clamd() as gone:
        url = gone.url
    with pytest.raises(UnavailableError):
        Scanner(url).scan([b"x"])
