"""The grid of a call as its officer types it again: from the document to inputs, back, and each fault on its input."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from typing import Any

from aap import french
from aap.calls.document.selection import Criterion, Rubric
from aap.errors import Problem
from aap.forms.fields import UnreadableError
from aap.forms.fields.cleaning import read_decimal

SPARE = ("nouveau-1", "nouveau-2")
_NUMBERS = {"weight": "Poids", "min": "Note la plus basse", "max": "Note la plus haute", "step": "Pas"}
_LIMITS = ("total_min", "raw_sum_min", "justify_below", "justify_least")
_LINE = re.compile(r"\s*(-?[0-9]+(?:[.,][0-9]+)?)\s*:\s*(.+)", re.DOTALL)
_PLACE = re.compile(r"call\.rubric\.criteria\[([0-9]+)\]\.?([a-z_]*)\.?([a-z_]*)")
_TOTALS = {
    "call.rubric.thresholds.total_min": "total_min",
    "call.rubric.thresholds.raw_sum_min": "raw_sum_min",
    "call.rubric.formula": "formula",
}
DECIMALS = 4


@dataclass(slots=True)
class Typed:
    """What is in the inputs, by name, the criteria in order (their key, and how they are called), and the faults."""

    values: dict[str, str]
    criteria: list[tuple[str, str]]
    problems: list[Problem] = field(default_factory=list)
    places: list[str] = field(default_factory=list)

    @property
    def errors(self) -> dict[str, str]:
        """The first fault of each input."""
        found: dict[str, str] = {}
        for problem in self.problems:
            found.setdefault(problem.place, problem.message)
        return found


def shown_grid(rubric: Rubric) -> Typed:
    """Write a grid in the inputs of the page, with two spare criteria."""
    rules, thresholds = rubric.consistency, rubric.thresholds
    values = {
        "total_min": _plain(thresholds.total_min if thresholds else None),
        "raw_sum_min": _plain(thresholds.raw_sum_min if thresholds else None),
        "justify_always": "y" if rules.justification_always else "",
        "justify_below": _plain(rules.justification_required_below),
        "justify_least": _plain(rules.justification_required_at_least),
        "formula": rubric.formula or "",
    }
    order = _tie_order(rubric)
    for criterion in rubric.criteria:
        values |= _inputs(criterion, rubric, order)
    for key in SPARE:
        scale = rubric.scale
        values |= {f"{key}-min": _plain(scale.min), f"{key}-max": _plain(scale.max), f"{key}-step": _plain(scale.step)}
    return Typed(values, _criteria(rubric))


def _criteria(rubric: Rubric) -> list[tuple[str, str]]:
    named = [(criterion.id, criterion.label) for criterion in rubric.criteria]
    return named + [(key, f"Critère à ajouter ({place})") for place, key in enumerate(SPARE, 1)]


def _tie_order(rubric: Rubric) -> list[str]:
    known = {criterion.id for criterion in rubric.criteria}
    return [key.name for key in rubric.ranking.keys if key.name in known]


def _inputs(criterion: Criterion, rubric: Rubric, order: list[str]) -> dict[str, str]:
    key, scale = criterion.id, criterion.scale or rubric.scale
    lines = [f"{_plain(mark)} : {' '.join(text.split())}" for mark, text in criterion.descriptors.items()]
    return {
        f"{key}-label": criterion.label,
        f"{key}-guidance": criterion.guidance.strip(),
        f"{key}-weight": _plain(criterion.weight),
        f"{key}-min": _plain(scale.min),
        f"{key}-max": _plain(scale.max),
        f"{key}-step": _plain(scale.step),
        f"{key}-floor": _plain(criterion.floor),
        f"{key}-na": "y" if criterion.na_allowed else "",
        f"{key}-order": str(order.index(key) + 1) if key in order else "",
        f"{key}-descriptors": "\n".join(lines),
    }


def _plain(value: Decimal | None) -> str:
    return "" if value is None else french.number(value).replace(french.THIN, "").replace("−", "-")


def read_grid_form(
    sent: Mapping[str, str], tree: Mapping[str, Any], rubric: Rubric, taken: Collection[str]
) -> tuple[Typed, dict[str, Any]]:
    """Read the inputs over the grid in force (its ``tree`` and typed form): what was typed, and the tree it makes.

    ``taken`` are the keys that criteria ever had, which no added one takes again.

    What cannot be read is a problem on its input; the tree is then not to be used.
    """
    typed = Typed({key: value.replace("\r\n", "\n") for key, value in sent.items()}, _criteria(rubric))
    known = {row["id"]: row for row in tree["criteria"]}
    criteria = []
    for key, _ in typed.criteria:
        if typed.values.get(f"{key}-remove") or (key in SPARE and not typed.values.get(f"{key}-label", "").strip()):
            continue
        criteria.append(_read_criterion(typed, key, known.get(key, {}), tree))
        typed.places.append(key)
    fresh = _fresh_keys(taken, criteria)
    made = {**tree, "criteria": criteria, "ranking": _read_ranking(typed, tree, rubric, fresh)}
    made["thresholds"] = _kept(
        dict(tree.get("thresholds") or {}), total_min=_read(typed, "total_min"), raw_sum_min=_read(typed, "raw_sum_min")
    )
    made["consistency"] = _kept(
        dict(tree.get("consistency") or {}),
        justification_always=True if typed.values.get("justify_always") else None,
        justification_required_below=_read(typed, "justify_below"),
        justification_required_at_least=_read(typed, "justify_least"),
    )
    formula = typed.values.get("formula", "").strip()
    made = _kept(made, formula=formula or None)
    return typed, {name: value for name, value in made.items() if value not in ({}, None)}


def _kept(values: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Set what is given and take out what is ``None``."""
    return {key: value for key, value in {**values, **changes}.items() if value is not None}


