"""Codes and references: categories, zones, funders, contract forms, vocabularies."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from aap.calls.document.checks.sections import Sections
from aap.calls.document.form import PER_LINES
from aap.errors import Problem
from aap.referentials.vocabularies import Vocabulary, vocabulary

OUTSIDE = "hors_zone"
# Section and list of the scope -> the vocabulary that gives its words.
SCOPE_LISTS = ("act_types", "target_publics", "zone_types", "territory_levels", "applicant_types")


def check(sections: Sections) -> Iterator[Problem]:
    """Refuse codes on which sums, joins or payments depend and that nothing defines."""
    yield from _categories(sections)
    yield from _zones(sections)
    if sections.funding and sections.funding.cofunding:
        for i, code in enumerate(sections.funding.cofunding.accepted):
            yield from _known(f"call.funding.cofunding.accepted[{i}]", code, vocabulary("funder_kinds"))
    if sections.funding:
        for i, choice in enumerate(sections.funding.contract_form):
            yield from _known(f"call.funding.contract_form[{i}].form", choice.form, vocabulary("contract_forms"))
    outcomes = sections.values["admissibility"].outcomes if sections.read("admissibility") else ()
    for i, code in enumerate(outcomes):
        yield from _known(f"call.admissibility.outcomes[{i}]", code, vocabulary("admissibility_outcomes"))
    for i, annex in enumerate(sections.annexes):
        if annex.per is not None and annex.per not in PER_LISTS:
            expected = ", ".join(PER_LISTS)
            yield Problem(f"call.annexes[{i}].per", f"« {annex.per} » n'est pas une liste du dossier ({expected}).")
        if annex.required and annex.required_if is not None:
            yield Problem(
                f"call.annexes[{i}]", "Une pièce est exigée toujours (required) ou selon une règle (required_if)."
            )


PER_LISTS = ("partners", "cofunders", "sites", PER_LINES)


def warn(sections: Sections) -> Iterator[Problem]:
    """Point at codes without words and at a call that follows no indicator."""
    if sections.scope:
        for name in SCOPE_LISTS:
            known = vocabulary(name)
            for i, code in enumerate(getattr(sections.scope, name)):
                if code not in known:
                    yield Problem(
                        f"call.scope.{name}[{i}]",
                        f"« {code} » n'est pas dans la liste « {known.title} »{_nearest(code, known)} : "
                        "il sera montré tel quel.",
                    )
    if not sections.mandatory_indicators:
        yield Problem("call", "Aucun indicateur n'est rendu obligatoire (mandatory_indicators).")


def _categories(sections: Sections) -> Iterator[Problem]:
    if not sections.funding:
        return
    known = vocabulary("budget_categories")
    for code in sections.funding.eligible_costs:
        yield from _known(f"call.funding.eligible_costs.{code}", code, known)
    for i, rule in enumerate(sections.funding.category_rules):
        yield from _known(f"call.funding.category_rules[{i}].category", rule.category, known)


def _zones(sections: Sections) -> Iterator[Problem]:
    if not sections.funding or not sections.scope:
        return
    known = {*sections.scope.zone_types, OUTSIDE}
    for zone in sections.funding.max_rate_by_zone:
        if zone not in known:
            place = f"call.funding.max_rate_by_zone.{zone}"
            yield Problem(place, f"« {zone} » n'est pas une zone de l'appel (scope.zone_types), ni {OUTSIDE}.")


def _known(place: str, code: str, known: Vocabulary) -> Iterator[Problem]:
    if code not in known:
        yield Problem(place, f"« {code} » n'est pas dans la liste « {known.title} »{_nearest(code, known)}.")


def _nearest(code: str, known: Vocabulary) -> str:
    close = get_close_matches(code, known.codes, 1)
    return f" (vouliez-vous dire « {close[0]} » ?)" if close else ""
