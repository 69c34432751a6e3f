"""Settings in plain words."""

from __future__ import annotations

from collections.abc import Callable

from aap import french
from aap.awards.simulation.settings import Dimension, QuotaRule, Settings, Sharing
from aap.scoring.selection.portfolio import Measure

DIMENSION_WORDS = {
    Dimension.STRAND: "Volet",
    Dimension.PUBLIC: "Public",
    Dimension.ZONE: "Zone",
    Dimension.DEPARTMENT: "Département",
    Dimension.ORGANISATION: "Organisme",
    Dimension.CATEGORY: "Catégorie d'organisme",
}
_SHARING_WORDS = {
    Sharing.SEPARATE: "Chaque volet garde son enveloppe",
    Sharing.LIMITED: "Un volet peut recevoir des autres, dans une limite",
    Sharing.OPEN: "Les volets partagent toute l'enveloppe",
}


def sharing_words(sharing: Sharing) -> str:
    """Say how strands share the envelope."""
    return _SHARING_WORDS[sharing]


def quota_words(rule: QuotaRule, label: str) -> str:
    """Name a quota: "Public : Personnes âgées, en euros"."""
    unit = "en dossiers" if rule.measure is Measure.NUMBER else "en euros"
    return f"{DIMENSION_WORDS[rule.dimension]} : {label}, {unit}"


def settings_words(settings: Settings, label_of: Callable[[str], str]) -> list[tuple[str, str]]:
    """Say settings as facts, each with its name; ``label_of`` gives the words of a group (``public:ald``)."""
    told = [("Enveloppe de l'appel", french.euros(settings.envelope_eur))]
    if settings.strands:
        told.append(("Volets", sharing_words(settings.sharing)))
    if settings.sharing is not Sharing.OPEN:
        for share in settings.strands:
            words = french.euros(share.envelope_eur)
            if settings.sharing is Sharing.LIMITED and share.may_receive_eur:
                words += f", et jusqu'à {french.euros(share.may_receive_eur)} des autres"
            told.append((f"Volet {share.key}", words))
    told += [(quota_words(rule, label_of(rule.group)), _bounds(rule)) for rule in settings.quotas]
    if settings.rates:
        least = f", jamais moins de {french.euros(settings.least_eur)}" if settings.least_eur else ""
        told.append(("Niveaux réduits", french.listing([french.percent(rate) for rate in settings.rates]) + least))
    if settings.least_total is not None:
        told.append(("Note minimale", french.number(settings.least_total)))
    told += [(f"Montant retenu, {one.reference}", french.euros(one.amount_eur)) for one in settings.retained]
    return told


def _bounds(rule: QuotaRule) -> str:
    write = french.number if rule.measure is Measure.NUMBER else french.euros
    bounds = [("au moins", rule.minimum), ("au plus", rule.maximum)]
    said = [f"{word} {write(bound)}" for word, bound in bounds if bound is not None]
    return french.listing(said) or "compté, sans limite"
