"""Reading a rule from the data of a document, every fault told at once with its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, TypeGuard

from aap.errors import InvalidError, Problem
from aap.rules.language import (
    ORDERED,
    TAKES_LIST,
    AllOf,
    AnyOf,
    Comparison,
    Literal,
    NamedCall,
    Operand,
    Operator,
    OtherField,
    ParameterKind,
    Reference,
    Rule,
    Scalar,
    Signature,
    Value,
)

DEEPEST = 6
_OPERANDS = ("value", "ref", "field2")
_FAILED = NamedCall("", ())


def parse(data: object, place: str = "", signatures: Mapping[str, Signature] | None = None) -> Rule:
    """Read a rule. ``place`` prefixes the place of each problem; without ``signatures`` any named rule is accepted.

    Raises:
        InvalidError: with every problem found in the rule.

    """
    reader = _Reader(signatures)
    rule = reader.rule(data, place, 1)
    if reader.problems:
        raise InvalidError("Cette règle n'est pas lisible.", tuple(reader.problems), code="regle-invalide")
    return rule


class _Reader:
    """Collects problems while it reads; a part that cannot be read becomes a placeholder that never leaves here."""

    def __init__(self, signatures: Mapping[str, Signature] | None) -> None:
        self.signatures = signatures
        self.problems: list[Problem] = []

    def refuse(self, place: str, message: str) -> None:
        self.problems.append(Problem(place, message))

    def rule(self, data: object, place: str, depth: int) -> Rule:
        if not isinstance(data, Mapping) or not data:
            self.refuse(place, "Une règle s'écrit {field, op, value}, {all: […]}, {any: […]} ou {rule: …}.")
            return _FAILED
        if depth > DEEPEST:
            self.refuse(place, f"Une règle compte au plus {DEEPEST} niveaux.")
            return _FAILED
        heads = [key for key in ("all", "any", "rule", "field") if key in data]
        if len(heads) != 1:
            self.refuse(place, "Une règle commence par une seule des clés field, all, any ou rule.")
            return _FAILED
        if heads[0] == "field":
            return self.comparison(data, place)
        if heads[0] == "rule":
            return self.call(data, place)
        return self.group(heads[0], data, place, depth)

    def group(self, head: str, data: Mapping[Any, Any], place: str, depth: int) -> Rule:
        self.refuse_others(data, {head}, place)
        inner = data[head]
        if not _is_list(inner) or not inner:
            self.refuse(_under(place, head), "Une liste d'au moins une règle est attendue.")
            return _FAILED
        rules = tuple(self.rule(item, f"{_under(place, head)}[{i}]", depth + 1) for i, item in enumerate(inner))
        return AllOf(rules) if head == "all" else AnyOf(rules)

    def comparison(self, data: Mapping[Any, Any], place: str) -> Rule:
        self.refuse_others(data, {"field", "op", *_OPERANDS}, place)
        field = self.name(data.get("field"), _under(place, "field"))
        try:
            op = Operator(str(data.get("op")))
        except ValueError:
            self.refuse(
                _under(place, "op") if "op" in data else place,
                f"Opérateur inconnu{_suggestion(str(data.get('op')), [op.value for op in Operator])}. "
                f"Opérateurs admis : {', '.join(op.value for op in Operator)}.",
            )
            return _FAILED
        return Comparison(field, op, self.operand(op, data, place))

    def operand(self, op: Operator, data: Mapping[Any, Any], place: str) -> Operand | None:
        given = [key for key in _OPERANDS if key in data]
        if op is Operator.FILLED:
            if given:
                self.refuse(_under(place, given[0]), "L'opérateur filled ne se compare à rien.")
            return None
        if len(given) != 1:
            self.refuse(place, "Une comparaison a une seule des clés value, ref ou field2.")
            return None
        where = _under(place, given[0])
        if given[0] == "value":
            return self.literal(op, data["value"], where)
        name = self.name(data[given[0]], where)
        if given[0] == "ref":
            return Reference(name)
        if op in TAKES_LIST - {Operator.INTERSECTS}:
            self.refuse(where, f"L'opérateur {op} ne compare pas deux champs.")
        return OtherField(name)

    def literal(self, op: Operator, data: object, place: str) -> Literal | None:
        value = self.value(data, place)
        if value is None:
            return None
        if op in TAKES_LIST and not isinstance(value, tuple):
            self.refuse(place, f"L'opérateur {op} attend une liste.")
        elif op not in TAKES_LIST and isinstance(value, tuple):
            self.refuse(place, f"L'opérateur {op} attend une seule valeur.")
        elif isinstance(value, tuple) and not value:
            self.refuse(place, "La liste est vide.")
        elif op is Operator.BETWEEN and isinstance(value, tuple):
            self.bounds(value, place)
        elif op in ORDERED and isinstance(value, str | bool):
            self.refuse(place, f"L'opérateur {op} attend un nombre ou une date.")
        return Literal(value)

    def bounds(self, value: tuple[Scalar, ...], place: str) -> None:
        if (
            len(value) != 2
            or any(isinstance(item, str | bool) for item in value)
            or type(value[0]) is not type(value[1])
        ):
            self.refuse(place, "L'opérateur between attend deux nombres ou deux dates.")
        elif value[0] > value[1]:  # type: ignore[operator]  # same type, checked just above
            self.refuse(place, "La première borne dépasse la seconde.")

    def value(self, data: object, place: str) -> Value | None:
        if _is_list(data):
            items = [self.scalar(item, f"{place}[{i}]") for i, item in enumerate(data)]
            return tuple(item for item in items if item is not None)
        return self.scalar(data, place)

    def scalar(self, data: object, place: str) -> Scalar | None:
        if isinstance(data, bool | str | Decimal | date | datetime):
            return data
        if isinstance(data, int):
            return Decimal(data)
        self.refuse(place, "Un texte, un nombre exact, une date ou oui/non (true, false) est attendu.")
        return None

    def name(self, data: object, place: str) -> str:
        if isinstance(data, str) and data:
            return data
        self.refuse(place, "Un identifiant est attendu.")
        return ""

    def refuse_others(self, data: Mapping[Any, Any], known: set[str], place: str) -> None:
        for key in data:
            if key not in known:
                self.refuse(
                    _under(place, str(key)), f"Clé inconnue dans une règle{_suggestion(str(key), sorted(known))}."
                )

    def call(self, data: Mapping[Any, Any], place: str) -> Rule:
        name = self.name(data["rule"], _under(place, "rule"))
        given = {str(key): item for key, item in data.items() if key != "rule"}
        values = {key: self.value(item, _under(place, key)) for key, item in given.items()}
        if self.signatures is not None:
            self.signature(name, values, place)
        return NamedCall(name, tuple((key, value) for key, value in values.items() if value is not None))

    def signature(self, name: str, values: Mapping[str, Value | None], place: str) -> None:
        known = self.signatures or {}
        signature = known.get(name)
        if signature is None:
            if name:
                hint = _suggestion(name, list(known))
                self.refuse(_under(place, "rule"), f"La règle « {name} » n'existe pas{hint}.")
            return
        parameters = {parameter.name: parameter for parameter in signature.parameters}
        for key, value in values.items():
            if key not in parameters:
                hint = _suggestion(key, list(parameters))
                self.refuse(_under(place, key), f"La règle {name} n'a pas de paramètre « {key} »{hint}.")
            elif value is not None and not _fits(value, parameters[key].kind):
                self.refuse(_under(place, key), f"{_EXPECTED[parameters[key].kind]} est attendu ici.")
        for parameter in signature.parameters:
            if parameter.required and parameter.name not in values:
                self.refuse(place, f"La règle {name} demande le paramètre « {parameter.name} ».")


_EXPECTED = {
    ParameterKind.NUMBER: "Un nombre",
    ParameterKind.CODE: "Un code",
    ParameterKind.CODES: "Une liste de codes, qui n'est pas vide,",
    ParameterKind.FLAG: "Oui ou non (true, false)",
}


def _fits(value: Value, kind: ParameterKind) -> bool:
    match kind:
        case ParameterKind.NUMBER:
            return isinstance(value, Decimal)
        case ParameterKind.CODE:
            return isinstance(value, str) and bool(value)
        case ParameterKind.CODES:
            return isinstance(value, tuple) and bool(value) and all(isinstance(item, str) for item in value)
        case ParameterKind.FLAG:
            return isinstance(value, bool)


def _is_list(data: object) -> TypeGuard[Sequence[object]]:
    return isinstance(data, Sequence) and not isinstance(data, str | bytes)


def _under(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key


def _suggestion(word: str, known: list[str]) -> str:
    close = get_close_matches(word, known, 1)
    return f" (vouliez-vous dire « {close[0]} » ?)" if close else ""
