"""Who asks for what, in the order of the ranking, and what a selection must respect. Money is in Decimal euros."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum

from aap.errors import InvalidError, Problem

CENT = Decimal("0.01")


class Measure(StrEnum):
    """What a quota counts: euros granted, or applications funded."""

    AMOUNT = "amount"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Quota:
    """At least and at most so much (euros or applications) for those that belong to it; ``None`` for no limit."""

    name: str
    measure: Measure
    minimum: Decimal | None = None
    maximum: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Strand:
    """A part of the envelope. ``may_receive`` is what the jury lets it take from the others: 0 when not fungible."""

    name: str
    envelope: Decimal
    may_receive: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One application: the amounts that may be granted, the whole request first, then lower levels in descending order.

    ``quotas`` are the names of those it belongs to.
    """

    ref: str
    amounts: tuple[Decimal, ...]
    quotas: frozenset[str] = frozenset()
    strand: str | None = None


@dataclass(frozen=True, slots=True)
class Portfolio:
    """Candidates in rank order, best first, and the limits. With strands, each one's envelope binds too."""

    candidates: tuple[Candidate, ...]
    envelope: Decimal
    quotas: tuple[Quota, ...] = ()
    strands: tuple[Strand, ...] = ()


def levels(
    requested: Decimal, rates: Sequence[Decimal] = (), minimum_viable: Decimal = Decimal(0)
) -> tuple[Decimal, ...]:
    """List the amounts to try: the request, then each rate of it (0 to 1) down to the cent, never below the viable one.

    The whole request is always there: whoever asks less than what they call viable is not refused for it.
    """
    lower = {(requested * rate).quantize(CENT, rounding=ROUND_DOWN) for rate in rates if 0 < rate < 1}
    return (requested, *sorted((each for each in lower if minimum_viable <= each < requested), reverse=True))


def cents(amount: Decimal) -> int:
    """Count cents. Raises ``InvalidError`` below the cent."""
    scaled = amount.scaleb(2)
    if scaled != scaled.to_integral_value():
        raise InvalidError.on("amount", f"« {amount} » n'est pas un montant au centime.", code="pas-un-montant")
    return int(scaled)


def check(portfolio: Portfolio) -> None:
    """Refuse what makes no sense, with ``InvalidError``; says nothing of whether a selection exists."""
    names = [quota.name for quota in portfolio.quotas]
    problems = [
        Problem("quotas", f"Le quota « {name} » figure deux fois.")
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]
    for quota in portfolio.quotas:
        problems += [Problem(quota.name, f"Le quota « {quota.name} » {fault}.") for fault in _faults_of_quota(quota)]
    refs = [candidate.ref for candidate in portfolio.candidates]
    if len(set(refs)) != len(refs):
        problems.append(Problem("candidates", "Un dossier figure deux fois."))
    strands = {strand.name for strand in portfolio.strands}
    for candidate in portfolio.candidates:
        faults = _faults_of_candidate(candidate, set(names), strands)
        problems += [Problem(candidate.ref, f"{candidate.ref} {fault}.") for fault in faults]
    if portfolio.envelope < 0:
        problems.append(Problem("envelope", "L'enveloppe ne peut pas être négative."))
    if problems:
        raise InvalidError(problems[0].message, tuple(problems))


def _faults_of_quota(quota: Quota) -> list[str]:
    bounds = [bound for bound in (quota.minimum, quota.maximum) if bound is not None]
    faults = []
    if any(bound < 0 for bound in bounds):
        faults.append("a une borne négative")
    if len(bounds) == 2 and bounds[0] > bounds[1]:
        faults.append(f"a un minimum ({bounds[0]}) au-dessus de son maximum ({bounds[1]})")
    if quota.measure is Measure.NUMBER and any(bound % 1 for bound in bounds):
        faults.append("compte des dossiers : il faut des entiers")
    return faults


def _faults_of_candidate(candidate: Candidate, quotas: set[str], strands: set[str]) -> list[str]:
    faults = []
    if candidate.quotas - quotas:
        faults.append("appartient à un quota inconnu")
    if strands and candidate.strand not in strands:
        faults.append("n'est dans aucun volet de l'enveloppe")
    if not candidate.amounts or any(amount < 0 for amount in candidate.amounts):
        faults.append("n'a pas de montant utilisable")
    return faults
