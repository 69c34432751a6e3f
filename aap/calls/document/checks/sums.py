"""Sums and bounds of money and time: strands, instalments, durations, obligations."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from aap.calls.document.checks.sections import Sections
from aap.calls.document.funding import CategoryShare, Funding
from aap.calls.models.funding import InstalmentTrigger
from aap.errors import Problem
from aap.french import euros, number


def check(sections: Sections) -> Iterator[Problem]:
    """Refuse sums that do not match and bounds the wrong way round."""
    yield from _envelope(sections)
    if sections.funding:
        yield from _bounds(sections.funding)
        yield from _instalments(sections.funding)
    yield from _obligations(sections)


def _envelope(sections: Sections) -> Iterator[Problem]:
    for i, strand in enumerate(sections.strands):
        if strand.envelope_eur == 0:
            yield Problem(f"call.strands[{i}].envelope_eur", "L'enveloppe d'un volet est supérieure à zéro.")
    if not sections.funding or not sections.read("strands"):
        return
    total = sum((strand.envelope_eur for strand in sections.strands), Decimal(0))
    if total != sections.funding.envelope_eur:
        yield Problem(
            "call.strands",
            f"Les enveloppes des volets totalisent {euros(total)}, "
            f"l'enveloppe de l'appel est de {euros(sections.funding.envelope_eur)}.",
        )


def _bounds(funding: Funding) -> Iterator[Problem]:
    if funding.envelope_eur == 0:
        yield Problem("call.funding.envelope_eur", "L'enveloppe est supérieure à zéro.")
    if funding.project_duration_months.min > funding.project_duration_months.max:
        yield Problem("call.funding.project_duration_months", "La durée la plus courte dépasse la plus longue.")
    for i, cap in enumerate(funding.cap_eur):
        if not 0 < cap.max <= funding.envelope_eur:
            yield Problem(
                f"call.funding.cap_eur[{i}].max", "Un plafond est supérieur à zéro et tient dans l'enveloppe."
            )
    for i, rule in enumerate(funding.category_rules):
        yield from _category(f"call.funding.category_rules[{i}]", rule)
    if funding.max_rate_by_zone and funding.rate_basis is None:
        yield Problem("call.funding", "La clé « rate_basis » manque : elle dit quelle zone donne le taux.")


def _category(place: str, rule: CategoryShare) -> Iterator[Problem]:
    pairs = (
        (rule.min_share_of_subsidy, rule.max_share_of_subsidy),
        (rule.min_share_of_total, rule.max_share_of_total),
    )
    if all(share is None for pair in pairs for share in pair):
        yield Problem(place, "Une règle de poste fixe au moins une part (max_share_of_subsidy, min_share_of_total…).")
    for low, high in pairs:
        if low is not None and high is not None and low > high:
            yield Problem(place, "La part minimale dépasse la part maximale.")


def _instalments(funding: Funding) -> Iterator[Problem]:
    place = "call.funding.payment_schedule"
    terms = funding.payment_schedule
    if not terms:
        return
    total = sum((term.share for term in terms), Decimal(0))
    if total != 1:
        yield Problem(place, f"Les parts des versements totalisent {number(total)} au lieu de 1.")
    if [term.rank for term in terms] != list(range(1, len(terms) + 1)):
        yield Problem(place, "Les rangs des versements se suivent à partir de 1.")
    for i, term in enumerate(terms):
        if term.share == 0:
            yield Problem(f"{place}[{i}].share", "La part d'un versement est supérieure à zéro.")
        if (term.trigger is InstalmentTrigger.DATE) != (term.on is not None):
            yield Problem(f"{place}[{i}]", "La date « on » va avec le déclencheur « date », et seulement avec lui.")


def _obligations(sections: Sections) -> Iterator[Problem]:
    if not sections.funding:
        return
    ranks = {term.rank for term in sections.funding.payment_schedule}
    for i, obligation in enumerate(sections.reporting_obligations):
        rank = obligation.unlocks_payment
        if rank is not None and rank not in ranks:
            place = f"call.reporting_obligations[{i}].unlocks_payment"
            yield Problem(place, f"Aucun versement n'a le rang {rank}.")
