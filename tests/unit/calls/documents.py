"""The example documents, and broken ones made from them."""

from __future__ import annotations

from pathlib import Path

DATA = Path(__file__).parents[3] / "aap" / "demonstration" / "data"


def example(name: str = "call.yaml") -> str:
    """Return an example document."""
    return (DATA / name).read_text(encoding="utf-8")


def changed(*pairs: tuple[str, str], name: str = "call.yaml") -> bytes:
    """Return the example with some of its text replaced, each exactly once."""
    text = example(name)
    for old, new in pairs:
        assert text.count(old) == 1, (old, text.count(old))
        text = text.replace(old, new)
    return text.encode()
