"""What changed between two texts, word by word, for a person to read."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from aap.forms.fields import field_type
from aap.forms.spec import FieldSpec

_MOST_PIECES = 2_000  # SequenceMatcher is quadratic at worst: beyond, whole lines are compared, then whole texts
_WORD = re.compile(r"\s+|\S+\s?")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


class Change(enum.Enum):
    """What happened to a piece of text."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of text and what happened to it."""

    change: Change
    text: str


def text_differences(before: str, after: str) -> tuple[Segment, ...]:
    """Return the pieces of both texts in reading order.

    Pieces kept or removed make up ``before`` exactly, pieces kept or added make up ``after``.
    """
    for pattern in (_WORD, _LINE):
        old, new = pattern.findall(before), pattern.findall(after)
        if max(len(old), len(new)) <= _MOST_PIECES:
            return tuple(_joined(_compared(old, new)))
    return tuple(_joined(_replaced([before], [after])))


def value_differences(spec: FieldSpec, before: Any, after: Any) -> tuple[Segment, ...]:
    """Return the difference of two values of a field as they are shown; no answer is an empty text."""
    kind = field_type(spec)
    texts = ["" if kind.empty(value) else kind.show(spec, value) for value in (before, after)]
    return text_differences(texts[0], texts[1])


def _compared(old: Sequence[str], new: Sequence[str]) -> Iterator[Segment]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if tag == "equal":
            yield Segment(Change.SAME, "".join(old[old_from:old_to]))
        else:
            yield from _replaced(old[old_from:old_to], new[new_from:new_to])


def _replaced(old: Sequence[str], new: Sequence[str]) -> Iterator[Segment]:
    yield Segment(Change.REMOVED, "".join(old))
    yield Segment(Change.ADDED, "".join(new))


def _joined(segments: Iterator[Segment]) -> Iterator[Segment]:
    held: Segment | None = None
    for segment in segments:
        if not segment.text:
            continue
        if held is not None and held.change is segment.change:
            held = Segment(held.change, held.text + segment.text)
            continue
        if held is not None:
            yield held
        held = segment
    if held is not None:
        yield held
