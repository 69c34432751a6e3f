"""What a rule says of the facts: held, broken, or unknown as long as a fact is missing."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from aap.rules.language import (
    AllOf,
    AnyOf,
    Comparison,
    Literal,
    NamedCall,
    Operand,
    Operator,
    OtherField,
    Reference,
    Rule,
    Signature,
)
from aap.rules.wording import PLAIN, Words, call_clause, clause, quoted

Facts = Mapping[str, object]
References = Callable[[str], object]


class Outcome(enum.StrEnum):
    """Three answers: a missing fact is never taken for a held rule."""

    HELD = "held"
    BROKEN = "broken"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer, the French clauses that explain it and the facts it was read from."""

    outcome: Outcome
    clauses: tuple[str, ...]
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def because(self) -> str:
        """The explanation as one French sentence, without its full stop ("parce que… et que…")."""
        return "parce " + " et ".join(_that(text) for text in self.clauses)

    @property
    def is_held(self) -> bool:
        """Tell whether the rule is held."""
        return self.outcome is Outcome.HELD


@dataclass(frozen=True, slots=True)
class NamedRule:
    """A named rule with its computation, registered by the domain that knows how to compute it."""

    signature: Signature
    compute: Callable[[NamedCall, Facts, References], Verdict]


def held(because: str, facts: Facts | None = None) -> Verdict:
    """Say that a rule is held; ``because`` is a French clause ("le montant demandé est sous le plafond")."""
    return Verdict(Outcome.HELD, (because,), dict(facts or {}))


def broken(because: str, facts: Facts | None = None) -> Verdict:
    """Say that a rule is broken; ``because`` is a French clause."""
    return Verdict(Outcome.BROKEN, (because,), dict(facts or {}))


def unknown(because: str, facts: Facts | None = None) -> Verdict:
    """Say that a fact is missing; ``because`` is a French clause."""
    return Verdict(Outcome.UNKNOWN, (because,), dict(facts or {}))


def evaluate(
    rule: Rule,
    facts: Facts,
    refs: References,
    named: Mapping[str, NamedRule] | None = None,
    words: Words = PLAIN,
) -> Verdict:
    """Judge the facts. ``refs`` returns the value of a reference or raises ``KeyError``.

    An absent fact, a ``None`` or a value of another nature makes the comparison unknown. ``all`` and ``any`` follow
    the three-valued logic of Kleene: one broken rule breaks ``all``, one held rule holds ``any``, whatever is missing.
    """
    match rule:
        case AllOf(rules):
            return _together([evaluate(inner, facts, refs, named, words) for inner in rules], Outcome.BROKEN)
        case AnyOf(rules):
            return _together([evaluate(inner, facts, refs, named, words) for inner in rules], Outcome.HELD)
        case NamedCall(name):
            known = (named or {}).get(name)
            if known is None:
                return unknown(f"{call_clause(rule, words)} : cela n'a pas pu être calculé")
            return known.compute(rule, facts, refs)
        case Comparison():
            return _compare(rule, facts, refs, words)


def _together(verdicts: list[Verdict], decisive: Outcome) -> Verdict:
    """Combine: the decisive outcome wins alone, then unknown, then the other one."""
    other = Outcome.HELD if decisive is Outcome.BROKEN else Outcome.BROKEN
    found = {verdict.outcome for verdict in verdicts}
    outcome = next(o for o in (decisive, Outcome.UNKNOWN, other) if o in found)
    speaking = [verdict for verdict in verdicts if verdict.outcome is outcome]
    clauses = tuple(dict.fromkeys(text for verdict in speaking for text in verdict.clauses))
    return Verdict(outcome, clauses, {name: value for verdict in verdicts for name, value in verdict.facts.items()})


_ABSENT = object()


def _compare(rule: Comparison, facts: Facts, refs: References, words: Words) -> Verdict:
    left = facts.get(rule.field, _ABSENT)
    if left is _ABSENT or (left is None and rule.op is not Operator.FILLED):
        return unknown(f"il reste à renseigner {quoted(rule.field, words)}", {rule.field: None})
    used: dict[str, object] = {rule.field: left}
    right = _operand(rule.operand, facts, refs)
    if isinstance(rule.operand, OtherField):
        used[rule.operand.field] = None if right is _ABSENT else right
    if right is _ABSENT:
        return unknown(_missing_operand(rule.operand, words), used)
    try:
        holds = _TESTS[rule.op](_comparable(left), _comparable(right))
    except TypeError:
        return unknown(f"{quoted(rule.field, words)} n'est pas de la nature attendue", used)
    if rule.op is Operator.IN and holds and isinstance(left, str):
        rule = Comparison(rule.field, Operator.EQ, Literal(left))  # which of the list it is says all
    text = clause(rule, words, holds=holds)
    shown = "" if rule.op is Operator.FILLED or _says_all(rule, holds=holds) else _shown(rule, left, words)
    return Verdict(Outcome.HELD if holds else Outcome.BROKEN, (text + shown,), used)


