"""The grid, the jury and the ranking."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from aap.calls.document.checks.sections import Sections
from aap.calls.document.selection import RANKING_FACTS, Criterion, CriterionScale, Rubric, Scale, Selection
from aap.errors import Problem
from aap.french import number

_RUBRIC = "call.rubric"


def check(sections: Sections) -> Iterator[Problem]:
    """Refuse a grid that cannot give a total, a jury that cannot sit, an order that cannot rank."""
    if sections.rubric:
        yield from check_rubric(sections.rubric)
        if sections.read("selection") and sections.selection is None:
            yield Problem("call", "La clé « selection » manque : une grille demande un jury.")
    if sections.selection:
        yield from _jury(sections.selection)


def check_rubric(rubric: Rubric) -> Iterator[Problem]:
    """Refuse a grid that cannot give a total, and an order that cannot rank."""
    yield from _grid(rubric)
    yield from _ranking(rubric)


def _grid(rubric: Rubric) -> Iterator[Problem]:
    yield from _scale(f"{_RUBRIC}.scale", rubric.scale)
    if rubric.total_max <= 0:
        yield Problem(f"{_RUBRIC}.total_max", "Le total le plus haut est supérieur à zéro.")
    weights = sum((criterion.weight for criterion in rubric.criteria), Decimal(0))
    if weights != 100:
        yield Problem(f"{_RUBRIC}.criteria", f"Les poids totalisent {number(weights)} au lieu de 100.")
    for i, criterion in enumerate(rubric.criteria):
        yield from _criterion(f"{_RUBRIC}.criteria[{i}]", criterion, rubric.scale)
    thresholds = rubric.thresholds
    if thresholds and thresholds.total_min is not None and not 0 <= thresholds.total_min <= rubric.total_max:
        yield Problem(f"{_RUBRIC}.thresholds.total_min", "Le seuil va de zéro au total le plus haut.")
    gap = rubric.consistency.divergence_threshold_points
    if gap is not None and not 0 < gap <= rubric.total_max:
        place = f"{_RUBRIC}.consistency.divergence_threshold_points"
        yield Problem(place, "L'écart qui alerte est supérieur à zéro et au plus égal au total le plus haut.")


def _criterion(place: str, criterion: Criterion, default: Scale) -> Iterator[Problem]:
    if criterion.weight < 0:
        yield Problem(f"{place}.weight", "Un poids n'est pas négatif.")
    scale: Scale | CriterionScale = criterion.scale or default
    if criterion.scale:
        yield from _scale(f"{place}.scale", criterion.scale)
    if scale.step <= 0 or scale.min >= scale.max:
        return
    if criterion.floor is not None and not scale.min <= criterion.floor <= scale.max:
        yield Problem(f"{place}.floor", f"Le plancher va de {number(scale.min)} à {number(scale.max)}.")
    for mark in criterion.descriptors:
        if not scale.min <= mark <= scale.max or (mark - scale.min) % scale.step != 0:
            yield Problem(f"{place}.descriptors.{mark}", f"{number(mark)} n'est pas une note de l'échelle.")


def _scale(place: str, scale: Scale | CriterionScale) -> Iterator[Problem]:
    if scale.min >= scale.max:
        yield Problem(f"{place}.max", "La note la plus haute dépasse la plus basse.")
    elif scale.step <= 0 or (scale.max - scale.min) % scale.step != 0:
        yield Problem(f"{place}.step", "Le pas est supérieur à zéro et mène de la note la plus basse à la plus haute.")


def _ranking(rubric: Rubric) -> Iterator[Problem]:
    place = f"{_RUBRIC}.ranking.order"
    order = rubric.ranking.order
    if order[0] != "total_desc":
        yield Problem(f"{place}[0]", "Le classement commence par le total (total_desc).")
    known = {"total", *RANKING_FACTS, *(criterion.id for criterion in rubric.criteria)}
    seen: set[str] = set()
    for i, key in enumerate(order):
        name, _, way = key.rpartition("_")
        if key == "draw":
            if i != len(order) - 1:
                yield Problem(f"{place}[{i}]", "Le tirage au sort (draw) vient en dernier.")
            continue
        if way not in {"asc", "desc"} or name not in known:
            facts = ", ".join(RANKING_FACTS)
            yield Problem(
                f"{place}[{i}]",
                f"« {key} » ne classe rien : écrivez total_desc, <critère>_desc, un fait ({facts}) avec _asc ou _desc, "
                "ou draw.",
            )
        elif name in seen:
            yield Problem(f"{place}[{i}]", f"« {name} » est déjà dans l'ordre.")
        seen.add(name)


def _jury(selection: Selection) -> Iterator[Problem]:
    place = "call.selection.jury"
    jury, scorers = selection.jury, selection.jury.scorers_per_application
    if scorers.max is not None and scorers.max < scorers.min:
        yield Problem(f"{place}.scorers_per_application", "Le minimum dépasse le maximum.")
    if jury.size is None:
        return
    if jury.size.min > jury.size.max:
        yield Problem(f"{place}.size", "Le minimum dépasse le maximum.")
    if scorers.min > jury.size.max:
        yield Problem(f"{place}.scorers_per_application.min", "Il y a plus d'évaluateurs par dossier que de membres.")
    seats = sum(college.seats for college in jury.composition)
    if jury.composition and not jury.size.min <= seats <= jury.size.max:
        yield Problem(
            f"{place}.composition",
            f"Les collèges comptent {seats} sièges, la taille va de {jury.size.min} à {jury.size.max}.",
        )
