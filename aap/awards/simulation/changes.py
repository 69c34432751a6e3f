"""Who enters, who leaves, whose amount changes, from one proposal to another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from aap.awards.simulation.proposal import Line, Outcome


class ChangeKind(StrEnum):
    """What becomes of a file."""

    ENTERS = "enters"
    LEAVES = "leaves"
    MORE = "more"
    LESS = "less"


@dataclass(frozen=True, slots=True)
class Change:
    """A file that does not fare the same: what it received and what it receives, ``None`` for nothing."""

    line: Line
    kind: ChangeKind
    before_eur: Decimal | None
    after_eur: Decimal | None


def list_changes(before: Mapping[str, Decimal], after: Outcome) -> tuple[Change, ...]:
    """Return the files that fare otherwise than ``before`` (amounts by reference), in rank order."""
    changes = []
    for line in after.lines:
        was, now = before.get(line.file.reference), line.granted_eur
        if was != now:
            changes.append(Change(line, _kind(was, now), was, now))
    return tuple(changes)


def _kind(was: Decimal | None, now: Decimal | None) -> ChangeKind:
    if was is None:
        return ChangeKind.ENTERS
    if now is None:
        return ChangeKind.LEAVES
    return ChangeKind.MORE if now > was else ChangeKind.LESS
