"""Proposals, scenarios and their comparison as tables to take away."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from aap.awards.queries import SavedLine
from aap.awards.simulation import Comparison, FileRow, Line, Outcome, refusal_words
from aap.documents.workbook import Cell, Column, Sheet

_FILES = (
    Column("Rang", 6, "number"),
    Column("Référence", 22),
    Column("Intitulé", 48),
    Column("Porteur", 36),
    Column("Volet", 8),
    Column("Demandé (€)", 14, "money"),
    Column("Retenu par le service (€)", 14, "money"),
    Column("Proposé (€)", 14, "money"),
    Column("Pourquoi", 60),
)
_SETTINGS = (Column("Réglage", 40), Column("Valeur", 60))


def proposal_sheets(outcome: Outcome, settings: Sequence[tuple[str, str]]) -> tuple[Sheet, ...]:
    """Write a proposal: its files, what envelopes and quotas reach, its settings."""
    files = tuple(_file(line, line.file) for line in outcome.lines)
    uses = [*((f"Volet {use.key}", use) for use in outcome.strands), ("Appel entier", outcome.whole)]
    envelopes: tuple[tuple[Cell, ...], ...] = tuple(
        (label, use.granted_eur, use.envelope_eur, use.left_eur, Decimal(use.funded), Decimal(use.files))
        for label, use in uses
    )
    reached: tuple[tuple[Cell, ...], ...] = tuple(
        (use.words, use.reached, use.rule.minimum, use.rule.maximum, use.possible) for use in outcome.quotas
    )
    money = tuple(Column(title, 16, "money") for title in ("Proposé (€)", "Enveloppe (€)", "Reste (€)"))
    counts = (Column("Financés", 10, "number"), Column("Classés", 10, "number"))
    bounds = tuple(Column(title, 14, "money") for title in ("Atteint", "Minimum", "Maximum", "Possible"))
    return (
        Sheet("Proposition", _FILES, files),
        Sheet("Enveloppes", (Column("Enveloppe", 20), *money, *counts), envelopes),
        Sheet("Quotas", (Column("Quota", 48), *bounds), reached),
        Sheet("Réglages", _SETTINGS, tuple(settings)),
    )


def scenario_sheets(lines: Sequence[SavedLine], settings: Sequence[tuple[str, str]]) -> tuple[Sheet, ...]:
    """Write a scenario as it was kept."""
    files = tuple(_file(line, line) for line in lines)
    return Sheet("Proposition", _FILES, files), Sheet("Réglages", _SETTINGS, tuple(settings))


def comparison_sheets(comparison: Comparison) -> tuple[Sheet, ...]:
    """Write scenarios side by side: files in rank order, then sums."""
    amounts = tuple(Column(f"{name} (€)", 18, "money") for name in comparison.names)
    files: tuple[tuple[Cell, ...], ...] = tuple(
        (_rank(line.file.rank), line.file.reference, line.file.title, line.file.strand, *line.amounts,
         "diffère" if line.differs else "")
        for line in comparison.files
    )  # fmt: skip
    sums: tuple[tuple[Cell, ...], ...] = tuple(
        (row.label, *row.values) for row in (*comparison.whole, *comparison.strands, *comparison.quotas)
    )
    return (
        Sheet("Comparaison", (*_FILES[:3], _FILES[4], *amounts, Column("Écart", 10)), files),
        Sheet("Totaux", (Column("Total", 48), *(Column(name, 18, "money") for name in comparison.names)), sums),
    )


def _rank(rank: int | None) -> Decimal | None:
    return None if rank is None else Decimal(rank)


def _file(line: Line | SavedLine, told: FileRow | SavedLine) -> tuple[Cell, ...]:
    """Write a file; ``told`` holds what is known of it beside the proposal."""
    retained = line.asked_eur if line.asked_eur != told.requested_eur else None
    funded = "Financé" if line.granted_eur == line.asked_eur else "Financé en partie"
    return (
        _rank(told.rank),
        told.reference,
        told.title,
        told.applicant_name,
        told.strand,
        told.requested_eur,
        retained,
        line.granted_eur,
        refusal_words(line.refusal) or funded,
    )
