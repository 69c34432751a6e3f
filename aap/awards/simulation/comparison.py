"""Scenarios side by side: one row a file, one column a scenario, what differs, what each adds up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from aap.awards.simulation.board import Board, FileRow
from aap.awards.simulation.settings import QuotaRule, Settings
from aap.awards.simulation.wording import quota_words
from aap.scoring.selection.portfolio import Measure

FEWEST, MOST = 2, 4


@dataclass(frozen=True, slots=True)
class Contender:
    """A scenario to compare: its name, its settings, what it grants by reference."""

    name: str
    settings: Settings
    granted: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class ComparedFile:
    """What a file receives in each scenario, ``None`` for nothing; ``differs`` when not the same in all."""

    file: FileRow
    amounts: tuple[Decimal | None, ...]

    @property
    def differs(self) -> bool:
        """Tell whether the scenarios do not agree on it."""
        return len(set(self.amounts)) > 1


@dataclass(frozen=True, slots=True)
class ComparedSum:
    """What a strand, the call or a quota reaches in each scenario; ``euros``: an amount, else a number of files."""

    label: str
    values: tuple[Decimal, ...]
    euros: bool

    @property
    def differs(self) -> bool:
        """Tell whether the scenarios do not agree on it."""
        return len(set(self.values)) > 1


@dataclass(frozen=True, slots=True)
class Comparison:
    """Scenarios side by side; files in rank order."""

    names: tuple[str, ...]
    files: tuple[ComparedFile, ...]
    strands: tuple[ComparedSum, ...]
    whole: tuple[ComparedSum, ...]
    quotas: tuple[ComparedSum, ...]


def compare(board: Board, contenders: Sequence[Contender]) -> Comparison:
    """Put scenarios side by side, on the files and the groups of the day."""
    files = tuple(
        ComparedFile(row, tuple(one.granted.get(row.reference) for one in contenders))
        for row in board.files
        if row.rank is not None or any(row.reference in one.granted for one in contenders)
    )
    strands = list(dict.fromkeys(share.key for one in contenders for share in one.settings.strands))
    rules = {(rule.group, rule.measure): rule for one in contenders for rule in one.settings.quotas}
    return Comparison(
        names=tuple(one.name for one in contenders),
        files=files,
        strands=tuple(
            _sum(f"Volet {key}", [line for line in files if line.file.strand == key], len(contenders), euros=True)
            for key in strands
        ),
        whole=(
            _sum("Total proposé", files, len(contenders), euros=True),
            ComparedSum("Enveloppe", tuple(one.settings.envelope_eur for one in contenders), euros=True),
            _sum("Dossiers financés", files, len(contenders), euros=False),
        ),
        quotas=tuple(_quota(board, rule, files, len(contenders)) for rule in rules.values()),
    )


def _quota(board: Board, rule: QuotaRule, files: Sequence[ComparedFile], columns: int) -> ComparedSum:
    members = [line for line in files if rule.group in line.file.groups]
    words = quota_words(rule, board.label_of(rule.group))
    return _sum(words, members, columns, euros=rule.measure is Measure.AMOUNT)


def _sum(label: str, files: Sequence[ComparedFile], columns: int, *, euros: bool) -> ComparedSum:
    granted = [
        [line.amounts[column] for line in files if line.amounts[column] is not None] for column in range(columns)
    ]
    values = (
        sum((amount or Decimal(0) for amount in each), Decimal(0)) if euros else Decimal(len(each)) for each in granted
    )
    return ComparedSum(label, tuple(values), euros)
