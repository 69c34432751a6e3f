"""The rule about partners: how many, and of which categories at least one."""

from __future__ import annotations

from decimal import Decimal

from aap import french
from aap.applications.particulars import Particulars
from aap.referentials.vocabularies import labels
from aap.rules import NamedCall, Outcome, Verdict


def partners(call: NamedCall, particulars: Particulars) -> Verdict:
    """Judge the number of partners (``min``) and the presence of one of the categories (``including``)."""
    least, wanted = call.argument("min"), call.argument("including")
    count = len(particulars.partners)
    figures: dict[str, object] = {"count": count, "categories": tuple(p.category for p in particulars.partners)}
    faults: list[str] = []
    kept = [f"le dossier compte {french.plural(count, 'partenaire')}"]
    if isinstance(least, Decimal) and count < least:
        faults.append(
            f"le dossier compte {french.plural(count, 'partenaire')} au lieu de {french.number(least)} au moins"
        )
    if isinstance(wanted, tuple):
        codes = tuple(str(code) for code in wanted)
        found = [partner.name for partner in particulars.partners if partner.category in codes]
        names = french.listing(labels("partner_categories", codes), "ou")
        if found:
            kept.append(f"{french.listing(found)} relève des catégories demandées ({names})")
        else:
            faults.append(f"aucun partenaire ne relève des catégories demandées ({names})")
    if faults:
        outcome = Outcome.UNKNOWN if particulars.unfinished else Outcome.BROKEN
        return Verdict(outcome, tuple(faults), figures)
    return Verdict(Outcome.HELD, tuple(kept), figures)
