"""What brings a member and a file together: publics, acts and departments in common. Whole points, each one said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

PUBLIC_POINTS, ACT_POINTS, DEPARTMENT_POINTS = 3, 2, 2
MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Codes of publics, of acts and of departments: what a member declared, or what a file is about."""

    publics: frozenset[str] = frozenset()
    acts: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()

    def shared(self, other: Knowledge) -> Knowledge:
        """Return what both have in common."""
        return Knowledge(self.publics & other.publics, self.acts & other.acts, self.departments & other.departments)

    @property
    def points(self) -> int:
        """Add the points up: each public, each act, then the territory once, however many departments it spans."""
        places = DEPARTMENT_POINTS if self.departments else 0
        return PUBLIC_POINTS * len(self.publics) + ACT_POINTS * len(self.acts) + places


def grounds(shared: Knowledge, labels: Mapping[str, str]) -> tuple[str, ...]:
    """Say in French what is shared, publics first; ``labels`` name the codes of publics and of acts."""
    said = []
    for one, many, codes in (
        ("public en commun", "publics en commun", shared.publics),
        ("acte en commun", "actes en commun", shared.acts),
    ):
        if codes:
            said.append(
                f"{many if len(codes) > 1 else one} : {_named(sorted(labels.get(each, each) for each in codes))}"
            )
    if shared.departments:
        several = "mêmes départements" if len(shared.departments) > 1 else "même département"
        said.append(f"{several} : {_named(sorted(shared.departments))}")
    return tuple(said)


def _named(names: list[str]) -> str:
    more = len(names) - MOST_NAMED
    listed = ", ".join(names[:MOST_NAMED])
    return listed if more <= 0 else f"{listed} et {more} de plus"
