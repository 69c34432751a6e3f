"""Rules in French: the words of fields and values come from the caller, the sentences from here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Protocol

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
    Scalar,
    Signature,
    Value,
)


class Words(Protocol):
    """What the wording asks of its caller."""

    def field(self, name: str) -> str:
        """Return the French label of a fact."""
        ...

    def value(self, field: str, value: object) -> str:
        """Return a value of a fact as a reader sees it ("Association", "12 %", "6 novembre 2023 à 12 h")."""
        ...

    def reference(self, ref: str) -> str:
        """Return the words of a reference ("la clôture des dépôts")."""
        ...

    def signature(self, name: str) -> Signature | None:
        """Return the signature of a named rule, for its label."""
        ...


class PlainWords:
    """Words without a document: codes stay codes, numbers take a decimal comma."""

    def field(self, name: str) -> str:
        """Return the name itself."""
        return name

    def value(self, field: str, value: object) -> str:  # noqa: ARG002  # part of the protocol
        """Write a value by its type."""
        if isinstance(value, bool):
            return "oui" if value else "non"
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, Decimal):
            return f"{value:f}".replace(".", ",")
        return str(value)

    def reference(self, ref: str) -> str:
        """Return the reference itself."""
        return ref

    def signature(self, name: str) -> Signature | None:  # noqa: ARG002  # part of the protocol
        """Know no named rule."""
        return None


PLAIN = PlainWords()

# Operator -> the condition as it is when held, then when broken, for one value.
_PHRASES = {
    Operator.EQ: ("est {}", "n'est pas {}"),
    Operator.NE: ("n'est pas {}", "est {}"),
    Operator.LT: ("est inférieur à {}", "n'est pas inférieur à {}"),
    Operator.LTE: ("ne dépasse pas {}", "dépasse {}"),
    Operator.GT: ("dépasse {}", "ne dépasse pas {}"),
    Operator.GTE: ("est d'au moins {}", "est inférieur à {}"),
    Operator.IN: ("est {}", "n'est pas {}"),
    Operator.NOT_IN: ("n'est pas {}", "est {}"),
    Operator.INTERSECTS: ("comprend {}", "ne comprend pas {}"),
    Operator.BETWEEN: ("est compris entre {}", "n'est pas compris entre {}"),
    Operator.CONTAINS: ("comprend {}", "ne comprend pas {}"),
    Operator.FILLED: ("est renseigné", "n'est pas renseigné"),
}
# The same for instants and days.
_TIME_PHRASES = {
    Operator.LT: ("est avant {}", "n'est pas avant {}"),
    Operator.LTE: ("n'est pas après {}", "est après {}"),
    Operator.GT: ("est après {}", "n'est pas après {}"),
    Operator.GTE: ("n'est pas avant {}", "est avant {}"),
}


def describe(rule: Rule, words: Words = PLAIN) -> str:
    """Word a rule as a condition: "« Catégorie de porteur » est Association ou CPTS"."""
    match rule:
        case AllOf(rules):
            return " et ".join(_bracketed(inner, words) for inner in rules)
        case AnyOf(rules):
            return " ou bien ".join(_bracketed(inner, words) for inner in rules)
        case Comparison():
            return clause(rule, words, holds=True)
        case NamedCall():
            return call_clause(rule, words)


def _bracketed(rule: Rule, words: Words) -> str:
    text = describe(rule, words)
    return f"({text})" if isinstance(rule, AllOf | AnyOf) and len(rule.rules) > 1 else text


def clause(rule: Comparison, words: Words, *, holds: bool) -> str:
    """Word a comparison as it is when it holds, or as it is when it does not."""
    timed = rule.op in _TIME_PHRASES and is_timed(rule.operand)
    phrase = (_TIME_PHRASES if timed else _PHRASES)[rule.op][0 if holds else 1]
    return f"{quoted(rule.field, words)} {phrase.format(_operand_words(rule, words))}"


def call_clause(rule: NamedCall, words: Words) -> str:
    """Word a named rule by its label and its parameters."""
    signature = words.signature(rule.name)
    if signature is None:
        return f"la règle {rule.name} est respectée"
    given = {key: value_words(key, value, words) for key, value in rule.arguments}
    known = {parameter.name: given.get(parameter.name, "–") for parameter in signature.parameters}
    return signature.label.format(**known)


def quoted(field: str, words: Words) -> str:
    """Return a field's label between French quotes."""
    return f"« {words.field(field)} »"


def is_timed(operand: Operand | None) -> bool:
    """Tell whether a comparison is about time, by what it is compared with."""
    if isinstance(operand, Reference):
        return operand.ref.startswith("calendar.")
    return isinstance(operand, Literal) and isinstance(operand.value, date)


def _operand_words(rule: Comparison, words: Words) -> str:
    match rule.operand:
        case None:
            return ""
        case OtherField(field):
            return f"égal à {quoted(field, words)}" if rule.op is Operator.EQ else quoted(field, words)
        case Reference(ref):
            return words.reference(ref)
        case Literal(value):
            if rule.op is Operator.BETWEEN and isinstance(value, tuple):
                return enumeration((words.value(rule.field, item) for item in value), "et")
            return value_words(rule.field, value, words)


def value_words(field: str, value: Value, words: Words) -> str:
    """Write a value, or the enumeration of several ("a, b ou c")."""
    items: tuple[Scalar, ...] = value if isinstance(value, tuple) else (value,)
    return enumeration((words.value(field, item) for item in items), "ou")


def enumeration(items: Iterable[str], last: str) -> str:
    """Join words as in a sentence."""
    listed = list(items)
    if len(listed) < 2:
        return "".join(listed)
    return f"{', '.join(listed[:-1])} {last} {listed[-1]}"
