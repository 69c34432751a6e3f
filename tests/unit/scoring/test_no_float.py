"""Official marks, totals and ranks never meet a binary float, not even on the way from the file to the answer."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import aap.scoring

FLOATING = {"float", "math", "numpy", "highspy", "scipy", "statistics", "round"}
OFFICIAL = ("aggregation", "case", "draw", "exact", "frozen", "order_text", "plain_json", "ranking", "rubric", "ties")


@pytest.mark.parametrize("name", OFFICIAL)
def test_no_float_is_written_named_or_imported(name: str) -> None:
    tree = ast.parse((Path(aap.scoring.__path__[0]) / f"{name}.py").read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float)), ast.dump(node)
        assert not (isinstance(node, ast.Name) and node.id in FLOATING), ast.dump(node)
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
        assert not FLOATING & set(names), names


def test_a_page_that_ranks_never_loads_numpy() -> None:
    modules = [f"aap.scoring.{name}" for name in (*OFFICIAL, "agreement", "calibration", "doubts", "ratings", "scores")]
    program = f"import sys, {', '.join(modules)}; assert not {{'numpy', 'highspy', 'scipy'}} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
