"""Keeping a document as JSON without losing a digit or a type.

JSON has no exact decimal and no date: each is kept as an object with one marked key. ``thaw(freeze(tree)) == tree``.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

_DECIMAL = "$decimal"
_DATE = "$date"
_INSTANT = "$instant"


def freeze(tree: Any) -> Any:
    """Turn a tree of mappings, sequences, texts, numbers, dates and enums into JSON values."""
    match tree:
        case dict():
            return {str(key): freeze(value) for key, value in tree.items()}
        case list() | tuple():
            return [freeze(item) for item in tree]
        case _:
            return _scalar(tree)


def _scalar(value: Any) -> Any:
    match value:
        case Enum():
            return value.value
        case Decimal():
            return int(value) if value.as_tuple().exponent == 0 else {_DECIMAL: f"{value:f}"}
        case datetime():
            return {_INSTANT: value.isoformat()}
        case date():
            return {_DATE: value.isoformat()}
        case _:
            return value


def thaw(tree: Any) -> Any:
    """Turn JSON values back into what ``freeze`` was given (tuples come back as lists, enums as their value)."""
    if isinstance(tree, list):
        return [thaw(item) for item in tree]
    if not isinstance(tree, dict):
        return tree
    if len(tree) == 1:
        ((key, value),) = tree.items()
        if key == _DECIMAL:
            return Decimal(value)
        if key == _DATE:
            return date.fromisoformat(value)
        if key == _INSTANT:
            return datetime.fromisoformat(value)
    return {key: thaw(value) for key, value in tree.items()}


def fingerprint(tree: Any) -> str:
    """Return the SHA-256 of a tree, in hexadecimal: the same for the same values, whatever the order of the keys."""
    text = json.dumps(_canonical(tree), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _canonical(tree: Any) -> Any:
    """Freeze with one spelling per number: 0.80 and 0.8 are the same value."""
    match tree:
        case Decimal():
            return {_DECIMAL: f"{tree.normalize():f}"}
        case bool():
            return tree
        case int() if not isinstance(tree, Enum):
            return {_DECIMAL: str(tree)}
        case dict():
            return {str(_canonical_key(key)): _canonical(value) for key, value in tree.items()}
        case list() | tuple():
            return [_canonical(item) for item in tree]
        case _:
            return _scalar(tree)


def _canonical_key(key: Any) -> str:
    return f"{key.normalize():f}" if isinstance(key, Decimal) else str(key)
