"""The documents of the demonstration, read with their numbers as exact decimals."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Any

from aap.calls.document.loading import load


def read_bytes(name: str) -> bytes:
    """Return a document as it is written."""
    return (files("aap.demonstration") / "data" / name).read_bytes()


@lru_cache
def read_tree(name: str) -> Any:
    """Return the tree of a document. Nobody changes it: it is read once."""
    return load(read_bytes(name)).tree
