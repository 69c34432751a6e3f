"""Answers kept as typed because their field cannot read them: « douze » where a number is due, an invisible sign.

Nothing typed is lost: the texts of the inputs are kept, and found again on any machine, until they are mended. They
are kept as one ASCII text, so that no database meets a character it refuses (NUL, half of a surrogate pair).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aap.errors import Problem
from aap.forms.fields import Written, field_type, made_visible
from aap.forms.spec import FieldSpec

MOST_TYPED = 200_000  # characters of one field kept as typed; beyond, the person is told at once
_MARK = "@typed"  # no field type writes a mapping with this key
_CHANGED = "Relisez cette réponse, puis enregistrez-la de nouveau."

Unread = Mapping[str, Written]  # field id -> the texts of its inputs


def unread_json(texts: Mapping[str, tuple[str, ...]]) -> Any:
    """Return the JSON kept for inputs that could not be read."""
    return {_MARK: json.dumps({name: list(values) for name, values in texts.items()}, ensure_ascii=True)}


def unread_texts(value: Any) -> Written | None:
    """Return the inputs that ``unread_json`` kept, or ``None`` for an answer that was read."""
    if not isinstance(value, Mapping) or set(value) != {_MARK}:
        return None
    kept: dict[str, list[str]] = json.loads(value[_MARK])
    return {name: tuple(values) for name, values in kept.items()}


def unread_of(stored: Mapping[str, Any]) -> dict[str, Written]:
    """Return the inputs of every field of a sheet (field id -> JSON) that could not be read."""
    found = {key: unread_texts(value) for key, value in stored.items()}
    return {key: texts for key, texts in found.items() if texts is not None}


def unread_problems(spec: FieldSpec, texts: Written) -> tuple[Problem, ...]:
    """Say again why the inputs of a field cannot be read."""
    return field_type(spec).parse(spec, texts).problems or (Problem(spec.id, _CHANGED),)


def unread_inputs(texts: Written) -> Written:
    """Return what the inputs hold again: as typed, with a visible mark where a page cannot hold the character."""
    return {name: tuple(made_visible(text) for text in values) for name, values in texts.items()}


def unread_words(texts: Written) -> str:
    """Return what was typed, for a person to read: the texts of the inputs, one per line."""
    return "\n".join(text for values in unread_inputs(texts).values() for text in values if text)


def can_be_kept(texts: Written) -> bool:
    """Tell whether the inputs of a field are of a sane size."""
    return sum(len(text) for values in texts.values() for text in values) <= MOST_TYPED
