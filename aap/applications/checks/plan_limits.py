"""The funding rules of a call, made ready for one file: which ceiling, which rate, which shares, which quotes.

What depends on the rest of the file (its sites, its applicant) is decided here, once; what depends on the budget alone
is left to ``plan`` and, in the browser, to ``static/js/funding.js``: both read the same ``Limit``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from aap import french
from aap.applications.checks.funding import applicable_cap, deciding_zone, rate_of
from aap.applications.particulars import Particulars, QuoteTerm, ShareRule, Terms
from aap.applications.plan import cents
from aap.referentials.vocabularies import label as words_of

References = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Limit:
    """One funding rule. ``bound`` is a ratio, or a number of cents (denominator 1).

    ``texts`` holds a sentence by outcome (``held``, ``broken``, ``empty``…) with ``{figures}`` to fill in. ``unknown``,
    when not empty, says why the rule cannot be judged whatever the budget.
    """

    key: str
    kind: str
    label: str
    texts: Mapping[str, str] = field(default_factory=dict)
    bound: Fraction = Fraction(0)
    category: str = ""
    of_subsidy: bool = False
    is_max: bool = True
    unknown: str = ""

    def as_data(self) -> dict[str, object]:
        """Return the rule as JSON for the browser: exact numbers as text."""
        return {
            "key": self.key,
            "kind": self.kind,
            "label": self.label,
            "texts": dict(self.texts),
            "bound": [str(self.bound.numerator), str(self.bound.denominator)],
            "category": self.category,
            "ofSubsidy": self.of_subsidy,
            "isMax": self.is_max,
            "unknown": self.unknown,
        }


_BOTH = "{expenses} de dépenses, {income} de financements."
BALANCE = Limit(
    "balance",
    "balance",
    "Dépenses égales aux financements",
    {
        "empty": "Chiffrez les dépenses et leurs financements.",
        "held": _BOTH,
        "short": "Il manque {gap} de financement : " + _BOTH,
        "over": "Les financements dépassent les dépenses de {gap} : " + _BOTH,
    },
)
ASKED = Limit(
    "asked",
    "asked",
    "Subvention du plan égale à la somme demandée",
    {
        "empty": "Indiquez la part demandée sur chaque dépense, puis la même somme, en subvention, dans le plan.",
        "held": "{requested} demandés sur les dépenses, {subsidy} de subvention dans le plan.",
        "broken": "{requested} demandés sur les dépenses, {subsidy} de subvention dans le plan : {gap} d'écart.",
    },
)
EARMARKS = Limit(
    "earmarks",
    "earmarks",
    "Financements réservés à des dépenses",
    {
        "none": "Aucun financement n'est réservé à une dépense.",
        "held": "{reserved} réservés tiennent dans les dépenses citées.",
        "broken": "{reserved} réservés, dont {gap} de trop : les dépenses citées, une fois retirée la part demandée à "
        "l'agence, n'en absorbent que {placed}.",
    },
)
COFUNDING = Limit(
    "cofunding",
    "cofunding",
    "D'autres financements que la subvention",
    {
        "empty": "Inscrivez chaque financeur dans le plan de financement.",
        "held": "{others} viennent d'autres financeurs ou de vos fonds propres.",
        "broken": "Le plan ne compte que la subvention de l'agence.",
    },
)


def limits_of(particulars: Particulars, terms: Terms, refs: References) -> tuple[Limit, ...]:
    """Return the rules about money that this file must hold, in the order people read a budget."""
    limits = [BALANCE, ASKED]
    limits.extend(_cap(particulars, terms, refs))
    if terms.rates:
        limits.append(_rate(particulars, terms))
    for rule in terms.shares:
        limits.extend(_shares(rule))
    if terms.own_share_min:
        limits.append(_own(terms.own_share_min))
    if terms.cofunding_required:
        limits.append(COFUNDING)
    limits.extend(_quote(term) for term in terms.quotes)
    return (*limits, EARMARKS)


def _cap(particulars: Particulars, terms: Terms, refs: References) -> Iterator[Limit]:
    title = "Plafond de la subvention"
    cap, why = applicable_cap(particulars, terms, refs)
    if cap is None:
        if why:
            yield Limit("cap", "cap", title, unknown=why)
        return
    named = f"{french.euros(cap.max_eur)} ({cap.label})"
    texts = {
        "empty": f"Rien n'est encore demandé à l'agence. Plafond : {named}.",
        "held": f"{{requested}} demandés, au plus {named}.",
        "broken": f"{{requested}} demandés, {{over}} de plus que le plafond de {named}.",
    }
    yield Limit("cap", "cap", title, texts, Fraction(cents(cap.max_eur)))


def _rate(particulars: Particulars, terms: Terms) -> Limit:
    title = "Part de l'agence dans le coût total"
    zone, because = deciding_zone(particulars.sites, terms)
    if zone is None:
        return Limit("rate", "rate", title, unknown=because)
    bound = rate_of(zone, terms)
    named = f"{french.percent(bound)}, maximum de la zone « {words_of('zone_types', zone)} » ({because})"
    texts = {
        "empty": f"À calculer dès que les dépenses et la part demandée sont chiffrées : au plus {named}.",
        "held": f"{{share}} ({{requested}} sur {{expenses}}), au plus {named}.",
        "broken": f"{{share}} ({{requested}} sur {{expenses}}), {{over}} de plus que {named}.",
    }
    return Limit("rate", "rate", title, texts, bound)


def _shares(rule: ShareRule) -> Iterator[Limit]:
    name = words_of("budget_categories", rule.category)
    bounds = (
        ("max-of-subsidy", rule.max_of_subsidy, True, True),
        ("min-of-subsidy", rule.min_of_subsidy, True, False),
        ("max-of-total", rule.max_of_total, False, True),
        ("min-of-total", rule.min_of_total, False, False),
    )
    for key, bound, of_subsidy, is_max in bounds:
        if bound is None:
            continue
        of = "du montant demandé" if of_subsidy else "du coût total"
        figures = f"{{share}} {of}, soit {{part}} sur {{base}}"
        texts = {
            "empty": f"À calculer dès que {'la part demandée est chiffrée' if of_subsidy else 'les dépenses le sont'}.",
            "held": f"{figures}.",
            "broken": f"{figures} : {{gap}} {'au-delà' if is_max else 'en dessous'} de la limite.",
        }
        yield Limit(
            f"share-{rule.category}-{key}",
            "share",
            f"{name} : {'au plus' if is_max else 'au moins'} {french.percent(bound)} {of}",
            texts,
            bound,
            rule.category,
            of_subsidy,
            is_max,
        )


def _own(least: Fraction) -> Limit:
    figures = "{share} du coût total, soit {own} sur {expenses}"
    texts = {
        "empty": "À calculer dès que les dépenses sont chiffrées.",
        "held": f"{figures}.",
        "broken": f"{figures} : il manque {{gap}}.",
    }
    return Limit("own", "own", f"Autofinancement : au moins {french.percent(least)} du coût total", texts, least)


def _quote(term: QuoteTerm) -> Limit:
    of = f" ({words_of('budget_categories', term.category)})" if term.category else ""
    texts = {
        "empty": "Aucune dépense n'est encore chiffrée.",
        "none": "Aucune dépense ne dépasse ce montant.",
        "held": f"Devis {'joint' if term.per_line else 'joint ou cité'} : {{names}}.",
        "broken": f"Sans devis{' joint' if term.per_line else ''} : {{names}}.",
    }
    over: Decimal = term.over_eur
    title = f"Devis au-delà de {french.euros(over)}{of}"
    return Limit(f"quotes-{term.annex}", "quotes", title, texts, Fraction(cents(over)), term.category or "")
