"""A weighted grid, the marks it admits and the exact total of one review.

Total of a review = scale_to x sum(w (s - min) / (max - min)) / sum(w), both sums over the criteria answered. Marks
given as "not applicable" renormalise the rest; beyond a share of the weight the review is incomplete. A missing mark is
not a zero: it forbids submitting the review. A criterion of weight 0 is information only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from aap.errors import InvalidError, Problem
from aap.scoring.exact import exact, in_words, ratio, require_exact

Mark = Fraction | None
"""A mark as the juror gave it, or ``None``: the criterion is not applicable (N/A, « sans objet »)."""

Marks = Mapping[str, Mark]
"""One review: mark by criterion key. An absent key is a missing mark, which is neither 0 nor N/A."""

NA_LIMIT = Fraction(3, 10)
MOST_DECIMALS = 12


@dataclass(frozen=True, slots=True)
class CommentRule:
    """When a mark must be justified in writing. Bounds are marks; any rule that applies is enough.

    ``required_below`` is strict (the mark itself needs no comment); ``required_at_most`` and ``required_at_least``
    include their bound; ``always`` also covers N/A.
    """

    always: bool = False
    required_below: Fraction | None = None
    required_at_most: Fraction | None = None
    required_at_least: Fraction | None = None

    def __post_init__(self) -> None:
        """Refuse inexact bounds."""
        for name in ("required_below", "required_at_most", "required_at_least"):
            if getattr(self, name) is not None:
                require_exact(getattr(self, name), name)


NO_COMMENT = CommentRule()


@dataclass(frozen=True, slots=True)
class Criterion:
    """One line of the grid. Everything but ``key`` is in the unit of the mark, except ``weight`` (any unit, >= 0).

    ``step`` ``None`` admits any exact mark between the bounds. ``threshold`` is the eliminating floor compared with the
    exact mean of the criterion. Raises ``TypeError`` on an inexact number.
    """

    key: str
    weight: Fraction
    minimum: Fraction
    maximum: Fraction
    step: Fraction | None = None
    threshold: Fraction | None = None
    na_allowed: bool = False
    comment: CommentRule = NO_COMMENT

    def __post_init__(self) -> None:
        """Refuse inexact numbers; whether they make sense is the rubric's affair, which reports them all."""
        for name in ("weight", "minimum", "maximum"):
            require_exact(getattr(self, name), name)
        for name in ("step", "threshold"):
            if getattr(self, name) is not None:
                require_exact(getattr(self, name), name)


@dataclass(frozen=True, slots=True)
class Rubric:
    """A whole grid. ``scale_to`` is the best total, ``na_limit`` a share of the weight (0 to 1).

    Weights need not sum to anything: only their proportions count. Raises ``InvalidError`` naming every fault, at
    places such as ``criteria[2].weight``.
    """

    criteria: tuple[Criterion, ...]
    scale_to: Fraction
    na_limit: Fraction = NA_LIMIT
    decimals: int = 2

    def __post_init__(self) -> None:
        """Refuse a grid that cannot give a total."""
        require_exact(self.scale_to, "scale_to")
        require_exact(self.na_limit, "na_limit")
        problems = [*_grid_problems(self), *_criteria_problems(self.criteria)]
        if problems:
            raise InvalidError("La grille ne peut pas servir à noter.", tuple(problems), code="grille-invalide")

    @property
    def total_weight(self) -> Fraction:
        """Sum of the weights, > 0."""
        return sum((criterion.weight for criterion in self.criteria), Fraction(0))


def _grid_problems(rubric: Rubric) -> list[Problem]:
    """List the faults of the grid itself."""
    problems = []
    if rubric.scale_to <= 0:
        problems.append(Problem("scale_to", "Le total le plus haut doit être supérieur à zéro."))
    if not 0 <= rubric.na_limit <= 1:
        problems.append(Problem("na_limit", "La part « sans objet » admise va de 0 à 1."))
    if not 0 <= rubric.decimals <= MOST_DECIMALS:
        problems.append(Problem("decimals", f"Le nombre de décimales affichées va de 0 à {MOST_DECIMALS}."))
    if not any(criterion.weight > 0 for criterion in rubric.criteria):
        problems.append(Problem("criteria", "Il faut au moins un critère dont le poids est supérieur à zéro."))
    return problems


def _criteria_problems(criteria: tuple[Criterion, ...]) -> list[Problem]:
    """List the faults of each criterion."""
    problems = []
    seen: set[str] = set()
    for index, criterion in enumerate(criteria):
        place = f"criteria[{index}]"
        if not criterion.key or criterion.key in seen:
            problems.append(Problem(f"{place}.key", "Chaque critère a un code, différent de celui des autres."))
        seen.add(criterion.key)
        if criterion.weight < 0:
            problems.append(Problem(f"{place}.weight", "Le poids ne peut pas être négatif."))
        if criterion.minimum >= criterion.maximum:
            problems.append(Problem(f"{place}.max", "La note la plus haute doit dépasser la plus basse."))
        if criterion.step is not None and criterion.step <= 0:
            problems.append(Problem(f"{place}.step", "Le pas de notation doit être supérieur à zéro."))
    return problems


