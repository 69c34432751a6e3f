"""Find a commune by name, postcode or code; recognise the one that a person typed; say its zone and its APL."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from aap.db import db
from aap.referentials.models import (
    Accessibility,
    AccessibilityFigure,
    Commune,
    CommunePostcode,
    Department,
    Zoning,
    ZoningClass,
)
from aap.referentials.territory.spelling import sought

OUT_OF_ZONE: Final = "hors_zone"
NO_ZONE: Final = "non_calculee"
WITHOUT_COMMUNE: Final = "Sans commune (domicile ou détention)"
_WITHOUT: Final = ("sans commune", "domicile", "a domicile")
_CODE: Final = re.compile(r"[0-9]{5}|2[AB][0-9]{3}")
_LABEL: Final = re.compile(r"\(\s*([0-9]{5}|2[ABab][0-9]{3})\s*\)\s*$")
_CODE_BEGUN: Final = re.compile(r"[0-9]{2,5}|2[AB][0-9]{0,3}")
MOST_FOUND: Final = 20


@dataclass(frozen=True, slots=True)
class CommuneRow:
    """A commune with its department and its *territoire de vie-santé*, when known."""

    code: str
    name: str
    department_code: str
    postcodes: tuple[str, ...]
    territory: str | None

    @property
    def label(self) -> str:
        """Return the name with the code, which ``recognise`` reads back: ``Saint-Denis (93066)``."""
        return f"{self.name} ({self.code})"


@dataclass(frozen=True, slots=True)
class VintageRow:
    """One dated vintage of a zoning or of the APL, as pages name it."""

    id: uuid.UUID
    dataset: str
    label: str
    valid_on: date
    source: str
    licence: str


def search_communes(
    text: str, *, region_code: str | None = None, first_region: str | None = None, limit: int = MOST_FOUND
) -> tuple[CommuneRow, ...]:
    """Return the communes whose name has every word typed (by its beginning), or whose postcode or code begins so.

    Accents, case, hyphens do not count, and "st" is "saint". Exact names come first, then names beginning with the
    text, then the most populated; those of ``first_region`` before all. Paris, Lyon and Marseille come as their
    arrondissements.
    """
    words = sought(text).split()
    if not words:
        return ()
    query = (
        select(Commune)
        .join(Department, Department.code == Commune.department_code)
        .where(Commune.offered, ~Commune.divided, and_(*(_word(word, alone=len(words) == 1) for word in words)))
    )
    if region_code is not None:
        query = query.where(Department.region_code == region_code)
    beginning = f" {' '.join(words)}"
    query = query.order_by(
        case((Department.region_code == first_region, 0), else_=1) if first_region else func.coalesce(0, 0),
        case(
            (Commune.sought_name == f"{beginning} ", 0),
            (Commune.sought_name.startswith(f"{beginning} ", autoescape=True), 1),
            (Commune.sought_name.startswith(beginning, autoescape=True), 2),
            else_=3,
        ),
        case((Commune.parent_code.is_not(None), -10_000_000), else_=-func.coalesce(Commune.population, 0)),
        case((Commune.parent_code.is_not(None), Commune.code), else_=Commune.name),
        Commune.code,
    )
    return tuple(commune_row(row) for row in db.session.scalars(query.limit(limit)))


def _word(word: str, *, alone: bool) -> ColumnElement[bool]:
    """Return the condition of one word; digits beside letters may be a postcode, or the number of an arrondissement."""
    named = Commune.sought_name.contains(f" {word}", autoescape=True)
    begun = _CODE_BEGUN.fullmatch(word.upper())
    if not begun:
        return named
    by_postcode = Commune.code.in_(
        select(CommunePostcode.commune_code).where(CommunePostcode.postcode.startswith(word, autoescape=True))
    )
    coded = or_(by_postcode, Commune.code.startswith(word.upper(), autoescape=True))
    return coded if alone else or_(named, coded)


def recognise(typed: Sequence[tuple[str, str]]) -> tuple[str | None, ...]:
    """Return the code of the commune that each ``(text, department)`` names beyond doubt, or ``None``. One query.

    A text names a commune by its code, by the label of ``CommuneRow``, or by a name that one commune (of the
    department, when one is given) bears. A divided commune is not precise enough: its arrondissement is asked.
    """
    codes = {_code_in(text) for text, _ in typed} - {""}
    names = {f" {sought(text)} " for text, _ in typed if text.strip() and not _code_in(text)}
    query = select(Commune.code, Commune.sought_name, Commune.department_code).where(
        ~Commune.divided, or_(Commune.code.in_(sorted(codes)), Commune.sought_name.in_(sorted(names)))
    )
    rows = db.session.execute(query).all() if codes or names else []
    known = {row.code for row in rows}
    found = []
    for text, department in typed:
        code = _code_in(text)
        if code:
            found.append(code if code in known else None)
            continue
        name = f" {sought(text)} "
        same = [r.code for r in rows if r.sought_name == name and department in {"", r.department_code}]
        found.append(same[0] if len(same) == 1 else None)
    return tuple(found)


def is_without_commune(text: str) -> bool:
    """Tell whether the text says that the project has no commune: at home, in detention."""
    return sought(text).startswith(_WITHOUT)


def _code_in(text: str) -> str:
    labelled = _LABEL.search(text)
    if labelled:
        return labelled[1].upper()
    bare = text.strip().upper()
    return bare if _CODE.fullmatch(bare) else ""


def list_communes(codes: Iterable[str]) -> tuple[CommuneRow, ...]:
    """Return the communes of these INSEE codes, in the order of their codes; unknown codes are absent."""
    query = select(Commune).where(Commune.code.in_(sorted(set(codes)))).order_by(Commune.code)
    return tuple(commune_row(row) for row in db.session.scalars(query))


def find_zoning(dataset: str, valid_on: date) -> VintageRow | None:
    """Return one dated zoning, or ``None`` when it is not loaded."""
    found = db.session.scalar(select(Zoning).where(Zoning.dataset == dataset, Zoning.valid_on == valid_on))
    return None if found is None else _vintage(found)


def get_accessibility(identifier: uuid.UUID | None) -> VintageRow | None:
    """Return one vintage of the APL by its identifier, or ``None``."""
    found = None if identifier is None else db.session.get(Accessibility, identifier)
    return None if found is None else _vintage(found)


def accessibility_in_force(day: date) -> Accessibility | None:
    """Return the vintage of the APL in force on a day: the last one valid by then."""
    query = select(Accessibility).where(Accessibility.valid_on <= day)
    return db.session.scalar(query.order_by(Accessibility.valid_on.desc(), Accessibility.dataset).limit(1))


def zones_by_id(zoning_id: uuid.UUID, commune_codes: Iterable[str]) -> Mapping[str, str]:
    """Return the zone of each commune in one zoning: ``hors_zone`` when the zoning does not list it.

    A commune nobody knows is ``non_calculee``.
    """
    codes = sorted(set(commune_codes))
    query = (
        select(Commune.code, ZoningClass.zone)
        .outerjoin(ZoningClass, (ZoningClass.commune_code == Commune.code) & (ZoningClass.zoning_id == zoning_id))
        .where(Commune.code.in_(codes))
    )
    known = {code: zone or OUT_OF_ZONE for code, zone in db.session.execute(query)}
    return {code: known.get(code, NO_ZONE) for code in codes}


def apl_of(accessibility_id: uuid.UUID, commune_codes: Iterable[str]) -> Mapping[str, Decimal]:
    """Return the APL of the communes that one vintage lists."""
    query = select(AccessibilityFigure.commune_code, AccessibilityFigure.apl).where(
        AccessibilityFigure.accessibility_id == accessibility_id,
        AccessibilityFigure.commune_code.in_(sorted(set(commune_codes))),
    )
    return {code: apl for code, apl in db.session.execute(query)}  # noqa: C416  # a Row is not a pair for mypy


def commune_row(row: Commune) -> CommuneRow:
    """Freeze a commune."""
    return CommuneRow(row.code, row.name, row.department_code, tuple(row.postcodes), row.territory)


def _vintage(row: Zoning | Accessibility) -> VintageRow:
    return VintageRow(row.id, row.dataset, row.label, row.valid_on, row.source, row.licence)
