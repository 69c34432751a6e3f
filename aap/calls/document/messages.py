"""What pydantic found, in French words and with the place as our documents write it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from aap.calls.document.shapes import RuleError
from aap.errors import Problem

Location = tuple[int | str, ...]

_SENTENCES: Mapping[str, str] = {
    "string_type": "Un texte est attendu (entre guillemets s'il ressemble à un nombre ou à une date).",
    "string_too_short": "Ce texte ne peut pas être vide.",
    "string_too_long": "Ce texte est trop long : {max_length} caractères au plus.",
    "int_type": "Un nombre entier est attendu.",
    "int_parsing": "Un nombre entier est attendu.",
    "int_from_float": "Un nombre entier est attendu.",
    "bool_type": "Une réponse true ou false est attendue.",
    "greater_than_equal": "Le nombre doit être au moins {ge}.",
    "less_than_equal": "Le nombre doit être au plus {le}.",
    "tuple_type": "Une liste est attendue.",
    "dict_type": "Un ensemble de clés et de valeurs est attendu.",
    "model_type": "Un ensemble de clés et de valeurs est attendu.",
    "model_attributes_type": "Un ensemble de clés et de valeurs est attendu.",
    "too_short": "Il faut au moins {min_length} élément(s) ici.",
    "literal_error": "Valeur attendue : {expected}.",
    "enum": "Valeur inconnue. Valeurs admises : {expected}.",
    "none_required": "Aucune valeur n'est attendue ici.",
    "string_pattern_mismatch": "Ce texte n'a pas la forme attendue : un code sans espace ni accent, une adresse…",
}


def place_of(location: Iterable[int | str]) -> str:
    """Write a location as ``call.rubric.criteria[3].weight``."""
    place = ""
    for step in location:
        if isinstance(step, int):
            place += f"[{step}]"
        else:
            place += f".{step}" if place else str(step)
    return place


def told(fault: ErrorDetails, root: Location, model: type[BaseModel]) -> list[Problem]:
    """Turn one fault into problems (a rule may hold several)."""
    steps = tuple(step for step in fault["loc"] if step != "[key]")
    location = (*root, *steps)
    if fault["type"] == "missing":
        return [Problem(place_of(location[:-1]), f"La clé « {location[-1]} » manque.")]
    place = place_of(location)
    if fault["type"] == "extra_forbidden":
        return [Problem(place, unknown_key(str(steps[-1]), _keys_at(model, steps[:-1])))]
    cause = fault.get("ctx", {}).get("error")
    if isinstance(cause, RuleError):
        return [Problem(f"{place}.{inner.place}" if inner.place else place, inner.message) for inner in cause.problems]
    return [Problem(place, _sentence(fault))]


def unknown_key(key: str, known: list[str]) -> str:
    """Refuse a key, and offer the nearest known one."""
    close = get_close_matches(key, known, 1, 0.7)
    hint = f" : vouliez-vous dire « {close[0]} » ?" if close else "."
    return f"Clé inconnue « {key} »{hint}"


def _sentence(fault: ErrorDetails) -> str:
    if fault["type"] not in _SENTENCES:
        return fault["msg"]  # our own errors already speak French
    given = fault.get("input")
    shown = f" (lu : « {str(given)[:60]} »)" if isinstance(given, str | int) and str(given) else ""
    context = {key: _joined(value) for key, value in fault.get("ctx", {}).items()}
    return _SENTENCES[fault["type"]].format(**context).rstrip(".") + f"{shown}."


def _joined(value: Any) -> str:
    return str(value).replace("'", "").replace(" or ", ", ")


def _keys_at(model: type[BaseModel], steps: Location) -> list[str]:
    """List the keys known at a location, by walking the models; empty where they cannot be told."""
    current: Any = model
    for step in steps:
        if isinstance(step, int):
            continue
        fields = current.model_fields if _is_model(current) else {}
        info = next((info for name, info in fields.items() if step in {name, info.alias}), None)
        current = _model_inside(info.annotation) if info else None
    return [info.alias or name for name, info in current.model_fields.items()] if _is_model(current) else []


def _model_inside(annotation: Any) -> Any:
    if _is_model(annotation):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_inside(part)) is not None), None)


def _is_model(thing: Any) -> bool:
    return isinstance(thing, type) and issubclass(thing, BaseModel)