def check_mark(criterion: Criterion, value: object) -> Mark:
    """Read one mark as typed or stored and return it exact; ``None`` is N/A.

    Raises ``InvalidError`` on the criterion's key when it is not a number, out of range, off step, or N/A where N/A is
    refused; ``TypeError`` on a float.
    """
    if value is None:
        if not criterion.na_allowed:
            raise InvalidError.on(
                criterion.key, "Ce critère doit être noté : « sans objet » n'y est pas admis.", code="sans-objet-refuse"
            )
        return None
    if isinstance(value, str) and not value.strip():
        raise InvalidError.on(criterion.key, "Indiquez une note.", code="note-manquante")
    mark = exact(value, criterion.key)
    if not criterion.minimum <= mark <= criterion.maximum:
        bounds = f"{in_words(criterion.minimum)} à {in_words(criterion.maximum)}"
        raise InvalidError.on(criterion.key, f"La note doit aller de {bounds}.", code="note-hors-bornes")
    if criterion.step is not None and ((mark - criterion.minimum) / criterion.step).denominator != 1:
        step, start = in_words(criterion.step), in_words(criterion.minimum)
        raise InvalidError.on(
            criterion.key, f"La note va de {step} en {step}, à partir de {start}.", code="note-hors-pas"
        )
    return mark


def check_review(rubric: Rubric, values: Mapping[str, object]) -> dict[str, Mark]:
    """Read a whole review and return its exact marks in the rubric's order.

    Raises one ``InvalidError`` with every problem: a missing mark, an unknown criterion, a refused mark.
    """
    marks: dict[str, Mark] = {}
    problems: list[Problem] = []
    for criterion in rubric.criteria:
        if criterion.key not in values:
            problems.append(Problem(criterion.key, "Indiquez une note."))
            continue
        try:
            marks[criterion.key] = check_mark(criterion, values[criterion.key])
        except InvalidError as error:
            problems.extend(error.problems)
    known = {criterion.key for criterion in rubric.criteria}
    problems.extend(Problem(key, "Ce critère n'est pas dans la grille.") for key in values if key not in known)
    if problems:
        raise InvalidError("Certaines notes sont à corriger.", tuple(problems), code="notes-invalides")
    return marks


def missing_marks(rubric: Rubric, marks: Mapping[str, object]) -> tuple[str, ...]:
    """List, in the rubric's order, the keys without a mark. N/A is an answer and is not missing."""
    return tuple(criterion.key for criterion in rubric.criteria if criterion.key not in marks)


def na_share(rubric: Rubric, marks: Marks) -> Fraction:
    """Share of the weight, 0 to 1, that a complete review declares not applicable. Raises as ``review_total``."""
    return 1 - _answered_weight(rubric, marks) / rubric.total_weight


def review_total(rubric: Rubric, marks: Marks) -> Fraction | None:
    """Total of one review, 0 to ``scale_to``, exact; ``None`` when too much is N/A for the review to count.

    Too much means strictly more than ``na_limit`` of the weight, or all of it. Raises ``InvalidError`` naming the
    missing marks, ``TypeError`` on an inexact mark. Marks are taken as checked by ``check_mark``.
    """
    answered = _answered_weight(rubric, marks)
    total_weight = rubric.total_weight
    if answered == 0 or total_weight - answered > rubric.na_limit * total_weight:
        return None
    earned = Fraction(0)
    for criterion in rubric.criteria:
        mark = marks[criterion.key]
        if mark is not None:
            earned += criterion.weight * (mark - criterion.minimum) / (criterion.maximum - criterion.minimum)
    return rubric.scale_to * earned / answered


def _answered_weight(rubric: Rubric, marks: Marks) -> Fraction:
    """Sum of the weights of the criteria with a mark, once the review is known to miss none."""
    missing = missing_marks(rubric, marks)
    if missing:
        problems = tuple(Problem(key, "Indiquez une note.") for key in missing)
        raise InvalidError("Il manque des notes : le total n'existe pas encore.", problems, code="note-manquante")
    answered = Fraction(0)
    for criterion in rubric.criteria:
        mark = marks[criterion.key]
        if mark is not None:
            require_exact(mark, criterion.key)
            answered += criterion.weight
    return answered


def comment_required(criterion: Criterion, mark: Mark) -> bool:
    """Tell whether the criterion's comment rule asks the juror to justify this mark."""
    rule = criterion.comment
    if rule.always or mark is None:
        return rule.always
    require_exact(mark, criterion.key)
    return (
        (rule.required_below is not None and mark < rule.required_below)
        or (rule.required_at_most is not None and mark <= rule.required_at_most)
        or (rule.required_at_least is not None and mark >= rule.required_at_least)
    )


def rubric_fingerprint(rubric: Rubric, wording: Mapping[str, str] | None = None) -> str:
    """SHA-256, in hexadecimal, of the canonical text of a rubric: it is frozen at the first submitted review.

    ``wording`` adds the texts whose change would change what a mark means (labels, descriptors), by any stable name.
    The order of the criteria does not count: it changes no total. Numbers are in lowest terms: 3.50 and 3.5 are one.
    """
    canonical = {
        "schema": "rubric/1",
        "scale_to": ratio(rubric.scale_to),
        "na_limit": ratio(rubric.na_limit),
        "decimals": rubric.decimals,
        "criteria": {criterion.key: _canonical(criterion) for criterion in rubric.criteria},
        "wording": dict(wording or {}),
    }
    text = json.dumps(canonical, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _canonical(criterion: Criterion) -> dict[str, str | bool | None]:
    """Everything of a criterion that decides which marks are admitted and what they weigh."""
    rule = criterion.comment
    numbers = {
        "weight": criterion.weight,
        "min": criterion.minimum,
        "max": criterion.maximum,
        "step": criterion.step,
        "threshold": criterion.threshold,
        "comment_below": rule.required_below,
        "comment_at_most": rule.required_at_most,
        "comment_at_least": rule.required_at_least,
    }
    written = {name: None if value is None else ratio(value) for name, value in numbers.items()}
    return {**written, "na_allowed": criterion.na_allowed, "comment_always": rule.always}
