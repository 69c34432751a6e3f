"""The files as a simulation takes them: their ranks, what they ask, the groups they belong to."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from aap.awards.simulation.settings import Dimension


class Standing(StrEnum):
    """Where a file stands before the money: only ranked ones may be funded."""

    RANKED = "ranked"
    ELIMINATED = "eliminated"
    INCOMPLETE = "incomplete"
    WITHDRAWN = "withdrawn"
    INADMISSIBLE = "inadmissible"


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file. ``groups`` are the groups it belongs to (``public:ald``); ranks are ``None`` unless it is ranked."""

    application_id: uuid.UUID
    reference: str
    title: str
    applicant_name: str
    strand: str | None
    requested_eur: Decimal
    standing: Standing
    rank: int | None = None
    rank_in_strand: int | None = None
    tied: bool = False
    total: Fraction | None = None
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Group:
    """A group that a quota may be set on: its files among the ranked ones, and what these ask together."""

    dimension: Dimension
    value: str
    label: str
    files: int
    requested_eur: Decimal

    @property
    def key(self) -> str:
        """Name the group as ``FileRow.groups`` does."""
        return f"{self.dimension.value}:{self.value}"


@dataclass(frozen=True, slots=True)
class Board:
    """The files in rank order, then those that are not ranked by reference; the groups they make, in order."""

    files: tuple[FileRow, ...]
    groups: tuple[Group, ...] = ()

    @property
    def ranked(self) -> tuple[FileRow, ...]:
        """Return the ranked files."""
        return tuple(row for row in self.files if row.standing is Standing.RANKED)

    def group(self, key: str) -> Group | None:
        """Return a group by its name."""
        return next((group for group in self.groups if group.key == key), None)

    def label_of(self, key: str) -> str:
        """Return the words of a group; its own name when no file is left in it."""
        group = self.group(key)
        return group.label if group else key.partition(":")[2]


def fingerprint(files: Iterable[FileRow]) -> str:
    """Return the SHA-256 of a ranking: who stands where, with what exact total, asking how much.

    Groups are left out: a corrected public changes no rank.
    """
    told = [
        [
            row.reference,
            row.standing.value,
            row.rank,
            row.rank_in_strand,
            None if row.total is None else f"{row.total.numerator}/{row.total.denominator}",
            row.strand,
            f"{row.requested_eur:.2f}",
        ]
        for row in sorted(files, key=lambda row: row.reference)
    ]
    return hashlib.sha256(json.dumps(told, separators=(",", ":")).encode()).hexdigest()
