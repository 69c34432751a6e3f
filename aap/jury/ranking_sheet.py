"""A frozen ranking as a flat table to take away: exact totals as texts, beside the figures a person sorts by."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from aap.documents.workbook import Cell, Column, Sheet
from aap.jury.queries.snapshots import Calibrated, SnapshotView
from aap.scoring.aggregation import Status
from aap.scoring.exact import ratio, rounded
from aap.scoring.frozen import FrozenFile

STATUS_WORDS = {Status.RANKED: "Classé", Status.ELIMINATED: "Éliminé", Status.INCOMPLETE: "Incomplet"}
_HEAD = (
    Column("Rang", 8, "number"),
    Column("Rang dans le volet", 10, "number"),
    Column("Ex æquo", 10),
    Column("Référence", 22),
    Column("Intitulé", 40),
    Column("Porteur", 30),
    Column("Volet", 8),
    Column("État", 12),
    Column("Total", 10, "number"),
    Column("Total exact", 14),
    Column("Évaluations comptées", 12, "number"),
    Column("Plus basse", 10, "number"),
    Column("Plus haute", 10, "number"),
    Column("Écart", 10, "number"),
    Column("Divergence", 12),
    Column("Évaluateurs manquants", 18),
    Column("Sous le plancher", 18),
    Column("Rang calibré", 10, "number"),
    Column("Intervalle à 90 %", 14),
)


def ranking_sheet(view: SnapshotView, names: Mapping[str, tuple[str, str]], labels: Mapping[str, str]) -> Sheet:
    """Write a ranking, a line a file in its order, then the mean of each criterion.

    ``names``: title and applicant by identifier of file; ``labels``: criteria by key.
    """
    decimals = view.ranking.decimals
    keys = list(labels)
    columns = (*_HEAD, *(Column(f"{key} – {labels[key]}", 14, "number") for key in keys))
    rows = tuple(
        (*_cells(file, names.get(file.id), view.calibrated.get(file.id), decimals), *_means(file, keys, decimals))
        for file in view.ranking.files
    )
    return Sheet("Classement", columns, rows)


def _cells(
    file: FrozenFile, named: tuple[str, str] | None, advice: Calibrated | None, decimals: int
) -> tuple[Cell, ...]:
    return (
        _count(file.rank),
        _count(file.rank_in_group),
        "ex æquo" if file.tied else "",
        file.ref,
        named[0] if named else "",
        named[1] if named else "",
        file.group or "",
        STATUS_WORDS[file.status],
        _figure(file.total, decimals),
        "" if file.total is None else ratio(file.total),
        _count(file.counted),
        _figure(file.minimum, decimals),
        _figure(file.maximum, decimals),
        _figure(file.divergence, decimals),
        "divergence" if file.divergence_over else "",
        ", ".join(file.missing),
        ", ".join(file.under_threshold),
        _count(advice.rank) if advice else None,
        f"{advice.rank_90[0]} à {advice.rank_90[1]}" if advice else "",
    )


def _means(file: FrozenFile, keys: list[str], decimals: int) -> tuple[Cell, ...]:
    return tuple(_figure(file.criterion_means.get(key), decimals) for key in keys)


def _figure(value: Fraction | None, decimals: int) -> Cell:
    return None if value is None else rounded(value, decimals)


def _count(value: int | None) -> Cell:
    return None if value is None else rounded(Fraction(value), 0)
