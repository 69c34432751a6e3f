"""The rules of the document: what they read exists, and can be compared so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from aap import rules
from aap.calls.document.checks.codes import SCOPE_LISTS
from aap.calls.document.checks.form import fields
from aap.calls.document.checks.sections import Sections
from aap.calls.document.facts import FACT_CODES, FACTS, LINE_FACTS, OPERATORS, Nature
from aap.calls.document.form import NATURES, PER_LINES, CheckMode
from aap.errors import Problem
from aap.referentials.vocabularies import VOCABULARIES, vocabulary
from aap.rules import Operator

Leaf = rules.Comparison | rules.NamedCall


def check(sections: Sections) -> Iterator[Problem]:
    """Refuse rules that read nothing or compare what cannot be; and ``auto`` conditions without a rule."""
    for i, rule in enumerate(sections.eligibility_rules):
        if (rule.mode is CheckMode.AUTO) != (rule.check is not None):
            yield Problem(
                f"call.eligibility_rules[{i}]", "Une règle auto a un contrôle (check), une règle manual n'en a pas."
            )
    natures = natures_of(sections)
    for place, leaf in leaves(sections):
        if isinstance(leaf, rules.NamedCall):
            yield from _named(place, leaf)
        else:
            known = {**natures, **LINE_FACTS} if _is_about_a_line(place, sections) else natures
            yield from _comparison(place, leaf, known, sections)


def warn(sections: Sections) -> Iterator[Problem]:
    """Point at conditions that no applicant of this call can meet."""
    for place, leaf in leaves(sections):
        if isinstance(leaf, rules.Comparison) and isinstance(leaf.operand, rules.Literal):
            allowed = _codes_of(leaf.field, sections)
            value = leaf.operand.value
            for code in value if isinstance(value, tuple) else (value,):
                if allowed and isinstance(code, str) and code not in allowed:
                    yield Problem(f"{place}.value", f"« {code} » n'est pas un choix de cet appel pour {leaf.field}.")


def natures_of(sections: Sections) -> dict[str, Nature]:
    """Nature of each fact that the rules of this call may read."""
    return {**{field.id: NATURES[field.type] for _, field in fields(sections)}, **FACTS}


def _is_about_a_line(place: str, sections: Sections) -> bool:
    """Tell whether a rule is judged for each expense line: that of an annex asked for lines."""
    of_lines = (f"call.annexes[{i}].required_if" for i, annex in enumerate(sections.annexes) if annex.per == PER_LINES)
    return place.startswith(tuple(of_lines))


def leaves(sections: Sections) -> Iterator[tuple[str, Leaf]]:
    """Walk the comparisons and named rules of the whole document, with their places."""
    for place, rule in texts(sections):
        yield from _leaves(place, rule)


def texts(sections: Sections) -> Iterator[tuple[str, rules.Rule]]:
    """Walk the rules of the document, with their places."""
    found: list[tuple[str, rules.Rule | None]] = []
    if sections.funding:
        funding = sections.funding
        found += [(f"call.funding.cap_eur[{i}].if", cap.condition) for i, cap in enumerate(funding.cap_eur)]
        found += [(f"call.funding.contract_form[{i}].if", row.condition) for i, row in enumerate(funding.contract_form)]
    found += [(f"call.eligibility_rules[{i}].check", rule.check) for i, rule in enumerate(sections.eligibility_rules)]
    for i, section in enumerate(sections.form.sections if sections.form else ()):
        found.append((f"call.form.sections[{i}].show_if", section.show_if))
    for place, field in fields(sections):
        found += [(f"{place}.show_if", field.show_if), (f"{place}.required_if", field.required_if)]
    found += [(f"call.annexes[{i}].required_if", annex.required_if) for i, annex in enumerate(sections.annexes)]
    yield from ((place, rule) for place, rule in found if rule is not None)


def _leaves(place: str, rule: rules.Rule) -> Iterator[tuple[str, Leaf]]:
    match rule:
        case rules.AllOf(inner):
            for i, item in enumerate(inner):
                yield from _leaves(f"{place}.all[{i}]", item)
        case rules.AnyOf(inner):
            for i, item in enumerate(inner):
                yield from _leaves(f"{place}.any[{i}]", item)
        case _:
            yield place, rule


def _named(place: str, call: rules.NamedCall) -> Iterator[Problem]:
    category = call.argument("category")
    if isinstance(category, str) and category not in vocabulary("budget_categories"):
        yield Problem(f"{place}.category", f"« {category} » n'est pas un poste de dépense.")


def _comparison(
    place: str, leaf: rules.Comparison, natures: dict[str, Nature], sections: Sections
) -> Iterator[Problem]:
    if leaf.field in LINE_FACTS and leaf.field not in natures:
        where = f"la condition d'une pièce par ligne de dépense (per: {PER_LINES})"
        yield Problem(f"{place}.field", f"« {leaf.field} » ne se lit que dans {where}.")
        return
    if leaf.field not in natures:
        if sections.read("form"):
            yield Problem(f"{place}.field", f"« {leaf.field} » n'est ni un fait connu, ni un champ du formulaire.")
        return
    nature = natures[leaf.field]
    if leaf.op not in OPERATORS[nature]:
        admitted = ", ".join(op.value for op in Operator if op in OPERATORS[nature])
        message = (
            f"« {leaf.field} » est {nature.value} : l'opérateur {leaf.op} ne s'y applique pas (admis : {admitted})."
        )
        yield Problem(f"{place}.op", message)
        return
    match leaf.operand:
        case rules.Literal(value):
            if not all(_is_of(item, nature) for item in (value if isinstance(value, tuple) else (value,))):
                yield Problem(f"{place}.value", f"« {leaf.field} » est {nature.value} : cette valeur n'en est pas.")
        case rules.OtherField(other):
            yield from _other(f"{place}.field2", other, nature, natures, sections)
        case rules.Reference(ref):
            yield from _reference(f"{place}.ref", ref, leaf, nature, sections)
        case None:
            pass


def _is_of(value: object, nature: Nature) -> bool:
    match nature:
        case Nature.NUMBER:
            return isinstance(value, Decimal)
        case Nature.FLAG:
            return isinstance(value, bool)
        case Nature.DAY | Nature.INSTANT:
            return isinstance(value, date)
        case _:
            return isinstance(value, str)


def _other(place: str, other: str, nature: Nature, natures: dict[str, Nature], sections: Sections) -> Iterator[Problem]:
    if other not in natures:
        if sections.read("form"):
            yield Problem(place, f"« {other} » n'est ni un fait connu, ni un champ du formulaire.")
    elif natures[other] is not nature:
        yield Problem(place, f"« {other} » est {natures[other].value} : il ne se compare pas à {nature.value}.")


def _reference(place: str, ref: str, leaf: rules.Comparison, nature: Nature, sections: Sections) -> Iterator[Problem]:
    root, _, name = ref.partition(".")
    listed = (root == "scope" and name in SCOPE_LISTS) or (root == "referentials" and name in VOCABULARIES)
    if listed:
        if leaf.op not in {Operator.IN, Operator.NOT_IN, Operator.INTERSECTS}:
            yield Problem(place, f"« {ref} » est une liste : l'opérateur {leaf.op} ne s'y compare pas.")
        return
    if root == "calendar" and not sections.calendar:
        return
    step = next((step for step in sections.calendar.steps if step.id == name), None) if sections.calendar else None
    if root != "calendar" or step is None:
        yield Problem(place, f"« {ref} » ne désigne rien dans ce document.")
    elif step.at is None or nature is not Nature.INSTANT:
        yield Problem(place, f"« {ref} » ne se compare qu'à une date et une heure, et l'étape doit en avoir une.")


def _codes_of(field_id: str, sections: Sections) -> tuple[str, ...]:
    """Codes that a field of this call can take; empty when they are not a list of the call."""
    ref = FACT_CODES.get(field_id)
    found = next((field for _, field in fields(sections) if field.id == field_id), None)
    if ref is None and found is not None:
        if found.options:
            return tuple(option.id for option in found.options)
        ref = found.ref
    root, _, name = (ref or "").partition(".")
    if root == "scope" and sections.scope:
        return tuple(getattr(sections.scope, name, ()))
    return vocabulary(name).codes if root == "referentials" and name in VOCABULARIES else ()
