"""The rules about money: ceiling, rate of the zone, shares by category, a line over an amount. Exact arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

from aap import french
from aap.applications.particulars import Cap, Particulars, ShareRule, SiteFacts, Terms
from aap.referentials.vocabularies import label
from aap.rules import NamedCall, Outcome, Verdict, broken, evaluate, held, unknown

OUT_OF_ZONE = "hors_zone"
References = Callable[[str], object]


def within_cap(particulars: Particulars, terms: Terms, refs: References) -> Verdict:
    """Judge the requested amount against the first ceiling whose condition holds."""
    cap, why = applicable_cap(particulars, terms, refs)
    if particulars.requested_eur <= 0:
        return unknown("aucun montant n'est encore demandé à l'agence")
    if cap is not None:
        return _under_cap(particulars.requested_eur, cap)
    if why:
        return unknown(why)
    return held("aucun plafond ne s'applique à ce dossier", {"requested_eur": particulars.requested_eur})


def applicable_cap(particulars: Particulars, terms: Terms, refs: References) -> tuple[Cap | None, str]:
    """Return the ceiling of this file: the first whose condition holds; or none, and why it is not known."""
    for cap in terms.caps:
        applies = _applies(cap, particulars, refs)
        if applies.outcome is Outcome.UNKNOWN:
            return None, f"on ne connaît pas encore le plafond qui s'applique ({'; '.join(applies.clauses)})"
        if applies.outcome is Outcome.HELD:
            return cap, ""
    return None, ""


def _applies(cap: Cap, particulars: Particulars, refs: References) -> Verdict:
    if cap.condition is None:
        return held("ce plafond s'applique à tous")
    return evaluate(cap.condition, particulars.values, refs)


def _under_cap(requested: Decimal, cap: Cap) -> Verdict:
    figures = {"requested_eur": requested, "cap_eur": cap.max_eur, "cap_label": cap.label}
    asked, ceiling = french.euros(requested), french.euros(cap.max_eur)
    if requested <= cap.max_eur:
        return held(f"le montant demandé ({asked}) ne dépasse pas le plafond de {ceiling} ({cap.label})", figures)
    over = french.euros(requested - cap.max_eur)
    return broken(f"le montant demandé ({asked}) dépasse de {over} le plafond de {ceiling} ({cap.label})", figures)


def within_rate(particulars: Particulars, terms: Terms) -> Verdict:
    """Judge the requested share of the total cost against the largest rate of the zone that the basis selects."""
    if particulars.total_expenses <= 0:
        return unknown("aucune dépense n'est encore chiffrée")
    if particulars.requested_eur <= 0:
        return unknown("aucun montant n'est encore demandé à l'agence")
    if not terms.rates:
        return held("aucun taux maximal ne s'applique à cet appel")
    zone, because = deciding_zone(particulars.sites, terms)
    if zone is None:
        return unknown(because)
    ceiling = rate_of(zone, terms)
    asked = Fraction(particulars.requested_eur) / Fraction(particulars.total_expenses)
    figures: dict[str, object] = {
        "zone": zone,
        "requested_rate": asked,
        "max_rate": ceiling,
        "requested_eur": particulars.requested_eur,
        "total_expenses": particulars.total_expenses,
    }
    verb = "ne dépasse pas" if asked <= ceiling else "dépasse"
    text = (
        f"le taux demandé ({french.percent(asked, 2)} : {french.euros(particulars.requested_eur)} sur "
        f"{french.euros(particulars.total_expenses)}) {verb} {french.percent(ceiling)}, "
        f"maximum de la zone « {label('zone_types', zone)} » ({because})"
    )
    return held(text, figures) if asked <= ceiling else broken(text, figures)


def rate_of(zone: str, terms: Terms) -> Fraction:
    """Return the largest rate of a zone; a zone the call does not list is treated as out of zone."""
    return terms.rates.get(zone, terms.rates.get(OUT_OF_ZONE, Fraction(0)))


def deciding_zone(sites: tuple[SiteFacts, ...], terms: Terms) -> tuple[str | None, str]:
    """Return the zone whose rate applies and a French explanation with the figures that decide.

    ``best_zone_of_sites``: the most favourable zone of any site. ``best_zone_with_half_of_capacity``: the most
    favourable zone such that the sites in it, or in a more favourable one, hold at least half of the capacity.
    """
    if not sites:
        return None, "aucun site n'est encore indiqué"
    missing = [site.name for site in sites if site.zone is None]
    if missing:
        return None, f"on ne connaît pas encore la zone de {french.listing(missing)}"
    zones = sorted({site.zone or OUT_OF_ZONE for site in sites}, key=lambda zone: (-rate_of(zone, terms), zone))
    if terms.rate_basis == "best_zone_of_sites":
        return zones[0], "zone la plus favorable parmi les sites"
    return _zone_of_half(sites, zones, terms)


def _zone_of_half(sites: tuple[SiteFacts, ...], zones: list[str], terms: Terms) -> tuple[str | None, str]:
    unknown_capacity = [site.name for site in sites if site.capacity is None]
    total = sum(site.capacity or 0 for site in sites)
    if unknown_capacity:
        return None, f"la capacité n'est pas renseignée pour {french.listing(unknown_capacity)}"
    if total <= 0:
        return None, "la capacité totale des sites est nulle"
    zone, reached = zones[-1], 0
    for zone in zones:
        rate = rate_of(zone, terms)
        reached = sum(site.capacity or 0 for site in sites if rate_of(site.zone or OUT_OF_ZONE, terms) >= rate)
        if 2 * reached >= total:
            break
    share = french.percent(Fraction(reached, total), 1)
    return zone, (
        f"les sites de cette zone ou d'une zone plus favorable portent {french.number(reached)} places sur "
        f"{french.number(total)}, soit {share}"
    )


def category_shares(particulars: Particulars, terms: Terms) -> Verdict:
    """Judge each expense category against its limits; every limit that is passed is told."""
    if particulars.total_expenses <= 0 or particulars.requested_eur <= 0:
        return unknown("le budget n'est pas encore rempli")
    faults: list[str] = []
    kept: list[str] = []
    figures: dict[str, object] = {}
    for rule in terms.shares:
        for name, text, fine in _judge_shares(rule, particulars, figures):
            (kept if fine else faults).append(f"{name} {text}")
    if faults:
        return Verdict(Outcome.BROKEN, tuple(faults), figures)
    return Verdict(Outcome.HELD, tuple(kept) or ("aucune limite ne s'applique par poste",), figures)


def _judge_shares(rule: ShareRule, particulars: Particulars, figures: dict[str, object]) -> list[tuple[str, str, bool]]:
    spent = sum((line.amount_eur for line in particulars.lines if line.category == rule.category), Decimal(0))
    asked = sum((line.requested_eur for line in particulars.lines if line.category == rule.category), Decimal(0))
    of_subsidy = Fraction(asked) / Fraction(particulars.requested_eur)
    of_total = Fraction(spent) / Fraction(particulars.total_expenses)
    figures[f"{rule.category}.share_of_subsidy"] = of_subsidy
    figures[f"{rule.category}.share_of_total"] = of_total
    name = f"le poste « {label('budget_categories', rule.category)} »"
    limits = (
        (rule.max_of_subsidy, of_subsidy, True, "du montant demandé"),
        (rule.min_of_subsidy, of_subsidy, False, "du montant demandé"),
        (rule.max_of_total, of_total, True, "du coût total"),
        (rule.min_of_total, of_total, False, "du coût total"),
    )
    found = []
    for limit, share, is_max, what in limits:
        if limit is not None:
            fine = share <= limit if is_max else share >= limit
            bound = f"{'au plus' if is_max else 'au moins'} {french.percent(limit)}"
            found.append((name, f"représente {french.percent(share, 2)} {what} ({bound})", fine))
    return found


def line_over(call: NamedCall, particulars: Particulars) -> Verdict:
    """Tell whether an expense line (of a category, when one is named) is over an amount."""
    category, limit = call.argument("category"), call.argument("amount_eur")
    if not isinstance(limit, Decimal):
        return unknown("le seuil de la dépense n'est pas connu")
    of = f" du poste « {label('budget_categories', str(category))} »" if category else ""
    over = [
        line
        for line in particulars.lines
        if (category is None or line.category == category) and line.amount_eur > limit
    ]
    if not over:
        return broken(f"aucune dépense{of} ne dépasse {french.euros(limit)}")
    names = french.listing([f"{line.label} ({french.euros(line.amount_eur)})" for line in over])
    verb = "dépasse" if len(over) == 1 else "dépassent"
    return held(f"{names} {verb} {french.euros(limit)}{of}", {"lines": tuple(line.key for line in over)})
