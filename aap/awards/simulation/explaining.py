"""Refusals in plain words."""

from __future__ import annotations

from aap import french
from aap.awards.simulation.proposal import Refusal, RefusalReason

_SIMPLE = {
    RefusalReason.WITHDRAWN: "Désisté.",
    RefusalReason.INADMISSIBLE: "Irrecevable.",
    RefusalReason.INCOMPLETE: "Incomplet : il manque des grilles, le dossier n'est pas classé.",
    RefusalReason.ELIMINATED: "Éliminé par un plancher ou un seuil de l'appel.",
    RefusalReason.BELOW_TOTAL: "Sous la note minimale de ce scénario.",
}


def refusal_words(refusal: Refusal | None) -> str:
    """Say why a file is not funded; empty when it is."""
    if refusal is None:
        return ""
    if refusal.reason in _SIMPLE:
        return _SIMPLE[refusal.reason]
    named = french.listing([f"« {words} »" for words in refusal.quotas])
    if refusal.reason is RefusalReason.MAXIMUM:
        return f"{'Plafonds déjà pleins' if len(refusal.quotas) > 1 else 'Plafond déjà plein'} : {named}."
    if refusal.reason is RefusalReason.ENVELOPE:
        where = f"du volet {refusal.strand}" if refusal.strand else "de l'appel"
        return f"N'entre pas dans l'enveloppe {where} : il manque {french.euros(refusal.missing_eur)}."
    several = len(refusal.quotas) > 1
    lost = "des minima ne pourraient plus être atteints" if several else "un minimum ne pourrait plus être atteint"
    more = "" if refusal.missing_eur is None else f" Il faudrait {french.euros(refusal.missing_eur)} de plus."
    return f"S'il était financé, {lost} : {named}.{more}"
