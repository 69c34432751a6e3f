"""A whole ranking in one plain document: the rubric, the rules of the call, every submitted review; and its result.

What an analyst hands in to check a jury by hand, and what ``aap scoring rank`` answers. The arithmetic is the screens'.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, TypeVar

from aap.errors import InvalidError, Problem
from aap.scoring.aggregation import Assessment, Case, RankingRules
from aap.scoring.exact import exact, ratio, shown
from aap.scoring.plain_json import read_json
from aap.scoring.ranking import Ranking
from aap.scoring.rubric import NA_LIMIT, Criterion, Marks, Rubric, check_review

TOP_KEYS = frozenset(
    {
        "applications",
        "criteria",
        "decimals",
        "min_reviews",
        "na_limit",
        "overall_threshold",
        "overall_threshold_on_raw_sum",
        "scale_to",
        "tie_break",
    }
)
CRITERION_KEYS = frozenset({"key", "label", "max", "min", "step", "threshold", "weight"})
ValueT = TypeVar("ValueT")


@dataclass(frozen=True, slots=True)
class RankingCase:
    """Everything ``rank`` needs."""

    rubric: Rubric
    rules: RankingRules
    cases: tuple[Case, ...]


def read_case(content: bytes) -> RankingCase:
    """Read a ranking case from JSON.

    Numbers are JSON numbers or texts; ``null`` is N/A. Defaults: 2 decimals, 1 review at least, 30 % of N/A. Raises
    one ``InvalidError`` naming every fault of the rubric and rules, or every fault of the reviews.
    """
    reader = _Reader()
    document = reader.mapping(read_json(content), "", TOP_KEYS, {"applications", "criteria", "scale_to"})
    rubric = _rubric(reader, document)
    rules = _rules(reader, document)
    reader.settle("Ce cas ne peut pas être classé.")
    if rubric is None or rules is None:  # cannot be: settle would have refused
        raise InvalidError("Ce cas ne peut pas être classé.", code="cas-invalide")
    unknown = [key for key in rules.tie_break if key not in {criterion.key for criterion in rubric.criteria}]
    for key in unknown:
        reader.refuse("tie_break", f"« {key} » n'est pas un critère de la grille.")
    cases = tuple(
        Case(ref, _reviews(reader, rubric, rows, f"applications.{ref}"))
        for ref, rows in reader.mapping(document.get("applications"), "applications").items()
    )
    reader.settle("Ce cas ne peut pas être classé.")
    return RankingCase(rubric, rules, cases)


def ranking_document(ranking: Ranking, decimals: int) -> dict[str, Any]:
    """Write the result: exact ratios, the total as shown, and the places of the ranked applications."""
    return {
        "applications": {row.ref: _assessment(row, decimals) for row in ranking.assessments},
        "ranking": [
            {"rank": place.rank, "applications": list(place.refs), "tied": place.tied} for place in ranking.places
        ],
    }


def _assessment(row: Assessment, decimals: int) -> dict[str, Any]:
    return {
        "exact": None if row.total is None else ratio(row.total),
        "shown": None if row.total is None else shown(row.total, decimals),
        "status": row.status.value,
        "criterion_means": {mean.key: None if mean.mean is None else ratio(mean.mean) for mean in row.criterion_means},
        "under_threshold": list(row.under_threshold),
    }


@dataclass(slots=True)
class _Reader:
    """Collects every fault instead of stopping at the first."""

    problems: list[Problem] = field(default_factory=list)

    def refuse(self, place: str, message: str) -> None:
        self.problems.append(Problem(place, message))

    def settle(self, message: str) -> None:
        if self.problems:
            raise InvalidError(message, tuple(self.problems), code="cas-invalide")

    def attempt(self, place: str, make: Callable[[], ValueT]) -> ValueT | None:
        """Do what may be refused, and keep the refusal under ``place``."""
        try:
            return make()
        except InvalidError as error:
            for problem in error.problems or (Problem("", error.message),):
                self.refuse(".".join(part for part in (place, problem.place) if part), problem.message)
            return None

    def mapping(
        self, value: object, place: str, known: frozenset[str] | None = None, needed: set[str] | None = None
    ) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            self.refuse(place or "document", "On attend un objet, entre accolades.")
            return {}
        prefix = f"{place}." if place else ""
        for key in sorted(value.keys() - known) if known is not None else ():
            self.refuse(f"{prefix}{key}", "Cette clé est inconnue.")
        for key in sorted((needed or set()) - value.keys()):
            self.refuse(f"{prefix}{key}", "Cette clé manque.")
        return value

    def sequence(self, value: object, place: str) -> list[Any]:
        if isinstance(value, list):
            return value
        self.refuse(place, "On attend une liste, entre crochets.")
        return []

    def number(self, row: Mapping[str, Any], key: str, place: str) -> Fraction | None:
        """Read an exact number; ``None`` when absent or null."""
        value = row.get(key)
        if value is None:
            return None
        return self.attempt("", lambda: _number(value, f"{place}{key}"))

    def whole(self, row: Mapping[str, Any], key: str, default: int) -> int:
        number = self.number(row, key, "")
        if number is not None and number.denominator != 1:
            self.refuse(key, "On attend un nombre entier.")
            return default
        return default if number is None else int(number)

    def word(self, value: object, place: str) -> str:
        if isinstance(value, str) and value:
            return value
        self.refuse(place, "On attend un texte entre guillemets.")
        return ""


def _number(value: object, place: str) -> Fraction:
    try:
        return exact(value, place)
    except TypeError:
        raise InvalidError.on(place, "On attend un nombre.", code="pas-un-nombre") from None


def _rubric(reader: _Reader, document: Mapping[str, Any]) -> Rubric | None:
    before = len(reader.problems)
    criteria = [
        _criterion(reader, row, f"criteria[{index}]")
        for index, row in enumerate(reader.sequence(document.get("criteria", []), "criteria"))
    ]
    scale_to = reader.number(document, "scale_to", "")
    if document.get("scale_to", 0) is None:
        reader.refuse("scale_to", "On attend un nombre.")
    na_limit = reader.number(document, "na_limit", "")
    decimals = reader.whole(document, "decimals", 2)
    if scale_to is None or len(reader.problems) > before:
        return None
    kept = tuple(criterion for criterion in criteria if criterion is not None)
    limit = NA_LIMIT if na_limit is None else na_limit
    return reader.attempt("", lambda: Rubric(kept, scale_to, limit, decimals))


def _criterion(reader: _Reader, value: object, place: str) -> Criterion | None:
    row = reader.mapping(value, place, CRITERION_KEYS, {"key", "weight", "min", "max"})
    key = reader.word(row["key"], f"{place}.key") if "key" in row else ""
    read = {name: reader.number(row, name, f"{place}.") for name in ("weight", "min", "max", "step", "threshold")}
    for name in ("weight", "min", "max"):
        if name in row and row[name] is None:
            reader.refuse(f"{place}.{name}", "On attend un nombre.")
    weight, low, high = read["weight"], read["min"], read["max"]
    if not key or weight is None or low is None or high is None:
        return None
    return Criterion(key, weight, low, high, read["step"], read["threshold"], na_allowed=True)


def _rules(reader: _Reader, document: Mapping[str, Any]) -> RankingRules | None:
    overall = reader.number(document, "overall_threshold", "")
    raw_sum = reader.number(document, "overall_threshold_on_raw_sum", "")
    least = reader.whole(document, "min_reviews", 1)
    listed = document.get("tie_break")
    keys = tuple(
        reader.word(key, f"tie_break[{index}]")
        for index, key in enumerate(reader.sequence([] if listed is None else listed, "tie_break"))
    )
    return reader.attempt(
        "",
        lambda: RankingRules(min_reviews=least, overall_threshold=overall, raw_sum_threshold=raw_sum, tie_break=keys),
    )


def _reviews(reader: _Reader, rubric: Rubric, rows: object, place: str) -> tuple[Marks, ...]:
    reviews = []
    for index, row in enumerate(reader.sequence(rows, place)):
        here = f"{place}[{index}]"
        marks = reader.mapping(row, here)
        odd = [key for key, value in marks.items() if isinstance(value, bool | list | dict)]
        for key in odd:
            reader.refuse(f"{here}.{key}", "On attend une note, ou null pour « sans objet ».")
        if isinstance(row, dict) and not odd:
            checked = reader.attempt(here, lambda marks=marks: check_review(rubric, marks))  # type: ignore[misc]  # bound now, for the loop
            reviews.append(checked or {})
    return tuple(reviews)
