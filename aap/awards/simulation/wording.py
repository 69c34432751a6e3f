"""Settings in plain words."""

from __future__ import annotations

from aap.awards.simulation.settings import Dimension, QuotaRule, Sharing
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
