"""The guide's diagrams are the tables of the code."""

from __future__ import annotations

from tools.states import TARGET, page


def test_the_diagrams_are_up_to_date() -> None:
    assert TARGET.read_text(encoding="utf-8") == page(), "run: python -m tools.states"
