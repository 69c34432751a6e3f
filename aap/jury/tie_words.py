"""Equal totals explained in plain French: the criterion, the fact or the draw that put one file before another."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from aap import french
from aap.scoring.exact import in_words, ratio, shown
from aap.scoring.ties import Separation, Separator, Tie

FACTS = {
    "requested_eur": "le montant demandé",
    "requested_rate": "le taux d’aide demandé",
    "population": "la population concernée",
}


def tie_sentences(tie: Tie, labels: Mapping[str, str], decimals: int) -> tuple[str, ...]:
    """Say, for each pair of neighbours of one total, what decided. ``labels``: those of the criteria, by key."""
    return tuple(separation_sentence(row, labels, decimals) for row in tie.separations)


def separation_sentence(row: Separation, labels: Mapping[str, str], decimals: int) -> str:
    """Say what put ``above`` before ``below``, or that nothing does."""
    before = f"{row.above} passe avant {row.below} :"
    if row.by is Separator.NOTHING:
        return f"{row.above} et {row.below} partagent leur rang : rien ne les sépare dans les règles de l’appel."
    if row.by is Separator.DRAW:
        return f"{before} rien d’autre ne les sépare, le tirage au sort décide."
    if row.by is Separator.CRITERION:
        label = labels.get(row.key or "", row.key or "")
        return f"{before} {_against(row, decimals)} au critère « {label} »."
    name = FACTS.get(row.key or "", f"« {row.key} »")
    return f"{before} {name} décide ({_fact_against(row)})."


def _against(row: Separation, decimals: int) -> str:
    above, below = row.above_value, row.below_value
    if above is None or below is None:
        return "seul à avoir une moyenne"
    texts = shown(above, decimals).replace(".", ","), shown(below, decimals).replace(".", ",")
    if texts[0] == texts[1]:  # rounded alike: the exact values decide
        texts = ratio(above), ratio(below)
    return f"moyenne de {texts[0]} contre {texts[1]}"


def _fact_against(row: Separation) -> str:
    if row.key == "requested_eur":
        return f"{_euros(row.above_value)} contre {_euros(row.below_value)}"
    if row.key == "requested_rate":
        return f"{_rate(row.above_value)} contre {_rate(row.below_value)}"
    return f"{_plain(row.above_value)} contre {_plain(row.below_value)}"


def _euros(value: Fraction | None) -> str:
    return "inconnu" if value is None else french.euros(value)


def _rate(value: Fraction | None) -> str:
    return "inconnu" if value is None else french.percent(value, 2)


def _plain(value: Fraction | None) -> str:
    return "inconnu" if value is None else in_words(value)
