"""Small counts of people are hidden in everything that is published; acts are not.

Source: ``publication`` of the call (``mask_below``, ``mask_units``), after the practice of the national health data.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Publication:
    """The call's rule: counts of these units below this number are hidden."""

    mask_below: int = 11
    mask_units: tuple[str, ...] = ("personnes", "patients", "residents")

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> Publication:
        """Read the rule of a version of the call; the default list of units where the document names none."""
        rule = document.get("publication") or {}
        default = cls()
        return cls(
            mask_below=int(rule.get("mask_below", default.mask_below)),
            mask_units=tuple(rule.get("mask_units") or default.mask_units),
        )


def masked(value: Decimal | None, unit: str, publication: Publication, *, n: int | None = None) -> Decimal | str | None:
    """Return the value as it may be published: itself, or "< 11" when it counts too few people.

    A rate ("pour 100 résidents", "%") is no count of people; ``n`` is the number of answers behind a survey's value,
    which hides the value when too few people answered.
    """
    if value is None:
        return None
    few_answers = n is not None and n < publication.mask_below
    few_people = counts_people(unit, publication) and value < publication.mask_below
    if few_people:
        return f"< {publication.mask_below}"
    return "masqué" if few_answers else value


def counts_people(unit: str, publication: Publication) -> bool:
    """Tell whether a unit counts people by the call's list, whatever its accents, case and number."""
    words = _plain(unit).split()
    return bool(words) and _singular(words[0]) in {_singular(_plain(known)) for known in publication.mask_units}


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _singular(word: str) -> str:
    return word.removesuffix("s")
