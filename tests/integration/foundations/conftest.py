"""What the tests of the foundations share."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def promised_kinds() -> Callable[[], set[str]]:
    """Return a function that reads, in the source, every kind given to ``promise`` as a text or a constant."""

    def read() -> set[str]:
        kinds: set[str] = set()
        for path in (ROOT / "aap").rglob("*.py"):
            tree = ast.parse(path.read_text())
            constants = {
                target.id: node.value.value
                for node in ast.walk(tree)
                if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
                for target in node.targets
                if isinstance(target, ast.Name)
            }
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "promise":
                    kind = node.args[0]
                    if isinstance(kind, ast.Constant):
                        kinds.add(str(kind.value))
                    elif isinstance(kind, ast.Name) and kind.id in constants:
                        kinds.add(str(constants[kind.id]))
        return kinds

    return read