def _read_criterion(typed: Typed, key: str, known: Mapping[str, Any], tree: Mapping[str, Any]) -> dict[str, Any]:
    numbers = {name: _read(typed, f"{key}-{name}", needed=label) for name, label in _NUMBERS.items()}
    scale = {name: numbers[name] for name in ("min", "max", "step")}
    usual = all(scale[name] == Decimal(tree["scale"][name]) for name in scale)
    label, guidance = (typed.values.get(f"{key}-{name}", "").strip() for name in ("label", "guidance"))
    if not label:
        typed.problems.append(Problem(f"{key}-label", "Donnez un intitulé à ce critère."))
    if guidance == (known.get("guidance") or "").strip():
        guidance = known.get("guidance") or ""
    return _kept(
        dict(known),
        id=key,
        label=label,
        weight=numbers["weight"],
        floor=_read(typed, f"{key}-floor"),
        na_allowed=True if typed.values.get(f"{key}-na") else None,
        scale=None if usual else scale,
        guidance=guidance or None,
        descriptors=_read_descriptors(typed, key, known) or None,
    )


def _read(typed: Typed, name: str, needed: str = "") -> Decimal | None:
    text = typed.values.get(name, "").strip()
    if not text:
        if needed:
            typed.problems.append(Problem(name, f"{needed} : un nombre est attendu."))
        return None
    try:
        return read_decimal(text, decimals=DECIMALS)
    except UnreadableError as error:
        typed.problems.append(Problem(name, error.message))
        return None


def _read_descriptors(typed: Typed, key: str, known: Mapping[str, Any]) -> dict[Decimal, str]:
    """Read "mark : what it means", a line each; a text whose spaces alone differ is left as it was."""
    found: dict[Decimal, str] = {}
    was = known.get("descriptors") or {}
    for line in typed.values.get(f"{key}-descriptors", "").splitlines():
        if not line.strip():
            continue
        matched = _LINE.fullmatch(line)
        if matched is None:
            message = (
                f"« {line.strip()[:60]} » ne se lit pas : écrivez la note, deux-points, puis ce qu'elle veut dire."
            )
            typed.problems.append(Problem(f"{key}-descriptors", message))
            continue
        mark, text = Decimal(matched[1].replace(",", ".")), " ".join(matched[2].split())
        if mark in found:
            typed.problems.append(
                Problem(f"{key}-descriptors", f"La note {french.number(mark)} est décrite deux fois.")
            )
        old = was.get(mark, "")
        found[mark] = old if " ".join(old.split()) == text else text
    return found


def _fresh_keys(taken: Collection[str], criteria: list[dict[str, Any]]) -> dict[str, str]:
    """Name the added criteria by the first numbers that were never used (C9, C10)."""
    free = (key for number in count(1) if (key := f"C{number}") not in taken)
    fresh: dict[str, str] = {}
    for row in criteria:
        if row["id"] in SPARE:
            spare = row["id"]
            row["id"] = fresh[spare] = next(free)
    return fresh


def _read_ranking(typed: Typed, tree: Mapping[str, Any], rubric: Rubric, fresh: Mapping[str, str]) -> dict[str, Any]:
    """Put the criteria that separate equal totals in the order typed; facts and the draw stay where they were."""
    asked: list[tuple[Decimal, str]] = []
    for key in typed.places:
        place = _read(typed, f"{key}-order")
        if place is not None:
            asked.append((place, fresh.get(key, key)))
    wanted = [key for _, key in sorted(asked, key=lambda row: row[0])]
    if wanted == _tie_order(rubric):
        return dict(tree["ranking"])
    others = [key for key in tree["ranking"]["order"] if key == "draw" or _name(key) not in _every(rubric)]
    order = [others[0], *(f"{key}_desc" for key in wanted), *others[1:]]
    return {**tree["ranking"], "order": order}


def _every(rubric: Rubric) -> set[str]:
    return {criterion.id for criterion in rubric.criteria}


def _name(key: str) -> str:
    return key.rpartition("_")[0]


def place_problems(problems: Iterable[Problem], typed: Typed) -> list[Problem]:
    """Bring the faults of a document back to the inputs they come from."""
    return [Problem(_input_of(problem.place, typed), problem.message) for problem in problems]


def _input_of(place: str, typed: Typed) -> str:
    matched = _PLACE.match(place)
    if matched is not None and int(matched[1]) < len(typed.places):
        key, name = typed.places[int(matched[1])], matched[2]
        name = matched[3] if name == "scale" else name
        return f"{key}-{name if name in {'label', 'weight', 'min', 'max', 'step', 'floor', 'descriptors'} else 'label'}"
    if place.startswith("call.rubric.criteria") and typed.places:
        return f"{typed.places[0]}-weight"
    if place.startswith("call.rubric.ranking") and typed.places:
        return f"{typed.places[0]}-order"
    return _TOTALS.get(place, place if place == "reason" else "")
