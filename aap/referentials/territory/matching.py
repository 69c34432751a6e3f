"""Match the lines of a file with the communes of the installation: former codes, arrondissements, repeated lines.

A commune that absorbed others takes the class they share, or the mean of their APL weighted by the standardised
population (the ministry's own rule). A line for the whole of Paris, Lyon or Marseille goes to the arrondissements that
have none of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, TypeVar

from sqlalchemy import select

from aap.db import db
from aap.referentials.models import Commune, FormerCommune
from aap.referentials.territory.reading import AplLine, Issue, ZoneLine

_DIGITS: Final = Decimal("0.000001")
LineT = TypeVar("LineT", AplLine, ZoneLine)
Merge = Callable[[Sequence[LineT]], LineT | None]


@dataclass(frozen=True, slots=True)
class Known:
    """The codes of this installation: communes, what former codes became, what is divided into arrondissements."""

    communes: frozenset[str]
    former: Mapping[str, str]
    arrondissements: Mapping[str, tuple[str, ...]]


def known_codes() -> Known:
    """Read the codes. Two queries."""
    communes: set[str] = set()
    parts: dict[str, list[str]] = {}
    for code, parent in db.session.execute(select(Commune.code, Commune.parent_code).order_by(Commune.code)):
        communes.add(code)
        if parent is not None:
            parts.setdefault(parent, []).append(code)
    former = {old: new for old, new in db.session.execute(select(FormerCommune.code, FormerCommune.commune_code))}  # noqa: C416  # a Row is not a pair for mypy
    return Known(frozenset(communes), former, {code: tuple(inside) for code, inside in parts.items()})


def match(lines: Iterable[LineT], known: Known, merge: Merge[LineT]) -> tuple[dict[str, LineT], list[Issue]]:
    """Return the line of each commune, and what is to be told about the others."""
    own: dict[str, LineT] = {}
    absorbed: dict[str, list[LineT]] = {}
    issues: list[Issue] = []
    for line in lines:
        if line.code in known.communes:
            first = own.setdefault(line.code, line)
            if first is not line:
                issues.append(_repeated(line, first))
        elif line.code in known.former:
            absorbed.setdefault(known.former[line.code], []).append(line)
        else:
            issues.append(_issue(line, "Cette commune n'est pas dans la table des communes."))
    for code, parts in absorbed.items():
        issues.extend(_absorb(own, code, parts, merge))
    for code, inside in known.arrondissements.items():
        whole = own.get(code)
        given = [one for one in inside if one not in own]
        if whole is not None and given:
            own |= dict.fromkeys(given, whole)
            issues.append(_issue(whole, f"Valeur donnée aux {len(given)} arrondissements.", unmatched=False))
    return own, issues


def one_zone(lines: Sequence[ZoneLine]) -> ZoneLine | None:
    """Return a line for communes that merged, if they share one class."""
    return lines[0] if len({line.zone for line in lines}) == 1 else None


def mean_apl(lines: Sequence[AplLine]) -> AplLine | None:
    """Return the mean of communes that merged, weighted by the standardised population."""
    weights = [line.population for line in lines]
    if len(lines) == 1:
        return lines[0]
    known = [weight for weight in weights if weight is not None]
    total = sum(known, Decimal(0))
    if len(known) < len(lines) or total <= 0:
        return None
    weighted = sum((line.apl * weight for line, weight in zip(lines, known, strict=True)), Decimal(0))
    first = lines[0]
    return AplLine(first.sheet, first.line, first.code, (weighted / total).quantize(_DIGITS).normalize(), total)


def _absorb(own: dict[str, Any], code: str, parts: list[LineT], merge: Merge[LineT]) -> Iterable[Issue]:
    if code in own:
        for line in parts:
            yield _issue(line, f"Ancien code de la commune {code}, qui a déjà sa ligne : ignoré.", unmatched=False)
        return
    merged = merge(parts)
    if merged is None:
        for line in parts:
            yield _issue(line, f"Ancien code de la commune {code} : les communes réunies n'ont pas la même valeur.")
        return
    own[code] = merged
    for line in parts:
        yield _issue(line, f"Ancien code de la commune {code} : compté pour elle.", unmatched=False)


def _repeated(line: AplLine | ZoneLine, first: AplLine | ZoneLine) -> Issue:
    same = (
        line.apl == first.apl
        if isinstance(line, AplLine) and isinstance(first, AplLine)
        else isinstance(line, ZoneLine) and isinstance(first, ZoneLine) and line.zone == first.zone
    )
    if same:
        return _issue(line, f"Déjà donné à la ligne {first.line}, à l'identique.", unmatched=False)
    return _issue(
        line, f"Déjà donné à la ligne {first.line}, avec une autre valeur : c'est la première qui est gardée."
    )


def _issue(line: AplLine | ZoneLine, message: str, *, unmatched: bool = True) -> Issue:
    return Issue(line.sheet, line.line, "Code commune", line.code, message, unmatched)