def _operand(operand: Operand | None, facts: Facts, refs: References) -> object:
    match operand:
        case Literal(value):
            return value
        case Reference(ref):
            try:
                found = refs(ref)
            except KeyError:
                return _ABSENT
            return _ABSENT if found is None else found
        case OtherField(name):
            found = facts.get(name)
            return _ABSENT if found is None else found
        case None:
            return None


def _missing_operand(operand: Operand | None, words: Words) -> str:
    if isinstance(operand, Reference):
        return f"l'appel ne fixe pas {words.reference(operand.ref)}"
    name = operand.field if isinstance(operand, OtherField) else ""
    return f"il reste à renseigner {quoted(name, words)}"


def _says_all(rule: Comparison, *, holds: bool) -> bool:
    """Tell whether the clause already holds the value, as "est Association" does."""
    return rule.op is Operator.EQ and holds and isinstance(rule.operand, Literal)


def _shown(rule: Comparison, value: object, words: Words) -> str:
    if isinstance(value, str | bool | Decimal | Fraction | int | date):
        return f" (valeur : {words.value(rule.field, value)})"
    if isinstance(value, list | tuple | set | frozenset):
        items = [words.value(rule.field, item) for item in _in_order(value) if isinstance(item, str | Decimal)]
        if len(items) == len(value):
            return f" (valeurs : {', '.join(items)})" if items else " (aucune valeur)"
    return ""


def _in_order(values: list[object] | tuple[object, ...] | set[object] | frozenset[object]) -> list[object]:
    return list(values) if isinstance(values, list | tuple) else sorted(values, key=str)


def _comparable(value: object) -> object:
    """Bring numbers to one exact type and lists to tuples, so that 12, Decimal("12.0") and 24/2 are the same."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | Decimal):
        return Fraction(value)
    if isinstance(value, list | tuple | set | frozenset):
        return tuple(_comparable(item) for item in value)
    return value


def _nature(value: object) -> type[object]:
    for kind in (bool, Fraction, str, datetime, date, tuple):
        if isinstance(value, kind):
            return kind
    message = f"a rule compares no {type(value).__name__}"
    raise TypeError(message)


def _same(left: object, right: object) -> bool:
    if _nature(left) is not _nature(right):
        message = "values of two natures"
        raise TypeError(message)
    if isinstance(left, tuple) and isinstance(right, tuple):
        return set(left) == set(right)
    if isinstance(left, datetime) and isinstance(right, datetime):
        return not left < right and not left > right  # unlike ==, refuses to compare naive with aware
    return left == right


def _before(left: object, right: object) -> bool:
    if _nature(left) is not _nature(right) or isinstance(left, bool | str | tuple):
        message = "values that have no order"
        raise TypeError(message)
    return bool(left < right)  # type: ignore[operator]  # same nature, and one that has an order


def _member(left: object, right: object) -> bool:
    if not isinstance(right, tuple) or isinstance(left, tuple):
        message = "one value and a list are expected"
        raise TypeError(message)
    return any(_same(left, item) for item in right)


def _meets(left: object, right: object) -> bool:
    if not isinstance(left, tuple) or not isinstance(right, tuple):
        message = "two lists are expected"
        raise TypeError(message)
    return bool(set(left) & set(right))


def _between(left: object, right: object) -> bool:
    if not isinstance(right, tuple) or len(right) != 2:
        message = "two bounds are expected"
        raise TypeError(message)
    return not _before(left, right[0]) and not _before(right[1], left)


_TESTS: Mapping[Operator, Callable[[object, object], bool]] = {
    Operator.EQ: _same,
    Operator.NE: lambda left, right: not _same(left, right),
    Operator.LT: _before,
    Operator.LTE: lambda left, right: not _before(right, left),
    Operator.GT: lambda left, right: _before(right, left),
    Operator.GTE: lambda left, right: not _before(left, right),
    Operator.IN: _member,
    Operator.NOT_IN: lambda left, right: not _member(left, right),
    Operator.INTERSECTS: _meets,
    Operator.BETWEEN: _between,
    Operator.CONTAINS: lambda left, right: _member(right, left),
    Operator.FILLED: lambda left, _right: left is not None and left not in ("", ()),
}


def _that(text: str) -> str:
    """Put "que" before a clause, elided where French asks for it."""
    return f"qu'{text}" if text[:1].lower() in "aeiouyéèêàâîôûœ" else f"que {text}"
