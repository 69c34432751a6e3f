"""Type a command and read what comes out, in this process."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from aap.cli import main


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person gets back."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.code == 0, self.err
        assert not self.err
        return json.loads(self.out, parse_constant=_refuse)

    @property
    def refusal(self) -> str:
        assert self.code == 2, (self.code, self.out)
        assert not self.out
        assert "Traceback" not in self.err
        return self.err.strip()


def _refuse(constant: str) -> None:
    message = f"{constant} is not JSON"
    raise AssertionError(message)


Aap = Callable[..., Answer]


@pytest.fixture
def aap(monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]) -> Aap:
    """Type ``aap …``."""

    def run(*words: object) -> Answer:
        monkeypatch.setattr(sys, "argv", ["aap", *map(str, words)])
        with pytest.raises(SystemExit) as exit_:
            main()
        captured = capsysbinary.readouterr()
        code = exit_.value.code
        return Answer(code if isinstance(code, int) else 0, captured.out.decode(), captured.err.decode())

    return run
