"""The life of an answer as a person tells it: autosave keeps every text, a reader wants the steps between them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from aap.forms.queries import RevisionMark

PAUSE = timedelta(minutes=10)  # one person who saves again sooner is still writing the same text


@dataclass(frozen=True, slots=True)
class Step:
    """One person at work on one field, from the text of version ``before`` (0: none) to that of ``version``."""

    field_key: str
    version: int
    before: int
    began: datetime
    at: datetime
    by_id: uuid.UUID | None

    @property
    def saves(self) -> int:
        """Return how many times the text was saved in this step."""
        return self.version - self.before


def steps_of(marks: Iterable[RevisionMark], *, pause: timedelta = PAUSE) -> tuple[Step, ...]:
    """Return the steps of the fields, the newest first; ``marks`` may come in any order.

    Without ``pause`` every save is a step of its own.
    """
    steps: list[Step] = []
    current: dict[str, Step] = {}
    for mark in sorted(marks, key=lambda one: (one.field_key, one.version)):
        last = current.get(mark.field_key)
        if last is not None and last.by_id == mark.by_id and pause and mark.at - last.at <= pause:
            current[mark.field_key] = Step(mark.field_key, mark.version, last.before, last.began, mark.at, mark.by_id)
            continue
        if last is not None:
            steps.append(last)
        current[mark.field_key] = Step(mark.field_key, mark.version, mark.version - 1, mark.at, mark.at, mark.by_id)
    steps.extend(current.values())
    return tuple(sorted(steps, key=lambda one: (one.at, one.field_key, one.version), reverse=True))
