"""What the guide of analysts shows is what the command answers."""

from __future__ import annotations

import json
import re
from pathlib import Path

from aap.cli.scoring import COMMANDS
from tests.unit.cli.conftest import Aap

GUIDE = Path(__file__).parents[3] / "docs" / "guide" / "analystes.md"


def test_the_example_of_the_guide_has_the_answer_it_shows(aap: Aap, tmp_path: Path) -> None:
    given, answered = re.findall(r"```json\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)[:2]
    (tmp_path / "cas.json").write_text(given, encoding="utf-8")
    assert aap("scoring", "rank", tmp_path / "cas.json").json == json.loads(answered)


def test_every_command_is_in_the_guide() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"aap scoring {name}" not in text] == []
