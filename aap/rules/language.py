"""The shapes of a rule: frozen data, read from a document and written back to it unchanged."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

Scalar = Decimal | str | bool | date | datetime
Value = Scalar | tuple[Scalar, ...]


class Operator(enum.StrEnum):
    """The closed list of comparisons."""

    EQ = "eq"
    NE = "ne"
    LT = "lt"
    LTE = "lte"
    GT = "gt"
    GTE = "gte"
    IN = "in"
    NOT_IN = "not_in"
    INTERSECTS = "intersects"
    BETWEEN = "between"
    CONTAINS = "contains"
    FILLED = "filled"


ORDERED = frozenset({Operator.LT, Operator.LTE, Operator.GT, Operator.GTE})
TAKES_LIST = frozenset({Operator.IN, Operator.NOT_IN, Operator.INTERSECTS, Operator.BETWEEN})


@dataclass(frozen=True, slots=True)
class Literal:
    """A value written in the rule; numbers are ``Decimal``, lists are tuples."""

    value: Value


@dataclass(frozen=True, slots=True)
class Reference:
    """A value kept elsewhere in the document, such as ``scope.act_types`` or ``calendar.submission_deadline``."""

    ref: str


@dataclass(frozen=True, slots=True)
class OtherField:
    """The value of another fact."""

    field: str


Operand = Literal | Reference | OtherField


@dataclass(frozen=True, slots=True)
class Comparison:
    """One fact compared with an operand; ``filled`` alone has none."""

    field: str
    op: Operator
    operand: Operand | None


@dataclass(frozen=True, slots=True)
class AllOf:
    """Held when every rule is held."""

    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Held when one rule at least is held."""

    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class NamedCall:
    """A rule known by its name, with its parameters in the order written."""

    name: str
    arguments: tuple[tuple[str, Value], ...]

    def argument(self, name: str) -> Value | None:
        """Return the value of a parameter, or ``None`` when it was left out."""
        return dict(self.arguments).get(name)


Rule = Comparison | AllOf | AnyOf | NamedCall


class ParameterKind(enum.StrEnum):
    """What a parameter of a named rule may hold."""

    NUMBER = "number"
    CODE = "code"
    CODES = "codes"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One declared parameter of a named rule."""

    name: str
    kind: ParameterKind
    required: bool = True


@dataclass(frozen=True, slots=True)
class Signature:
    """A named rule as parsing knows it. ``label`` may hold ``{parameter}`` placeholders ("au moins {min} partenaires").

    ``facts`` lists what its computation reads, so that a page knows what the rule depends on.
    """

    name: str
    label: str
    parameters: tuple[Parameter, ...] = ()
    facts: tuple[str, ...] = ()


def parts(rule: Rule) -> Iterator[Comparison | NamedCall]:
    """Walk the leaves of a rule, in the order written."""
    if isinstance(rule, AllOf | AnyOf):
        for inner in rule.rules:
            yield from parts(inner)
    else:
        yield rule


def fields_of(rule: Rule) -> tuple[str, ...]:
    """List the facts that the comparisons of a rule read, without repetition, in the order written."""
    names: dict[str, None] = {}
    for leaf in parts(rule):
        if isinstance(leaf, Comparison):
            names[leaf.field] = None
            if isinstance(leaf.operand, OtherField):
                names[leaf.operand.field] = None
    return tuple(names)


def references_of(rule: Rule) -> tuple[str, ...]:
    """List the references of a rule, without repetition."""
    found = (leaf.operand for leaf in parts(rule) if isinstance(leaf, Comparison))
    return tuple(dict.fromkeys(operand.ref for operand in found if isinstance(operand, Reference)))


def to_data(rule: Rule) -> dict[str, Any]:
    """Write a rule back as the data it was read from: ``parse(to_data(rule)) == rule``."""
    match rule:
        case AllOf(rules):
            return {"all": [to_data(inner) for inner in rules]}
        case AnyOf(rules):
            return {"any": [to_data(inner) for inner in rules]}
        case NamedCall(name, arguments):
            return {"rule": name, **{key: _plain(value) for key, value in arguments}}
        case Comparison(field, op, operand):
            return {"field": field, "op": op.value, **_operand_data(operand)}


def _operand_data(operand: Operand | None) -> dict[str, Any]:
    match operand:
        case Literal(value):
            return {"value": _plain(value)}
        case Reference(ref):
            return {"ref": ref}
        case OtherField(field):
            return {"field2": field}
        case None:
            return {}


def _plain(value: Value) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal) and value.as_tuple().exponent == 0:
        return int(value)
    return value
