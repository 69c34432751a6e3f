"""What a revision changes in a grid, in the words that are published: what, before, after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from aap import french
from aap.calls.document.selection import Criterion, CriterionScale, Rubric, RubricTerms, Scale

NONE = "aucun"
_FACTS = {
    "requested_eur": "montant demandé",
    "requested_rate": "taux d’aide demandé",
    "population": "population concernée",
}


@dataclass(frozen=True, slots=True)
class GridChange:
    """One difference. ``key`` names the criterion, empty for what holds for the whole grid."""

    what: str
    before: str
    after: str
    key: str = ""


def compare_grids(before: Rubric, after: Rubric) -> tuple[GridChange, ...]:
    """List every difference between two grids of one call: criteria first, in the order of the later; then the rules.

    Empty when the two grids mark and rank alike and read alike.
    """
    old = {criterion.id: criterion for criterion in before.criteria}
    new = {criterion.id: criterion for criterion in after.criteria}
    changes: list[GridChange] = []
    for key, criterion in new.items():
        if key not in old:
            changes.append(GridChange(f"Critère ajouté : « {criterion.label} »", "–", _whole(criterion, after), key))
            continue
        changes += _criterion(old[key], before, criterion, after)
    changes += [
        GridChange(f"Critère retiré : « {criterion.label} »", _whole(criterion, before), "–", key)
        for key, criterion in old.items()
        if key not in new
    ]
    kept = [[key for key in grid if key in old and key in new] for grid in (old, new)]
    if kept[0] != kept[1]:
        labels = [french.listing([old[key].label for key in keys]) for keys in kept]
        changes.append(GridChange("Ordre des critères", *labels))
    return (*changes, *_rules(before, after))


def _scale(criterion: Criterion, grid: Rubric) -> Scale | CriterionScale:
    return criterion.scale or grid.scale


def _whole(criterion: Criterion, grid: Rubric) -> str:
    return f"poids {french.number(criterion.weight)}, {_scale_words(criterion, grid)}"


def _scale_words(criterion: Criterion, grid: Rubric) -> str:
    scale = _scale(criterion, grid)
    low, high, step = (french.number(value) for value in (scale.min, scale.max, scale.step))
    return f"noté de {low} à {high}, de {step} en {step}"


def _criterion(old: Criterion, before: Rubric, new: Criterion, after: Rubric) -> Iterator[GridChange]:
    name = f"« {old.label} »"
    pairs = (
        ("intitulé", old.label, new.label),
        ("poids", french.number(old.weight), french.number(new.weight)),
        ("échelle", _scale_words(old, before), _scale_words(new, after)),
        ("plancher", _optional(old.floor), _optional(new.floor)),
        ("« sans objet »", _admitted(old), _admitted(new)),
        ("consigne", old.guidance.strip() or NONE, new.guidance.strip() or NONE),
    )
    yield from (GridChange(f"{name} : {what}", was, now, new.id) for what, was, now in pairs if was != now)
    for mark in sorted({*old.descriptors, *new.descriptors}):
        was, now = (texts.get(mark, "").strip() or NONE for texts in (old.descriptors, new.descriptors))
        if was != now:
            yield GridChange(f"{name} : ce que vaut la note {french.number(mark)}", was, now, new.id)


def _rules(before: Rubric, after: Rubric) -> Iterator[GridChange]:
    pairs = (
        ("Seuil éliminatoire sur le total", _threshold(before, "total_min"), _threshold(after, "total_min")),
        ("Seuil sur la somme brute des notes", _threshold(before, "raw_sum_min"), _threshold(after, "raw_sum_min")),
        ("Formule publiée", before.formula or NONE, after.formula or NONE),
        ("Notes à justifier", _justified(before), _justified(after)),
        ("Ordre du classement", _order(before), _order(after)),
    )
    yield from (GridChange(what, was, now) for what, was, now in pairs if was != now)


def _threshold(terms: RubricTerms, name: str) -> str:
    return _optional(getattr(terms.thresholds, name) if terms.thresholds else None)


def _optional(value: Decimal | None) -> str:
    return NONE if value is None else french.number(value)


def _admitted(criterion: Criterion) -> str:
    return "admis" if criterion.na_allowed else "non admis"


def _justified(terms: RubricTerms) -> str:
    rule = terms.consistency
    if rule.justification_always:
        return "toutes"
    below, least = rule.justification_required_below, rule.justification_required_at_least
    parts = [] if below is None else [f"en dessous de {french.number(below)}"]
    parts += [] if least is None else [f"à partir de {french.number(least)}"]
    return french.listing(parts) or "aucune"


def _order(grid: Rubric) -> str:
    labels = {criterion.id: f"« {criterion.label} »" for criterion in grid.criteria}
    words = []
    for key in grid.ranking.keys:
        way = "du plus grand au plus petit" if key.descending else "du plus petit au plus grand"
        name = "total" if key.name == "total" else labels.get(key.name)
        words.append(name if name and key.descending else f"{name or _FACTS.get(key.name, key.name)}, {way}")
    return " ; puis ".join([*words, *(["tirage au sort"] if grid.ranking.draws else [])])
