"""The fictional structures that apply: invented names, invented numbers with right keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aap.demonstration.examples import read_tree

CASE = "valfleuri"  # the structure of the finished case


@dataclass(frozen=True, slots=True)
class Structure:
    """A structure that applies. ``zone`` is the class of its invented commune, ``site`` the word for a place."""

    key: str
    name: str
    kind: str
    commune: str
    zone: str | None
    territory: str
    site: str
    siret: str
    finess: str | None
    has_cpom: bool

    @property
    def department(self) -> str:
        """The department of its commune."""
        return self.commune[:2]


def luhn_keyed(digits: str) -> str:
    """Add the Luhn key, which ends SIREN, SIRET and FINESS numbers."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return f"{digits}{-total % 10}"


def finess_of(department: str, number: int) -> str:
    """Return an invented FINESS number: department, 0999, number and key."""
    return luhn_keyed(f"{department}0999{number:02d}")


def _siret(number: int) -> str:
    """Return an invented SIRET, on SIREN numbers that start with 99977 and are attributed to nobody."""
    return luhn_keyed(f"{luhn_keyed(f'99977{number:03d}')}0001")


def _read(row: Mapping[str, Any]) -> Structure:
    invented = finess_of(row["commune"][:2], row["number"]) if row["care"] and "number" in row else None
    return Structure(
        key=row["key"],
        name=row["name"],
        kind=row["kind"],
        commune=row["commune"],
        zone=row["zone"],
        territory=row["territory"],
        site=row["site"],
        siret=row.get("siret") or _siret(row["number"]),
        finess=row.get("finess", invented),
        has_cpom=row["cpom"],
    )


STRUCTURES: tuple[Structure, ...] = tuple(_read(row) for row in read_tree("structures.yaml")["structures"])
BY_KEY = {structure.key: structure for structure in STRUCTURES}
